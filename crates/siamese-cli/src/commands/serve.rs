//! `siamese serve`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use siamese_lab::model_file;
use siamese_serve::{Server, Settings};
use siamese_use::{EnrolSettings, Opened, QualityLimits, enrol, entries_of_folder};
use tempfile::TempDir;

use super::people::now_ms;
use crate::args::ServeArgs;
use crate::output::{Output, print};

/// The model for demonstrations, in the repository.
const DEMO_MODEL: &str = "assets/demo.safetensors";

/// People in the gallery for demonstrations; the others are strangers.
const DEMO_PEOPLE: usize = 30;

pub(crate) fn run(args: &ServeArgs, output: Output) -> Result<()> {
    let mut settings = Settings::new(args.listen, args.gallery.clone());
    settings.hosts.clone_from(&args.host);
    settings.galleries_folder.clone_from(&args.galleries);
    settings.models = models(&args.model)?;
    settings.model = args
        .model
        .first()
        .map(|path| model_file(path))
        .transpose()?;
    settings.keys.clone_from(&args.keys);
    settings.audit.clone_from(&args.audit);
    settings.keep_pictures = args.keep_pictures;
    settings.limits.rate = args.rate;
    settings.limits.burst = args.rate.saturating_mul(2);
    if let Some(threads) = args.threads {
        settings.threads = threads.into();
    }
    // Deleted with its folder when this returns.
    let demo = args.demo.as_deref();
    let demo = demo.map(|faces| demonstration(faces, settings.model.as_deref(), output));
    let demo = demo.transpose()?;
    if let Some((_, gallery)) = &demo {
        settings.galleries.push(gallery.as_path().into());
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("cannot start threads")?;
    runtime.block_on(async {
        let stop = stopped()?;
        let log = move |line: &str| output.note(line);
        let server = Server::bind(settings, log).await?;
        // Programs that start it wait for this line.
        print(&match output.json {
            true => format!("{{\"listening\": \"http://{}/\"}}", server.address()),
            false => format!("listening on http://{}/", server.address()),
        })?;
        server.run(stop).await;
        Ok(())
    })
}

/// Models by the names of their files, or of the folders of their runs.
fn models(paths: &[PathBuf]) -> Result<BTreeMap<String, PathBuf>> {
    let mut models = BTreeMap::new();
    for path in paths {
        let name = match path.is_dir() {
            true => path.file_name(),
            false => path.file_stem(),
        };
        let Some(name) = name.and_then(|name| name.to_str()) else {
            bail!("{}: a model needs a name", path.display());
        };
        if models.insert(name.to_owned(), model_file(path)?).is_some() {
            bail!(
                "two models are called {name:?}, as their files or folders are: rename one of them"
            );
        }
    }
    Ok(models)
}

/// Done when the terminal or the system asks for the end.
fn stopped() -> Result<impl Future<Output = ()>> {
    use tokio::signal;
    #[cfg(unix)]
    let mut terminated = signal::unix::signal(signal::unix::SignalKind::terminate())
        .context("cannot wait for SIGTERM")?;
    Ok(async move {
        #[cfg(unix)]
        tokio::select! {
            _ = signal::ctrl_c() => {}
            _ = terminated.recv() => {}
        }
        #[cfg(not(unix))]
        let _ = signal::ctrl_c().await;
    })
}

/// A gallery of the first picture of each of the first people in a folder.
fn demonstration(faces: &Path, model: Option<&Path>, output: Output) -> Result<(TempDir, PathBuf)> {
    let model = model.unwrap_or(Path::new(DEMO_MODEL));
    for (path, get) in [
        (
            model,
            "start it in the folder of the repository, or name a model with --model",
        ),
        (
            faces,
            "fetch the AT&T faces (python3 scripts/fetch_orl.py), or name another folder",
        ),
    ] {
        if !path.exists() {
            bail!("there is no {}: {get}", path.display());
        }
    }
    let folder = tempfile::tempdir().context("cannot make a temporary folder")?;
    let path = folder.path().join("demo.db");
    let mut opened =
        Opened::open_or_create(&path.as_path().into(), Some(model), u64::MAX, now_ms())?;
    let mut entries = entries_of_folder(faces)?;
    // One picture of each, as on a badge; the others are there to be identified.
    entries.sort_by(|a, b| pairgen::compare_paths(&a.path, &b.path));
    entries.dedup_by(|one, before| one.person.external_id == before.person.external_id);
    entries.truncate(DEMO_PEOPLE);
    let mut settings = EnrolSettings::new(QualityLimits::usual(
        opened.embedder.recipe(),
        opened.embedder.domain(),
    ));
    settings.keep_pictures = true;
    let (gallery, embedder) = (&mut opened.gallery, &opened.embedder);
    let done = enrol(
        gallery,
        embedder,
        &entries,
        &settings,
        now_ms(),
        &mut |_| {},
    )?;
    output.note(format_args!(
        "{} people, by the first picture of each in {}; whoever else is there is a stranger",
        done.people,
        faces.display()
    ));
    Ok((folder, path))
}
