//! From the text of one item to its fields, or to the field at fault.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::outcome::Refusal;
use super::words::plain;

/// Characters of a reason: it may quote what was sent.
const REASON: usize = 200;

/// What is wrong with an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flaw {
    /// The field at fault.
    pub field: Option<Cow<'static, str>>,
    /// What is wrong with it.
    pub reason: Cow<'static, str>,
}

impl Flaw {
    /// A flaw of a field.
    pub fn of(field: &'static str, reason: impl Into<Cow<'static, str>>) -> Self {
        Self { field: Some(field.into()), reason: reason.into() }
    }

    /// Of the item at a place of the body.
    #[must_use]
    pub fn at(self, index: u32) -> Refusal {
        Refusal { index, field: self.field, reason: self.reason }
    }
}

/// What must be there.
pub fn needed<T>(field: &'static str, value: Option<T>) -> Result<T, Flaw> {
    value.ok_or_else(|| Flaw::of(field, "missing"))
}

/// Reads an item; what is wrong with it is looked for only if something is.
pub fn item<'a, T: Deserialize<'a>>(text: &'a [u8]) -> Result<T, Flaw> {
    // A list of values in the order of the fields would be read too.
    if text.first() != Some(&b'{') {
        return Err(Flaw { field: None, reason: "not a JSON object".into() });
    }
    serde_json::from_slice(text).map_err(|why| flaw::<T>(text, &why))
}

#[cold]
fn flaw<'a, T: Deserialize<'a>>(text: &'a [u8], why: &serde_json::Error) -> Flaw {
    let whole = |why: String| {
        let reason = short(format!("not a JSON object: {why}"));
        Flaw { field: None, reason }
    };
    if let Err(why) = serde_json::from_slice::<&RawValue>(text) {
        return whole(format!("{} at byte {}", plain(&why), why.column()));
    }
    let mut reader = serde_json::Deserializer::from_slice(text);
    match serde_path_to_error::deserialize::<_, T>(&mut reader) {
        Ok(_) => whole(plain(why)),
        Err(why) => {
            let path = why.path().to_string();
            let field = (path != ".").then(|| short(path));
            Flaw { field, reason: short(plain(why.inner())) }
        }
    }
}

fn short(text: String) -> Cow<'static, str> {
    match text.char_indices().nth(REASON) {
        Some((end, _)) => format!("{}…", &text[..end]).into(),
        None => text.into(),
    }
}
