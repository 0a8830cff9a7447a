//! A certificate, by which the service speaks HTTPS itself.

use std::path::PathBuf;

use clap::Args;
use serde::Deserialize;

use super::ConfigError;

/// A certificate and its key, PEM; both are read again at SIGHUP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tls {
    /// The service's own certificate first, then those that vouch for it.
    pub certificate: PathBuf,
    /// Its private key, not encrypted: PKCS #8, PKCS #1 or SEC 1.
    pub key: PathBuf,
}

/// What one layer says of the certificate.
#[derive(Clone, Debug, Default, PartialEq, Eq, Args, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[command(next_help_heading = "HTTPS")]
pub struct TlsLayer {
    /// Certificate chain, PEM, the service's own first; with it Pilin speaks HTTPS
    /// and nothing else [default: none, plain HTTP].
    #[arg(
        id = "tls_certificate",
        long = "tls-certificate",
        env = "PILIN_TLS_CERTIFICATE",
        value_name = "FILE"
    )]
    pub certificate: Option<PathBuf>,

    /// Its private key, PEM [default: none].
    #[arg(id = "tls_key", long = "tls-key", env = "PILIN_TLS_KEY", value_name = "FILE")]
    pub key: Option<PathBuf>,
}

impl Tls {
    pub(super) fn from_layers(
        upper: TlsLayer,
        lower: TlsLayer,
    ) -> Result<Option<Self>, ConfigError> {
        match (upper.certificate.or(lower.certificate), upper.key.or(lower.key)) {
            (Some(certificate), Some(key)) => Ok(Some(Self { certificate, key })),
            (None, None) => Ok(None),
            (Some(_), None) => {
                Err(ConfigError::key("tls.key", "missing, though a certificate is named"))
            }
            (None, Some(_)) => {
                Err(ConfigError::key("tls.certificate", "missing, though a key is named"))
            }
        }
    }
}
