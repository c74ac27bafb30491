//! Whether it is better than what it was compared with.

use super::listed;
use crate::number::{counted, eer_text};
use crate::{Measured, Method, Role, Test};

/// Another method with an EER.
pub(super) struct Rival<'a> {
    name: &'a str,
    role: Role,
    eer: f64,
    /// Its EER as text.
    shown: String,
    /// Its EER less the judged method's.
    above: Option<Measured>,
    /// The probability of that by chance, where it is known.
    p: Option<f64>,
    /// What the difference says, with all others that are asked about.
    certainty: Certainty,
}

/// What the interval of a difference says.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Certainty {
    /// It excludes zero, and so it does with as many others asked about.
    Clear,
    /// It includes zero.
    Chance,
    /// There is none: too few subjects.
    Untold,
}

/// How often no difference at all is to be called clear, over all methods together.
const WRONG: f64 = 0.05;

/// The methods that have an EER. The more are asked about, the likelier one of them differs by chance: of their
/// probabilities the k-th smallest of n must be below `0.05 / (n - k + 1)`, and so must all that are smaller (S. Holm, "A
/// simple sequentially rejective multiple test procedure", Scandinavian Journal of Statistics 6, 1979). Differences without
/// a probability, in reports of older versions, go by their intervals alone.
pub(super) fn rivals<'a>(others: &'a [Method], test: &Test) -> Vec<Rival<'a>> {
    let mut rivals: Vec<Rival<'a>> = others
        .iter()
        .filter_map(|method| Rival::of(method, test))
        .collect();
    let mut known: Vec<&mut Rival<'a>> = rivals
        .iter_mut()
        .filter(|rival| rival.p.is_some())
        .collect();
    known.sort_by(|a, b| a.p.unwrap_or(1.0).total_cmp(&b.p.unwrap_or(1.0)));
    let count = known.len();
    let chance = known
        .iter()
        .enumerate()
        .position(|(place, rival)| rival.p.unwrap_or(1.0) >= WRONG / (count - place) as f64);
    for rival in known.into_iter().skip(chance.unwrap_or(count)) {
        if rival.certainty == Certainty::Clear {
            rival.certainty = Certainty::Chance;
        }
    }
    rivals
}

impl<'a> Rival<'a> {
    fn of(method: &'a Method, test: &Test) -> Option<Rival<'a>> {
        let figures = method.figures()?;
        let eer = figures.eer?;
        let above = figures.eer_above_judged;
        Some(Rival {
            name: &method.name,
            role: method.role,
            eer: eer.value,
            shown: eer_text(&eer, test),
            above,
            p: figures.eer_above_judged_p,
            certainty: match above.and_then(|above| above.interval) {
                Some([low, high]) if low > 0.0 || high < 0.0 => Certainty::Clear,
                Some(_) => Certainty::Chance,
                None => Certainty::Untold,
            },
        })
    }

    /// Its EER and how far apart the two are: `EER 8.1 %, difference 7.0 points, 95 % interval 4.1 to 9.9`.
    fn figures(&self, eer: &Measured) -> String {
        let ahead = self.eer < eer.value;
        let points = 100.0 * (self.eer - eer.value).abs();
        let interval = self.above.and_then(|above| above.ends());
        let interval = interval.map_or_else(String::new, |[low, high]| {
            // As the distance between the two, whichever is ahead.
            let ends = if ahead { [-high, -low] } else { [low, high] };
            let [low, high] = ends.map(|end| format!("{:.1}", 100.0 * end).replace('-', "−"));
            format!(", 95 % interval {low} to {high}")
        });
        format!(
            "EER {}, difference {points:.1} points{interval}",
            self.shown
        )
    }
}

/// The names, the first with its figures against the judged method's, the others with their EER.
fn named(rivals: &[&Rival<'_>], eer: &Measured) -> String {
    let names: Vec<String> = rivals
        .iter()
        .enumerate()
        .map(|(place, rival)| match place {
            0 => format!("{} ({})", rival.name, rival.figures(eer)),
            _ => format!("{} (EER {})", rival.name, rival.shown),
        })
        .collect();
    listed(&names)
}

const BY_CHANCE: &str = "by no more than chance may explain";
const TOO_FEW: &str = "these subjects are too few to tell whether by more than chance";

/// Is it better than what it was compared with. Only a difference whose interval excludes zero is a victory or a loss.
pub(super) fn comparison(eer: &Measured, rivals: &[Rival<'_>], others: usize) -> String {
    let mut ranked: Vec<&Rival<'_>> = rivals.iter().collect();
    ranked.sort_by(|a, b| a.eer.total_cmp(&b.eer));
    let Some(&best) = ranked.first() else {
        let missing = if others == 0 {
            "It was compared with no other method".to_owned()
        } else {
            format!(
                "None of the {} it should be compared with could be judged",
                counted(others as u64, "method", "methods")
            )
        };
        return format!("{missing}, so nothing shows that the training was worthwhile.");
    };
    if best.eer < eer.value {
        return behind(&ranked, eer);
    }
    if best.eer == eer.value {
        return format!(
            "No other method beats it, but {} is level with it (EER {}).",
            best.name, best.shown
        );
    }
    ahead(&ranked, eer)
}

fn of<'a>(
    ranked: &[&'a Rival<'a>],
    certainty: Certainty,
    also: impl Fn(&Rival<'_>) -> bool,
) -> Vec<&'a Rival<'a>> {
    let wanted = |rival: &&&Rival<'_>| rival.certainty == certainty && also(rival);
    ranked.iter().filter(wanted).copied().collect()
}

/// Some method has a smaller EER.
fn behind<'a>(ranked: &[&'a Rival<'a>], eer: &Measured) -> String {
    let better = |rival: &Rival<'_>| rival.eer < eer.value;
    let clear = of(ranked, Certainty::Clear, better);
    let chance = of(ranked, Certainty::Chance, better);
    let untold = of(ranked, Certainty::Untold, better);
    let mut parts = Vec::new();
    if !clear.is_empty() {
        parts.push(format!("clearly loses to {}", named(&clear, eer)));
    }
    for (rivals, but) in [(chance, BY_CHANCE), (untold, TOO_FEW)] {
        if !rivals.is_empty() {
            let also = if parts.is_empty() { "" } else { "also " };
            parts.push(format!(
                "is {also}behind {}, but {but}",
                named(&rivals, eer)
            ));
        }
    }
    format!("It {}.", parts.join("; it "))
}

/// No method has an EER as small.
fn ahead<'a>(ranked: &[&'a Rival<'a>], eer: &Measured) -> String {
    let clear = of(ranked, Certainty::Clear, |_| true);
    let chance = of(ranked, Certainty::Chance, |_| true);
    let untold = of(ranked, Certainty::Untold, |_| true);
    if clear.len() == ranked.len() {
        return match ranked {
            [only] => format!(
                "It clearly beats {}, the only method it was compared with ({}).",
                only.name,
                only.figures(eer)
            ),
            _ => format!(
                "It clearly beats all {} methods it was compared with; the closest is {}.",
                ranked.len(),
                named(&ranked[..1], eer)
            ),
        };
    }
    let mut parts = Vec::new();
    if !clear.is_empty() {
        parts.push(format!(
            "clearly beats {} of the {} methods it was compared with",
            clear.len(),
            ranked.len()
        ));
    }
    for (rivals, but) in [(chance, BY_CHANCE), (untold, TOO_FEW)] {
        if !rivals.is_empty() {
            parts.push(format!("is ahead of {}, but {but}", named(&rivals, eer)));
        }
    }
    format!("It {}.", parts.join("; it "))
}

/// What training brought, where that is harm or nothing that can be told.
pub(super) fn worse_than_untrained(eer: &Measured, rivals: &[Rival<'_>]) -> Option<String> {
    let untrained = rivals.iter().find(|rival| rival.role == Role::Untrained)?;
    let better = untrained.eer < eer.value;
    let says = match untrained.certainty {
        Certainty::Clear if better => "Training made it worse",
        Certainty::Clear => return None,
        Certainty::Untold if !better => {
            "These subjects are too few to tell whether training brought a gain"
        }
        Certainty::Chance | Certainty::Untold => {
            "Training brought no gain that these subjects show"
        }
    };
    Some(format!(
        "{says}: compare {} ({}).",
        untrained.name,
        untrained.figures(eer)
    ))
}
