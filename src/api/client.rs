//! Where a request comes from: its connection's address, or what a proxy that is
//! trusted says.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, HeaderName};
use axum::middleware::Next;
use axum::response::Response;

use crate::config::Proxies;

const FORWARDED_FOR: &str = "x-forwarded-for";
const FORWARDED_PROTO: &str = "x-forwarded-proto";

/// Where a request comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Client {
    /// From which address; none where there is no network.
    pub address: Option<IpAddr>,
    /// Whether by HTTPS, all the way from the browser.
    pub https: bool,
}

/// What is known before a request comes.
#[derive(Clone, Debug)]
pub struct Front {
    /// Proxies whose word counts.
    pub proxies: Arc<Proxies>,
    /// Whether browsers reach the service by HTTPS, as far as no proxy says otherwise.
    pub https: bool,
}

/// Notes where a request comes from.
pub async fn note(State(front): State<Front>, mut request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip());
    let client = front.client(peer, request.headers());
    request.extensions_mut().insert(client);
    next.run(request).await
}

impl Front {
    fn client(&self, peer: Option<IpAddr>, headers: &HeaderMap) -> Client {
        let peer = peer.map(|peer| peer.to_canonical());
        let Some(proxy) = peer.filter(|peer| self.proxies.trust(*peer)) else {
            return Client { address: peer, https: self.https };
        };
        // Each proxy appends whom it heard: the last that none of ours is came first.
        let mut address = proxy;
        let heard: Vec<_> = words(headers, FORWARDED_FOR).collect();
        for word in heard.into_iter().rev() {
            let Some(before) = address_of(word) else { break };
            address = before;
            if !self.proxies.trust(before) {
                break;
            }
        }
        let https = words(headers, FORWARDED_PROTO).last();
        let https = https.map_or(self.https, |scheme| scheme.eq_ignore_ascii_case("https"));
        Client { address: Some(address), https }
    }
}

/// The header, if there is one, by which a request says that a proxy has handed it on.
pub fn forwarded(headers: &HeaderMap) -> Option<&HeaderName> {
    headers.keys().find(|name| {
        let name = name.as_str();
        name.starts_with("x-forwarded-") || matches!(name, "forwarded" | "via" | "x-real-ip")
    })
}

/// The words of a header that is a list, however many times it comes.
fn words<'a>(headers: &'a HeaderMap, name: &str) -> impl Iterator<Item = &'a str> {
    let all = headers.get_all(name).iter().filter_map(|list| list.to_str().ok());
    all.flat_map(|list| list.split(',')).map(str::trim)
}

/// An address, with or without a port.
fn address_of(word: &str) -> Option<IpAddr> {
    let bare = word.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(word);
    let address = bare.parse::<IpAddr>().ok();
    let address = address.or_else(|| word.parse::<SocketAddr>().ok().map(|with| with.ip()));
    address.map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn client(peer: &str, heard: &[(&'static str, &'static str)]) -> (String, bool) {
        let proxies = ["10.0.0.0/8", "fd00::/8"].map(str::to_owned);
        let front = Front { proxies: Arc::new(Proxies::read(&proxies).unwrap()), https: false };
        let mut headers = HeaderMap::new();
        for (name, text) in heard {
            headers.append(*name, HeaderValue::from_static(text));
        }
        let client = front.client(Some(peer.parse().unwrap()), &headers);
        (client.address.unwrap().to_string(), client.https)
    }

    #[test]
    fn the_word_of_a_trusted_proxy_counts_and_nobody_elses() {
        let told = [(FORWARDED_FOR, "203.0.113.9"), (FORWARDED_PROTO, "https")];
        assert_eq!(client("10.0.0.1", &told), ("203.0.113.9".into(), true));
        assert_eq!(client("::ffff:10.0.0.1", &told), ("203.0.113.9".into(), true));
        assert_eq!(client("192.0.2.1", &told), ("192.0.2.1".into(), false));
        assert_eq!(client("10.0.0.1", &[]), ("10.0.0.1".into(), false));
    }

    #[test]
    fn what_a_client_has_written_into_the_list_itself_does_not_count() {
        let of = |list| client("10.0.0.1", &[(FORWARDED_FOR, list)]).0;
        assert_eq!(of("198.51.100.1, 203.0.113.9"), "203.0.113.9");
        assert_eq!(of("198.51.100.1, 203.0.113.9, 10.9.9.9"), "203.0.113.9");
        assert_eq!(of("10.1.1.1, 10.2.2.2"), "10.1.1.1", "all of it is ours");
        assert_eq!(of("198.51.100.1, unknown, 10.2.2.2"), "10.2.2.2");
        assert_eq!(of("nonsense"), "10.0.0.1");
        assert_eq!(of("203.0.113.9:4711"), "203.0.113.9");
        assert_eq!(of("[2001:db8::1]:4711"), "2001:db8::1");
        assert_eq!(of("2001:db8::1"), "2001:db8::1");
        let twice = [(FORWARDED_FOR, "198.51.100.1"), (FORWARDED_FOR, "203.0.113.9")];
        assert_eq!(client("fd00::1", &twice).0, "203.0.113.9");
    }

    #[test]
    fn a_request_that_was_handed_on_says_so() {
        let names = ["x-forwarded-for", "X-Forwarded-Host", "forwarded", "via", "x-real-ip"];
        for name in names {
            let name: HeaderName = name.parse().unwrap();
            let headers = HeaderMap::from_iter([(name, HeaderValue::from_static("x"))]);
            assert!(forwarded(&headers).is_some());
        }
        let plain = [(axum::http::header::HOST, HeaderValue::from_static("localhost"))];
        assert_eq!(forwarded(&HeaderMap::from_iter(plain)), None);
    }
}
