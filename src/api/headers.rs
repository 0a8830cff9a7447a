//! What every answer says to browsers.

use axum::http::{HeaderName, HeaderValue, header};

use crate::wire::TilesView;

const OPENER: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
const RESOURCE: HeaderName = HeaderName::from_static("cross-origin-resource-policy");
const PERMISSIONS: HeaderName = HeaderName::from_static("permissions-policy");

/// What no page of ours asks a browser for.
const NONE_NEEDED: &str = "camera=(), geolocation=(), microphone=(), payment=(), serial=(), usb=()";

/// The headers of every answer.
///
/// Scripts and styles are the service's own; MapLibre runs its worker from its own
/// file, or from a blob in some browsers; pictures and fetches go nowhere else but
/// to the operator's tile source. Under HTTPS a browser is told not to come by HTTP
/// for a year. A page of elsewhere can neither show nor open what is answered here.
pub fn all(tiles: Option<&TilesView>, tls: bool) -> Vec<(HeaderName, HeaderValue)> {
    let tiles = tiles.and_then(|tiles| origin(&tiles.url)).unwrap_or_default();
    let policy = format!(
        "default-src 'self'; script-src 'self'; worker-src 'self' blob:; \
         style-src 'self' 'unsafe-inline'; img-src 'self' data: blob: {tiles}; \
         connect-src 'self' {tiles}; object-src 'none'; base-uri 'none'; \
         form-action 'self'; frame-ancestors 'self'"
    );
    let policy =
        HeaderValue::from_str(&policy).unwrap_or(HeaderValue::from_static("default-src 'self'"));
    let mut all = vec![
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::REFERRER_POLICY, HeaderValue::from_static("same-origin")),
        (OPENER, HeaderValue::from_static("same-origin")),
        (RESOURCE, HeaderValue::from_static("same-origin")),
        (PERMISSIONS, HeaderValue::from_static(NONE_NEEDED)),
    ];
    if tls {
        let year = HeaderValue::from_static("max-age=31536000");
        all.push((header::STRICT_TRANSPORT_SECURITY, year));
    }
    all
}

/// The origin of a URL template, its subdomain's place taken by `*`.
fn origin(url: &str) -> Option<String> {
    let (scheme, rest) = url.split_once("://")?;
    let host = rest.split('/').next()?;
    let host = match host.split_once('}') {
        Some((_, rest)) => format!("*{rest}"),
        None => host.to_owned(),
    };
    Some(format!("{scheme}://{host}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tile_sources_origin_is_let_through() {
        let of = |url| origin(url).unwrap();
        assert_eq!(of("https://tiles.example/{z}/{x}/{y}.png"), "https://tiles.example");
        assert_eq!(of("https://t{s}.example.cn/w?T={z}"), "https://*.example.cn");
        assert_eq!(origin("/tiles/{z}"), None);
    }
}
