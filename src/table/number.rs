//! Why a text is no number, for who looks at it in a spreadsheet.

/// Says what is wrong with a text that does not read as a number.
pub fn why_not(text: &str) -> String {
    let plain = |text: &str| text.parse::<f64>().is_ok();
    let narrow = crate::domain::text::nfkc(text);
    if text.is_empty() {
        "it is empty".to_owned()
    } else if narrow != text && plain(&narrow) {
        format!("“{text}” has wide characters: {narrow} is a number")
    } else if plain(&text.replacen(',', ".", 1)) {
        format!("“{text}” has a comma for a decimal point")
    } else if plain(&text.replace(char::is_whitespace, "")) {
        format!("“{text}” has a space in it")
    } else if text.contains(['°', '′', '″', '\'', 'º']) {
        format!("“{text}” is not in decimal degrees")
    } else {
        format!("“{text}” is not a number")
    }
}
