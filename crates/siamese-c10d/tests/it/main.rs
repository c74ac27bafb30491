//! The tests of `siamese-c10d`. Threads stand for processes: each has its own connections.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::net::TcpListener;
use std::thread;
use std::time::Duration;

use siamese_c10d::{Error, Launch, Processes};
use tch::{Device, Kind, Tensor};

fn launch(size: usize, port: u16, rank: usize, within: u64) -> Launch {
    Launch {
        rank,
        size,
        local_rank: None,
        local_size: None,
        host: "127.0.0.1".into(),
        port,
        hosted: false,
        attempt: 0,
        interface: None,
        within: Duration::from_secs(within),
    }
}

/// A port that nobody listens at.
fn port() -> u16 {
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    free.local_addr().unwrap().port()
}

/// What each of so many does with those that it has met.
fn each<R: Send>(size: usize, what: impl Fn(Processes) -> R + Sync) -> Vec<R> {
    let port = port();
    thread::scope(|scope| {
        let running: Vec<_> = (0..size)
            .map(|rank| {
                let what = &what;
                let meet = move || Processes::meet(&launch(size, port, rank, 60), Device::Cpu);
                scope.spawn(move || what(meet().unwrap()))
            })
            .collect();
        running.into_iter().map(|one| one.join().unwrap()).collect()
    })
}

#[test]
fn tensors_come_in_the_order_of_ranks_in_every_kind_that_is_sent() {
    for size in [2, 3] {
        each(size, |processes| {
            let rank = processes.launch().rank as i64;
            for kind in [Kind::Uint8, Kind::Int64, Kind::Float, Kind::Double] {
                let own = Tensor::full([2, 3], rank + 1, (kind, Device::Cpu));
                let all = processes.gather(&own.transpose(0, 1)).unwrap();
                for (i, found) in all.iter().enumerate() {
                    let expected = Tensor::full([3, 2], i as i64 + 1, (kind, Device::Cpu));
                    assert_eq!(found, &expected);
                }
                let sent = (0..size as i64)
                    .map(|to| Tensor::full([5], 10 * rank + to, (kind, Device::Cpu)));
                let got = processes.exchange(&sent.collect::<Vec<_>>()).unwrap();
                for (from, found) in got.iter().enumerate() {
                    let value = 10 * from as i64 + rank;
                    assert_eq!(found, &Tensor::full([5], value, (kind, Device::Cpu)));
                }
            }
            let number = processes.gather(&Tensor::from(rank as f64)).unwrap();
            assert_eq!(number[size - 1].double_value(&[]), size as f64 - 1.0);
        });
    }
}

#[test]
fn whoever_fails_says_why_to_those_who_wait() {
    let said = each(2, |processes| {
        if processes.launch().rank == 1 {
            processes.fail("the disk is full");
            return None;
        }
        let own = Tensor::from(1.0);
        Some(processes.gather(&own).unwrap_err())
    });
    let words = "the disk is full".to_owned();
    assert!(
        matches!(&said[0], Some(Error::Failed { rank: 1, words: found }) if *found == words),
        "{said:?}"
    );
}

/// Its connections close, and its signs of life end.
#[test]
fn whoever_is_gone_is_missed_by_number() {
    let said = each(3, |processes| {
        if processes.launch().rank == 2 {
            return None;
        }
        Some(processes.gather(&Tensor::from(1.0)).unwrap_err())
    });
    for error in said.into_iter().flatten() {
        assert!(matches!(error, Error::Gone { rank: 2, size: 3 }), "{error}");
    }
}

#[test]
fn whoever_does_not_come_is_named() {
    let error = Processes::meet(&launch(3, port(), 0, 1), Device::Cpu).unwrap_err();
    let words = error.to_string();
    assert!(
        words.contains("processes 1, 2 have not come to 127.0.0.1"),
        "{words}"
    );
    let error = Processes::meet(&launch(2, port(), 1, 1), Device::Cpu).unwrap_err();
    let words = error.to_string();
    assert!(
        words.contains("process 1 of 2 cannot reach 127.0.0.1"),
        "{words}"
    );
}

#[test]
fn two_processes_of_one_rank_are_refused() {
    let port = port();
    thread::scope(|scope| {
        let first = scope.spawn(|| Processes::meet(&launch(3, port, 0, 10), Device::Cpu));
        let twins = [1, 1].map(|rank| {
            scope.spawn(move || Processes::meet(&launch(3, port, rank, 10), Device::Cpu))
        });
        let refused = twins
            .into_iter()
            .map(|twin| twin.join().unwrap().unwrap_err());
        let same = |error: &Error| matches!(error, Error::SameRank { rank: 1 });
        assert_eq!(refused.filter(same).count(), 1);
        let _ = first.join().unwrap().unwrap_err();
    });
}
