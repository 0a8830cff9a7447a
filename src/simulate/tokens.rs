//! Whose token a record is sent by: every agency hands in its own.

use std::fmt;

use serde::Deserialize;

use crate::atlas::Atlas;
use crate::domain::{Code, Level, LngLat};

/// Scope that lets a token drive the clock, as its rights say it.
const SET_CLOCK: &str = "set-clock";

/// A token of a service that has accounts, and what the service says of it.
#[derive(Clone)]
pub struct Token {
    secret: String,
    agency: Code,
    sets_clock: bool,
}

/// What `GET /api/v1/session` answers a token.
#[derive(Debug, Deserialize)]
pub(super) struct Asked {
    agency: Option<AgencyOf>,
    #[serde(default)]
    rights: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct AgencyOf {
    code: Code,
}

/// The tokens of a run; none for a service without accounts.
#[derive(Clone, Debug, Default)]
pub struct Tokens(Vec<Token>);

impl Token {
    /// A token of an agency; `None` if the service names none.
    pub(super) fn new(secret: &str, asked: &Asked) -> Option<Self> {
        let agency = asked.agency.as_ref()?.code;
        let sets_clock = asked.rights.iter().any(|right| right == SET_CLOCK);
        Some(Self { secret: secret.to_owned(), agency, sets_clock })
    }

    /// What stands in the header.
    pub(super) fn secret(&self) -> &str {
        &self.secret
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Token").field("agency", &self.agency).finish_non_exhaustive()
    }
}

impl Tokens {
    /// These, in the order in which they are tried.
    #[must_use]
    pub const fn new(tokens: Vec<Token>) -> Self {
        Self(tokens)
    }

    /// The first, which reads what every token may.
    pub(super) fn any(&self) -> Option<&Token> {
        self.0.first()
    }

    /// The one that drives the clock.
    pub(super) fn of_clock(&self) -> Option<&Token> {
        self.0.iter().find(|token| token.sets_clock).or(self.any())
    }

    /// Sorts items by whose token they are sent: of the first agency that they are in,
    /// or else the first, so that the service says what it thinks of them.
    pub(super) fn sort<'a, T>(
        &self,
        items: &'a [T],
        is_in: impl Fn(&T, Code) -> bool,
    ) -> Vec<(Option<&Token>, Vec<&'a T>)> {
        if self.0.len() < 2 {
            return vec![(self.any(), items.iter().collect())];
        }
        let mut sorted: Vec<_> = self.0.iter().map(|token| (Some(token), Vec::new())).collect();
        for item in items {
            let own = self.0.iter().position(|token| is_in(item, token.agency)).unwrap_or(0);
            sorted[own].1.push(item);
        }
        sorted.retain(|(_, own)| !own.is_empty());
        sorted
    }
}

/// Whether a point lies in an agency's jurisdiction.
#[must_use]
pub fn lies_in(atlas: &Atlas, point: LngLat, agency: Code) -> bool {
    let place = atlas.place(point);
    Level::ALL.iter().any(|&level| place.at(level) == Some(agency))
}

/// Whether a jurisdiction is another, or lies below it.
#[must_use]
pub fn is_below(atlas: &Atlas, code: Code, agency: Code) -> bool {
    Level::ALL.iter().any(|&level| atlas.ancestor(code, level) == Some(agency))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(agency: &str, rights: &[&str]) -> Token {
        let asked = serde_json::json!({"agency": {"code": agency, "name": "x"}, "rights": rights});
        Token::new(agency, &serde_json::from_value(asked).unwrap()).unwrap()
    }

    #[test]
    fn each_item_goes_by_the_token_of_its_own_agency_and_what_is_nobodys_by_the_first() {
        let tokens = Tokens::new(vec![token("310000", &[]), token("330000", &["set-clock"])]);
        let items = [310_000, 330_000, 310_000, 340_000];
        let code = |number: &u32, agency: Code| agency.to_string() == number.to_string();
        let sorted = tokens.sort(&items, code);
        let told: Vec<_> =
            sorted.iter().map(|(token, own)| (token.unwrap().secret(), own.len())).collect();
        assert_eq!(told, [("310000", 3), ("330000", 1)]);
        assert_eq!(tokens.of_clock().unwrap().secret(), "330000");
        assert_eq!(tokens.any().unwrap().secret(), "310000");
    }

    #[test]
    fn a_service_without_accounts_needs_none() {
        let none = Tokens::default();
        let sorted = none.sort(&[1, 2], |_, _| false);
        assert_eq!(sorted.len(), 1);
        assert!(sorted[0].0.is_none() && sorted[0].1.len() == 2);
        assert!(Tokens::default().of_clock().is_none());
    }

    #[test]
    fn a_secret_is_not_shown() {
        assert_eq!(format!("{:?}", token("310000", &[])), "Token { agency: Code(310000), .. }");
    }
}
