//! What is wrong with a JSON value, in our own words.

/// Says in plain words what `serde` says of a value in its own: the kinds of Rust
/// mean nothing to who sent it. What is not known here stays as it is.
#[must_use]
pub fn plain(why: &serde_json::Error) -> String {
    let text = why.to_string();
    // Without the ` at line 1 column 20`, which counts within the item.
    let place = text.rfind(" at line ").filter(|_| why.line() > 0);
    let text = place.map_or(text.as_str(), |end| &text[..end]);
    reworded(text).unwrap_or_else(|| text.to_owned())
}

fn reworded(text: &str) -> Option<String> {
    if let Some(rest) = text.strip_prefix("unknown field ") {
        let (_, known) = rest.split_once(", expected ")?;
        return Some(format!("unknown; the fields here are {}", list(known)));
    }
    if let Some(rest) = text.strip_prefix("unknown variant ") {
        let (value, known) = rest.split_once(", expected ")?;
        return Some(format!("“{}” is none of {}", value.trim_matches('`'), list(known)));
    }
    if let Some(field) = text.strip_prefix("missing field ") {
        return Some(format!("“{}” is missing", field.trim_matches('`')));
    }
    if let Some(field) = text.strip_prefix("duplicate field ") {
        return Some(format!("“{}” is there twice", field.trim_matches('`')));
    }
    let rest = text.strip_prefix("invalid type: ").or_else(|| text.strip_prefix("invalid value: "));
    let (value, kind) = rest?.rsplit_once(", expected ")?;
    Some(format!("{} is not {}", told(value), kind_of(kind)))
}

/// The names of a list, without what sets them off.
fn list(known: &str) -> String {
    known.trim_start_matches("one of ").replace('`', "")
}

/// The value that was sent.
fn told(value: &str) -> String {
    let number = ["integer ", "floating point ", "boolean "];
    if let Some(text) = value.strip_prefix("string ") {
        // Escaped as in JSON, or nearly: then it stays as it is.
        let text = serde_json::from_str(text).unwrap_or_else(|_escapes| text.to_owned());
        return format!("“{text}”");
    }
    match value {
        "sequence" => "a list".to_owned(),
        "map" => "an object".to_owned(),
        value => match number.iter().find_map(|kind| value.strip_prefix(kind)) {
            Some(number) => number.trim_matches('`').to_owned(),
            None => value.to_owned(),
        },
    }
}

/// What it should have been.
fn kind_of(kind: &str) -> &str {
    match kind {
        "f32" | "f64" => "a number",
        "u8" => "a whole number from 0 to 255",
        "u16" | "u32" | "u64" | "usize" => "a whole number from 0 on",
        "i8" | "i16" | "i32" | "i64" => "a whole number",
        "a string" | "a borrowed string" | "string or map" => "a text",
        "a boolean" => "true or false",
        "a sequence" => "a list",
        kind if kind.starts_with("struct ") => "an object",
        kind => kind,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Datum;

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only what cannot be read matters")]
    struct Item {
        lon: Option<f64>,
        severity: Option<u8>,
        datum: Option<Datum>,
        media: Option<Vec<String>>,
        name: String,
    }

    fn why(text: &str) -> String {
        plain(&serde_json::from_str::<Item>(text).unwrap_err())
    }

    #[test]
    fn what_serde_says_is_said_in_our_words() {
        assert_eq!(why(r#"{"lon":"x"}"#), "“x” is not a number");
        assert_eq!(why(r#"{"lon":"a\"b, expected c"}"#), "“a\"b, expected c” is not a number");
        assert_eq!(why(r#"{"lon":[]}"#), "a list is not a number");
        assert_eq!(why(r#"{"severity":999}"#), "999 is not a whole number from 0 to 255");
        assert_eq!(why(r#"{"severity":1.5}"#), "1.5 is not a whole number from 0 to 255");
        assert_eq!(why(r#"{"media":{}}"#), "an object is not a list");
        assert_eq!(why(r#"{"name":null}"#), "null is not a text");
        assert_eq!(why(r#"{"datum":"x"}"#), "“x” is none of wgs84, cgcs2000, gcj02, bd09");
        let unknown = "unknown; the fields here are lon, severity, datum, media, name";
        assert_eq!(why(r#"{"lan":1}"#), unknown);
        assert_eq!(why("{}"), "“name” is missing");
        assert_eq!(why(r#"{"lon":1,"lon":1}"#), "“lon” is there twice");
        assert_eq!(why("[1"), "EOF while parsing a list");
    }
}
