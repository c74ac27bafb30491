//! The images that went wrong.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use maud::{Markup, html};

use super::Section;
use crate::number::distance;
use crate::table::decided;
use crate::{ImagePair, Picture, Report};

/// The hardest genuine and the closest impostor pairs.
pub(super) fn section(report: &Report) -> Option<Section> {
    let (genuine, impostor) = (&report.hardest_genuine, &report.closest_impostor);
    if genuine.is_empty() && impostor.is_empty() {
        return None;
    }
    let body = html! {
        @if !genuine.is_empty() {
            h3 { "Hardest genuine pairs" }
            p.lead { "The same person each time: the largest distances, at most two of each person." }
            (grid(genuine, true))
        }
        @if !impostor.is_empty() {
            h3 { "Closest impostor pairs" }
            p.lead { "Two different people each time: the smallest distances, at most two of the same two people." }
            (grid(impostor, false))
        }
    };
    Some(Section::new("pairs", "Images that are hard", body))
}

fn grid(pairs: &[ImagePair], genuine: bool) -> Markup {
    html! {
        ol.pairs {
            @for pair in pairs {
                @let (words, right) = decided(pair, genuine);
                li.wrong[!right] {
                    div.two { (side(&pair.a)) (side(&pair.b)) }
                    p.distance {
                        strong { (distance(pair.distance)) }
                        (if pair.distance < pair.threshold { " < " } else { " ≥ " })
                        (distance(pair.threshold))
                    }
                    p.decided { span aria-hidden="true" { (if right { "✓ " } else { "✗ " }) } (words) }
                    @if let Some(note) = &pair.note { p.decided.remark { (note) } }
                }
            }
        }
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
