//! Writes a made-up report to look at: `cargo run -p siamese-report --example made_up_report -- FOLDER [KIND]`.
//!
//! KIND is `usual` (the default), `good`, `small` (one fold, two people), `large` (400 people), `alone` (no other
//! method, nothing but the decision) or `hostile` (long names, people of the test trained on).

#[path = "../tests/it/made_up/mod.rs"]
mod made_up;

use std::error::Error;
use std::path::PathBuf;

use made_up::{Size, alone, hostile, report, usual};
use siamese_report::{Report, html, json, markdown, plots, text};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = PathBuf::from(arguments.next().ok_or("give the folder to write to")?);
    let kind = arguments.next().unwrap_or_else(|| "usual".to_owned());
    let report = of_kind(&kind).ok_or_else(|| format!("there is no kind `{kind}` of report"))?;
    std::fs::create_dir_all(&folder)?;
    std::fs::write(folder.join("report.html"), html(&report))?;
    std::fs::write(folder.join("report.md"), markdown(&report))?;
    std::fs::write(folder.join("report.txt"), text(&report))?;
    std::fs::write(folder.join("report.json"), json(&report)?)?;
    for (name, svg) in plots(&report) {
        std::fs::write(folder.join(format!("{name}.svg")), svg)?;
    }
    Ok(())
}

fn of_kind(kind: &str) -> Option<Report> {
    let size = |people, folds, separation| Size {
        people,
        folds,
        separation,
        ..Size::usual()
    };
    Some(match kind {
        "usual" => usual(),
        "good" => report(&size(400, 1, 6.5)),
        "small" => report(&size(2, 1, 2.0)),
        "large" => report(&size(400, 10, 3.4)),
        "alone" => alone(),
        "hostile" => hostile(),
        _ => return None,
    })
}
