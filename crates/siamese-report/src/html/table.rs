//! Tables on the page.

use maud::{Markup, html};

use super::prose;
use crate::table::{Cell, Cells, Table, mark};

/// The table, its caption for those who do not see it, and its notes. Wide tables scroll within themselves.
pub(super) fn draw(table: &Table, caption: &str) -> Markup {
    let reasons = table.reasons();
    let legend = table.legend();
    html! {
        div.scroll role="region" aria-label=(caption) tabindex="0" {
            table {
                caption { (caption) }
                thead { tr {
                    @for column in &table.columns { th scope="col" .number[column.numbers] { (prose(&column.name)) } }
                } }
                tbody {
                    @for row in &table.rows {
                        tr.strong[row.strong] {
                            th scope="row" {
                                (row.name)
                                @if !row.about.is_empty() { span.about { (prose(&row.about)) } }
                            }
                            @match &row.cells {
                                Cells::Unavailable(reason) => td.refused colspan=(table.columns.len() - 1) { (prose(reason)) },
                                Cells::Each(cells) => {
                                    @for (cell, column) in cells.iter().zip(&table.columns[1..]) {
                                        td.number[column.numbers] { (inside(cell, &reasons)) }
                                    }
                                },
                            }
                        }
                    }
                }
            }
        }
        @if !reasons.is_empty() || !legend.is_empty() {
            div.note {
                @for (i, reason) in reasons.iter().enumerate() { p { sup { (i + 1) } " not shown: " (prose(reason)) } }
                @for words in legend { p { (words) } }
            }
        }
    }
}

fn inside(cell: &Cell, reasons: &[&str]) -> Markup {
    html! {
        @match cell {
            Cell::Nothing => span.refused { "–" },
            Cell::Text(text) => (prose(text)),
            Cell::Refused(reason) => span.refused title=(reason) {
                "not shown"
                @if let Some(i) = reasons.iter().position(|known| known == reason) { sup { (i + 1) } }
            },
            Cell::Figure { value, interval, basis, support } => {
                span.value { (prose(value)) }
                @if let Some(mark) = mark(*support) { span.mark { (mark) } }
                @if !interval.is_empty() { span.interval { (interval) } }
                @if !basis.is_empty() { span.basis { (basis) } }
            },
        }
    }
}
