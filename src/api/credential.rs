//! What a request shows to say whose it is, and how a session is given to a
//! browser.

use axum::http::{HeaderMap, HeaderValue, header};

use crate::gate::{Credential, SignedIn};

/// The session's cookie under HTTPS: the prefix has browsers keep it to this very
/// host.
const SECURE: &str = "__Host-pilin";

/// The session's cookie on plain HTTP, which only loopback should be.
const PLAIN: &str = "pilin";

/// The credential of a request: a token goes before a cookie.
pub fn credential(headers: &HeaderMap) -> Credential {
    if let Some(given) = headers.get(header::AUTHORIZATION) {
        let token = given.to_str().ok().and_then(|text| text.split_once(' '));
        return match token {
            Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => {
                Credential::Token(token.trim().to_owned())
            }
            _ => Credential::None,
        };
    }
    let secret = cookie(headers, SECURE).or_else(|| cookie(headers, PLAIN));
    secret.map_or(Credential::None, |secret| Credential::Session(secret.to_owned()))
}

/// The cookie of a name.
pub fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let all = headers.get_all(header::COOKIE).iter().filter_map(|it| it.to_str().ok());
    let mut pairs = all.flat_map(|it| it.split(';')).filter_map(|it| it.trim().split_once('='));
    pairs.find(|(known, _)| *known == name).map(|(_, value)| value)
}

/// The header that gives a browser its session.
pub fn given(session: &SignedIn, secure: bool) -> [(header::HeaderName, HeaderValue); 1] {
    [(header::SET_COOKIE, session_cookie(&session.secret, session.lasts_s, secure))]
}

/// The headers that take a session back, by either name.
pub fn taken_back() -> [(header::HeaderName, HeaderValue); 2] {
    [true, false].map(|secure| (header::SET_COOKIE, session_cookie("", 0, secure)))
}

fn session_cookie(secret: &str, lasts_s: i64, secure: bool) -> HeaderValue {
    let (name, end) = if secure { (SECURE, "; Secure") } else { (PLAIN, "") };
    let text =
        format!("{name}={secret}; Path=/; Max-Age={lasts_s}; HttpOnly; SameSite=Strict{end}");
    // Hex digits and words of ours are a header's value.
    let mut value = HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static(""));
    value.set_sensitive(true);
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(headers: &[(header::HeaderName, &'static str)]) -> Credential {
        let pairs =
            headers.iter().map(|(name, text)| (name.clone(), HeaderValue::from_static(text)));
        credential(&pairs.collect())
    }

    #[test]
    fn a_token_goes_before_a_cookie_and_the_safer_cookie_before_the_other() {
        let session = |text: &str| Credential::Session(text.to_owned());
        let (cookie, authorization) = (header::COOKIE, header::AUTHORIZATION);
        assert_eq!(shown(&[]), Credential::None);
        assert_eq!(shown(&[(cookie.clone(), "a=b; pilin=x")]), session("x"));
        assert_eq!(shown(&[(cookie.clone(), "pilin=x; __Host-pilin=y")]), session("y"));
        let both = [(cookie, "pilin=x"), (authorization.clone(), "bearer pilin_1")];
        assert_eq!(shown(&both), Credential::Token("pilin_1".to_owned()));
        assert_eq!(shown(&[(authorization, "Basic eA==")]), Credential::None);
    }
}
