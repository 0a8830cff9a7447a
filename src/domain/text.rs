//! Text that comes in: what is refused, and how names are made comparable.
//!
//! A name is one line that a person can see, in Unicode's form NFKC, so that two
//! names that read alike are alike (UAX #15, UTS #39). A key of another system is
//! checked as strictly and kept as it was sent: folding it could make two keys one.
//! Prose may have lines, and joiners, which emoji and some scripts need.

use std::borrow::Cow;

use unicode_normalization::{UnicodeNormalization, is_nfkc};
use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};

/// U+FEFF in UTF-8: many programs write it before a text.
const BYTE_ORDER_MARK: &str = "\u{feff}";

/// Why a text is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// Nothing in it, or blanks alone.
    #[error("empty")]
    Empty,
    /// More characters than it may have.
    #[error("longer than {0} characters")]
    TooLong(usize),
    /// A control character, or one that parts lines where one line is asked for.
    #[error("has a control character (U+{:04X})", u32::from(*.0))]
    Control(char),
    /// A character that is not seen, or turns others round.
    #[error("has an invisible character (U+{:04X})", u32::from(*.0))]
    Invisible(char),
    /// A character that Unicode does not know.
    #[error("has a character that is not assigned (U+{:04X})", u32::from(*.0))]
    Unassigned(char),
    /// A blank where none may be.
    #[error("has a space")]
    Blank,
    /// Marks and blanks alone: nothing can be seen.
    #[error("has no visible character")]
    Unseen,
}

/// The text behind a byte order mark, if there is one.
#[must_use]
pub fn without_mark(text: &str) -> &str {
    text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text)
}

/// The bytes behind a byte order mark of UTF-8, if there is one.
#[must_use]
pub fn bytes_without_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(BYTE_ORDER_MARK.as_bytes()).unwrap_or(bytes)
}

/// A name that identifies: trimmed, NFKC, one line, visible.
pub fn name(text: &str, most: usize) -> Result<Cow<'_, str>, TextError> {
    let name = nfkc(text.trim());
    check_line(&name, most)?;
    Ok(trimmed(name))
}

/// A name that is only read: as [`name()`], but the wide punctuation of Chinese stays
/// as it was written.
pub fn label(text: &str, most: usize) -> Result<Cow<'_, str>, TextError> {
    let text = text.trim();
    let folded = if text.contains(is_wide_punctuation) {
        let pieces = text.split_inclusive(is_wide_punctuation);
        Cow::Owned(pieces.fold(String::with_capacity(text.len()), |mut all, piece| {
            let words = piece.trim_end_matches(is_wide_punctuation);
            all.extend(words.nfkc());
            all + &piece[words.len()..]
        }))
    } else {
        nfkc(text)
    };
    check_line(&folded, most)?;
    Ok(trimmed(folded))
}

/// A key of another system: one line, visible; kept as it is.
pub fn key(text: &str, most: usize) -> Result<&str, TextError> {
    check_line(text, most)?;
    Ok(text)
}

/// Text of several lines, or none; kept as it is. Refused are control characters
/// other than tabs and line ends, and what turns the direction of writing round.
pub fn prose(text: &str, most: usize) -> Result<&str, TextError> {
    check_length(text, most)?;
    if text.is_ascii() && !text.bytes().any(|byte| byte.is_ascii_control()) {
        return Ok(text);
    }
    for c in text.chars() {
        if c.is_control() && !matches!(c, '\n' | '\r' | '\t') {
            return Err(TextError::Control(c));
        }
        if turns(c) {
            return Err(TextError::Invisible(c));
        }
    }
    Ok(text)
}

/// A text of one line with nothing in it that [`label`] refuses: what is kept from
/// before such characters were refused can still be shown.
#[must_use]
pub fn cleaned(text: &str) -> String {
    text.chars().filter(|&c| fault(c).is_none()).collect()
}

/// In Unicode's form NFKC.
#[must_use]
pub fn nfkc(text: &str) -> Cow<'_, str> {
    if text.is_ascii() || is_nfkc(text) {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(text.nfkc().collect())
    }
}

/// Without blanks around it: NFKC makes some (`¨` is a blank and a mark).
fn trimmed(text: Cow<'_, str>) -> Cow<'_, str> {
    match text.trim() {
        same if same.len() == text.len() => text,
        inner => Cow::Owned(inner.to_owned()),
    }
}

fn check_line(text: &str, most: usize) -> Result<(), TextError> {
    if text.trim().is_empty() {
        return Err(TextError::Empty);
    }
    check_length(text, most)?;
    if text.is_ascii() && !text.bytes().any(|byte| byte.is_ascii_control()) {
        return Ok(());
    }
    if let Some(fault) = text.chars().find_map(fault) {
        return Err(fault);
    }
    if text.chars().any(is_seen) { Ok(()) } else { Err(TextError::Unseen) }
}

fn check_length(text: &str, most: usize) -> Result<(), TextError> {
    // Bytes are at least as many as characters.
    if text.len() > most && text.chars().count() > most {
        return Err(TextError::TooLong(most));
    }
    Ok(())
}

/// Why a character may not be in a line.
fn fault(c: char) -> Option<TextError> {
    use GeneralCategory as Of;
    if c.is_ascii() {
        return c.is_control().then_some(TextError::Control(c));
    }
    match c.general_category() {
        Of::Control | Of::LineSeparator | Of::ParagraphSeparator => Some(TextError::Control(c)),
        Of::Format => Some(TextError::Invisible(c)),
        Of::Unassigned => Some(TextError::Unassigned(c)),
        _ if is_blank_letter(c) => Some(TextError::Invisible(c)),
        _ => None,
    }
}

/// Letters and marks by their category that show nothing (`Default_Ignorable_Code_Point`
/// beyond `Cf`, and the blank Braille cell).
const fn is_blank_letter(c: char) -> bool {
    matches!(
        c,
        '\u{034f}'
            | '\u{115f}'
            | '\u{1160}'
            | '\u{17b4}'
            | '\u{17b5}'
            | '\u{2800}'
            | '\u{3164}'
            | '\u{ffa0}'
            | '\u{180b}'..='\u{180f}'
    )
}

/// Whether a character shows something by itself.
fn is_seen(c: char) -> bool {
    use GeneralCategory as Of;
    let unseen = [Of::SpaceSeparator, Of::NonspacingMark, Of::EnclosingMark, Of::SpacingMark];
    !unseen.contains(&c.general_category())
}

/// Embeddings, overrides and isolates of the bidirectional algorithm (UAX #9).
const fn turns(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The wide forms of ASCII's punctuation.
const fn is_wide_punctuation(c: char) -> bool {
    matches!(c, '\u{ff01}'..='\u{ff0f}' | '\u{ff1a}'..='\u{ff20}' | '\u{ff3b}'..='\u{ff40}'
        | '\u{ff5b}'..='\u{ff65}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_read_alike_are_alike() {
        for (sent, kept) in [
            ("u310000ａｄ", "u310000ad"),
            (" Ⅳ号车 ", "IV号车"),
            ("①组", "1组"),
            ("\u{ac00}", "\u{1100}\u{1161}"),
            ("豈", "\u{f900}"),
            ("ﬁ", "fi"),
            ("青浦（东）", "青浦(东)"),
        ] {
            assert_eq!(name(sent, 64).unwrap(), nfkc(kept), "{sent}");
        }
        assert!(matches!(name("沪A-0117", 64), Ok(Cow::Borrowed("沪A-0117"))));
    }

    #[test]
    fn the_punctuation_of_a_label_stays() {
        assert_eq!(label("青浦（东片）Ａ１车：", 64).unwrap(), "青浦（东片）A1车：");
        assert_eq!(label("Ａ", 64).unwrap(), "A");
        assert_eq!(label("！？", 64).unwrap(), "！？");
    }

    #[test]
    fn what_is_not_seen_is_no_name() {
        use TextError::{Control, Empty, Invisible, TooLong, Unassigned, Unseen};
        for (text, why) in [
            ("", Empty),
            (" \u{3000}\t", Empty),
            ("\u{200b}\u{200b}", Invisible('\u{200b}')),
            ("B-1\u{200b}", Invisible('\u{200b}')),
            ("\u{feff}B-6", Invisible('\u{feff}')),
            ("\u{202e}车一浦青", Invisible('\u{202e}')),
            ("a\u{2067}b", Invisible('\u{2067}')),
            ("a\u{ad}b", Invisible('\u{ad}')),
            ("a\u{e0041}", Invisible('\u{e0041}')),
            ("一车\u{2028}二车", Control('\u{2028}')),
            ("一\u{2029}二", Control('\u{2029}')),
            ("a\u{85}b", Control('\u{85}')),
            ("a\nb", Control('\n')),
            ("a\0", Control('\0')),
            ("a\u{378}", Unassigned('\u{378}')),
            ("a\u{ffff}", Unassigned('\u{ffff}')),
            ("\u{2800}", Invisible('\u{2800}')),
            ("\u{301}\u{20dd}", Unseen),
            ("\u{fe0f}", Unseen),
            ("abcde", TooLong(4)),
        ] {
            assert_eq!(key(text, 4 + text.len() / 6), Err(why), "{text:?}");
        }
        // A filler of Hangul is another by NFKC, and is seen no more than it.
        assert_eq!(name("\u{3164}", 9), Err(Invisible('\u{1160}')));
        assert_eq!(name("\u{a8}x", 9).unwrap(), "\u{308}x");
    }

    #[test]
    fn prose_keeps_its_lines_and_its_emoji() {
        for text in ["", "一\r\n二\t三", "👨‍👩‍👧", "فار\u{200c}سی", "a\u{2028}b"]
        {
            assert_eq!(prose(text, 20), Ok(text));
        }
        assert_eq!(prose("派一组\u{202e}", 20), Err(TextError::Invisible('\u{202e}')));
        assert_eq!(prose("\u{2066}a", 20), Err(TextError::Invisible('\u{2066}')));
        assert_eq!(prose("a\u{1b}[2J", 20), Err(TextError::Control('\u{1b}')));
        assert_eq!(prose("a\u{9b}", 20), Err(TextError::Control('\u{9b}')));
        assert_eq!(prose("三三三", 2), Err(TextError::TooLong(2)));
    }

    #[test]
    fn what_was_kept_before_can_be_shown() {
        assert_eq!(cleaned("\u{202e}伟李\n"), "伟李");
    }

    #[test]
    fn a_mark_is_taken_off_once() {
        assert_eq!(without_mark("\u{feff}a\u{feff}"), "a\u{feff}");
        assert_eq!(bytes_without_mark(b"\xef\xbb\xbf{}"), b"{}");
        assert_eq!(bytes_without_mark(b"\xef\xbb"), b"\xef\xbb");
    }
}
