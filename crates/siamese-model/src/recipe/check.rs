//! What a recipe's types alone do not check: that its numbers make sense.

use std::fmt::Display;

use super::{ByChannel, LossSpec, NormaliseSpec, OptimizerSpec, Recipe, ResizeSpec, WhitenSpec};

/// Most pairs of each kind: both kinds together are numbered in 32 bits.
const MOST_PER_KIND: usize = (u32::MAX / 2) as usize;

/// A wider blur than any image is worth.
const MOST_SIGMA: f64 = 64.0;

/// More networks in one model than anybody waits for.
const MOST_MEMBERS: usize = 64;

/// Most people, and most images of each, in a batch.
const MOST_IN_BATCH: usize = 1 << 16;
const WITHIN_BATCH: &str = "from 1 to 65536";

impl Recipe {
    /// The first value that makes no sense, by its key, as found and as expected.
    pub(super) fn check(&self) -> Result<(), String> {
        expect(
            i64::try_from(self.seed).is_ok(),
            "seed",
            self.seed,
            "at most 2^63 - 1",
        )?;
        self.check_data()?;
        self.encoder.check()?;
        self.check_protocol()?;
        self.check_augment()?;
        self.check_batches()?;
        self.check_loss()?;
        self.optimizer.check()?;
        self.check_schedule()?;
        self.check_train()?;
        self.check_embedding()
    }

    fn check_embedding(&self) -> Result<(), String> {
        let [_, height, width] = self.images();
        let shift = self.embedding.map_or(0, |embedding| embedding.shift);
        expect(
            usize::from(shift) < height.min(width) || shift == 0,
            "embedding.shift",
            shift,
            format_args!("less than the sides of an image, {height} x {width} pixels"),
        )?;
        let share = |key: &str, value: f64| {
            let key = format!("embedding.whiten.{key}");
            expect((0.0..=1.0).contains(&value), &key, value, "from 0 to 1")
        };
        match self.embedding.and_then(|embedding| embedding.whiten) {
            Some(WhitenSpec::Pca { power, components }) => {
                share("power", power)?;
                let components = components.unwrap_or(1) as u64;
                at_least_one("embedding.whiten.components", components)?;
            }
            Some(WhitenSpec::Wccn { shrinkage }) => share("shrinkage", shrinkage)?,
            Some(WhitenSpec::Both {
                power,
                shrinkage,
                wccn_share,
            }) => {
                share("power", power)?;
                share("shrinkage", shrinkage)?;
                share("wccn_share", wccn_share)?;
            }
            None => {}
        }
        expect(
            self.members.len() <= MOST_MEMBERS,
            "members",
            self.members.len(),
            format_args!("at most {MOST_MEMBERS} networks"),
        )
    }

    fn check_data(&self) -> Result<(), String> {
        let channels = self.encoder.input[0];
        expect(
            // The plan says of a side of zero which it is.
            matches!(channels, 0 | 1 | 3),
            "the channels in encoder.input",
            channels,
            "1 (grey) or 3 (red, green, blue)",
        )?;
        let data = &self.data;
        at_least_one("data.pool", u64::from(data.pool))?;
        for (key, scale) in [("data.mean", data.mean), ("data.sd", data.sd)] {
            expect(
                matches!(scale, ByChannel::All(_)) || channels == 3,
                key,
                scale,
                format_args!(
                    "one number: encoder.input has {channels} channel, and three numbers are for red, green and blue"
                ),
            )?;
        }
        for mean in data.mean.each() {
            expect(mean.is_finite(), "data.mean", mean, "finite")?;
        }
        for sd in data.sd.each() {
            positive("data.sd", sd)?;
        }
        match data.normalise {
            None | Some(NormaliseSpec::Equalise {}) => {}
            Some(NormaliseSpec::Standardise { floor }) => positive("data.normalise.floor", floor)?,
            Some(NormaliseSpec::LocalContrast { sigma, floor }) => {
                blur_sigma("data.normalise.sigma", sigma)?;
                positive("data.normalise.floor", floor)?;
            }
        }
        match data.resize {
            ResizeSpec::Stride(0) | ResizeSpec::Area([0, _] | [_, 0]) => {
                Err("data.resize must not be zero".to_owned())
            }
            _ => Ok(()),
        }
    }

    fn check_protocol(&self) -> Result<(), String> {
        share("protocol.test", self.protocol.test)?;
        share("protocol.validation", self.protocol.validation)?;
        let per_kind = self.pairs.per_kind;
        expect(
            (1..=MOST_PER_KIND).contains(&per_kind),
            "pairs.per_kind",
            per_kind,
            format_args!("from 1 to {MOST_PER_KIND}"),
        )
    }

    fn check_loss(&self) -> Result<(), String> {
        self.loss.check("loss", self.batches.is_some())?;
        match self.decision.threshold {
            Some(threshold) => not_negative("decision.threshold", threshold),
            None => Ok(()),
        }
    }

    fn check_augment(&self) -> Result<(), String> {
        let Some(augment) = &self.augment else {
            return Ok(());
        };
        if self.batches.is_none() {
            return Err(
                "[augment] needs batches of people: add [batches] with people and images"
                    .to_owned(),
            );
        }
        // Beyond these an image is no longer one of its subject.
        for (key, value, most) in [
            ("augment.rotation", augment.rotation, 180.0),
            ("augment.scale", augment.scale, 2.0),
            ("augment.aspect", augment.aspect, 2.0),
            ("augment.shear", augment.shear, 60.0),
            ("augment.shift", augment.shift, 1.0),
            ("augment.flip", augment.flip, 1.0),
            ("augment.gamma", augment.gamma, 3.0),
            ("augment.contrast", augment.contrast, 3.0),
            ("augment.brightness", augment.brightness, 1.0),
            ("augment.light", augment.light, 1.0),
            ("augment.relight", augment.relight, 1.0),
            ("augment.noise", augment.noise, 1.0),
            ("augment.erase", augment.erase, 1.0),
        ] {
            let holds = (0.0..=most).contains(&value);
            expect(holds, key, value, format_args!("from 0 to {most}"))?;
        }
        blur_sigma("augment.relight_sigma", augment.relight_sigma)?;
        let [least, most] = augment.erase_sides;
        expect(
            0.0 <= least && least <= most && most <= 1.0,
            "augment.erase_sides",
            format_args!("[{least}, {most}]"),
            "two shares from 0 to 1, the smaller first",
        )
    }

    fn check_batches(&self) -> Result<(), String> {
        let Some(batches) = &self.batches else {
            return Ok(());
        };
        for (key, count) in [
            ("batches.people", batches.people),
            ("batches.images", batches.images),
        ] {
            expect(
                (1..=MOST_IN_BATCH).contains(&count),
                key,
                count,
                WITHIN_BATCH,
            )?;
        }
        let (mix, mixed) = (self.mixed_people(), batches.mixed);
        expect(
            mix <= MOST_IN_BATCH,
            "augment.mix",
            mix,
            format_args!("at most {MOST_IN_BATCH}"),
        )?;
        if (mix == 0) != (mixed == 0) {
            return Err(format!(
                "augment.mix = {mix} people are mixed and batches.mixed = {mixed} of them are in a batch: set both, or \
                 neither"
            ));
        }
        expect(
            mixed <= mix,
            "batches.mixed",
            mixed,
            format_args!("at most augment.mix = {mix}"),
        )?;
        at_least_one("batches.per_epoch", batches.per_epoch.unwrap_or(1).into())
    }

    fn check_schedule(&self) -> Result<(), String> {
        let schedule = &self.schedule;
        at_least_one("schedule.every_epochs", schedule.every_epochs.into())?;
        positive("schedule.factor", schedule.factor)?;
        not_negative("schedule.final_share", schedule.final_share)
    }

    fn check_train(&self) -> Result<(), String> {
        let train = &self.train;
        if train.epochs == 0 && self.encoder.torchscript.is_none() {
            return Err(
                "train.epochs = 0 must be at least 1: only a network of encoder.torchscript can be used untrained"
                    .to_owned(),
            );
        }
        at_least_one("train.batch", train.batch as u64)?;
        at_least_one("train.accumulate", train.accumulate.into())?;
        if let Some(patience) = train.patience {
            at_least_one("train.patience", patience.into())?;
        }
        if let Some(decay) = train.average {
            share("train.average", decay)?;
        }
        match train.clip_norm {
            Some(norm) => positive("train.clip_norm", norm),
            None => Ok(()),
        }
    }
}

impl LossSpec {
    /// Checks a loss that the recipe writes under `key`.
    fn check(&self, key: &str, people: bool) -> Result<(), String> {
        let at = |name: &str| format!("{key}.{name}");
        if !people && !matches!(self, Self::Sum { .. }) && !self.is_of_pairs() {
            return Err(format!(
                "{key}.kind needs batches of people, since it looks at more than one pair: add [batches] with people \
                 and images, or use contrastive or chopra2005"
            ));
        }
        if let Some(Some(lr)) = self.head() {
            positive(&at("head_lr"), lr)?;
        }
        match *self {
            Self::Contrastive {
                margin,
                positive_margin,
                ..
            } => {
                positive(&at("margin"), margin)?;
                not_negative(&at("positive_margin"), positive_margin)?;
                if positive_margin > 0.0 && !people {
                    return Err(format!(
                        "{key}.positive_margin needs batches of people: add [batches]"
                    ));
                }
                Ok(())
            }
            Self::Chopra2005 { bound, .. } => positive(&at("bound"), bound),
            Self::Triplet { margin, .. } => not_negative(&at("margin"), margin),
            Self::SupervisedContrastive { temperature } | Self::NtXent { temperature } => {
                positive(&at("temperature"), temperature)
            }
            Self::MultiSimilarity {
                alpha,
                beta,
                base,
                mining,
                ..
            } => {
                positive(&at("alpha"), alpha)?;
                positive(&at("beta"), beta)?;
                expect(
                    (-1.0..=1.0).contains(&base),
                    &at("base"),
                    base,
                    "a cosine, from -1 to 1",
                )?;
                not_negative(&at("mining"), mining)
            }
            Self::ProxyAnchor { alpha, delta, .. } => {
                positive(&at("alpha"), alpha)?;
                not_negative(&at("delta"), delta)
            }
            Self::Arcface { margin, scale, .. } => {
                let holds = (0.0..std::f64::consts::PI).contains(&margin);
                expect(
                    holds,
                    &at("margin"),
                    margin,
                    "an angle in radians, at least 0 and below pi",
                )?;
                positive(&at("scale"), scale)
            }
            Self::Cosface { margin, scale, .. } => {
                not_negative(&at("margin"), margin)?;
                positive(&at("scale"), scale)
            }
            Self::NormalisedSoftmax { scale, .. } => positive(&at("scale"), scale),
            Self::Sum { ref terms } => {
                let Some(first) = terms.first() else {
                    return Err(format!(
                        "{key}.terms is empty: a sum needs at least one loss"
                    ));
                };
                for (i, term) in terms.iter().enumerate() {
                    let key = format!("{key}.terms[{i}]");
                    if let Self::Sum { .. } = term.loss {
                        return Err(format!(
                            "{key}.loss is a sum inside a sum: write its terms out"
                        ));
                    }
                    positive(&format!("{key}.weight"), term.weight)?;
                    term.loss.check(&format!("{key}.loss"), people)?;
                    if term.loss.distance() != first.loss.distance() {
                        return Err(format!(
                            "{key}.loss is made of {:?} distances and the first term of {:?}: all terms must agree, \
                             since pairs are compared by one distance",
                            term.loss.distance(),
                            first.loss.distance()
                        ));
                    }
                }
                Ok(())
            }
        }
    }
}

impl OptimizerSpec {
    fn check(&self) -> Result<(), String> {
        positive("optimizer.lr", self.lr())?;
        match *self {
            Self::Sgd {
                momentum,
                weight_decay,
                ..
            } => {
                share("optimizer.momentum", momentum)?;
                not_negative("optimizer.weight_decay", weight_decay)
            }
            Self::Rmsprop { rho, epsilon, .. } => {
                share("optimizer.rho", rho)?;
                positive("optimizer.epsilon", epsilon)
            }
            Self::Adam { betas, epsilon, .. } => moments(betas, epsilon),
            Self::Adamw {
                betas,
                epsilon,
                weight_decay,
                ..
            } => {
                moments(betas, epsilon)?;
                not_negative("optimizer.weight_decay", weight_decay)
            }
        }
    }
}

fn moments(betas: [f64; 2], epsilon: f64) -> Result<(), String> {
    for beta in betas {
        share("optimizer.betas", beta)?;
    }
    positive("optimizer.epsilon", epsilon)
}

pub(super) fn expect(
    holds: bool,
    key: &str,
    found: impl Display,
    expected: impl Display,
) -> Result<(), String> {
    if holds {
        Ok(())
    } else {
        Err(format!("{key} = {found} must be {expected}"))
    }
}

fn positive(key: &str, value: f64) -> Result<(), String> {
    let holds = value > 0.0 && value.is_finite();
    expect(holds, key, value, "above 0 and finite")
}

/// The standard deviation of a Gaussian blur, in pixels.
fn blur_sigma(key: &str, value: f64) -> Result<(), String> {
    let holds = value > 0.0 && value <= MOST_SIGMA;
    expect(holds, key, value, "above 0 and at most 64")
}

fn not_negative(key: &str, value: f64) -> Result<(), String> {
    let holds = value >= 0.0 && value.is_finite();
    expect(holds, key, value, "at least 0 and finite")
}

fn share(key: &str, value: f64) -> Result<(), String> {
    let holds = (0.0..1.0).contains(&value);
    expect(holds, key, value, "at least 0 and below 1")
}

pub(super) fn at_least_one(key: &str, value: u64) -> Result<(), String> {
    expect(value >= 1, key, value, "at least 1")
}
