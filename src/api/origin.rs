//! Only our own pages, and those of allowed origins, may speak to the service
//! from a browser.
//!
//! A browser sends a plain POST, or opens a socket, to any address for any page;
//! the page cannot read the answer, but the deed is done. So whoever names an
//! `Origin` must be of this very host and scheme, or in the list. And because a name that its
//! owner has pointed at 127.0.0.1 makes any page "of this host", a service on a
//! loopback address is spoken to by such an address, `localhost`, or the host of
//! an allowed origin alone.

use std::net::IpAddr;

use axum::extract::{Request, State};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::client::Client;
use super::problem::ApiError;

/// Whom the service answers.
#[derive(Clone, Debug)]
pub struct Hosts {
    /// Whether it listens on a loopback address.
    pub loopback: bool,
    /// Origins, beside its own, whose pages may speak to it.
    pub allowed: std::sync::Arc<[String]>,
}

/// Refuses requests that a page of another origin has led a browser to send.
pub async fn check(State(hosts): State<Hosts>, request: Request, next: Next) -> Response {
    let https = request.extensions().get::<Client>().is_some_and(|client| client.https);
    match hosts.check(request.headers(), request.uri(), https) {
        Ok(()) => next.run(request).await,
        Err(why) => why.into_response(),
    }
}

impl Hosts {
    fn check(&self, headers: &HeaderMap, uri: &Uri, https: bool) -> Result<(), ApiError> {
        let text = |name| headers.get(name).map(|value| value.to_str().unwrap_or_default());
        let host = text(header::HOST).or_else(|| uri.authority().map(Authority::as_str));
        let allowed = |host: &str| self.allowed.iter().any(|origin| host_of(origin) == Some(host));
        if self.loopback
            && let Some(host) = host
            && !is_loopback(host)
            && !allowed(host)
        {
            let reason = format!("“{host}” is not this machine; see allowed_origins");
            return Err(ApiError::no_entry("Host", reason));
        }
        let Some(origin) = text(header::ORIGIN) else { return Ok(()) };
        let scheme = if https { "https" } else { "http" };
        let own = host.is_some_and(|host| origin == format!("{scheme}://{host}"));
        if own || self.allowed.iter().any(|allowed| allowed == origin) {
            return Ok(());
        }
        let reason = if host.is_some() && host_of(origin) == host {
            "the page was got by another scheme than the request came by: behind a proxy that \
             speaks HTTPS see trusted_proxies"
        } else {
            "this origin is not in the list of allowed origins"
        };
        Err(ApiError::no_entry("Origin", reason))
    }
}

fn host_of(origin: &str) -> Option<&str> {
    origin.split_once("://").map(|(_, host)| host)
}

/// Whether a `Host` names this machine: `localhost`, 127.0.0.0/8 or `[::1]`, with
/// or without a port.
fn is_loopback(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    name.eq_ignore_ascii_case("localhost")
        || name.parse().is_ok_and(|address: IpAddr| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(loopback: bool, host: &'static str, origin: Option<&'static str>) -> bool {
        asked_by(false, loopback, host, origin)
    }

    fn asked_by(
        https: bool,
        loopback: bool,
        host: &'static str,
        origin: Option<&'static str>,
    ) -> bool {
        let hosts = Hosts { loopback, allowed: ["https://wall.example".to_owned()].into() };
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, host.parse().unwrap());
        if let Some(origin) = origin {
            headers.insert(header::ORIGIN, origin.parse().unwrap());
        }
        hosts.check(&headers, &Uri::from_static("/"), https).is_ok()
    }

    #[test]
    fn own_pages_programs_and_allowed_origins_may_speak() {
        assert!(asked(true, "127.0.0.1:8080", None));
        assert!(asked(true, "localhost:8080", Some("http://localhost:8080")));
        assert!(asked(true, "[::1]:8080", Some("http://[::1]:8080")));
        assert!(asked(true, "127.0.0.1:8080", Some("https://wall.example")));
        assert!(asked(true, "wall.example", Some("https://wall.example")));
        assert!(asked(false, "pilin.example", Some("http://pilin.example")));
        assert!(asked_by(true, false, "pilin.example", Some("https://pilin.example")));
    }

    #[test]
    fn pages_of_other_origins_may_not() {
        assert!(!asked(true, "127.0.0.1:8080", Some("https://evil.example")));
        assert!(!asked(true, "127.0.0.1:8080", Some("http://127.0.0.1:9")));
        assert!(!asked(true, "127.0.0.1:8080", Some("null")));
        assert!(!asked(false, "pilin.example", Some("https://evil.example")));
        assert!(!asked(false, "pilin.example", Some("https://pilin.example")), "other schemes");
        assert!(!asked_by(true, false, "pilin.example", Some("http://pilin.example")));
    }

    #[test]
    fn a_name_pointed_at_this_machine_does_not_make_a_page_its_own() {
        assert!(!asked(true, "evil.example:8080", Some("http://evil.example:8080")));
        assert!(!asked(true, "127.0.0.1.evil.example", None));
    }
}
