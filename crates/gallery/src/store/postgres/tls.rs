//! Encrypted connections.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::error::Error;

/// Whether a connection is encrypted, and whether it is known to whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Encryption {
    None,
    /// To whoever answers.
    Unchecked,
    /// To a server whose certificate is good and bears the host's name; by certificates of a file, or the system's.
    Checked {
        roots: Option<PathBuf>,
    },
}

impl Encryption {
    /// What encrypts, if anything does.
    ///
    /// # Errors
    /// [`Error::Io`] where there are no certificates to trust, [`Error::Argument`].
    pub(super) fn connector(&self) -> Result<Option<MakeRustlsConnect>, Error> {
        let provider = Arc::new(ring::default_provider());
        let versions = ClientConfig::builder_with_provider(provider.clone())
            .with_safe_default_protocol_versions();
        let config = versions.map_err(|error| Error::Argument {
            argument: "the protocols of TLS",
            expected: "TLS 1.2 or 1.3",
            found: error.to_string(),
        })?;
        Ok(Some(MakeRustlsConnect::new(match self {
            Self::None => return Ok(None),
            Self::Unchecked => config
                .dangerous()
                .with_custom_certificate_verifier(Arc::new(Anybody(provider)))
                .with_no_client_auth(),
            Self::Checked { roots } => {
                let roots = match roots {
                    Some(file) => of_file(file)?,
                    None => of_system()?,
                };
                config.with_root_certificates(roots).with_no_client_auth()
            }
        })))
    }
}

fn of_file(file: &Path) -> Result<RootCertStore, Error> {
    let wrong = |source: std::io::Error| Error::Io {
        action: "read the certificates in",
        path: file.to_owned(),
        source,
    };
    let mut roots = RootCertStore::empty();
    let found = CertificateDer::pem_file_iter(file);
    for found in found.map_err(|error| wrong(std::io::Error::other(error)))? {
        let found = found.map_err(|error| wrong(std::io::Error::other(error)))?;
        let added = roots.add(found);
        added.map_err(|error| wrong(std::io::Error::other(error)))?;
    }
    match roots.is_empty() {
        true => Err(wrong(std::io::Error::other(
            "there is none: expected certificates in PEM",
        ))),
        false => Ok(roots),
    }
}

fn of_system() -> Result<RootCertStore, Error> {
    let found = rustls_native_certs::load_native_certs();
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(found.certs);
    if roots.is_empty() {
        let why = found.errors.first().map(ToString::to_string);
        return Err(Error::Argument {
            argument: "the certificates that this system trusts",
            expected: "at least one, or sslrootcert=FILE in the address",
            found: why.unwrap_or_else(|| "none".to_owned()),
        });
    }
    Ok(roots)
}

/// Takes whoever answers for the server, as `sslmode=require` says: only that the connection is theirs is checked.
#[derive(Debug)]
struct Anybody(Arc<CryptoProvider>);

impl ServerCertVerifier for Anybody {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signed, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signed, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
