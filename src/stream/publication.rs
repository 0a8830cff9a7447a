//! One publication, encoded once for all who get it.

use axum::extract::ws::Utf8Bytes;

use crate::domain::Offset;

/// The push `{"push":{"channel":…,"pub":{"data":…,"offset":…}}}`; clones share
/// its bytes.
#[derive(Clone, Debug)]
pub struct Publication {
    line: Utf8Bytes,
    /// Where the object after `"pub":` begins.
    object: usize,
}

impl Publication {
    /// From the channel's name (letters, digits and `:/@-_.` only, as all names
    /// of ours) and the payload's JSON, whose parts are joined.
    #[must_use]
    pub fn new(channel: &str, data: &[&str], offset: Option<Offset>) -> Self {
        let bytes: usize = data.iter().map(|part| part.len()).sum();
        let mut line = String::with_capacity(channel.len() + bytes + 80);
        line.push_str(r#"{"push":{"channel":""#);
        line.push_str(channel);
        line.push_str(r#"","pub":"#);
        let object = line.len();
        line.push_str(r#"{"data":"#);
        for part in data {
            line.push_str(part);
        }
        if let Some(Offset(offset)) = offset {
            line.push_str(r#","offset":"#);
            line.push_str(&offset.to_string());
        }
        line.push_str("}}}");
        Self { line: line.into(), object }
    }

    /// The whole push, to be sent as it is.
    #[must_use]
    pub fn line(&self) -> Utf8Bytes {
        self.line.clone()
    }

    /// The object `{"data":…,"offset":…}`, as a reply lists it.
    #[must_use]
    pub fn object(&self) -> &str {
        &self.line[self.object..self.line.len() - 2]
    }

    /// The size of the push.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.line.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_push_holds_what_a_reply_lists() {
        let one = Publication::new("alerts", &["[", "1", "]"], Some(Offset(7)));
        assert_eq!(
            one.line().as_str(),
            r#"{"push":{"channel":"alerts","pub":{"data":[1],"offset":7}}}"#
        );
        assert_eq!(one.object(), r#"{"data":[1],"offset":7}"#);
        let unplaced = Publication::new("stats", &["{}"], None);
        assert_eq!(unplaced.object(), r#"{"data":{}}"#);
    }
}
