//! The file of keys.

use std::io::Write;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::{Key, Scope};
use crate::error::Error;
use crate::hex::hex;

/// Every key begins with it, so that programs that look for leaked keys know one.
const BEGINS: &str = "siamese_";

/// The keys of a server, in a file that its owner alone may read.
///
/// A secret is 256 random bits, so its SHA-256 is enough: nobody finds it by trying, as they would a password, and there is
/// nothing for a slow or salted hash to slow down.
#[derive(Debug, Clone)]
pub struct KeyFile {
    path: PathBuf,
    kept: Kept,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    keys: Vec<Key>,
}

/// A key that has just been made.
#[derive(Clone)]
#[non_exhaustive]
pub struct NewKey {
    /// What names it.
    pub id: String,
    /// The key, as it is given with `Authorization: Bearer`. It cannot be shown again.
    pub key: String,
}

impl std::fmt::Debug for NewKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("NewKey")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

impl KeyFile {
    /// Reads the keys.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::Keys`].
    pub fn read(path: &Path) -> Result<Self, Error> {
        let bytes = std::fs::read(path).map_err(|source| io("read", path, source))?;
        let kept = serde_json::from_slice(&bytes).map_err(|error| Error::Keys {
            path: path.to_owned(),
            line: error.line(),
            what: error.to_string(),
        })?;
        Ok(Self {
            path: path.to_owned(),
            kept,
        })
    }

    /// Reads the keys; none where there is no file yet.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn read_or_new(path: &Path) -> Result<Self, Error> {
        match path.symlink_metadata() {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Self {
                path: path.to_owned(),
                kept: Kept::default(),
            }),
            _ => Self::read(path),
        }
    }

    /// The keys, oldest first.
    #[must_use]
    pub fn keys(&self) -> &[Key] {
        &self.kept.keys
    }

    /// Makes a key and writes the file; `galleries` names those that it is for, none for all.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::System`] where there is no randomness to be had.
    pub fn add(
        &mut self,
        label: &str,
        scope: Scope,
        galleries: &[String],
        now_ms: i64,
    ) -> Result<NewKey, Error> {
        let id = hex(&random::<6>()?);
        let secret = URL_SAFE_NO_PAD.encode(random::<32>()?);
        self.kept.keys.push(Key {
            id: id.clone(),
            label: label.to_owned(),
            sha256: hex(&Sha256::digest(secret.as_bytes())),
            scope,
            galleries: (!galleries.is_empty()).then(|| galleries.iter().cloned().collect()),
            created_ms: now_ms,
        });
        self.write()?;
        let key = format!("{BEGINS}{id}_{secret}");
        Ok(NewKey { id, key })
    }

    /// Takes a key away and writes the file. A server that runs takes it in within a second.
    ///
    /// # Errors
    /// [`Error::NoKey`], [`Error::Io`].
    pub fn revoke(&mut self, id: &str) -> Result<(), Error> {
        let before = self.kept.keys.len();
        self.kept.keys.retain(|key| key.id != id);
        if self.kept.keys.len() == before {
            return Err(Error::NoKey {
                path: self.path.clone(),
                id: id.to_owned(),
            });
        }
        self.write()
    }

    /// The kept key that somebody gave; compared in constant time.
    #[must_use]
    pub fn find(&self, given: &str) -> Option<&Key> {
        let (id, secret) = given.strip_prefix(BEGINS)?.split_once('_')?;
        let digest = hex(&Sha256::digest(secret.as_bytes()));
        let key = self.kept.keys.iter().find(|key| key.id == id)?;
        bool::from(digest.as_bytes().ct_eq(key.sha256.as_bytes())).then_some(key)
    }

    /// Whole or not at all, for its owner alone.
    fn write(&self) -> Result<(), Error> {
        let wrong = |source| io("write", &self.path, source);
        let folder = match self.path.parent() {
            Some(folder) if folder != Path::new("") => folder,
            _ => Path::new("."),
        };
        // A temporary file is its owner's alone.
        let mut file = tempfile::NamedTempFile::new_in(folder).map_err(wrong)?;
        let text = serde_json::to_vec_pretty(&self.kept).map_err(|error| wrong(error.into()))?;
        file.write_all(&text).map_err(wrong)?;
        file.as_file().sync_all().map_err(wrong)?;
        file.persist(&self.path)
            .map_err(|error| wrong(error.error))?;
        Ok(())
    }
}

/// Random bytes.
pub(super) fn random<const N: usize>() -> Result<[u8; N], Error> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| Error::System {
        what: "random bytes",
        why: error.to_string(),
    })?;
    Ok(bytes)
}

fn io(action: &'static str, path: &Path, source: std::io::Error) -> Error {
    Error::Io {
        action,
        path: path.to_owned(),
        source,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_found_by_itself_alone_and_gone_when_revoked() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys.json");
        let mut keys = KeyFile::read_or_new(&path).unwrap();
        let door = keys
            .add("door", Scope::Read, &["staff".to_owned()], 1)
            .unwrap();
        let desk = keys.add("desk", Scope::Enrol, &[], 2).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(!text.contains(door.key.rsplit_once('_').unwrap().1));

        let mut read = KeyFile::read(&path).unwrap();
        assert_eq!(read.find(&door.key).unwrap().id, door.id);
        assert_eq!(read.find(&desk.key).unwrap().label, "desk");
        let swapped = desk.key.replace(&desk.id, &door.id);
        for wrong in ["", "siamese_", &swapped, &door.key[..door.key.len() - 1]] {
            assert!(read.find(wrong).is_none(), "{wrong}");
        }
        read.revoke(&door.id).unwrap();
        assert!(KeyFile::read(&path).unwrap().find(&door.key).is_none());
        assert!(matches!(read.revoke(&door.id), Err(Error::NoKey { .. })));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(
                std::fs::metadata(&path).unwrap().permissions().mode() & 0o777,
                0o600
            );
        }
    }

    #[test]
    fn a_scope_allows_those_below_it_in_its_galleries() {
        let folder = tempfile::tempdir().unwrap();
        let mut keys = KeyFile::read_or_new(&folder.path().join("keys.json")).unwrap();
        keys.add("", Scope::Enrol, &["staff".to_owned()], 1)
            .unwrap();
        let key = &keys.keys()[0];
        assert!(key.allows(Scope::Read, Some("staff")) && key.allows(Scope::Enrol, None));
        assert!(
            !key.allows(Scope::Admin, Some("staff")) && !key.allows(Scope::Read, Some("other"))
        );
    }
}
