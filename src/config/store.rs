//! Where what lasts is kept.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use serde::Deserialize;

/// A store's address. Shown without its password.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum StoreAddress {
    /// A file of SQLite.
    Sqlite(PathBuf),
    /// A database of PostgreSQL with PostGIS.
    Postgis(DatabaseUrl),
}

/// The address of a database, `postgres://…`. Shown without its password.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseUrl(String);

impl DatabaseUrl {
    /// All of it, the password included.
    #[must_use]
    pub fn with_password(&self) -> &str {
        &self.0
    }
}

/// A text that is no store's address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("“{0}” is neither sqlite:PATH nor postgres://…")]
pub struct InvalidStore(String);

impl Default for StoreAddress {
    fn default() -> Self {
        Self::Sqlite("pilin.db".into())
    }
}

impl FromStr for StoreAddress {
    type Err = InvalidStore;
    fn from_str(text: &str) -> Result<Self, InvalidStore> {
        match text.split_once(':') {
            Some(("sqlite", path)) if !path.is_empty() => Ok(Self::Sqlite(path.into())),
            Some(("postgres" | "postgresql", rest)) if rest.starts_with("//") => {
                Ok(Self::Postgis(DatabaseUrl(text.to_owned())))
            }
            _ => Err(InvalidStore(without_password(text))),
        }
    }
}

impl TryFrom<String> for StoreAddress {
    type Error = InvalidStore;
    fn try_from(text: String) -> Result<Self, InvalidStore> {
        text.parse()
    }
}

impl fmt::Display for StoreAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Self::Postgis(url) => write!(f, "{url}"),
        }
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&without_password(&self.0))
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// An address without what may be a password: what stands between the user and the
/// last `@`, though it be written wrong, and a parameter of that name.
#[must_use]
pub fn without_password(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
    let plain = match rest.rsplit_once('@') {
        Some((who, place)) => match who.split_once(':') {
            Some((user, _)) => format!("{user}:…@{place}"),
            None => rest.to_owned(),
        },
        None => rest.to_owned(),
    };
    let plain = match plain.split_once("password=") {
        Some((before, after)) => {
            let more = after.find('&').map_or("", |end| &after[end..]);
            format!("{before}password=…{more}")
        }
        None => plain,
    };
    if scheme.is_empty() { plain } else { format!("{scheme}://{plain}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_never_shown() {
        for (url, shown) in [
            ("postgres://pilin:geheim@db/pilin", "postgres://pilin:…@db/pilin"),
            ("postgresql://pilin:ge/h@e:im@db", "postgresql://pilin:…@db"),
            (
                "postgres://db/pilin?user=a&password=geheim&sslmode=require",
                "postgres://db/pilin?user=a&password=…&sslmode=require",
            ),
            ("postgres:///pilin?password=geh@eim", "postgres:///pilin?password=…"),
            ("postgres:///pilin?host=/run/postgresql", "postgres:///pilin?host=/run/postgresql"),
            ("postgres://pilin@db/pilin", "postgres://pilin@db/pilin"),
        ] {
            let address: StoreAddress = url.parse().unwrap();
            assert_eq!(address.to_string(), shown);
            assert!(!format!("{address:?}").contains("geheim"), "{address:?}");
            let StoreAddress::Postgis(whole) = address else { panic!() };
            assert_eq!(whole.with_password(), url);
        }
        let why = "mysql://pilin:geheim@db".parse::<StoreAddress>().unwrap_err().to_string();
        assert_eq!(why, "“mysql://pilin:…@db” is neither sqlite:PATH nor postgres://…");
    }
}
