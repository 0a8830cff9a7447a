use super::*;
use crate::domain::{Code, Time};

fn entry(target: &str) -> Entry {
    Entry {
        at: Time::from_ms(1_772_323_200_000),
        who: Who::Person {
            account: 3,
            name: "li".into(),
            agency: "310118".parse().unwrap(),
            role: "officer".into(),
        },
        address: Some("10.0.0.7".parse().unwrap()),
        agent: "Firefox".into(),
        deed: "acknowledge".into(),
        target: target.into(),
        before: None,
        after: Some(serde_json::json!({"note": "派青浦"})),
        outcome: Outcome::Done,
        about: None,
        request: None,
    }
}

#[test]
fn an_entry_is_read_by_those_whom_it_concerns() {
    let of = |who: Who, deed: &str, target: &str| Entry {
        who,
        deed: deed.into(),
        after: None,
        ..entry(target)
    };
    let operator = || Who::Operator { name: "root".into() };
    let reads = |entry: &Entry, own: &str| {
        let own: Code = own.parse().unwrap();
        entry.concerns(|agency| agency == own)
    };
    let mut told = of(operator(), "add-account", "li");
    told.after = Some(serde_json::json!({"agency": "310000"}));
    let mut moved = told.clone();
    moved.before = Some(serde_json::json!({"agency": "330000"}));
    let about = |entry: Entry| Entry { about: "310000".parse().ok(), ..entry };
    for (what, entry, shanghai, anhui) in [
        ("a person's", of(entry("").who, "acknowledge", "alert 1"), false, false),
        ("of all", of(operator(), "set-rules", "rules"), true, true),
        ("of nobody", of(Who::Nobody, "set-up", ""), true, true),
        ("unknown name", of(Who::Nobody, "sign-in", UNKNOWN_NAME), true, true),
        ("a name, in old entries", of(Who::Nobody, "sign-in", "pass-w0rd"), false, false),
        ("a known name", about(of(Who::Nobody, "sign-in", "li")), true, false),
        ("by its agency", told, true, false),
        ("moved", moved, true, false),
        ("an old one at the command line", of(operator(), "revoke-token", "bus"), false, false),
        ("a unit's", about(of(operator(), "forgotten", "unit QP-1")), true, false),
        ("of all units", of(operator(), "forgotten", "positions"), true, true),
        ("before there were accounts", of(Who::Open, "set-clock", "clock"), true, true),
    ] {
        assert_eq!(reads(&entry, "310000"), shanghai, "{what}");
        assert_eq!(reads(&entry, "340000"), anhui, "{what}");
    }
}

#[test]
fn entries_without_an_agency_are_written_and_read_as_before() {
    let line = Record::after(None, &entry("alert 1")).line;
    assert!(!line.contains("about"), "{line}");
    let about = Entry { about: "310000".parse().ok(), ..entry("alert 1") };
    let record = Record::after(None, &about);
    assert!(record.line.contains(r#""about":"310000""#), "{}", record.line);
    assert_eq!(record.entry(), Some(about));
}

fn chain() -> Vec<Record> {
    let mut all: Vec<Record> = Vec::new();
    for target in ["alert 1", "alert 2", "alert 3"] {
        let last = all.last().map(|record| (record.number, record.link));
        all.push(Record::after(last, &entry(target)));
    }
    all
}

fn verdict(all: &[Record]) -> Result<(), Broken> {
    let mut chain = Chain::default();
    all.iter().try_for_each(|record| chain.follow(record))
}

#[test]
fn an_entry_is_read_as_it_was_written() {
    let all = chain();
    assert_eq!(verdict(&all), Ok(()));
    assert_eq!(all[1].entry().unwrap(), entry("alert 2"));
    assert_eq!(Record::from_exported(&all[1].exported()).as_ref(), Some(&all[1]));
    assert_eq!(all[1].link.to_string().parse(), Ok(all[1].link));
    assert_eq!("0".repeat(64).parse(), Ok(Link::START));
    assert!("é".repeat(32).parse::<Link>().is_err());
}

#[test]
fn what_was_changed_removed_or_moved_is_found() {
    let mut changed = chain();
    changed[1].line = changed[1].line.replace("alert 2", "alert 9");
    assert_eq!(verdict(&changed), Err(Broken::Hash(2)));
    let mut removed = chain();
    removed.remove(1);
    assert_eq!(verdict(&removed), Err(Broken::Number { expected: 2, found: 3 }));
    let mut renumbered = removed;
    renumbered[1].number = 2;
    assert_eq!(verdict(&renumbered), Err(Broken::Line(2)));
    let mut moved = chain();
    moved.swap(0, 1);
    assert_eq!(verdict(&moved), Err(Broken::Number { expected: 1, found: 2 }));
    let mut linked_anew = chain();
    linked_anew[1].line = linked_anew[1].line.replace("alert 2", "alert 9");
    linked_anew[1].link = linked_anew[0].link.then(&linked_anew[1].line);
    assert_eq!(verdict(&linked_anew), Err(Broken::Hash(3)));
}

#[test]
fn anybody_can_check_a_link_without_pilin() {
    // printf '%064d\n{"number":1}' 0 | sha256sum
    assert_eq!(
        Link::START.then(r#"{"number":1}"#).to_string(),
        "fdf3caeae8da4690e1dc589ec1bf241530e23941da239304475fb1806c832078"
    );
}
