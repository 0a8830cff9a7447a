//! Asking a provider over HTTP: HTTPS by the machine's own certificates, and no
//! following where it sends.

use std::error::Error;
use std::io;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http_body_util::{BodyExt, Full, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::{self, Client};
use hyper_util::rt::TokioExecutor;
use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse, http};
use tokio::time::timeout;
use tokio_rustls::rustls::crypto::ring;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// Bytes of an answer.
const LONGEST: usize = 1 << 20;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum Unanswered {
    /// It takes too long.
    #[error("no answer within {} s", PATIENCE.as_secs())]
    Late,
    /// It cannot be asked.
    #[error(transparent)]
    Request(#[from] legacy::Error),
    /// Its answer cannot be read.
    #[error("{0}")]
    Body(Box<dyn Error + Send + Sync>),
}

/// A client of HTTP.
#[derive(Debug)]
pub struct Http(Client<HttpsConnector<HttpConnector>, Full<Bytes>>);

impl Http {
    /// A client that has asked nothing yet.
    ///
    /// # Errors
    /// When the machine has no certificates.
    pub fn new() -> io::Result<Self> {
        let connector = HttpsConnectorBuilder::new()
            .with_provider_and_native_roots(ring::default_provider())?
            .https_or_http()
            .enable_http1()
            .build();
        Ok(Self(Client::builder(TokioExecutor::new()).build(connector)))
    }

    async fn ask(&self, request: HttpRequest) -> Result<HttpResponse, Unanswered> {
        let request = request.map(|body| Full::new(Bytes::from(body)));
        let asked = async {
            let (parts, body) = self.0.request(request).await?.into_parts();
            let body = Limited::new(body, LONGEST).collect().await.map_err(Unanswered::Body)?;
            Ok(http::Response::from_parts(parts, body.to_bytes().into()))
        };
        timeout(PATIENCE, asked).await.map_err(|_elapsed| Unanswered::Late)?
    }
}

impl<'c> AsyncHttpClient<'c> for Http {
    type Error = Unanswered;
    type Future = BoxFuture<'c, Result<HttpResponse, Unanswered>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.ask(request))
    }
}
