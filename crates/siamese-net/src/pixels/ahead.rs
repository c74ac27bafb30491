//! Images decoded before they are wanted, in the order in which they will be.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use super::stream::Stream;

/// Decodes the coming images on the stream's threads, as far ahead as there are places for them; the images of all
/// that read ahead on one stream share these.
///
/// Images may be taken in another order than announced, and images may be taken that were not announced. If a thread
/// takes an image that no thread has begun to decode, it decodes the image itself. So a thread waits only for an
/// image that is being decoded, and order, threads and places change the time and nothing else.
#[derive(Debug)]
pub(super) struct Ahead(Arc<Queue>);

#[derive(Debug)]
struct Queue {
    stream: Arc<Stream>,
    state: Mutex<State>,
    decoded: Condvar,
}

#[derive(Debug)]
struct State {
    /// The images in the order in which they will be wanted, without those that stay decoded.
    coming: Vec<u32>,
    /// How many of them have been begun or passed over.
    next: usize,
    /// Those that have been begun and not been taken, by their place in `coming`.
    begun: HashMap<usize, Begun>,
    /// For each image its places in `begun`, ascending.
    places: HashMap<u32, VecDeque<usize>>,
    /// How often an image that is still to come was taken already.
    taken_early: HashMap<u32, usize>,
    closed: bool,
}

#[derive(Debug)]
enum Begun {
    /// A thread will decode it.
    Waiting,
    /// A thread decodes it.
    Decoding,
    Decoded(Result<Vec<u8>, String>),
}

impl Ahead {
    pub(super) fn new(stream: &Arc<Stream>, numbers: impl IntoIterator<Item = u32>) -> Self {
        // A number beyond the images is the caller's error, not the threads'.
        let to_decode = |number: &u32| {
            let number = *number as usize;
            number < stream.source.len() && stream.kept_place(number).is_none()
        };
        let queue = Arc::new(Queue {
            state: Mutex::new(State {
                coming: numbers.into_iter().filter(to_decode).collect(),
                next: 0,
                begun: HashMap::new(),
                places: HashMap::new(),
                taken_early: HashMap::new(),
                closed: false,
            }),
            stream: Arc::clone(stream),
            decoded: Condvar::new(),
        });
        queue.begin();
        Self(queue)
    }

    /// The pixels of an image that does not stay decoded.
    pub(super) fn take(&self, number: usize, out: &mut [u8]) -> Result<(), String> {
        let queue = &self.0;
        let mut state = queue.lock();
        let known = number as u32;
        let place = state.places.get_mut(&known).and_then(VecDeque::pop_front);
        let Some(place) = place else {
            *state.taken_early.entry(known).or_default() += 1;
            drop(state);
            queue.begin();
            return queue.stream.decode(number, out);
        };
        if state.places.get(&known).is_some_and(VecDeque::is_empty) {
            state.places.remove(&known);
        }
        while matches!(state.begun.get(&place), Some(Begun::Decoding)) {
            state = queue
                .decoded
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
        let found = state.begun.remove(&place);
        drop(state);
        queue.stream.give_back(1);
        queue.begin();
        match found {
            Some(Begun::Decoded(pixels)) => {
                out.copy_from_slice(&pixels?);
                Ok(())
            }
            _ => queue.stream.decode(number, out),
        }
    }
}

impl Drop for Ahead {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.closed = true;
        // Those that are being decoded give their places back themselves.
        let before = state.begun.len();
        state
            .begun
            .retain(|_, begun| matches!(begun, Begun::Decoding));
        let places = before - state.begun.len();
        drop(state);
        self.0.stream.give_back(places);
    }
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Has as many images decoded as there are places for.
    fn begin(self: &Arc<Self>) {
        let mut state = self.lock();
        while let Some(&number) = state.coming.get(state.next) {
            if state.closed {
                return;
            }
            if let Some(times) = state.taken_early.get_mut(&number) {
                *times -= 1;
                if *times == 0 {
                    state.taken_early.remove(&number);
                }
                state.next += 1;
                continue;
            }
            if !self.stream.take_place() {
                return;
            }
            let place = state.next;
            state.next += 1;
            state.begun.insert(place, Begun::Waiting);
            state.places.entry(number).or_default().push_back(place);
            let queue = Arc::clone(self);
            self.stream
                .pool
                .spawn_fifo(move || queue.decode(place, number as usize));
        }
    }

    /// Decodes an image, on one of the stream's threads, unless it was taken meanwhile.
    fn decode(&self, place: usize, number: usize) {
        match self.lock().begun.get_mut(&place) {
            Some(begun @ Begun::Waiting) => *begun = Begun::Decoding,
            _ => return,
        }
        let mut pixels = vec![0; self.stream.image_bytes];
        let decoded = self.stream.decode(number, &mut pixels).map(|()| pixels);
        let mut state = self.lock();
        if state.closed {
            state.begun.remove(&place);
            drop(state);
            self.stream.give_back(1);
            return;
        }
        state.begun.insert(place, Begun::Decoded(decoded));
        drop(state);
        self.decoded.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::pixels::source::ImageSource;

    /// Images of six bytes, each full of its number; counts how often one is decoded.
    struct Numbers {
        len: usize,
        decoded: Arc<AtomicUsize>,
    }

    impl ImageSource for Numbers {
        fn len(&self) -> usize {
            self.len
        }

        fn shape(&self) -> [usize; 3] {
            [1, 3, 2]
        }

        fn name(&self, number: usize) -> String {
            format!("number {number}")
        }

        fn decode(&self, number: usize, out: &mut [u8]) -> Result<(), String> {
            out.fill(number as u8);
            self.decoded.fetch_add(1, Ordering::SeqCst);
            Ok(())
        }
    }

    /// A stream with room for `kept` images that stay and so many ahead, and its count, from 0 once all were seen.
    fn stream(len: usize, images: u64, threads: usize) -> (Arc<Stream>, Arc<AtomicUsize>) {
        let decoded = Arc::new(AtomicUsize::new(0));
        let source = Numbers {
            len,
            decoded: Arc::clone(&decoded),
        };
        let mut seen = Vec::new();
        let see = |image: &[u8]| seen.push(image[0]);
        let stream = Stream::new(Box::new(source), 6 * images, threads, see).unwrap();
        assert!(seen.iter().copied().eq(0..len as u8));
        assert_eq!(decoded.swap(0, Ordering::SeqCst), len);
        (Arc::new(stream), decoded)
    }

    fn free(stream: &Stream) -> usize {
        stream.free.load(Ordering::SeqCst)
    }

    /// Waits for what other threads are about to do.
    fn until(condition: impl Fn() -> bool) {
        while !condition() {
            std::thread::yield_now();
        }
    }

    /// The images of these numbers, one after the other, as a stack gives them.
    fn images(stream: &Stream, numbers: &[i64], ahead: Option<&Ahead>) -> Result<Vec<u8>, String> {
        let mut bytes = vec![0; numbers.len() * stream.image_bytes];
        for (&number, out) in numbers
            .iter()
            .zip(bytes.chunks_exact_mut(stream.image_bytes))
        {
            let number = number as usize;
            if !stream.copy_kept(number, out) {
                match ahead {
                    Some(ahead) => ahead.take(number, out)?,
                    None => stream.decode(number, out)?,
                }
            }
        }
        Ok(bytes)
    }

    #[test]
    fn no_more_is_decoded_ahead_than_there_are_places() {
        let (stream, decoded) = stream(100, 16, 2);
        let how = stream.how();
        assert_eq!((how.kept, how.ahead), (12, 4));
        let coming: Vec<usize> = (0..100)
            .filter(|&number| stream.kept_place(number).is_none())
            .collect();
        assert_eq!(coming.len(), 88);
        let ahead = Ahead::new(&stream, 0..100);
        for (taken, &number) in (1..).zip(&coming) {
            // All places are used before anything more is taken, and never more than these.
            let most = (taken + 3).min(coming.len());
            until(|| decoded.load(Ordering::SeqCst) == most);
            let mut out = [0; 6];
            ahead.take(number, &mut out).unwrap();
            assert_eq!(out, [number as u8; 6]);
        }
        assert_eq!(decoded.load(Ordering::SeqCst), coming.len());
        assert_eq!(free(&stream), 4);
    }

    #[test]
    fn any_order_and_any_image_give_the_right_pixels_and_all_places_come_back() {
        let (stream, _) = stream(50, 12, 3);
        for turn in 0..20_u32 {
            let coming: Vec<u32> = (0..80).map(|i| (i * 7 + turn) % 50).collect();
            let ahead = Ahead::new(&stream, coming.iter().copied());
            // Backwards in parts, some twice, one never said, some left.
            let wanted: Vec<i64> = coming
                .chunks(9)
                .flat_map(|part| part.iter().rev().chain(&part[..1]))
                .take(60 + turn as usize)
                .map(|&number| i64::from(number))
                .chain([49])
                .collect();
            let found = images(&stream, &wanted, Some(&ahead)).unwrap();
            for (number, image) in wanted.iter().zip(found.chunks_exact(6)) {
                assert_eq!(image, [*number as u8; 6]);
            }
            drop(ahead);
            until(|| free(&stream) == stream.how().ahead);
        }
    }

    #[test]
    fn several_take_at_once() {
        let (stream, _) = stream(60, 8, 2);
        let ahead = Ahead::new(&stream, (0..600).map(|i| i % 60));
        std::thread::scope(|scope| {
            for first in 0..3 {
                let (stream, ahead) = (&stream, &ahead);
                scope.spawn(move || {
                    for number in (0..600).skip(first).step_by(3).map(|i| i % 60) {
                        let found = images(stream, &[number], Some(ahead)).unwrap();
                        assert_eq!(found, [number as u8; 6]);
                    }
                });
            }
        });
        drop(ahead);
        until(|| free(&stream) == 2);
    }

    #[test]
    fn images_that_stay_are_spread_evenly_and_not_decoded_again() {
        let (stream, decoded) = stream(10, 100, 1);
        assert_eq!(stream.how().kept, 10);
        let all: Vec<i64> = (0..10).rev().collect();
        let found = images(&stream, &all, None).unwrap();
        assert!(
            found
                .chunks_exact(6)
                .map(|image| image[0])
                .eq((0..10).rev())
        );
        assert_eq!(decoded.load(Ordering::SeqCst), 0);
    }
}
