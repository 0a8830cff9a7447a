//! The rooms know only whom they may know, and tell each error once.

#![expect(clippy::unwrap_used, reason = "a test that cannot read the tree must fail")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Who may name whom. A room not listed, or a room named that is not in its
/// line, fails the test: a circle cannot be written here.
const MAY_NAME: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("table", &["domain"]),
    ("atlas", &["domain"]),
    ("access", &["atlas", "domain"]),
    ("region", &["atlas", "domain"]),
    ("engine", &["atlas", "domain"]),
    ("analysis", &["atlas", "domain", "engine"]),
    ("store", &["access", "domain"]),
    ("archive", &["access", "domain", "store"]),
    ("spool", &["domain", "store"]),
    ("gate", &["access", "domain", "store"]),
    ("wire", &["access", "atlas", "domain", "region"]),
    ("config", &["access", "domain"]),
    ("stream", &["access", "atlas", "domain", "region", "wire"]),
    (
        "pipeline",
        &[
            "access", "atlas", "config", "domain", "engine", "region", "spool", "store", "stream",
            "wire",
        ],
    ),
    ("ingest", &["access", "atlas", "config", "domain", "pipeline", "region", "store"]),
    (
        "api",
        &[
            "access", "atlas", "config", "domain", "engine", "gate", "ingest", "pipeline",
            "region", "store", "stream", "wire",
        ],
    ),
    (
        "service",
        &[
            "access", "api", "config", "domain", "gate", "ingest", "pipeline", "region", "spool",
            "store", "stream", "wire",
        ],
    ),
    ("simulate", &["atlas", "domain", "table", "wire"]),
];

/// What the pure core never names.
const IMPURE: &[&str] = &["axum::", "tokio::", "sqlx::", "std::fs", "Timestamp::now", "rand::"];

fn rust_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
}

/// The code of a file: no comments, and nothing from its test module on.
fn code(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    let lines = text.lines().take_while(|line| !line.starts_with("#[cfg(test)]"));
    lines
        .map(|line| line.split("//").next().unwrap_or_default())
        .fold(String::new(), |all, line| all + line + "\n")
}

/// The rooms that a text names by `crate::`, single or in braces.
fn named(code: &str) -> BTreeSet<String> {
    let word = |text: &str| -> String {
        text.trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
    };
    let mut rooms = BTreeSet::new();
    for rest in code.split("crate::").skip(1) {
        if let Some(list) = rest.strip_prefix('{') {
            let mut depth = 0;
            let mut item = String::new();
            for c in list.chars() {
                match c {
                    '{' => depth += 1,
                    '}' if depth == 0 => break,
                    '}' => depth -= 1,
                    ',' if depth == 0 => {
                        rooms.insert(word(&item));
                        item.clear();
                    }
                    c => item.push(c),
                }
            }
            rooms.insert(word(&item));
        } else {
            rooms.insert(word(rest));
        }
    }
    rooms.remove("");
    rooms
}

fn rooms() -> BTreeMap<String, Vec<PathBuf>> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    rust_files(&source, &mut files);
    let mut rooms: BTreeMap<String, Vec<PathBuf>> = BTreeMap::new();
    for file in files {
        let inside = file.strip_prefix(&source).unwrap();
        let room = inside.iter().next().unwrap().to_str().unwrap().trim_end_matches(".rs");
        if !["lib", "main", "cli"].contains(&room) {
            rooms.entry(room.to_owned()).or_default().push(file);
        }
    }
    rooms
}

#[test]
fn no_room_names_one_it_may_not_know() {
    for (room, files) in rooms() {
        let Some((_, allowed)) = MAY_NAME.iter().find(|(name, _)| *name == room) else {
            panic!("src/{room} is not in the plan of the rooms");
        };
        for file in files {
            for other in named(&code(&file)) {
                assert!(
                    other == room || allowed.contains(&other.as_str()),
                    "{} names {other}",
                    file.display()
                );
            }
        }
    }
}

#[test]
fn the_plan_of_the_rooms_has_no_circle() {
    let mut known: BTreeSet<&str> = BTreeSet::new();
    for (room, allowed) in MAY_NAME {
        for other in *allowed {
            assert!(known.contains(other), "{room} may name {other}, which comes after it");
        }
        known.insert(room);
    }
}

#[test]
fn the_core_is_pure() {
    for (room, files) in rooms() {
        if ["domain", "atlas", "access", "engine", "analysis"].contains(&room.as_str()) {
            for file in files {
                let code = code(&file);
                for word in IMPURE {
                    assert!(!code.contains(word), "{} names {word}", file.display());
                }
            }
        }
    }
}

/// Who may choose keys that collide may stop whoever looks them up: what comes from
/// outside is hashed with a random key.
#[test]
fn what_others_choose_is_hashed_with_a_key() {
    const CHOSEN: &[&str] = &["str", "String", "Name", "Tile", "Time", "IpAddr", "Key"];
    let inner = ["domain", "atlas", "access", "engine", "analysis", "simulate"];
    for (_, files) in rooms().into_iter().filter(|(room, _)| !inner.contains(&room.as_str())) {
        for file in files {
            let code = code(&file);
            for kept in ["FxHashMap<", "FxHashSet<"].iter().flat_map(|it| code.split(it).skip(1)) {
                let key: String = kept.chars().take_while(|c| !",{;".contains(*c)).collect();
                let words = key.split(|c: char| !c.is_alphanumeric());
                let chosen = words.filter(|word| CHOSEN.contains(word)).count();
                assert_eq!(chosen, 0, "{}: FxHash of {key}", file.display());
            }
        }
    }
}

/// A text that tells its cause, and a cause behind it, would be told twice in a chain.
#[test]
fn an_error_tells_its_cause_once() {
    for file in rooms().into_values().flatten() {
        let code = code(&file);
        for told in code.split("#[error(").skip(1).filter(|told| !told.starts_with("transparent")) {
            let within = told.lines().take_while(|line| !line.starts_with('}'));
            for line in within {
                let twice = ["#[from]", "#[source]"].iter().any(|mark| line.contains(mark));
                let is_cause = line.trim_start().starts_with("source:");
                assert!(!twice && !is_cause, "{}: {}", file.display(), line.trim());
            }
        }
    }
}
