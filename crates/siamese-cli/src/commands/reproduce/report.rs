//! The table beside the published figures, as text, Markdown, JSON and a picture.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use siamese_lab::{Figures, Job, Panel, RunRecord, Spread, distance_histograms};
use siamese_net::write_atomically;
use siamese_report::{Measured, Method, MethodFigures};
use verification_figures::{Direction, Scores};

use crate::output::table;

/// Precision at 0.5 that the recipe's text reports, as "accuracy".
const PUBLISHED_TEXT: f64 = 0.9779;
/// The same figure in the stored output of the recipe's notebook.
const PUBLISHED_NOTEBOOK: f64 = 0.9258;
/// Distance at which the recipe decides.
const THRESHOLD: f64 = 0.5;

/// A line of the table.
#[derive(Debug, Clone, Serialize)]
struct Line {
    what: String,
    /// What the recipe calls accuracy.
    precision: Option<Spread>,
    accuracy: Option<Spread>,
    balanced_accuracy: Option<Spread>,
    eer: Option<Spread>,
    auc: Option<Spread>,
}

#[derive(Debug, Serialize)]
pub(super) struct Report {
    quick: bool,
    threshold: f64,
    lines: Vec<Line>,
    verdict: String,
    runs: Vec<RunRecord>,
    #[serde(skip)]
    remembered: Distances,
    #[serde(skip)]
    unseen: Distances,
}

/// Distances of genuine and of impostor pairs.
#[derive(Debug, Default)]
struct Distances {
    genuine: Vec<f32>,
    impostor: Vec<f32>,
}

impl Report {
    /// Reads what the trainings left: both readings on the split of pairs, and the folds, which `judged` reports on.
    pub(super) fn gather(
        readings: &[Job],
        folds: &[Job],
        judged: &siamese_report::Report,
        quick: bool,
    ) -> Result<Self> {
        let read = |jobs: &[Job]| -> Result<Vec<RunRecord>, siamese_lab::Error> {
            jobs.iter()
                .map(|job| RunRecord::read(&job.folder))
                .collect()
        };
        let (mut runs, of_folds) = (read(readings)?, read(folds)?);
        let mut remembered = Distances::default();
        let mut unseen = Distances::default();
        for (job, run) in readings.iter().zip(&runs) {
            if run.recipe == "seed" {
                remembered.add(&job.folder)?;
            }
        }
        for job in folds {
            unseen.add(&job.folder)?;
        }
        let of = |reading: &str| -> Vec<&RunRecord> {
            runs.iter().filter(|run| run.recipe == reading).collect()
        };
        let seeds = of("seed").len();
        let mut lines = vec![
            Line::published("published: the text", PUBLISHED_TEXT),
            Line::published("published: the notebook's output", PUBLISHED_NOTEBOOK),
        ];
        for reading in ["seed", "seed-literal"] {
            lines.push(Line::of_runs(
                &format!("{reading}, people it was trained on ({seeds} seeds)"),
                &of(reading),
            ));
        }
        let pooled = Line::pooled(
            "seed, people it never saw (8 folds pooled)",
            &unseen,
            judged,
        )?;
        let verdict = format!(
            "{} {}",
            verdict(&lines[2], &pooled),
            siamese_report::verdict(judged).comparison
        );
        lines.push(pooled);
        lines.push(Line::of_runs(
            "seed, people it never saw (mean of 8 folds)",
            &of_folds.iter().collect::<Vec<_>>(),
        ));
        lines.extend(judged.methods.iter().skip(1).map(Line::beside));
        runs.extend(of_folds);
        Ok(Self {
            quick,
            threshold: THRESHOLD,
            lines,
            verdict,
            runs,
            remembered,
            unseen,
        })
    }

    /// For the terminal.
    pub(super) fn text(&self) -> String {
        let mut rows = vec![HEAD.map(str::to_owned).to_vec()];
        rows.extend(self.lines.iter().map(Line::cells));
        format!("{}\n{}{}", table(&rows), self.quick_note(), self.verdict)
    }

    /// Writes `report.md`, `report.json`, `distances.svg` and `distances.png`.
    pub(super) fn write(&self, folder: &Path) -> Result<()> {
        let json = serde_json::to_string_pretty(self)?;
        write_atomically(&folder.join("report.json"), json.as_bytes())?;
        write_atomically(&folder.join("report.md"), self.markdown().as_bytes())?;
        for ending in ["svg", "png"] {
            distance_histograms(
                &folder.join(format!("distances.{ending}")),
                &[
                    self.remembered.panel("people it was trained on"),
                    self.unseen.panel("people it never saw"),
                ],
                THRESHOLD,
            )?;
        }
        Ok(())
    }

    fn quick_note(&self) -> &'static str {
        if self.quick {
            "A quick run of two epochs: the figures mean nothing.\n"
        } else {
            ""
        }
    }

    fn markdown(&self) -> String {
        let mut text = format!(
            "# The classic recipe, reproduced\n\n{}{}\n\n",
            self.quick_note(),
            self.verdict
        );
        let row = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
        text.push_str(&row(&HEAD.map(str::to_owned)));
        text.push_str(&row(&HEAD.map(|_| "---".to_owned())));
        for line in &self.lines {
            text.push_str(&row(&line.cells()));
        }
        text.push_str(
            "\nPrecision at 0.5 is what the recipe calls accuracy: of the pairs that it says show one person, the \
             share that do. It says nothing of the pairs that it misses, and it moves with the share of genuine pairs \
             in the test: half of the pairs in the first lines, 18 % where all pairs of unseen people are compared. \
             EER, AUC and balanced accuracy do not.\n\n![Distances](distances.svg)\n\n## Runs\n\n",
        );
        let head = [
            "run",
            "recipe",
            "seed",
            "protocol",
            "fold",
            "epochs",
            "seconds",
            "precision",
            "accuracy",
            "EER",
            "AUC",
        ];
        text.push_str(&row(&head.map(str::to_owned)));
        text.push_str(&row(&head.map(|_| "---".to_owned())));
        for run in &self.runs {
            let figure = |value: Option<f64>| {
                value.map_or_else(|| "-".to_owned(), |value| format!("{value:.4}"))
            };
            text.push_str(&row(&[
                run.run.clone(),
                run.recipe.clone(),
                run.seed.to_string(),
                run.protocol.clone(),
                run.fold.to_string(),
                run.epochs.to_string(),
                format!("{:.1}", run.seconds),
                figure(run.figures.precision),
                figure(run.figures.accuracy),
                figure(run.figures.eer),
                figure(run.figures.auc),
            ]));
        }
        text.push_str("\n## Behind them\n\n");
        let mut facts: BTreeMap<String, usize> = BTreeMap::new();
        for run in &self.runs {
            let fact = format!(
                "siamese {}, libtorch {}, {} with {} threads, images with SHA-256 {}",
                run.siamese, run.libtorch, run.device, run.threads, run.data_sha256
            );
            *facts.entry(fact).or_default() += 1;
        }
        for (fact, count) in facts {
            text.push_str(&format!("- {count} runs: {fact}\n"));
        }
        text
    }
}

const HEAD: [&str; 6] = [
    "",
    "precision@0.5",
    "accuracy@0.5",
    "balanced acc.",
    "EER",
    "AUC",
];

impl Line {
    fn published(what: &str, precision: f64) -> Self {
        let precision = Some(Spread {
            mean: precision,
            sd: None,
            n: 1,
        });
        Self {
            what: what.to_owned(),
            precision,
            accuracy: None,
            balanced_accuracy: None,
            eer: None,
            auc: None,
        }
    }

    fn of_runs(what: &str, runs: &[&RunRecord]) -> Self {
        let spread = |figure: fn(&Figures) -> Option<f64>| {
            let values: Option<Vec<f64>> = runs.iter().map(|run| figure(&run.figures)).collect();
            values.and_then(|values| Spread::of(&values))
        };
        Self {
            what: what.to_owned(),
            precision: spread(|figures| figures.precision),
            accuracy: spread(|figures| figures.accuracy),
            balanced_accuracy: spread(|figures| figures.balanced_accuracy),
            eer: spread(|figures| figures.eer),
            auc: spread(|figures| figures.auc),
        }
    }

    /// Decisions at the recipe's one distance, and of figures without a distance those of the folds at equal FMR, as
    /// `judged` has them.
    fn pooled(what: &str, distances: &Distances, judged: &siamese_report::Report) -> Result<Self> {
        let network = judged.methods.first().map(Self::beside);
        let scores = Scores::new(
            Direction::Distance,
            distances.genuine.clone(),
            distances.impostor.clone(),
        )?;
        let at = scores.confusion_at(THRESHOLD)?;
        let one = |value: Option<f64>| value.and_then(|value| Spread::of(&[value]));
        Ok(Self {
            what: what.to_owned(),
            precision: one(at.precision().ok()),
            accuracy: one(at.accuracy().ok()),
            balanced_accuracy: one(at.balanced_accuracy().ok()),
            eer: network.as_ref().and_then(|network| network.eer),
            auc: network.as_ref().and_then(|network| network.auc),
        })
    }

    /// A method that the network is set beside, on the same unseen people. It has no threshold of its own.
    fn beside(method: &Method) -> Self {
        let one = |of: fn(&MethodFigures) -> Option<Measured>| {
            let value = of(method.figures()?)?.value;
            Spread::of(&[value])
        };
        Self {
            what: format!("{}, the same people", method.name),
            precision: None,
            accuracy: None,
            balanced_accuracy: None,
            eer: one(|figures| figures.eer),
            auc: one(|figures| figures.auc),
        }
    }

    fn cells(&self) -> Vec<String> {
        let share = |spread: Option<Spread>| Spread::show(spread, |value| format!("{value:.4}"));
        let percent = |spread: Option<Spread>| {
            Spread::show(spread, |value| format!("{:.2} %", 100.0 * value))
        };
        vec![
            self.what.clone(),
            share(self.precision),
            share(self.accuracy),
            share(self.balanced_accuracy),
            percent(self.eer),
            share(self.auc),
        ]
    }
}

impl Distances {
    /// Adds those of a run's `scores.csv`.
    fn add(&mut self, folder: &Path) -> Result<()> {
        #[derive(Deserialize)]
        struct Row {
            kind: String,
            distance: f32,
        }
        let path = folder.join("scores.csv");
        let mut reader = csv::Reader::from_path(&path)
            .with_context(|| format!("cannot read {}", path.display()))?;
        for row in reader.deserialize() {
            let row: Row = row.with_context(|| format!("cannot read {}", path.display()))?;
            match row.kind.as_str() {
                "genuine" => self.genuine.push(row.distance),
                _ => self.impostor.push(row.distance),
            }
        }
        Ok(())
    }

    fn panel(&self, title: &'static str) -> Panel<'_> {
        Panel {
            title,
            genuine: &self.genuine,
            impostor: &self.impostor,
        }
    }
}

/// What the difference between the two tests means, in one sentence.
fn verdict(seen: &Line, unseen: &Line) -> String {
    let percent = |spread: Option<Spread>| {
        Spread::show(spread.map(|s| Spread { sd: None, ..s }), |v| {
            format!("{:.1} %", 100.0 * v)
        })
    };
    format!(
        "On people it was trained on the network confuses {} of the comparisons where both error rates are equal, on \
         people it never saw {}: the published figure measures how well forty faces are remembered, not how well a \
         stranger is told from another.",
        percent(seen.eer),
        percent(unseen.eer)
    )
}
