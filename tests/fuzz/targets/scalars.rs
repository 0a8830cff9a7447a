//! Times, whole numbers, codes and names, as texts bring them.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pilin::domain::{Code, Time, Whole, rfc3339, text};

fuzz_target!(|sent: &str| {
    if let Ok(at) = rfc3339::parse(sent) {
        assert_eq!(rfc3339::parse(&at.to_string()), Ok(at), "{sent}");
        assert!(sent.len() >= 20 && at > Time::from_ms(-62_167_219_200_001));
    }
    if let Ok(Whole(number)) = serde_json::from_str::<Whole>(sent) {
        let said: f64 = sent.trim().parse().expect("a whole number is a number");
        // Beyond the bounds it is held there.
        assert!((number as f64 - said).abs() <= said.abs() * 1e-15 || said.abs() >= 9e18);
    }
    if let Ok(code) = sent.parse::<Code>() {
        assert_eq!(code.to_string(), sent);
        assert_eq!(Code::from_number(code.number()), Ok(code));
    }
    if let Ok(name) = text::name(sent, 64) {
        assert_eq!(text::name(&name, 64).as_deref(), Ok(&*name), "{sent:?}");
        assert!(!name.contains(['\u{200b}', '\u{202e}', '\n', '\u{2028}']));
    }
    if let Ok(label) = text::label(sent, 64) {
        assert_eq!(text::label(&label, 64).as_deref(), Ok(&*label), "{sent:?}");
    }
    let cleaned = text::cleaned(sent);
    assert!(
        cleaned.trim().is_empty()
            || text::key(&cleaned, usize::MAX).is_ok()
            || text::key(&cleaned, usize::MAX) == Err(text::TextError::Unseen)
    );
});
