//! Galleries, people and templates to test with.

use std::path::Path;

use gallery::{
    AnyStore, Fusion, Metric, NewGeneration, NewPerson, NewTemplate, Place, SqliteStore, Store,
};
use tempfile::TempDir;

pub(crate) const NOW: i64 = 1_760_000_000_000;
pub(crate) const DIMENSION: usize = 8;

/// Where the galleries of a test are kept.
pub(crate) struct Home {
    /// For files of the test, and for galleries in files.
    pub(crate) folder: TempDir,
    #[cfg(feature = "postgres")]
    server: Option<(&'static crate::postgres::Server, String)>,
}

impl Home {
    pub(crate) fn in_files() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            #[cfg(feature = "postgres")]
            server: None,
        }
    }

    /// Nothing where there is no server.
    #[cfg(feature = "postgres")]
    pub(crate) fn in_postgres() -> Option<Self> {
        let server = crate::postgres::shared()?;
        let folder = tempfile::tempdir().unwrap();
        // The names of tests are longer than such a thing, and may be the same in two modules.
        let unique = uuid::Uuid::now_v7().to_string();
        Some(Self {
            folder,
            server: Some((server, unique)),
        })
    }

    pub(crate) fn place(&self, name: &str) -> Place {
        #[cfg(feature = "postgres")]
        if let Some((server, unique)) = &self.server {
            return server.place(&format!("{name}-{unique}"));
        }
        self.folder.path().join(format!("{name}.db")).into()
    }

    pub(crate) fn store(&self, name: &str) -> AnyStore {
        self.place(name).create(&generation(), NOW).unwrap()
    }

    pub(crate) fn open(&self, name: &str) -> AnyStore {
        self.place(name).open().unwrap()
    }
}

/// Runs tests, which take their [`Home`], with a gallery in a file and with one in PostgreSQL.
macro_rules! on_each_store {
    ($($test:ident),+ $(,)?) => {
        mod in_a_file {
            $(#[test]
            fn $test() {
                super::$test(&crate::made::Home::in_files());
            })+
        }

        #[cfg(feature = "postgres")]
        mod in_postgres {
            $(#[test]
            fn $test() {
                if let Some(home) = crate::made::Home::in_postgres() {
                    super::$test(&home);
                }
            })+
        }
    };
}
pub(crate) use on_each_store;

pub(crate) fn generation() -> NewGeneration {
    NewGeneration {
        contract: "test model".to_owned(),
        dimension: DIMENSION,
        metric: Metric::Cosine,
        fusion: Fusion::Best,
    }
}

/// A gallery in a file.
pub(crate) fn store(path: &Path) -> SqliteStore {
    SqliteStore::create(path, &generation(), NOW).unwrap()
}

pub(crate) fn person(external_id: &str) -> NewPerson {
    NewPerson {
        external_id: external_id.to_owned(),
        ..NewPerson::default()
    }
}

/// A vector that is like no other number's.
pub(crate) fn vector(number: u64) -> Vec<f32> {
    use rand::{RngExt, SeedableRng};
    let mut draw = rand_chacha::ChaCha8Rng::seed_from_u64(number);
    (0..DIMENSION)
        .map(|_| draw.random_range(-1.0..1.0))
        .collect()
}

/// The template of picture `number`.
pub(crate) fn template(store: &impl Store, person: u64, number: u64) -> NewTemplate {
    NewTemplate {
        person,
        generation: 1,
        vector: vector(number),
        picture: store.digest_key().digest(&number.to_le_bytes()),
        quality: [("sharpness".to_owned(), 0.5)].into(),
    }
}
