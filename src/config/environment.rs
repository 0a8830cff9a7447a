//! The environment holds no key that nobody reads.

use super::{ConfigError, StoreAddress};

/// What is ours in the environment.
const PREFIX: &str = "PILIN_";

/// Variables of the scripts and tests around the service; it lets them pass.
const NOT_KEYS: &[&str] = &["PILIN_BIN", "PILIN_TEST_", "PILIN_BENCH_"];

/// The store that `DATABASE_URL` names, by which many programs find their database.
pub fn database_url() -> Result<Option<StoreAddress>, ConfigError> {
    match std::env::var("DATABASE_URL") {
        Ok(url) => {
            let address = url.parse::<StoreAddress>();
            address.map(Some).map_err(|why| ConfigError::key("DATABASE_URL", why.to_string()))
        }
        Err(_) => Ok(None),
    }
}

/// Refuses a `PILIN_…` variable that no key of `command` reads, so that a
/// misspelt one is not silently without effect.
pub fn check_environment(
    command: &clap::Command,
    names: impl IntoIterator<Item = String>,
) -> Result<(), ConfigError> {
    let read = |name: &str| {
        command.get_arguments().any(|key| key.get_env().is_some_and(|env| env == name))
    };
    let passes = |name: &str| NOT_KEYS.iter().any(|start| name.starts_with(start));
    match names.into_iter().find(|name| name.starts_with(PREFIX) && !read(name) && !passes(name)) {
        Some(name) => Err(ConfigError::UnknownVariable(name)),
        None => Ok(()),
    }
}
