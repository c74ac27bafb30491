//! Losses over a batch: against PyTorch 2.13 and pytorch-metric-learning 2.9, against naive loops, and where a batch
//! holds next to nothing.
//!
//! ```python
//! import math, torch, torch.nn.functional as F
//! from pytorch_metric_learning import losses as L, miners as M, distances as D, reducers as R
//! e0 = torch.sin(torch.arange(1., 25.)).reshape(8, 3)
//! y = torch.tensor([0, 0, 0, 1, 1, 2, 2, 3])
//! head = torch.cos(torch.arange(1., 16.)).reshape(5, 3)
//! def show(f):
//!     e = e0.clone().requires_grad_(True); loss = f(e); loss.backward()
//!     print(loss.item(), (e.grad * torch.arange(1., 25.).reshape(8, 3)).sum().item())
//! def contrastive(e, p):
//!     d = torch.cdist(e, e, p, compute_mode='donot_use_mm_for_euclid_dist')
//!     same = y[:, None] == y[None]; genuine = same & ~torch.eye(8, dtype=torch.bool)
//!     return .5 * F.relu(d[genuine] - .3).square().mean() + .5 * F.relu(1.5 - d[~same]).square().mean()
//! for p in (2., 1.): show(lambda e: contrastive(e, p))
//! eu = D.LpDistance(normalize_embeddings=False); mean = R.MeanReducer()
//! def hard(e, **k): return L.TripletMarginLoss(distance=eu, reducer=mean, **k)(e, y, M.BatchHardMiner(distance=eu)(e, y))
//! show(lambda e: L.TripletMarginLoss(.4, distance=eu)(e, y))
//! show(lambda e: L.TripletMarginLoss(0, smooth_loss=True, distance=eu, reducer=mean)(e, y))
//! show(lambda e: hard(e, margin=.4)); show(lambda e: hard(e, margin=0, smooth_loss=True))
//! show(lambda e: L.SupConLoss(.1)(e, y)); show(lambda e: L.NTXentLoss(.5)(e, y))
//! show(lambda e: L.MultiSimilarityLoss(2, 50, .5)(e, y))
//! show(lambda e: L.MultiSimilarityLoss(2, 50, .5)(e, y, M.MultiSimilarityMiner(.1)(e, y)))
//! def headed(loss, name, transposed):
//!     weight = torch.nn.Parameter((head.t() if transposed else head).clone()); setattr(loss, name, weight)
//!     show(lambda e: loss(e, y)); g = weight.grad.t() if transposed else weight.grad
//!     print((g * torch.arange(1., 16.).reshape(5, 3)).sum().item())
//! headed(L.ProxyAnchorLoss(5, 3, margin=.1, alpha=32), 'proxies', False)
//! headed(L.ArcFaceLoss(5, 3, margin=math.degrees(.5), scale=16), 'W', True)
//! headed(L.CosFaceLoss(5, 3, margin=.35, scale=16), 'W', True)
//! headed(L.NormalizedSoftmaxLoss(5, 3, temperature=1/16), 'W', True)
//! ```

use siamese_model::{
    Distance, FORGERY, MultiSimilarity, SoftmaxMargin, Tensor, TripletMargin, Triplets,
    chopra2005_batch, contrastive_batch, logistic_batch, margin_softmax, multi_similarity, nt_xent,
    proxy_anchor, supervised_contrastive, triplet,
};
use tch::{Device, Kind};

const SUBJECTS: [i64; 8] = [0, 0, 0, 1, 1, 2, 2, 3];

fn embeddings() -> Tensor {
    let angles = Tensor::arange_start(1, 25, (Kind::Float, Device::Cpu));
    angles.sin().reshape([8, 3]).set_requires_grad(true)
}

fn head() -> Tensor {
    let angles = Tensor::arange_start(1, 16, (Kind::Float, Device::Cpu));
    angles.cos().reshape([5, 3]).set_requires_grad(true)
}

fn subjects() -> Tensor {
    Tensor::from_slice(&SUBJECTS)
}

/// The sum of a gradient's values, each times its number counted from 1.
fn weighed(gradient: &Tensor) -> f64 {
    let numbers = Tensor::arange_start(1, gradient.numel() as i64 + 1, (Kind::Double, Device::Cpu));
    (gradient.flatten(0, -1) * numbers)
        .sum(Kind::Double)
        .double_value(&[])
}

#[track_caller]
fn assert_close(found: f64, expected: f64) {
    let difference = (found - expected).abs();
    assert!(
        difference <= 2e-5 * expected.abs().max(1.0),
        "{found} for {expected}"
    );
}

/// Value and weighed gradient.
#[track_caller]
fn check(loss: impl Fn(&Tensor) -> Tensor, value: f64, gradient: f64) {
    let embeddings = embeddings();
    let found = loss(&embeddings);
    assert_close(found.double_value(&[]), value);
    found.backward();
    assert_close(weighed(&embeddings.grad()), gradient);
}

/// As [`check`], with the weighed gradient of the head.
#[track_caller]
fn check_head(loss: impl Fn(&Tensor, &Tensor) -> Tensor, value: f64, gradient: f64, of_head: f64) {
    let head = head();
    check(|embeddings| loss(embeddings, &head), value, gradient);
    assert_close(weighed(&head.grad()), of_head);
}

#[test]
fn contrastive_over_all_pairs() {
    let loss =
        |distance| move |e: &Tensor| contrastive_batch(e, &subjects(), distance, 0.3, 1.5).unwrap();
    check(loss(Distance::Euclidean), 2.157131, 3.980281);
    check(loss(Distance::L1), 5.599872, 13.6794);
}

#[test]
fn triplets() {
    let loss = |margin, triplets| {
        move |e: &Tensor| triplet(e, &subjects(), Distance::Euclidean, margin, triplets).unwrap()
    };
    let margin = TripletMargin::Hard(0.4);
    check(loss(margin, Triplets::All), 1.321965, 3.658902);
    check(loss(TripletMargin::Soft, Triplets::All), 1.193786, 2.30303);
    check(loss(margin, Triplets::Hard), 2.518588, 3.243475);
    check(
        loss(TripletMargin::Soft, Triplets::Hard),
        2.232814,
        2.949275,
    );
}

#[test]
fn contrasts_of_cosines() {
    check(
        |e| supervised_contrastive(e, &subjects(), 0.1).unwrap(),
        17.39246,
        6.506138,
    );
    check(
        |e| nt_xent(e, &subjects(), 0.5).unwrap(),
        4.020816,
        1.615584,
    );
    let settings = |mining| MultiSimilarity {
        alpha: 2.0,
        beta: 50.0,
        base: 0.5,
        mining,
    };
    check(
        |e| multi_similarity(e, &subjects(), settings(None)).unwrap(),
        1.826324,
        0.4661297,
    );
    check(
        |e| multi_similarity(e, &subjects(), settings(Some(0.1))).unwrap(),
        1.767249,
        0.8056268,
    );
}

#[test]
fn losses_with_a_head() {
    check_head(
        |e, head| proxy_anchor(e, &subjects(), head, 32.0, 0.1).unwrap(),
        39.00166,
        63.41421,
        224.8519,
    );
    let softmax = |margin| {
        move |e: &Tensor, head: &Tensor| margin_softmax(e, &subjects(), head, 16.0, margin).unwrap()
    };
    check_head(
        softmax(SoftmaxMargin::Angle(0.5)),
        15.91155,
        13.44439,
        88.54364,
    );
    check_head(
        softmax(SoftmaxMargin::Cosine(0.35)),
        14.59464,
        19.20783,
        88.63337,
    );
    check_head(softmax(SoftmaxMargin::None), 9.545269, 16.73173, 78.21198);
}

/// What the losses say, as loops in f64.
mod naive {
    use super::SUBJECTS;

    pub(super) type Rows = Vec<Vec<f64>>;

    pub(super) fn distance(a: &[f64], b: &[f64]) -> f64 {
        let squares = a.iter().zip(b).map(|(a, b)| (a - b).powi(2));
        squares.sum::<f64>().sqrt()
    }

    pub(super) fn cosine(a: &[f64], b: &[f64]) -> f64 {
        let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        dot(a, b) / (dot(a, a) * dot(b, b)).sqrt()
    }

    pub(super) fn mean(values: &[f64]) -> f64 {
        values.iter().sum::<f64>() / values.len() as f64
    }

    /// For each anchor the numbers of the others of its subject, and of other subjects.
    pub(super) fn anchors() -> Vec<(usize, Vec<usize>, Vec<usize>)> {
        (0..8)
            .map(|i| {
                let others = (0..8).filter(|&j| j != i);
                let (own, other) = others.partition(|&j| SUBJECTS[j] == SUBJECTS[i]);
                (i, own, other)
            })
            .collect()
    }

    pub(super) fn triplet(x: &Rows, kind: super::Triplets, cost: fn(f64) -> f64) -> f64 {
        let mut costs = Vec::new();
        for (a, own, other) in anchors() {
            let to = |j: &usize| distance(&x[a], &x[*j]);
            let near = |of: &[usize]| of.iter().map(to).fold(f64::INFINITY, f64::min);
            let far = |of: &[usize]| of.iter().map(to).fold(f64::NEG_INFINITY, f64::max);
            match kind {
                super::Triplets::Hard if !own.is_empty() => {
                    costs.push(cost(far(&own) - near(&other)));
                }
                super::Triplets::Hard => {}
                super::Triplets::SemiHard => {
                    for p in own {
                        let further: Vec<usize> =
                            other.iter().copied().filter(|n| to(n) > to(&p)).collect();
                        let negative = if further.is_empty() {
                            far(&other)
                        } else {
                            near(&further)
                        };
                        costs.push(cost(to(&p) - negative));
                    }
                }
                super::Triplets::All => {
                    for p in &own {
                        let all = other.iter().map(|n| cost(to(p) - to(n)));
                        costs.extend(all.filter(|cost| *cost > 0.0));
                    }
                }
            }
        }
        mean(&costs)
    }

    pub(super) fn contrastive(x: &Rows) -> f64 {
        let (mut genuine, mut impostor) = (Vec::new(), Vec::new());
        for (a, own, other) in anchors() {
            genuine.extend(
                own.iter()
                    .map(|&p| (distance(&x[a], &x[p]) - 0.3).max(0.0).powi(2)),
            );
            impostor.extend(
                other
                    .iter()
                    .map(|&n| (1.5 - distance(&x[a], &x[n])).max(0.0).powi(2)),
            );
        }
        0.5 * mean(&genuine) + 0.5 * mean(&impostor)
    }

    pub(super) fn supervised_contrastive(x: &Rows, t: f64) -> f64 {
        let mut losses = Vec::new();
        for (a, own, other) in anchors() {
            let e = |j: &usize| (cosine(&x[a], &x[*j]) / t).exp();
            let all: f64 = own.iter().chain(&other).map(e).sum();
            let terms: Vec<f64> = own.iter().map(|p| -(e(p) / all).ln()).collect();
            if !terms.is_empty() {
                losses.push(mean(&terms));
            }
        }
        mean(&losses)
    }

    pub(super) fn nt_xent(x: &Rows, t: f64) -> f64 {
        let mut losses = Vec::new();
        for (a, own, other) in anchors() {
            let e = |j: &usize| (cosine(&x[a], &x[*j]) / t).exp();
            let impostors: f64 = other.iter().map(e).sum();
            losses.extend(own.iter().map(|p| -(e(p) / (e(p) + impostors)).ln()));
        }
        mean(&losses)
    }

    pub(super) fn multi_similarity(x: &Rows, alpha: f64, beta: f64, base: f64, mining: f64) -> f64 {
        let mut losses = Vec::new();
        for (a, own, other) in anchors() {
            let s = |j: &usize| cosine(&x[a], &x[*j]);
            let hardest_own = own.iter().map(s).fold(f64::INFINITY, f64::min);
            let hardest_other = other.iter().map(s).fold(f64::NEG_INFINITY, f64::max);
            let own = own.iter().map(s).filter(|s| *s < mining + hardest_other);
            let other = other
                .iter()
                .map(s)
                .filter(|s| own_is_near(*s, hardest_own, mining));
            let of_own: f64 = own.map(|s| (-alpha * (s - base)).exp()).sum();
            let of_other: f64 = other.map(|s| (beta * (s - base)).exp()).sum();
            losses.push(of_own.ln_1p() / alpha + of_other.ln_1p() / beta);
        }
        mean(&losses)
    }

    fn own_is_near(s: f64, hardest_own: f64, mining: f64) -> bool {
        s > hardest_own - mining
    }

    pub(super) fn proxy_anchor(x: &Rows, proxies: &Rows, alpha: f64, delta: f64) -> f64 {
        let (mut pulls, mut pushes) = (Vec::new(), Vec::new());
        for (p, proxy) in proxies.iter().enumerate() {
            let of = |own: bool| {
                let images = x.iter().zip(SUBJECTS);
                let images = images.filter(move |(_, s)| (*s == p as i64) == own);
                images.map(|(x, _)| cosine(x, proxy)).collect::<Vec<f64>>()
            };
            let own = of(true);
            if !own.is_empty() {
                let sum: f64 = own.iter().map(|s| (-alpha * (s - delta)).exp()).sum();
                pulls.push(sum.ln_1p());
            }
            let sum: f64 = of(false).iter().map(|s| (alpha * (s + delta)).exp()).sum();
            pushes.push(sum.ln_1p());
        }
        mean(&pulls) + mean(&pushes)
    }

    pub(super) fn softmax(x: &Rows, head: &Rows, scale: f64, lower: fn(f64) -> f64) -> f64 {
        let losses: Vec<f64> = x
            .iter()
            .zip(SUBJECTS)
            .map(|(x, subject)| {
                let logit = |(c, vector): (usize, &Vec<f64>)| {
                    let s = cosine(x, vector);
                    scale * if c as i64 == subject { lower(s) } else { s }
                };
                let logits: Vec<f64> = head.iter().enumerate().map(logit).collect();
                let sum: f64 = logits.iter().map(|l| l.exp()).sum();
                sum.ln() - logits[subject as usize]
            })
            .collect();
        mean(&losses)
    }
}

#[test]
fn losses_equal_naive_loops() {
    for seed in 0..20 {
        tch::manual_seed(seed);
        let x = Tensor::randn([8, 6], tch::kind::FLOAT_CPU);
        let h = Tensor::randn([5, 6], tch::kind::FLOAT_CPU);
        let rows = |t: &Tensor| naive::Rows::try_from(t.to_kind(Kind::Double)).unwrap();
        let (rx, rh) = (rows(&x), rows(&h));
        let y = subjects();
        let equal = |found: Tensor, naive: f64| assert_close(found.double_value(&[]), naive);
        let eu = Distance::Euclidean;
        equal(
            contrastive_batch(&x, &y, eu, 0.3, 1.5).unwrap(),
            naive::contrastive(&rx),
        );
        for kind in [Triplets::All, Triplets::Hard, Triplets::SemiHard] {
            equal(
                triplet(&x, &y, eu, TripletMargin::Hard(0.4), kind).unwrap(),
                naive::triplet(&rx, kind, |d| (d + 0.4).max(0.0)),
            );
            equal(
                triplet(&x, &y, eu, TripletMargin::Soft, kind).unwrap(),
                naive::triplet(&rx, kind, |d| d.exp().ln_1p()),
            );
        }
        equal(
            supervised_contrastive(&x, &y, 0.2).unwrap(),
            naive::supervised_contrastive(&rx, 0.2),
        );
        equal(nt_xent(&x, &y, 0.2).unwrap(), naive::nt_xent(&rx, 0.2));
        for mining in [0.1, 10.0] {
            let settings = MultiSimilarity {
                alpha: 2.0,
                beta: 20.0,
                base: 0.4,
                mining: Some(mining),
            };
            equal(
                multi_similarity(&x, &y, settings).unwrap(),
                naive::multi_similarity(&rx, 2.0, 20.0, 0.4, mining),
            );
        }
        equal(
            proxy_anchor(&x, &y, &h, 8.0, 0.1).unwrap(),
            naive::proxy_anchor(&rx, &rh, 8.0, 0.1),
        );
        let softmax = |margin| margin_softmax(&x, &y, &h, 8.0, margin).unwrap();
        equal(
            softmax(SoftmaxMargin::None),
            naive::softmax(&rx, &rh, 8.0, |s| s),
        );
        equal(
            softmax(SoftmaxMargin::Cosine(0.35)),
            naive::softmax(&rx, &rh, 8.0, |s| s - 0.35),
        );
        equal(
            softmax(SoftmaxMargin::Angle(0.5)),
            naive::softmax(&rx, &rh, 8.0, |s| {
                let angle = s.acos();
                if angle + 0.5 <= std::f64::consts::PI {
                    (angle + 0.5).cos()
                } else {
                    s - 0.5 * 0.5f64.sin()
                }
            }),
        );
    }
}

/// Of embeddings, subjects and a head.
type Loss = fn(&Tensor, &Tensor, &Tensor) -> Tensor;

/// Every loss, of the embeddings, the subjects and a head of eight vectors.
fn every_loss() -> Vec<(&'static str, Loss)> {
    vec![
        ("contrastive euclidean", |e, y, _| {
            contrastive_batch(e, y, Distance::Euclidean, 0.0, 1.0).unwrap()
        }),
        ("contrastive cosine", |e, y, _| {
            contrastive_batch(e, y, Distance::Cosine, 0.0, 1.0).unwrap()
        }),
        ("contrastive l1", |e, y, _| {
            contrastive_batch(e, y, Distance::L1, 0.0, 1.0).unwrap()
        }),
        ("chopra", |e, y, _| {
            chopra2005_batch(e, y, Distance::L1, 4.0).unwrap()
        }),
        ("logistic", |e, y, _| {
            logistic_batch(e, y, Distance::L1, 4.0).unwrap()
        }),
        ("triplet all", |e, y, _| {
            triplet(
                e,
                y,
                Distance::Euclidean,
                TripletMargin::Hard(0.2),
                Triplets::All,
            )
            .unwrap()
        }),
        ("triplet hard", |e, y, _| {
            triplet(
                e,
                y,
                Distance::Euclidean,
                TripletMargin::Soft,
                Triplets::Hard,
            )
            .unwrap()
        }),
        ("triplet semi-hard", |e, y, _| {
            triplet(
                e,
                y,
                Distance::Euclidean,
                TripletMargin::Hard(0.2),
                Triplets::SemiHard,
            )
            .unwrap()
        }),
        ("supervised contrastive", |e, y, _| {
            supervised_contrastive(e, y, 0.1).unwrap()
        }),
        ("nt-xent", |e, y, _| nt_xent(e, y, 0.1).unwrap()),
        ("multi-similarity", |e, y, _| {
            let settings = MultiSimilarity {
                alpha: 2.0,
                beta: 50.0,
                base: 0.5,
                mining: Some(0.1),
            };
            multi_similarity(e, y, settings).unwrap()
        }),
        ("proxy-anchor", |e, y, h| {
            proxy_anchor(e, y, h, 32.0, 0.1).unwrap()
        }),
        ("arcface", |e, y, h| {
            margin_softmax(e, y, h, 64.0, SoftmaxMargin::Angle(0.5)).unwrap()
        }),
        ("cosface", |e, y, h| {
            margin_softmax(e, y, h, 64.0, SoftmaxMargin::Cosine(0.35)).unwrap()
        }),
        ("softmax", |e, y, h| {
            margin_softmax(e, y, h, 16.0, SoftmaxMargin::None).unwrap()
        }),
    ]
}

#[test]
fn gradients_are_finite_in_degenerate_batches() {
    let groups: [(&str, &[i64]); 4] = [
        ("one person", &[0, 0, 0, 0]),
        ("one image each", &[0, 1, 2, 3]),
        ("one image", &[0]),
        ("two people", &[0, 0, 1, 1]),
    ];
    for (group, people) in groups {
        for value in [0.0, 0.7] {
            for (name, loss) in every_loss() {
                // Equal embeddings, which also lie on the first vector of the head.
                let kind = tch::kind::FLOAT_CPU;
                let embeddings = Tensor::full([people.len() as i64, 3], value, kind);
                let embeddings = embeddings.set_requires_grad(true);
                let head = Tensor::full([8, 3], 1.0, kind);
                let _ = head.narrow(0, 1, 3).neg_();
                let head = head.set_requires_grad(true);
                let loss = loss(&embeddings, &Tensor::from_slice(people), &head);
                assert!(
                    loss.double_value(&[]).is_finite(),
                    "{name}, {group}, {value}"
                );
                loss.backward();
                for of in [embeddings.grad(), head.grad()] {
                    if of.defined() {
                        let sum = of.abs().sum(Kind::Double).double_value(&[]);
                        assert!(sum.is_finite(), "{name}, {group}, {value}");
                    }
                }
            }
        }
    }
}

#[test]
fn a_batch_without_any_pair_costs_nothing_where_only_pairs_count() {
    let embeddings = Tensor::from_slice(&[0.3f32, -0.2, 0.9]).reshape([1, 3]);
    let (y, h) = (
        Tensor::from_slice(&[0i64]),
        Tensor::ones([8, 3], tch::kind::FLOAT_CPU),
    );
    for (name, loss) in every_loss().into_iter().take(10) {
        assert_eq!(loss(&embeddings, &y, &h).double_value(&[]), 0.0, "{name}");
    }
}

#[test]
fn the_order_of_a_batch_changes_no_loss() {
    tch::manual_seed(3);
    let x = Tensor::randn([8, 4], tch::kind::FLOAT_CPU);
    let h = Tensor::randn([8, 4], tch::kind::FLOAT_CPU);
    let order = Tensor::from_slice(&[5i64, 2, 7, 0, 3, 6, 1, 4]);
    let (mixed, y) = (x.index_select(0, &order), subjects());
    for (_, loss) in every_loss() {
        let whole = loss(&x, &y, &h).double_value(&[]);
        assert_close(
            loss(&mixed, &y.index_select(0, &order), &h).double_value(&[]),
            whole,
        );
    }
}

/// The batch with two forgeries, which lie where the genuine images of the third subject and the last image do.
fn with_forgeries() -> Tensor {
    let mut subjects = SUBJECTS;
    subjects[6] = FORGERY;
    subjects[7] = FORGERY;
    Tensor::from_slice(&subjects)
}

#[test]
fn a_forgery_is_an_impostor_of_all_and_is_compared_with_no_forgery() {
    let embeddings = embeddings();
    let rows: Vec<Vec<f64>> = (0..8)
        .map(|row| Vec::<f64>::try_from(&embeddings.get(row).to_kind(Kind::Double)).unwrap())
        .collect();
    let distance = |a: usize, b: usize| -> f64 {
        let squares = rows[a].iter().zip(&rows[b]).map(|(a, b)| (a - b).powi(2));
        squares.sum::<f64>().sqrt()
    };
    let (mut genuine, mut impostor) = (Vec::new(), Vec::new());
    for (a, of_a) in SUBJECTS.iter().enumerate() {
        for b in (0..8).filter(|&b| b != a && !(a >= 6 && b >= 6)) {
            let d = distance(a, b);
            match a < 6 && b < 6 && *of_a == SUBJECTS[b] {
                true => genuine.push((d - 0.3_f64).max(0.0).powi(2)),
                false => impostor.push((1.5 - d).max(0.0).powi(2)),
            }
        }
    }
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let found = contrastive_batch(
        &embeddings,
        &with_forgeries(),
        Distance::Euclidean,
        0.3,
        1.5,
    );
    assert_close(
        found.unwrap().double_value(&[]),
        0.5 * (mean(&genuine) + mean(&impostor)),
    );
}

#[test]
fn heads_push_forgeries_away_or_pass_over_them() {
    let (embeddings, head) = (embeddings(), head());
    let six = |tensor: &Tensor| tensor.narrow(0, 0, 6);
    let softmax = |embeddings: &Tensor, subjects: &Tensor| {
        margin_softmax(embeddings, subjects, &head, 16.0, SoftmaxMargin::Angle(0.5)).unwrap()
    };
    let found = softmax(&embeddings, &with_forgeries());
    let without = softmax(&six(&embeddings), &six(&subjects()));
    assert_close(found.double_value(&[]), without.double_value(&[]));

    // As if the two were images of a subject of whom the head has no row: only pushed.
    let pushed = |rows: &Tensor| {
        proxy_anchor(&embeddings, rows, &head, 32.0, 0.1)
            .unwrap()
            .double_value(&[])
    };
    let forged = pushed(&with_forgeries());
    let cosine = |image: i64, proxy: i64| {
        let (a, b) = (embeddings.get(image), head.get(proxy));
        let dot = (&a * &b).sum(Kind::Double).double_value(&[]);
        dot / (a.norm().double_value(&[]) * b.norm().double_value(&[]))
    };
    let rows = [0, 0, 0, 1, 1, 2, -1, -1];
    let sum = |proxy: i64, own: bool, term: &dyn Fn(f64) -> f64| -> f64 {
        let images = (0..8).filter(|&image| (rows[image as usize] == proxy) == own);
        images.map(|image| term(cosine(image, proxy))).sum()
    };
    let pull = (0..3).map(|proxy| sum(proxy, true, &|s| (-32.0 * (s - 0.1)).exp()).ln_1p());
    let push = (0..5).map(|proxy| sum(proxy, false, &|s| (32.0 * (s + 0.1)).exp()).ln_1p());
    assert_close(forged, pull.sum::<f64>() / 3.0 + push.sum::<f64>() / 5.0);
}
