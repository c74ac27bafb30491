//! The images that went wrong.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use maud::{Markup, html};
use verification_figures::Direction;

use super::Section;
use crate::number::distance;
use crate::phrases::worst;
use crate::table::{called_genuine, decided};
use crate::{ImagePair, Picture, Report};

/// The hardest genuine and the closest impostor pairs.
pub(super) fn section(report: &Report) -> Option<Section> {
    let (genuine, impostor) = (&report.hardest_genuine, &report.closest_impostor);
    if genuine.is_empty() && impostor.is_empty() {
        return None;
    }
    let direction = report.decision.direction;
    let body = html! {
        @if !genuine.is_empty() {
            h3 { "Hardest genuine pairs" }
            p.lead { "The same subject each time: the " (worst(direction, true)) ", at most two of each subject." }
            (grid(genuine, true, direction))
        }
        @if !impostor.is_empty() {
            h3 { "Closest impostor pairs" }
            p.lead { "Two different subjects each time: the " (worst(direction, false)) ", at most two of the same two subjects." }
            (grid(impostor, false, direction))
        }
    };
    Some(Section::new("pairs", "Images that are hard", body))
}

fn grid(pairs: &[ImagePair], genuine: bool, direction: Direction) -> Markup {
    html! {
        ol.pairs {
            @for pair in pairs {
                @let (words, right) = decided(pair, genuine, direction);
                li.wrong[!right] {
                    div.two { (side(&pair.a)) (side(&pair.b)) }
                    p.distance {
                        strong { (distance(pair.distance)) }
                        (beside(pair, direction))
                        (distance(pair.threshold))
                    }
                    p.decided { span aria-hidden="true" { (if right { "✓ " } else { "✗ " }) } (words) }
                    @if let Some(note) = &pair.note { p.decided.remark { (note) } }
                }
            }
        }
    }
}

/// The sign between a pair's score and its threshold.
fn beside(pair: &ImagePair, direction: Direction) -> &'static str {
    match (direction, called_genuine(pair, direction)) {
        (Direction::Distance, true) => " < ",
        (Direction::Distance, false) => " ≥ ",
        (Direction::Similarity, true) => " > ",
        (Direction::Similarity, false) => " ≤ ",
    }
}

fn side(picture: &Picture) -> Markup {
    let [width, height] = picture.size;
    html! {
        figure {
            @if picture.png.is_empty() {
                div.missing { "no picture kept" }
            } @else {
                img width=(width) height=(height) alt=(format!("Image {} of {}", picture.file, picture.subject))
                    src=(format!("data:image/png;base64,{}", STANDARD.encode(&picture.png)));
            }
            figcaption { (picture.subject) span.file title=(picture.file) { (picture.file) } }
        }
    }
}
