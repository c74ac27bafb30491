//! Notes in words.

use std::fmt;

use super::kinds::{Lesson, Named, Note};
use crate::error::Listed;
use crate::thousands::thousands;

impl fmt::Display for Lesson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => f.write_str("a ready program, no training"),
            Self::Pairs(pairs) => write!(f, "{} training", thousands(*pairs as u64)),
            Self::Batches {
                subjects,
                of,
                left_out,
                classes,
                images,
                mixed,
            } => {
                let of = *of as u64;
                match *classes as u64 {
                    0 | 1 => write!(f, "batches of {subjects} of {} subjects", thousands(of))?,
                    classes => write!(
                        f,
                        "batches of {subjects} of {} classes, {classes} made of each of {} subjects,",
                        thousands(classes * of),
                        thousands(of)
                    )?,
                }
                write!(f, " with {images} images each")?;
                if let Some([mixed, of]) = mixed {
                    write!(f, " and {mixed} of {of} mixed")?;
                }
                match left_out {
                    0 => Ok(()),
                    n => write!(
                        f,
                        " ({} with fewer images are left out)",
                        thousands(*n as u64)
                    ),
                }
            }
        }
    }
}

impl fmt::Display for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, path) in self.examples.iter().enumerate() {
            write!(f, "{}{}", if i == 0 { "" } else { ", " }, path.display())?;
        }
        match self.count - self.examples.len() {
            0 => Ok(()),
            more => write!(f, " and {} more", thousands(more as u64)),
        }
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = |images: usize| thousands(images as u64);
        match self {
            Self::Grey { grey, images } => write!(
                f,
                "{} of {} images are grey: their red, green and blue are equal",
                count(*grey),
                count(*images)
            ),
            Self::OpacityIgnored { which, images } => write!(
                f,
                "note: {} of {} images have transparent pixels, whose opacity is ignored, as recipes without \
                 data.background do: {which}. To see them on white paper, train with --set data.background=white",
                count(which.count),
                count(*images)
            ),
            Self::ForeignProfile { which } => write!(
                f,
                "note: {} a colour profile other than sRGB, which is left out: {which}. Where colours matter, convert all \
                 images to sRGB",
                match which.count {
                    1 => "1 file has".to_owned(),
                    n => format!("{} files have", count(n)),
                }
            ),
            Self::UnreadOrientation { which } => write!(
                f,
                "note: {} an orientation that cannot be read; they are used as they are stored, perhaps not upright: {which}",
                match which.count {
                    1 => "1 file notes".to_owned(),
                    n => format!("{} files note", count(n)),
                }
            ),
            Self::Unreadable { bad, images } => write!(
                f,
                "note: {} of {} images cannot be read and are left out:{}",
                count(bad.len()),
                count(*images),
                Listed(bad)
            ),
            Self::Flat { which, images } => write!(
                f,
                "note: {} of {} images show nothing: all their pixels have one colour: {which}",
                count(which.count),
                count(*images)
            ),
            Self::MoreImages { which, more } => write!(
                f,
                "note: {} hold{} {} more than the first, which alone is read: {which}",
                counted(which.count, "file"),
                if which.count == 1 { "s" } else { "" },
                counted(*more, "image")
            ),
            Self::JustFit { images, each } => write!(
                f,
                "{} images of {each} just fit in memory as --memory allows: all stay decoded",
                count(*images)
            ),
            Self::Streamed {
                images,
                each,
                kept,
                ahead,
                threads,
            } => write!(
                f,
                "{} images of {each} do not fit in memory as --memory allows: {} stay decoded, the others are decoded when \
                 they are used, up to {} ahead, by {threads} thread{}",
                count(*images),
                count(*kept),
                count(*ahead),
                if *threads == 1 { "" } else { "s" }
            ),
            Self::OfData(what) => f.write_str(what),
            Self::Read {
                recipe,
                images,
                subjects,
                data,
                milliseconds,
            } => write!(
                f,
                "{recipe}: {} images of {} subjects from {}, read in {milliseconds:.0} ms",
                count(*images),
                count(*subjects),
                data.display()
            ),
            Self::Trains {
                lesson,
                validation,
                test,
                protocol,
                gpu,
                threads,
            } => {
                write!(
                    f,
                    "{lesson}, {} validation, {} test pairs ({protocol}); on ",
                    count(*validation),
                    count(*test)
                )?;
                match gpu {
                    Some(gpu) => f.write_str(gpu),
                    None => write!(f, "the CPU with {}", counted(*threads, "thread")),
                }
            }
            Self::OtherDevice { began, goes_on } => write!(
                f,
                "note: the run began on {began}; on {goes_on} it goes on, but not to the same bytes"
            ),
            Self::Folds {
                recipe,
                protocol,
                folds,
                out,
                side_by_side,
                threads,
            } => write!(
                f,
                "{recipe}, {protocol}: {folds} trainings into {}, {side_by_side} at a time with {} each; an interrupted \
                 cross-validation goes on where it stopped",
                out.display(),
                counted(*threads, "thread")
            ),
            Self::Points {
                recipe,
                protocol,
                what,
                trainings,
                twins,
                out,
                side_by_side,
                threads,
            } => {
                let without = match twins {
                    0 => String::new(),
                    n => format!(", and {n} that take over the networks of another"),
                };
                write!(
                    f,
                    "{recipe}, {protocol}: {what}, {}{without} into {}, {side_by_side} at a time with {} each; an \
                     interrupted sweep goes on where it stopped",
                    counted(*trainings, "training"),
                    out.display(),
                    counted(*threads, "thread")
                )
            }
            Self::Done {
                done,
                of,
                folder,
                already_there,
            } => write!(
                f,
                "{done:>3}/{of} {}{}",
                folder.display(),
                if *already_there { " (already there)" } else { "" }
            ),
            Self::Failed(what) => f.write_str(what),
            Self::Judging => f.write_str(
                "judging the network, the same network untrained, and classical methods on the same comparisons",
            ),
            Self::DivisionForgotten { protocol } => write!(
                f,
                "note: the model was trained on these images, but {protocol} no longer says on which subjects. If \
                 they are among those judged here, every figure flatters"
            ),
            Self::SeenOtherwise { model } => write!(
                f,
                "note: {} saw images otherwise than the recipe shows them: data.pool, data.mean, data.sd or data.normalise \
                 differ",
                model.display()
            ),
            Self::OtherImages { model, sha256 } => write!(
                f,
                "note: {} was trained on other images (SHA-256 {sha256}), or on these images divided in a way that can no \
                 longer be told. If they show subjects of this test, every figure flatters; see siamese leak-check",
                model.display()
            ),
            Self::KnowsValidation { model, names } => write!(
                f,
                "note: {} was trained on subjects of the validation ({names}): the epoch and the threshold chosen on them \
                 flatter",
                model.display()
            ),
        }
    }
}

/// `1 point`, `2 points`.
pub(crate) fn counted(n: usize, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}
