//! Puts a listing together: each name once, in natural order, in whatever order they come.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use super::contents::{Listing, ListingForm};
use super::image::{ListedImage, Source};
use crate::catalog::ScanOptions;
use crate::natural;
use crate::spelling::nfc;

#[derive(Default)]
pub(crate) struct ListingBuilder {
    subjects: HashSet<String>,
    images: Vec<ListedImage>,
    number_of: HashMap<String, u32>,
    pairs: Vec<(u32, u32)>,
}

impl ListingBuilder {
    pub(crate) fn subject(&mut self, name: &str) {
        let name = nfc(name);
        if !self.subjects.contains(&*name) {
            self.subjects.insert(name.into_owned());
        }
    }

    /// Adds an image, by its [`image_name`](super::image::image_name), and its subject; returns its number for [`pair`](Self::pair).
    pub(crate) fn image(&mut self, subject: &str, name: String, source: Source) -> u32 {
        let subject = nfc(subject);
        self.subject(&subject);
        if let Some(&number) = self.number_of.get(&name) {
            let sources = &mut self.images[number as usize].sources;
            if let Err(place) = sources.binary_search(&source) {
                sources.insert(place, source);
            }
            return number;
        }
        let number = self.images.len() as u32;
        self.number_of.insert(name.clone(), number);
        self.images.push(ListedImage {
            name,
            subject: subject.into_owned(),
            sources: vec![source],
        });
        number
    }

    pub(crate) fn pair(&mut self, a: u32, b: u32) {
        self.pairs.push((a, b));
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.subjects.is_empty()
    }

    /// The listing of what was added: of images and pairs only where the form names some.
    pub(crate) fn finish(self, path: &Path, form: ListingForm) -> Listing {
        let mut subjects: Vec<String> = self.subjects.into_iter().collect();
        subjects.sort_unstable_by(|a, b| natural::compare(a, b));

        let mut images: Vec<(u32, ListedImage)> = (0..).zip(self.images).collect();
        images.sort_unstable_by(|(_, a), (_, b)| natural::compare(&a.name, &b.name));
        let mut place_of = vec![0; images.len()];
        for (place, (number, _)) in (0..).zip(&images) {
            place_of[*number as usize] = place;
        }
        let ordered = |(a, b): (u32, u32)| {
            let (a, b): (u32, u32) = (place_of[a as usize], place_of[b as usize]);
            (a.min(b), a.max(b))
        };
        let mut pairs: Vec<(u32, u32)> = self.pairs.into_iter().map(ordered).collect();
        pairs.sort_unstable();
        pairs.dedup();

        let images = images.into_iter().map(|(_, image)| image).collect();
        Listing {
            path: path.to_owned(),
            form,
            subjects,
            images: form.names_images().then_some(images),
            pairs: form.lists_pairs().then_some(pairs),
            report: None,
            options: ScanOptions::default(),
        }
    }
}
