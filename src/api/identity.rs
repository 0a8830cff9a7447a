//! The certificate by which the service proves who it is.

use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};

use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::{self, PemObject};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::{ClientHello, ResolvesServerCert};
use tokio_rustls::rustls::sign::CertifiedKey;
use tokio_rustls::rustls::{self, ServerConfig};

use crate::config::Tls;

/// Why a certificate cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// A file cannot be read, or holds nothing of the kind.
    #[error("{key}: {file}: {why}")]
    Pem {
        /// The key of the configuration.
        key: &'static str,
        /// The file.
        file: String,
        /// Why not.
        why: pem::Error,
    },
    /// There is no certificate in the file.
    #[error("tls.certificate: {0}: no certificate in it")]
    Empty(String),
    /// Certificate and key do not go together, or cannot be used.
    #[error("tls: {0}")]
    Unfit(rustls::Error),
}

/// A certificate and its key, which can be changed while the service runs: new
/// connections get the new one.
#[derive(Debug)]
pub struct Identity {
    files: Tls,
    current: RwLock<Arc<CertifiedKey>>,
}

impl Identity {
    /// Reads the files.
    pub fn read(files: Tls) -> Result<Self, IdentityError> {
        let current = RwLock::new(Arc::new(certified(&files)?));
        Ok(Self { files, current })
    }

    /// Reads the files again; what was before stays when they cannot be used.
    pub fn renew(&self) -> Result<(), IdentityError> {
        let new = Arc::new(certified(&self.files)?);
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = new;
        Ok(())
    }

    /// What shakes hands in its name: TLS 1.2 and 1.3, HTTP/1.1 within.
    pub fn acceptor(self: &Arc<Self>) -> Result<TlsAcceptor, IdentityError> {
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(IdentityError::Unfit)?
            .with_no_client_auth()
            .with_cert_resolver(Arc::clone(self) as Arc<dyn ResolvesServerCert>);
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Arc::new(config).into())
    }
}

impl ResolvesServerCert for Identity {
    fn resolve(&self, _client: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner)))
    }
}

fn certified(files: &Tls) -> Result<CertifiedKey, IdentityError> {
    let pem = |key, file: &Path| {
        let file = file.display().to_string();
        move |why| IdentityError::Pem { key, file, why }
    };
    let chain = CertificateDer::pem_file_iter(&files.certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(pem("tls.certificate", &files.certificate))?;
    if chain.is_empty() {
        return Err(IdentityError::Empty(files.certificate.display().to_string()));
    }
    let key = PrivateKeyDer::from_pem_file(&files.key).map_err(pem("tls.key", &files.key))?;
    CertifiedKey::from_der(chain, key, &ring::default_provider()).map_err(IdentityError::Unfit)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn files(folder: &Path) -> Tls {
        Tls { certificate: folder.join("chain.pem"), key: folder.join("key.pem") }
    }

    /// Writes a fresh certificate; what it is in the handshake.
    fn issue(files: &Tls) -> CertificateDer<'static> {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        fs::write(&files.certificate, made.cert.pem()).unwrap();
        fs::write(&files.key, made.signing_key.serialize_pem()).unwrap();
        made.cert.der().clone()
    }

    fn shown(identity: &Identity) -> CertificateDer<'static> {
        identity.current.read().unwrap().cert[0].clone()
    }

    #[test]
    fn a_new_certificate_takes_the_place_of_the_old_and_a_broken_one_does_not() {
        let folder = tempfile::tempdir().unwrap();
        let files = files(folder.path());
        let first = issue(&files);
        let identity = Identity::read(files.clone()).unwrap();
        assert_eq!(shown(&identity), first);
        let second = issue(&files);
        identity.renew().unwrap();
        assert_eq!(shown(&identity), second);
        fs::write(&files.key, "-----BEGIN PRIVATE KEY-----\n").unwrap();
        assert!(identity.renew().unwrap_err().to_string().starts_with("tls.key: "));
        assert_eq!(shown(&identity), second);
    }

    #[test]
    fn files_that_do_not_go_together_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let files = files(folder.path());
        let refusal = || Identity::read(files.clone()).unwrap_err().to_string();
        assert!(refusal().starts_with("tls.certificate: "), "{}", refusal());
        issue(&files);
        let chain = fs::read(&files.certificate).unwrap();
        issue(&files);
        fs::write(&files.certificate, chain).unwrap();
        assert!(refusal().starts_with("tls: "), "{}", refusal());
        fs::write(&files.certificate, "none\n").unwrap();
        assert!(refusal().contains("no certificate"), "{}", refusal());
    }
}
