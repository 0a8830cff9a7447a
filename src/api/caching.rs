//! What a client says it has, and can take.

use std::hash::{DefaultHasher, Hash, Hasher};

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;

use super::answers::{Place, held};
use super::body::whole;
use super::problem::ApiError;

/// Tags what is answered by what is in it, and leaves it out if the client has it
/// already.
pub async fn tagged(
    headers: HeaderMap,
    request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    let response = next.run(request).await;
    if response.status() != StatusCode::OK {
        return Ok(response);
    }
    let (mut parts, body) = whole(response).await?;
    let tag = tag(&body);
    parts.headers.insert(header::ETAG, weak(&tag));
    parts.headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    parts.headers.append(header::VARY, HeaderValue::from_static("accept"));
    if !unchanged(&headers, &tag) {
        let place = parts.extensions.get::<Place>().cloned();
        return Ok(Response::from_parts(parts, held(body, place)));
    }
    parts.status = StatusCode::NOT_MODIFIED;
    parts.headers.remove(header::CONTENT_TYPE);
    parts.headers.remove(header::CONTENT_LENGTH);
    Ok(Response::from_parts(parts, Body::empty()))
}

/// A tag of what is in an answer.
pub fn tag(bytes: &[u8]) -> HeaderValue {
    let text = format!("\"{:016x}\"", hash(bytes));
    // Hex digits in quotes are a header's value.
    HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static("\"0\""))
}

/// A tag of what an answer says, whether it is packed or not.
pub fn weak(tag: &HeaderValue) -> HeaderValue {
    HeaderValue::from_maybe_shared([b"W/", tag.as_bytes()].concat()).unwrap_or_else(|_| tag.clone())
}

/// A number that changes with what is in an answer; the same in every run.
pub fn hash(bytes: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    hasher.finish()
}

/// Whether the client has this version already.
pub fn unchanged(headers: &HeaderMap, tag: &HeaderValue) -> bool {
    names(headers, &header::IF_NONE_MATCH, tag)
}

/// Whether what the client wants to change is what it has seen, if it says so.
pub fn is_as_seen(headers: &HeaderMap, tag: &HeaderValue) -> bool {
    !headers.contains_key(header::IF_MATCH) || names(headers, &header::IF_MATCH, tag)
}

/// Whether a header names a tag. All of ours are of what is said, however it is packed.
fn names(headers: &HeaderMap, header: &HeaderName, tag: &HeaderValue) -> bool {
    let Ok(tag) = tag.to_str() else { return false };
    let lists = headers.get_all(header).iter().filter_map(|had| had.to_str().ok());
    lists
        .flat_map(|list| list.split(','))
        .map(|had| had.trim().trim_start_matches("W/"))
        .any(|had| had == tag || had == "*")
}

/// Whether the client can unpack gzip.
pub fn accepts_gzip(headers: &HeaderMap) -> bool {
    let lists = headers.get_all(header::ACCEPT_ENCODING).iter();
    lists.filter_map(|list| list.to_str().ok()).flat_map(|list| list.split(',')).any(|coding| {
        let mut parts = coding.split(';').map(str::trim);
        let named = parts.next().is_some_and(|name| name.eq_ignore_ascii_case("gzip"));
        named && !parts.any(|weight| matches!(weight, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"))
    })
}

/// Whether the client asks for GeoJSON by name.
pub fn wants_geojson(headers: &HeaderMap) -> bool {
    let lists = headers.get_all(header::ACCEPT).iter();
    lists.filter_map(|list| list.to_str().ok()).flat_map(|list| list.split(',')).any(|kind| {
        kind.split(';').next().is_some_and(|kind| kind.trim() == "application/geo+json")
    })
}

/// Whether a browser asks for a page: it names HTML, and rather than JSON.
pub fn wants_html(headers: &HeaderMap) -> bool {
    let lists = headers.get_all(header::ACCEPT).iter();
    let mut kinds = lists.filter_map(|list| list.to_str().ok()).flat_map(|list| list.split(','));
    let first = kinds.find_map(|kind| match kind.split(';').next().map(str::trim) {
        Some("text/html") => Some(true),
        Some("application/json" | "application/problem+json") => Some(false),
        _ => None,
    });
    first.unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(name: HeaderName, text: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_static(text))])
    }

    #[test]
    fn a_tag_is_known_again_among_others_and_weakened() {
        let tag = HeaderValue::from_static("\"a\"");
        assert!(unchanged(&with(header::IF_NONE_MATCH, "\"b\", W/\"a\""), &tag));
        assert!(!unchanged(&with(header::IF_NONE_MATCH, "\"b\""), &tag));
        assert!(!unchanged(&HeaderMap::new(), &tag));
    }

    #[test]
    fn who_says_what_was_seen_changes_that_alone() {
        let tag = HeaderValue::from_static("\"a\"");
        let says = |text| is_as_seen(&with(header::IF_MATCH, text), &tag);
        assert!(says("\"b\", W/\"a\"") && says("\"a\"") && says("*"));
        assert!(!says("\"b\"") && !says("") && !says("a"));
        assert!(is_as_seen(&HeaderMap::new(), &tag), "nobody must say so");
    }

    #[test]
    fn gzip_refused_is_not_sent() {
        assert!(accepts_gzip(&with(header::ACCEPT_ENCODING, "br, gzip;q=0.5")));
        assert!(!accepts_gzip(&with(header::ACCEPT_ENCODING, "br, gzip;q=0")));
    }

    #[test]
    fn a_page_is_given_to_browsers_and_not_to_programs() {
        let browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
        assert!(wants_html(&with(header::ACCEPT, browser)));
        assert!(!wants_html(&with(header::ACCEPT, "application/json, text/html")));
        assert!(!wants_html(&with(header::ACCEPT, "*/*")));
        assert!(!wants_html(&HeaderMap::new()));
    }

    #[test]
    fn geojson_is_given_to_who_names_it() {
        assert!(wants_geojson(&with(header::ACCEPT, "application/json, application/geo+json;q=1")));
        assert!(!wants_geojson(&with(header::ACCEPT, "*/*")));
    }
}
