//! What a request shows to say whose it is, and how a session is given to a
//! browser.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::AppendHeaders;

use crate::gate::{Credential, SignedIn};

/// The session's cookie under HTTPS: the prefix has browsers keep it to this very
/// host.
const SECURE: &str = "__Host-pilin";

/// The session's cookie on plain HTTP, which only loopback should be.
const PLAIN: &str = "pilin";

/// The cookies by which a device is known again to those who signed in there, likewise.
const SECURE_DEVICE: &str = "__Host-pilin-device";
const PLAIN_DEVICE: &str = "pilin-device";

/// How long a device is known, in s: as long as browsers keep a cookie.
const DEVICE_S: i64 = 400 * 86_400;

/// The credential of a request: a token goes before a cookie. Under HTTPS only that
/// cookie counts which no other host, and no page got by HTTP, can have set.
pub fn credential(headers: &HeaderMap, https: bool) -> Credential {
    if let Some(given) = headers.get(header::AUTHORIZATION) {
        let token = given.to_str().ok().and_then(|text| text.split_once(' '));
        return match token {
            Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => {
                Credential::Token(token.trim().to_owned())
            }
            _ => Credential::None,
        };
    }
    let secret = cookie(headers, if https { SECURE } else { PLAIN });
    secret.map_or(Credential::None, |secret| Credential::Session(secret.to_owned()))
}

/// What the device shows to be known by; empty if nothing.
pub fn device(headers: &HeaderMap, https: bool) -> &str {
    cookie(headers, if https { SECURE_DEVICE } else { PLAIN_DEVICE }).unwrap_or_default()
}

/// The cookie of a name.
pub fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let all = headers.get_all(header::COOKIE).iter().filter_map(|it| it.to_str().ok());
    let mut pairs = all.flat_map(|it| it.split(';')).filter_map(|it| it.trim().split_once('='));
    pairs.find(|(known, _)| *known == name).map(|(_, value)| value)
}

/// The headers that give a browser its session, and have its device known again.
pub fn given(
    session: &SignedIn,
    secure: bool,
) -> AppendHeaders<impl Iterator<Item = (HeaderName, HeaderValue)> + use<>> {
    let name = if secure { SECURE } else { PLAIN };
    let own = strict_cookie(name, &session.secret, session.lasts_s, secure);
    let name = if secure { SECURE_DEVICE } else { PLAIN_DEVICE };
    let device = session.device.as_ref();
    let device = device.map(|marks| strict_cookie(name, marks, DEVICE_S, secure));
    AppendHeaders([own].into_iter().chain(device))
}

/// The headers that take a session back, by either name.
pub fn taken_back() -> AppendHeaders<[(HeaderName, HeaderValue); 2]> {
    AppendHeaders(
        [(SECURE, true), (PLAIN, false)].map(|(name, secure)| strict_cookie(name, "", 0, secure)),
    )
}

fn strict_cookie(name: &str, text: &str, lasts_s: i64, secure: bool) -> (HeaderName, HeaderValue) {
    let end = if secure { "; Secure" } else { "" };
    let text = format!("{name}={text}; Path=/; Max-Age={lasts_s}; HttpOnly; SameSite=Strict{end}");
    // Hex digits, dots and words of ours are a header's value.
    let mut value = HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static(""));
    value.set_sensitive(true);
    (header::SET_COOKIE, value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown_by(https: bool, headers: &[(HeaderName, &'static str)]) -> Credential {
        let pairs =
            headers.iter().map(|(name, text)| (name.clone(), HeaderValue::from_static(text)));
        credential(&pairs.collect(), https)
    }

    fn shown(headers: &[(HeaderName, &'static str)]) -> Credential {
        shown_by(false, headers)
    }

    #[test]
    fn a_token_goes_before_a_cookie_and_each_scheme_has_its_own_cookie() {
        let session = |text: &str| Credential::Session(text.to_owned());
        let (cookie, authorization) = (header::COOKIE, header::AUTHORIZATION);
        assert_eq!(shown(&[]), Credential::None);
        assert_eq!(shown(&[(cookie.clone(), "a=b; pilin=x")]), session("x"));
        let both = [(cookie.clone(), "pilin=x; __Host-pilin=y")];
        assert_eq!((shown_by(true, &both), shown(&both)), (session("y"), session("x")));
        let planted = [(cookie.clone(), "pilin=x")];
        assert_eq!(shown_by(true, &planted), Credential::None, "by a page got by HTTP");
        let both = [(cookie, "pilin=x"), (authorization.clone(), "bearer pilin_1")];
        assert_eq!(shown(&both), Credential::Token("pilin_1".to_owned()));
        assert_eq!(shown(&[(authorization, "Basic eA==")]), Credential::None);
    }
}
