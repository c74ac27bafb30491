//! What a recipe's types alone do not check: that its numbers make sense.

use super::bounds::{at_least_one, blur_sigma, expect, not_negative, positive, share};
use super::check_encoder::check_encoder;
use super::check_loss::check_loss;
use super::check_optimizer::check_optimizer;
use super::document::Recipe;
use crate::spec::{
    AugmentSpec, ByChannel, InkSpec, MadeClasses, NormaliseSpec, PairBuild, PairDraw, ResizeSpec,
    WhitenSpec,
};

/// Most pairs of each kind: both kinds together are numbered in 32 bits.
const MOST_PER_KIND: usize = (u32::MAX / 2) as usize;

/// The most networks in one model: nobody waits for more.
const MOST_MEMBERS: usize = 64;

/// Most people, and most images of each, in a batch.
const MOST_IN_BATCH: usize = 1 << 16;
const WITHIN_BATCH: &str = "from 1 to 65536";

impl Recipe {
    /// The first value that makes no sense: its key, what was found, and what was expected.
    pub(super) fn check(&self) -> Result<(), String> {
        expect(
            i64::try_from(self.seed).is_ok(),
            "seed",
            self.seed,
            "at most 2^63 - 1",
        )?;
        self.check_data()?;
        check_encoder(&self.encoder)?;
        self.check_protocol()?;
        self.check_augment()?;
        self.check_batches()?;
        self.check_loss()?;
        check_optimizer(&self.optimizer)?;
        self.check_schedule()?;
        self.check_train()?;
        self.episodes.map_or(Ok(()), |episodes| episodes.check())?;
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
        let zoom = self.embedding.map_or(0.0, |embedding| embedding.zoom);
        expect(
            (0.0..=1.0).contains(&zoom),
            "embedding.zoom",
            zoom,
            "from 0 to 1",
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
            ResizeSpec::Stride(0)
            | ResizeSpec::Area([0, _] | [_, 0])
            | ResizeSpec::Fit {
                size: [0, _] | [_, 0],
                ..
            } => return Err("data.resize must not be zero".to_owned()),
            ResizeSpec::Fit {
                size: [height, width],
                margin,
                ..
            } if margin >= height.min(width).div_ceil(2) => {
                return Err(format!(
                    "data.resize: with a margin of {margin} pixels on each side nothing of {height}x{width} is left for the image"
                ));
            }
            _ => {}
        }
        let InkSpec { crop, clean } = data.ink.unwrap_or_default();
        if data.ink.is_some() && !crop && !clean {
            return Err(
                "data.ink does nothing: give it crop = true, clean = true, or both".to_owned(),
            );
        }
        if (crop || clean || data.invert) && !data.resize.takes_any_size() {
            return Err(
                "data.ink and data.invert are for images that are brought to one size: set data.resize to { area = .. } \
                 or { fit = .. }"
                    .to_owned(),
            );
        }
        Ok(())
    }

    fn check_protocol(&self) -> Result<(), String> {
        share("protocol.test", self.protocol.test)?;
        share("protocol.validation", self.protocol.validation)?;
        if self.protocol.validation_people > 0 && self.protocol.validation_groups > 0 {
            return Err(format!(
                "protocol.validation_people = {} and protocol.validation_groups = {} both say who validates: set one of them",
                self.protocol.validation_people, self.protocol.validation_groups
            ));
        }
        let per_kind = self.pairs.per_kind;
        expect(
            (1..=MOST_PER_KIND).contains(&per_kind),
            "pairs.per_kind",
            per_kind,
            format_args!("from 1 to {MOST_PER_KIND}"),
        )?;
        let skilled = self.pairs.skilled;
        let is_share = (0.0..=1.0).contains(&skilled);
        expect(is_share, "pairs.skilled", skilled, "from 0 to 1")?;
        if self.pairs.build == PairBuild::Seed && skilled > 0.0 {
            return Err(
                "pairs.skilled goes with pairs.build = \"balanced\": \"seed\" has its own way of drawing".to_owned(),
            );
        }
        if self.pairs.list.is_some() && skilled > 0.0 {
            return Err(
                "pairs.list and pairs.skilled both say which impostors are learnt from: set one of them".to_owned(),
            );
        }
        if self.pairs.list.is_some() && self.batches.is_some() {
            return Err(
                "pairs.list needs steps over pairs: leave out [batches], or the list".to_owned(),
            );
        }
        match (self.pairs.build, self.pairs.draw) {
            (PairBuild::Seed, PairDraw::Subjects) => Err(
                "pairs.draw = \"subjects\" goes with pairs.build = \"balanced\": \"seed\" has its own way of drawing".to_owned(),
            ),
            _ => Ok(()),
        }
    }

    fn check_loss(&self) -> Result<(), String> {
        check_loss(&self.loss, "loss", self.batches.is_some())?;
        let limits = [
            ("decision.max_fmr", self.decision.max_fmr),
            ("decision.max_fnmr", self.decision.max_fnmr),
        ];
        for (key, rate) in limits {
            let is_rate = rate.is_none_or(|rate| rate > 0.0 && rate < 1.0);
            expect(
                is_rate,
                key,
                rate.unwrap_or_default(),
                "above 0 and below 1, as 0.001 for 0.1 %",
            )?;
        }
        if let Some(references) = self.decision.references {
            at_least_one("decision.references", references as u64)?;
        }
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
        // Beyond these limits an image no longer shows its subject.
        for (key, value, most) in [
            ("augment.rotation", augment.rotation, 180.0),
            ("augment.scale", augment.scale, 2.0),
            ("augment.aspect", augment.aspect, 2.0),
            ("augment.shear", augment.shear, 60.0),
            ("augment.shift", augment.shift, 1.0),
            ("augment.elastic", augment.elastic, 0.5),
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
        blur_sigma("augment.elastic_sigma", augment.elastic_sigma)?;
        self.check_made_classes(augment)?;
        let [least, most] = augment.erase_sides;
        expect(
            0.0 <= least && least <= most && most <= 1.0,
            "augment.erase_sides",
            format_args!("[{least}, {most}]"),
            "two shares from 0 to 1, the smaller first",
        )
    }

    fn check_made_classes(&self, augment: &AugmentSpec) -> Result<(), String> {
        let made = &augment.classes;
        if (1..made.len()).any(|place| made[..place].contains(&made[place])) {
            return Err("augment.classes names the same twice: name each once".to_owned());
        }
        let [_, height, width] = self.encoder.input;
        if made.contains(&MadeClasses::Rotate90) && height != width {
            return Err(format!(
                "augment.classes = [\"rotate90\"] turns images by 90 degrees, so they must be as high as wide: encoder.input \
                 has {height} x {width} pixels"
            ));
        }
        if made.contains(&MadeClasses::Flip) && augment.flip > 0.0 {
            return Err(format!(
                "augment.flip = {} mirrors images of a class, and augment.classes = [\"flip\"] makes their mirror images \
                 another class: leave out one of them",
                augment.flip
            ));
        }
        Ok(())
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
                "augment.mix = {mix} says how many people to mix, and batches.mixed = {mixed} how many of them are in \
                 a batch: set both, or neither"
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
        if train.epochs == 0 && self.encoder.program().is_none() {
            return Err(
                "train.epochs = 0 must be at least 1: only a ready network, of encoder.torchscript or encoder.onnx, can be used untrained"
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
