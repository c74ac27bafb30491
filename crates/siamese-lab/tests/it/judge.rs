//! Judging a model that something else than libtorch computes.

use std::fs;
use std::path::Path;

use ndarray::{Array2, s};
use siamese_lab::{
    Beside, CrossvalRecord, Data, EvalSettings, Evaluation, Experiment, Figures, Judges, Quiet,
    ReportFiles, RunRecord, judge_crossval, people_sha256,
};
use siamese_net::{
    EmbeddingModel, Engine, Error, ImageStack, Provenance, Recipe, Threshold, write_atomically,
};
use siamese_report::{Outcome, Report, Role};
use tempfile::TempDir;

const RECIPE: &str = r#"name = "quadrants"
seed = 3
[protocol]
name = "k-fold:4"
[pairs]
per_kind = 30
[encoder]
input = [1, 8, 8]
layers = ["flatten", { dense = 4 }]
[loss]
kind = "contrastive"
[optimizer]
kind = "adam"
lr = 0.003
[train]
epochs = 1
batch = 16
"#;

/// Embeds an image as the mean of each of its quarters, 0..1.
#[derive(Clone)]
struct Quadrants {
    recipe: Recipe,
    threshold: Option<Threshold>,
    provenance: Provenance,
    /// As before training: it sees only the last three bits of a pixel.
    untrained: bool,
    /// Rows that it leaves out.
    lost: usize,
}

impl EmbeddingModel for Quadrants {
    fn recipe(&self) -> &Recipe {
        &self.recipe
    }

    fn threshold(&self) -> Option<&Threshold> {
        self.threshold.as_ref()
    }

    fn provenance(&self) -> &Provenance {
        &self.provenance
    }

    fn engine(&self) -> Engine {
        Engine::on_cpu("quarters", "0.7")
    }

    fn embeddings(&self, images: &ImageStack, numbers: &[i64]) -> Result<Array2<f32>, Error> {
        let pixels = images.to_array(numbers)?;
        let (n, _, height, width) = pixels.dim();
        let (middle, centre) = (height / 2, width / 2);
        let mean = |(image, quarter): (usize, usize)| {
            let (y, x) = (quarter / 2 * middle, quarter % 2 * centre);
            let part = pixels.slice(s![image, 0, y..y + middle, x..x + centre]);
            let seen = |&pixel: &u8| f32::from(if self.untrained { pixel % 8 } else { pixel });
            part.map(seen).mean().unwrap_or(0.0) / 255.0
        };
        Ok(Array2::from_shape_fn((n - self.lost, 4), mean))
    }

    fn untrained(&self) -> Result<Option<Box<dyn EmbeddingModel>>, Error> {
        let began = || -> Box<dyn EmbeddingModel> {
            Box::new(Self {
                untrained: true,
                ..self.clone()
            })
        };
        Ok((self.provenance.epoch == 1).then(began))
    }
}

/// Eight subjects with four images each: a subject is told by how bright its quarters are.
fn faces() -> TempDir {
    let place = TempDir::new().unwrap();
    for subject in 0..8_usize {
        let folder = place.path().join(format!("faces/p{subject}"));
        fs::create_dir_all(&folder).unwrap();
        for image in 0..4_usize {
            let at = |y: usize, x: usize| {
                let quarter = y / 4 * 2 + x / 4;
                let bright = 20 + 30 * ((subject * (quarter + 2) + quarter) % 7);
                bright + (5 * image + 11 * y + 17 * x * (image + 1)) % 40
            };
            let pixels = (0..8).flat_map(|y| (0..8).map(move |x| at(y, x) as u8));
            let mut file = b"P5\n8 8\n255\n".to_vec();
            file.extend(pixels);
            fs::write(folder.join(format!("{image}.pgm")), file).unwrap();
        }
    }
    place
}

/// As it would be trained on a fold of these images.
fn quadrants(data: &Data, fold: usize, epoch: u32) -> Quadrants {
    let recipe = Recipe::parse(RECIPE, "quadrants", &[format!("protocol.fold={fold}")]).unwrap();
    let experiment = Experiment::new(&recipe, &data.catalog).unwrap();
    let images = data.load(&recipe).unwrap().stack;
    Quadrants {
        recipe,
        threshold: Some(Threshold {
            value: 0.15,
            source: "a guess".to_owned(),
        }),
        provenance: Provenance {
            siamese: "0".to_owned(),
            libtorch: "none".to_owned(),
            device: "cpu".to_owned(),
            epoch,
            data_sha256: images.sha256().to_owned(),
            people_sha256: Some(people_sha256(&experiment.known)),
            origin: None,
        },
        untrained: false,
        lost: 0,
    }
}

fn evaluation(place: &Path, model: Quadrants) -> Result<Evaluation, siamese_lab::Error> {
    let faces = place.join("faces");
    let settings = EvalSettings::new("quarters.bin", &faces);
    let data = Data::find(&faces)?;
    Evaluation::of(&settings, Box::new(model), data, &mut Quiet)
}

fn untrained(report: &Report) -> Option<&Outcome> {
    let methods = report.methods.iter();
    let mut found = methods.filter(|method| method.role == Role::Untrained);
    found.next().map(|method| &method.outcome)
}

#[test]
fn a_model_of_another_engine_is_judged_to_a_whole_report() {
    let place = faces();
    let data = Data::find(place.path().join("faces")).unwrap();
    let model = evaluation(place.path(), quadrants(&data, 1, 1)).unwrap();
    let figures = model.figures().unwrap();
    // Two subjects of four images.
    assert_eq!(
        (figures.people, figures.genuine, figures.impostor),
        (2, 12, 16)
    );
    assert_eq!(figures.threshold, Some(0.15));
    let scores = String::from_utf8(model.scores().unwrap()).unwrap();
    assert_eq!(scores.lines().count(), 1 + 12 + 16);

    let report = model.report(Beside::Everything).unwrap();
    let fact = |name: &str| {
        let mut facts = report.facts.iter();
        facts
            .find(|fact| fact.name == name)
            .map(|fact| &fact.value[..])
    };
    assert_eq!(fact("quarters"), Some("0.7"));
    assert_eq!(fact("judged on"), Some("cpu"));
    assert!(
        report
            .methods
            .iter()
            .any(|method| method.role == Role::Classical)
    );
    let Some(Outcome::Figures(before)) = untrained(&report) else {
        panic!("{:?}", untrained(&report));
    };
    let before = before.eer.as_ref().unwrap().value;
    assert!(figures.eer.unwrap() < before, "{:?} {before}", figures.eer);
    assert!(report.map.is_some() && !report.thresholds.is_empty());

    ReportFiles::of(place.path()).write(&report).unwrap();
    let page = fs::read_to_string(place.path().join("report.html")).unwrap();
    assert!(page.contains("quadrants on k-fold:4"), "{page}");
}

#[test]
fn an_engine_that_draws_no_weights_is_judged_without_them() {
    let place = faces();
    let data = Data::find(place.path().join("faces")).unwrap();
    let of = |epoch| {
        let model = evaluation(place.path(), quadrants(&data, 0, epoch)).unwrap();
        model.report(Beside::Everything).unwrap()
    };
    let report = of(2);
    let Some(Outcome::Unavailable(reason)) = untrained(&report) else {
        panic!("{:?}", untrained(&report));
    };
    assert!(reason.contains("random weights"), "{reason}");
    // What was never trained is not set beside itself.
    assert!(untrained(&of(0)).is_none());
}

#[test]
fn a_threshold_is_the_models_or_one_that_is_given() {
    let place = faces();
    let faces = place.path().join("faces");
    let data = || Data::find(&faces).unwrap();
    let model = Quadrants {
        threshold: None,
        ..quadrants(&data(), 0, 1)
    };
    let error = evaluation(place.path(), model.clone()).err().unwrap();
    assert!(error.to_string().contains("holds no threshold"), "{error}");
    let mut settings = EvalSettings::new("quarters.bin", &faces);
    settings.threshold = Some(0.25);
    settings.judges = Judges::EveryPair;
    let model = Evaluation::of(&settings, Box::new(model), data(), &mut Quiet).unwrap();
    let figures = model.figures().unwrap();
    assert_eq!(figures.threshold, Some(0.25));
    assert_eq!(figures.threshold_source, "--threshold");
    assert_eq!(figures.people, 8);
}

#[test]
fn an_engine_that_loses_images_is_found_out() {
    let place = faces();
    let data = Data::find(place.path().join("faces")).unwrap();
    let model = Quadrants {
        lost: 1,
        ..quadrants(&data, 0, 1)
    };
    let error = evaluation(place.path(), model).unwrap().figures();
    let error = error.unwrap_err().to_string();
    assert!(
        error.contains("8 images") && error.contains("7 embeddings"),
        "{error}"
    );
}

#[test]
fn folds_that_another_engine_opens_are_judged_together() {
    let place = faces();
    let faces = place.path().join("faces");
    let data = Data::find(&faces).unwrap();
    let out = place.path().join("folds");
    let folds: Vec<Quadrants> = (0..4).map(|fold| quadrants(&data, fold, 1)).collect();
    for (fold, model) in folds.iter().enumerate() {
        let folder = out.join(format!("fold-{fold}"));
        fs::create_dir_all(&folder).unwrap();
        let figures = evaluation(place.path(), model.clone()).unwrap().figures();
        let text = serde_json::to_vec(&record(&data, model, figures.unwrap())).unwrap();
        write_atomically(&folder.join("figures.json"), &text).unwrap();
    }
    let recipe = &folds[0].recipe;
    let protocol = recipe.protocol.name.parse().unwrap();
    let record = CrossvalRecord::new(recipe, &protocol, 4, &faces);
    let open = |path: &Path| -> Result<Box<dyn EmbeddingModel>, siamese_lab::Error> {
        let fold = (0..4).find(|fold| path.parent().unwrap().ends_with(format!("fold-{fold}")));
        Ok(Box::new(folds[fold.unwrap()].clone()))
    };
    let judged = judge_crossval(&out, &record, &data, open, &mut Quiet).unwrap();
    assert_eq!(judged.records.len(), 4);
    assert_eq!(judged.figures.pooled.genuine, 4 * 12);
    assert_eq!(judged.figures.pooled.impostor, 4 * 16);
    assert_eq!(judged.report.folds.len(), 4);

    // A fold of another recipe does not go with the others.
    let other = |path: &Path| {
        let mut model = folds[usize::from(path.parent().unwrap().ends_with("fold-1"))].clone();
        model.recipe.train.batch += u32::from(path.parent().unwrap().ends_with("fold-1")) as usize;
        let model: Box<dyn EmbeddingModel> = Box::new(model);
        Ok(model)
    };
    let error = judge_crossval(&out, &record, &data, other, &mut Quiet).unwrap_err();
    assert!(error.to_string().contains("fold-1"), "{error}");
}

/// What the run of a fold says of itself.
fn record(data: &Data, model: &Quadrants, figures: Figures) -> RunRecord {
    let recipe = &model.recipe;
    let record = serde_json::json!({
        "recipe": recipe.name,
        "seed": recipe.seed,
        "protocol": recipe.protocol.name,
        "fold": recipe.protocol.fold,
        "run": "fold",
        "data": "faces",
        "epochs": 1,
        "seconds": 1.0,
        "device": "cpu",
        "threads": 1,
        "siamese": "0",
        "libtorch": "none",
        "data_sha256": model.provenance.data_sha256,
        "pairs_sha256": Experiment::new(recipe, &data.catalog).unwrap().sha256(),
        "figures": figures,
    });
    serde_json::from_value(record).unwrap()
}
