//! Folders of empty files, and what a scan makes of them.
use std::fs;
use std::path::{Path, PathBuf};

use pairgen::{Catalog, Error, ScanOptions, ScanReport};
use tempfile::TempDir;

/// A temporary folder with these files, all empty.
pub(crate) fn tree(files: &[&str]) -> TempDir {
    let root = tempfile::tempdir().unwrap();
    for file in files {
        let path = root.path().join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "").unwrap();
    }
    root
}

pub(crate) fn scan(root: &Path) -> Result<(Catalog, ScanReport), Error> {
    Catalog::scan(root, &ScanOptions::default())
}

pub(crate) fn listed(catalog: &Catalog) -> Vec<String> {
    (0..catalog.len() as u32)
        .map(|sample| catalog.relative_path(sample).display().to_string())
        .collect()
}

pub(crate) fn relative(root: &TempDir, paths: &[PathBuf]) -> Vec<String> {
    paths
        .iter()
        .map(|path| {
            path.strip_prefix(root.path())
                .unwrap()
                .display()
                .to_string()
        })
        .collect()
}
