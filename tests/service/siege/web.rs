//! HTTPS from one of the machine's own addresses.

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::header::{self, HeaderMap, HeaderName};
use hyper::{Method, Request, StatusCode};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;
use tokio::time::timeout;

use super::{Field, PATIENCE};

/// A client that keeps its connections, and shows the same with every request.
#[derive(Clone, Debug)]
pub struct Web {
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    base: String,
    shown: Vec<(HeaderName, String)>,
}

/// What is answered.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    body: Incoming,
}

impl Web {
    /// One that comes from an address of this machine.
    pub fn new(field: &Field, from: [u8; 4]) -> Self {
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_local_address(Some(from.into()));
        let tls = HttpsConnectorBuilder::new().with_tls_config((*field.trusting).clone());
        let connector = tls.https_only().enable_http1().wrap_connector(tcp);
        let client = Client::builder(TokioExecutor::new()).build(connector);
        Self { client, base: field.base(), shown: Vec::new() }
    }

    /// The same connections, for somebody who shows something.
    pub fn showing(&self, name: HeaderName, text: &str) -> Self {
        let mut web = self.clone();
        web.shown.push((name, text.to_owned()));
        web
    }

    /// Somebody with the cookies of a session.
    pub fn with_cookies(&self, cookies: &str) -> Self {
        self.showing(header::COOKIE, cookies)
    }

    /// A device with a token.
    pub fn with_token(&self, secret: &str) -> Self {
        self.showing(header::AUTHORIZATION, &format!("Bearer {secret}"))
    }

    pub async fn get(&self, path: &str) -> Result<Answer, String> {
        self.send(Method::GET, path, Bytes::new()).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Result<Answer, String> {
        self.send(Method::POST, path, body.to_string().into()).await
    }

    pub async fn put(&self, path: &str, body: &Value) -> Result<Answer, String> {
        self.send(Method::PUT, path, body.to_string().into()).await
    }

    /// Asks as a page of the service does.
    async fn send(&self, method: Method, path: &str, body: Bytes) -> Result<Answer, String> {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.base))
            .header(header::ORIGIN, &self.base)
            .header(header::CONTENT_TYPE, "application/json");
        for (name, text) in &self.shown {
            request = request.header(name, text);
        }
        let asked = self.client.request(request.body(Full::new(body)).unwrap());
        let asked = timeout(PATIENCE, asked).await.map_err(|_elapsed| "no answer".to_owned())?;
        let (head, body) = asked.map_err(|why| why.to_string())?.into_parts();
        Ok(Answer { status: head.status, headers: head.headers, body })
    }
}

impl Answer {
    /// A cookie that is set, as it is to be shown.
    pub fn cookie(&self, name: &str) -> Option<String> {
        let given = self.headers.get_all(header::SET_COOKIE).iter();
        let mut given = given.filter_map(|text| text.to_str().ok()?.split(';').next());
        given.find(|cookie| cookie.starts_with(&format!("{name}="))).map(str::to_owned)
    }

    /// Its body.
    pub async fn json(self) -> Result<Value, String> {
        let collected = timeout(PATIENCE, self.body.collect()).await;
        let body = collected.map_err(|_elapsed| "no body".to_owned())?;
        let bytes = body.map_err(|why| why.to_string())?.to_bytes();
        Ok(serde_json::from_slice(&bytes).unwrap_or(Value::Null))
    }

    /// Reads it, and keeps nothing of it.
    pub async fn forget(mut self) {
        while let Ok(Some(Ok(_))) = timeout(PATIENCE, self.body.frame()).await {}
    }
}
