//! How often anybody may ask: everybody has a bucket of tokens, which fills at a steady rate.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use crate::problem::{Code, Problem, Result};

/// Tokens that a request takes.
pub(crate) const REQUEST: u32 = 1;

/// Tokens that a request with a wrong key takes, or a try to sign in with one.
pub(crate) const WRONG_KEY: u32 = 100;

/// Buckets that are kept; those that are full tell nothing, and go first.
const MOST: usize = 10_000;

/// Whose bucket it is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Who {
    /// Whoever has the key of this id.
    Key(String),
    /// Whoever asks from this address, without a key that is known.
    Address(IpAddr),
}

/// Where a request comes from: the other end of its connection, which is the proxy where there is one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Peer(pub(crate) IpAddr);

impl Peer {
    /// One bucket for a network of IPv6, as anybody has all addresses of one.
    pub(crate) fn who(self) -> Who {
        Who::Address(match self.0 {
            IpAddr::V6(address) => {
                let network = u128::from(address) >> 64 << 64;
                IpAddr::V6(Ipv6Addr::from(network))
            }
            address => address,
        })
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Peer {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        let peer = parts.extensions.get().copied();
        peer.ok_or_else(|| Problem::new(Code::Internal, "the connection has no other end"))
    }
}

/// The buckets.
#[derive(Debug)]
pub(crate) struct Rates {
    per_second: f64,
    burst: f64,
    buckets: Mutex<HashMap<Who, Bucket>>,
}

#[derive(Debug)]
struct Bucket {
    tokens: f64,
    at: Instant,
}

impl Rates {
    /// Buckets of `burst` tokens that fill by so many a second; no limit where that is 0.
    pub(crate) fn new(per_second: u32, burst: u32) -> Self {
        Self {
            per_second: per_second.into(),
            burst: burst.max(1).into(),
            buckets: Mutex::default(),
        }
    }

    /// Takes tokens for a request, or says when to come back.
    pub(crate) fn take(&self, who: Who, tokens: u32) -> Result<()> {
        self.take_at(who, tokens, Instant::now()).map_err(|wait| {
            let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
            let detail = "too many requests; try again after the seconds in Retry-After";
            Problem::new(Code::RateLimited, detail).after(seconds)
        })
    }

    fn take_at(&self, who: Who, tokens: u32, now: Instant) -> Result<(), Duration> {
        if self.per_second == 0.0 {
            return Ok(());
        }
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= MOST && !buckets.contains_key(&who) {
            buckets.retain(|_, bucket| self.filled(bucket, now) < self.burst);
            let oldest = buckets.iter().min_by_key(|(_, bucket)| bucket.at);
            if let (true, Some(oldest)) =
                (buckets.len() >= MOST, oldest.map(|(who, _)| who.clone()))
            {
                buckets.remove(&oldest);
            }
        }
        let full = Bucket {
            tokens: self.burst,
            at: now,
        };
        let bucket = buckets.entry(who).or_insert(full);
        // What costs more than a bucket holds takes all of it.
        let tokens = f64::from(tokens).min(self.burst);
        let there = self.filled(bucket, now);
        *bucket = Bucket {
            tokens: there,
            at: now,
        };
        if there < tokens {
            let wait = (tokens - there) / self.per_second;
            return Err(Duration::from_secs_f64(wait));
        }
        bucket.tokens -= tokens;
        Ok(())
    }

    fn filled(&self, bucket: &Bucket, now: Instant) -> f64 {
        let since = now.saturating_duration_since(bucket.at).as_secs_f64();
        (bucket.tokens + since * self.per_second).min(self.burst)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(id: &str) -> Who {
        Who::Key(id.to_owned())
    }

    #[test]
    fn a_bucket_gives_what_it_holds_and_fills_again() {
        let rates = Rates::new(2, 4);
        let begin = Instant::now();
        for _ in 0..4 {
            rates.take_at(key("a"), 1, begin).unwrap();
        }
        let wait = rates.take_at(key("a"), 1, begin).unwrap_err();
        assert_eq!(wait, Duration::from_millis(500));
        rates.take_at(key("b"), 1, begin).unwrap();
        rates.take_at(key("a"), 1, begin + wait).unwrap();
        // It never holds more than a burst.
        let later = begin + Duration::from_secs(100);
        assert!(rates.take_at(key("a"), 100, later).is_ok());
        assert!(rates.take_at(key("a"), 1, later).is_err());
        assert!(Rates::new(0, 0).take_at(key("a"), 9, begin).is_ok());
    }

    #[test]
    fn buckets_are_bounded_and_a_network_has_one() {
        let rates = Rates::new(1, 5);
        let begin = Instant::now();
        for number in 0..2 * MOST {
            rates.take_at(key(&number.to_string()), 1, begin).unwrap();
        }
        assert_eq!(rates.buckets.lock().unwrap().len(), MOST);
        let of = |address: &str| Peer(address.parse().unwrap()).who();
        assert_eq!(of("2001:db8::1"), of("2001:db8::ffff:1"));
        assert_ne!(of("2001:db8::1"), of("2001:db8:0:1::1"));
        assert_ne!(of("192.0.2.1"), of("192.0.2.2"));
    }
}
