//! Where a user says that a gallery is.

use std::ffi::OsStr;
use std::fmt;
use std::path::{Path, PathBuf};

use super::{AnyStore, Contents, SqliteStore};
#[cfg(feature = "postgres")]
use super::{PostgresAddress, PostgresStore};
use crate::error::Error;
use crate::records::NewGeneration;

/// Where a gallery is kept. It is shown without a password.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Place {
    /// In a file.
    File(PathBuf),
    /// In a database.
    #[cfg(feature = "postgres")]
    Postgres(PostgresAddress),
}

impl Place {
    /// Reads what a user named: an address that begins with `postgres://` or `postgresql://`, or the path of a file.
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] for an address that cannot be, and for every address without the feature `postgres`.
    pub fn parse(named: &OsStr) -> Result<Self, Error> {
        let address = named.to_str().filter(|named| {
            ["postgres://", "postgresql://"]
                .iter()
                .any(|scheme| named.starts_with(scheme))
        });
        match address {
            #[cfg(feature = "postgres")]
            Some(address) => PostgresAddress::parse(address).map(Self::Postgres),
            #[cfg(not(feature = "postgres"))]
            Some(_) => Err(Error::Argument {
                argument: "the gallery",
                expected: "a file, since this program was built without the feature `postgres`",
                found: "an address of PostgreSQL".to_owned(),
            }),
            None => Ok(Self::File(named.into())),
        }
    }

    /// With a password for the database, unless the address has one; files have none.
    #[must_use]
    #[cfg_attr(not(feature = "postgres"), expect(unused_variables))]
    pub fn with_password(self, password: &str) -> Self {
        match self {
            #[cfg(feature = "postgres")]
            Self::Postgres(address) if !address.has_password() => {
                Self::Postgres(address.with_password(password))
            }
            other => other,
        }
    }

    /// Opens the gallery.
    ///
    /// # Errors
    ///
    /// As [`SqliteStore::open`] and `PostgresStore::open`.
    pub fn open(&self) -> Result<AnyStore, Error> {
        Ok(match self {
            Self::File(path) => Box::new(SqliteStore::open(path)?),
            #[cfg(feature = "postgres")]
            Self::Postgres(address) => Box::new(PostgresStore::open(address)?),
        })
    }

    /// Makes a new gallery.
    ///
    /// # Errors
    ///
    /// As [`SqliteStore::create`] and `PostgresStore::create`.
    pub fn create(&self, first: &NewGeneration, now_ms: i64) -> Result<AnyStore, Error> {
        Ok(match self {
            Self::File(path) => Box::new(SqliteStore::create(path, first, now_ms)?),
            #[cfg(feature = "postgres")]
            Self::Postgres(address) => Box::new(PostgresStore::create(address, first, now_ms)?),
        })
    }

    /// Makes a new gallery that holds what another one held.
    ///
    /// # Errors
    ///
    /// As [`SqliteStore::create_from`] and `PostgresStore::create_from`.
    pub fn create_from(&self, contents: &Contents) -> Result<AnyStore, Error> {
        Ok(match self {
            Self::File(path) => Box::new(SqliteStore::create_from(path, contents)?),
            #[cfg(feature = "postgres")]
            Self::Postgres(address) => Box::new(PostgresStore::create_from(address, contents)?),
        })
    }

    /// Whether there is a gallery, or a file of any kind.
    ///
    /// # Errors
    ///
    /// [`Error::Unreachable`], [`Error::FutureFormat`], [`Error::Database`] of a database.
    pub fn exists(&self) -> Result<bool, Error> {
        match self {
            Self::File(path) => Ok(path.symlink_metadata().is_ok()),
            #[cfg(feature = "postgres")]
            Self::Postgres(address) => match PostgresStore::open(address) {
                Ok(_) => Ok(true),
                Err(Error::NoSuchGallery { .. }) => Ok(false),
                Err(other) => Err(other),
            },
        }
    }

    /// What the gallery is called: the file without its ending, or its name in the database.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::File(path) => path.file_stem()?.to_str(),
            #[cfg(feature = "postgres")]
            Self::Postgres(address) => Some(address.gallery()),
        }
    }

    /// The file, if it is one.
    #[must_use]
    pub fn file(&self) -> Option<&Path> {
        match self {
            Self::File(path) => Some(path),
            #[cfg(feature = "postgres")]
            Self::Postgres(_) => None,
        }
    }

    /// As errors show it, and [`Store::path`](crate::Store::path).
    #[must_use]
    pub fn shown(&self) -> PathBuf {
        match self {
            Self::File(path) => path.clone(),
            #[cfg(feature = "postgres")]
            Self::Postgres(address) => address.shown(),
        }
    }
}

impl From<PathBuf> for Place {
    fn from(file: PathBuf) -> Self {
        Self::File(file)
    }
}

impl From<&Path> for Place {
    fn from(file: &Path) -> Self {
        Self::File(file.to_owned())
    }
}

#[cfg(feature = "postgres")]
impl From<PostgresAddress> for Place {
    fn from(address: PostgresAddress) -> Self {
        Self::Postgres(address)
    }
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.shown().display())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_begins_like_an_address_is_one_and_all_else_is_a_file() {
        for file in ["staff.db", "postgres", "./postgres://x", "Postgres://x", ""] {
            let place = Place::parse(file.as_ref()).unwrap();
            assert_eq!(place.file(), Some(Path::new(file)));
            assert_eq!(place.clone().with_password("secret").to_string(), file);
        }
        assert_eq!(Place::from(Path::new("a/staff.db")).name(), Some("staff"));
    }

    #[cfg(feature = "postgres")]
    #[test]
    fn a_password_that_is_given_goes_where_there_is_none() {
        let parse = |address: &str| Place::parse(address.as_ref()).unwrap();
        for (said, kept) in [("ada", "given"), ("ada:said", "said")] {
            let said = parse(&format!("postgresql://{said}@localhost/x?gallery=staff"));
            let Place::Postgres(address) = said.with_password("given") else {
                panic!("an address is taken for a file");
            };
            assert_eq!(address.config().get_password(), Some(kept.as_bytes()));
            assert_eq!(address.gallery(), "staff");
        }
    }

    #[cfg(not(feature = "postgres"))]
    #[test]
    fn without_the_feature_an_address_is_refused() {
        let error = Place::parse("postgres://localhost/x?gallery=a".as_ref()).unwrap_err();
        assert!(
            error.to_string().contains("the feature `postgres`"),
            "{error}"
        );
    }
}
