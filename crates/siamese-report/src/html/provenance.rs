//! How the network came to be: training, its health, recipe, seeds and versions.

use maud::{Markup, html};

use super::{Section, figure, prose, table};
use crate::chart::Chart;
use crate::{HealthNote, Report, table as tables};

/// Losses and what training health has to say.
pub(super) fn training(report: &Report, loss: Option<&Chart>) -> Option<Section> {
    if loss.is_none() && report.health.is_empty() {
        return None;
    }
    let body = html! {
        div.columns {
            (figure(loss, "Loss by epoch", "If the validation loss rises while the training loss falls, the network is \
                                            learning by heart."))
            @if !report.health.is_empty() {
                div {
                    h3 { "Training health" }
                    @for note in &report.health { (health(note)) }
                }
            }
        }
        @if let Some(losses) = tables::training(report) {
            details { summary { "Losses as a table" } (table::draw(&losses, "Losses by training")) }
        }
    };
    Some(Section::new("training", "Training", body))
}

fn health(note: &HealthNote) -> Markup {
    html! {
        article.health.defect[!note.note] {
            h4 {
                span.mark { (if note.note { "note" } else { "warning" }) } " "
                span.name { (note.name.replace('-', " ")) }
                @if !note.place.is_empty() { span.place { (note.place) } }
            }
            p { (prose(&note.evidence)) }
            p { strong { "What it means: " } (prose(&note.meaning)) }
            p { strong { "What to do: " } (prose(&note.remedy)) }
        }
    }
}

/// All that it takes to do it again.
pub(super) fn recipe(report: &Report) -> Option<Section> {
    if report.facts.is_empty() && report.recipe.is_none() {
        return None;
    }
    let body = html! {
        @if !report.facts.is_empty() {
            dl.facts { @for fact in &report.facts { div { dt { (fact.name) } dd { (fact.value) } } } }
        }
        @if let Some(recipe) = &report.recipe {
            details.print { summary { "Recipe" } pre tabindex="0" { code { (recipe) } } }
        }
    };
    Some(Section::new("recipe", "Recipe and provenance", body))
}
