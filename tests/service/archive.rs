//! A whole store taken out as files and put into another, of either kind.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};
use std::time::Duration;

use pilin::access::Role;
use pilin::config::StoreAddress;
use reqwest::StatusCode;
use serde_json::{Value, json};
use sha2::Digest;
use tempfile::TempDir;

use crate::access::factor::enrol;
use crate::access::people::{Visitor, person, set_up};
use crate::alerts::{LINE, dumped};
use crate::database::Database;
use crate::harness::Server;
use crate::place::Place;

fn pilin(command: &str, store: &StoreAddress, of: &[&str]) -> Output {
    let store = match store {
        StoreAddress::Sqlite(_) => store.to_string(),
        StoreAddress::Postgis(url) => url.with_password().to_owned(),
    };
    let mut pilin = Command::new(env!("CARGO_BIN_EXE_pilin"));
    pilin.args([command, "--store", &store]).args(of).output().unwrap()
}

fn done(output: &Output) -> String {
    let said = [&output.stdout[..], &output.stderr[..]].concat();
    let said = String::from_utf8(said).unwrap();
    assert!(output.status.success(), "{said}");
    said
}

fn refused(output: &Output) -> String {
    assert!(!output.status.success());
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn export(store: &StoreAddress, folder: &Path) {
    done(&pilin("export", store, &[folder.to_str().unwrap()]));
}

fn import(store: &StoreAddress, folder: &Path) -> Output {
    pilin("import", store, &[folder.to_str().unwrap()])
}

/// The files of an export but for its manifest, and of the audit log only how it
/// begins: each export and import is an entry more.
fn files(folder: &Path, entries: usize) -> BTreeMap<String, String> {
    let mut files: BTreeMap<_, _> = fs::read_dir(folder)
        .unwrap()
        .map(|file| {
            let file = file.unwrap();
            assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
            let name = file.file_name().into_string().unwrap();
            (name, fs::read_to_string(file.path()).unwrap())
        })
        .collect();
    files.remove("manifest.json").unwrap();
    let audit = files.get_mut("audit.ndjson").unwrap();
    *audit = audit.split_inclusive('\n').take(entries).collect();
    files
}

/// A store in SQLite for one in PostGIS, and the other way round.
enum Other {
    File(TempDir),
    Database(Database),
}

impl Other {
    async fn than(place: &Place) -> Self {
        match place.address() {
            StoreAddress::Sqlite(_) => Self::Database(Database::new().await),
            StoreAddress::Postgis(_) => Self::File(tempfile::tempdir().unwrap()),
        }
    }

    fn address(&self) -> StoreAddress {
        match self {
            Self::File(folder) => StoreAddress::Sqlite(folder.path().join("other.db")),
            Self::Database(database) => database.url().parse().unwrap(),
        }
    }
}

/// What is told of the picture, once the alert's history is, which is written behind it.
async fn picture(of: &Visitor) -> Vec<Value> {
    for _ in 0..400 {
        let told = of.get("/api/v1/alerts/1").await.to_string();
        if told.contains("\"step\":\"acknowledged\"") {
            break;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    let track = "/api/v1/units/QP-1/track?from=2026-03-04T00:00:00Z&to=2026-03-05T00:00:00Z";
    let doors = ["/api/v1/incidents", "/api/v1/units", "/api/v1/alerts", "/api/v1/alerts/1"];
    let mut told = Vec::new();
    for door in doors.into_iter().chain([track, "/api/v1/rules"]) {
        told.push(of.get(door).await);
    }
    told
}

// The service goes on while the commands run, though this waits for them.
#[tokio::test(flavor = "multi_thread")]
async fn a_store_goes_into_the_other_kind_and_back_and_nothing_is_lost() {
    let server = Server::in_the_morning().await;
    let unit = json!({"code": "QP-1", "name": "青浦一号", "kind": "car", "agency": "320509"});
    server.post("/api/v1/units", &unit).await;
    let fix = json!([{"unit": "QP-1", "lon": 120.987_654_321_012_34, "lat": 31.1, "datum": "gcj02",
        "at": "2026-03-04T07:59:00+08:00", "speed_mps": 3.3}]);
    server.post("/api/v1/positions", &fix).await;
    server.post("/api/v1/incidents", &json!(dumped(LINE, 3, 4))).await;
    set_up(&server, "320000").await;
    let li = person(&server, "li", "320000", Role::Commander).await;
    let said = json!({"note": "派青浦"});
    li.post("/api/v1/alerts/1/acknowledge", &said, StatusCode::OK).await;
    let before = picture(&li).await;

    let folder = tempfile::tempdir().unwrap();
    let [a, b, c] = ["a", "b", "c"].map(|name| folder.path().join(name));
    export(server.place.address(), &a);
    let twice = pilin("export", server.place.address(), &[a.to_str().unwrap()]);
    assert!(refused(&twice).contains("it is there already"));
    let other = Other::than(&server.place).await;
    let said = done(&import(&other.address(), &a));
    assert!(said.contains("incidents.geojsonl: 7 lines, as in the manifest"), "{said}");
    let why = refused(&import(&other.address(), &a));
    assert!(why.contains("it is not empty: there is something in its log"), "{why}");
    export(&other.address(), &b);
    let back = Place::new().await;
    done(&import(back.address(), &b));
    export(back.address(), &c);
    let entries = fs::read_to_string(a.join("audit.ndjson")).unwrap().lines().count();
    assert_eq!(files(&a, entries), files(&b, entries));
    assert_eq!(files(&a, entries), files(&c, entries));

    let again = Server::with("data", |config| config.store = back.address().clone()).await;
    let li = Visitor::sign_in(&again, "li").await;
    assert_eq!(picture(&li).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_damaged_or_broken_off_is_not_put_in() {
    let server = Server::in_the_morning().await;
    server.post("/api/v1/incidents", &json!(dumped(LINE, 1, 1))).await;
    let folder = tempfile::tempdir().unwrap();
    let taken = folder.path().join("taken");
    export(server.place.address(), &taken);
    let target = StoreAddress::Sqlite(folder.path().join("target.db"));

    let incidents = taken.join("incidents.geojsonl");
    let whole = fs::read_to_string(&incidents).unwrap();
    fs::write(&incidents, whole.replace("spoil-dumping", "spoil-dumpinh")).unwrap();
    let why = refused(&import(&target, &taken));
    assert!(
        why.contains("incidents.geojsonl: it is not as the manifest says: its SHA-256"),
        "{why}"
    );
    fs::write(&incidents, whole.lines().next().unwrap()).unwrap();
    let why = refused(&import(&target, &taken));
    assert!(why.contains("1 lines, not 2"), "{why}");
    fs::write(&incidents, whole).unwrap();
    let manifest = taken.join("manifest.json");
    let said = fs::read_to_string(&manifest).unwrap();
    fs::remove_file(&manifest).unwrap();
    assert!(refused(&import(&target, &taken)).contains("one that was broken off"));
    fs::write(&manifest, said.replace("\"form\": 1", "\"form\": 2")).unwrap();
    assert!(refused(&import(&target, &taken)).contains("this version reads form 1"));
    fs::write(&manifest, said).unwrap();
    done(&import(&target, &taken));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schema_is_brought_up_to_date_and_said_to_be() {
    let place = Place::new().await;
    let migrate = |of: &[&str]| pilin("migrate", place.address(), of);
    if let StoreAddress::Sqlite(file) = place.address() {
        assert!(refused(&migrate(&[])).contains("there is no sqlite:"));
        fs::write(file, "").unwrap();
    }
    let check = migrate(&["--check"]);
    assert!(refused(&check).contains("changes of the schema are to be made"));
    assert_eq!(check.status.code(), Some(3), "which is no failure");
    let said = done(&migrate(&[]));
    assert!(said.contains("0001 log") && said.contains("brought from 0 to"), "{said}");
    assert!(done(&migrate(&["--check"])).contains("the schema is up to date"));
    let log = done(&pilin("audit", place.address(), &["export"]));
    assert!(log.contains("\"migrate\""), "{log}");
    // What only reads leaves a store alone that an older version may be serving.
    let undone = "DELETE FROM _sqlx_migrations
                  WHERE version = (SELECT max(version) FROM _sqlx_migrations)";
    place.meddle(undone).await;
    let target = tempfile::tempdir().unwrap();
    let path = |name: &str| target.path().join(name).display().to_string();
    let mut deeds = vec![
        ("audit", vec!["verify".to_owned()]),
        ("audit", vec!["export".to_owned()]),
        ("account", vec!["list".to_owned()]),
        ("export", vec![path("taken")]),
    ];
    if let StoreAddress::Sqlite(_) = place.address() {
        deeds.push(("backup", vec![path("copy.db")]));
    }
    for (deed, of) in &deeds {
        let of: Vec<_> = of.iter().map(|word| &**word).collect();
        let why = refused(&pilin(deed, place.address(), &of));
        assert!(why.contains(", this version works with"), "{deed}: {why}");
        assert!(why.contains("run pilin migrate"), "{deed}: {why}");
    }
    assert_eq!(migrate(&["--check"]).status.code(), Some(3), "nothing was changed");
    place.meddle("UPDATE _sqlx_migrations SET version = 9000 WHERE version = 1").await;
    let check = migrate(&["--check"]);
    assert!(refused(&check).contains("its schema is at 9000"));
    assert_eq!(check.status.code(), Some(1));
    let why = refused(&pilin("audit", place.address(), &["verify"]));
    assert!(why.contains("its schema is at 9000"), "{why}");
}

/// Changes a file of an export, and makes the manifest fit it again.
fn forge(folder: &Path, name: &str, of: impl Fn(&str) -> String) {
    let file = folder.join(name);
    let changed = of(&fs::read_to_string(&file).unwrap());
    fs::write(&file, &changed).unwrap();
    let place = folder.join("manifest.json");
    let mut manifest: Value = serde_json::from_str(&fs::read_to_string(&place).unwrap()).unwrap();
    let listed = manifest["files"].as_array_mut().unwrap();
    let listed = listed.iter_mut().find(|listed| listed["file"] == name).unwrap();
    listed["lines"] = changed.lines().count().into();
    listed["bytes"] = changed.len().into();
    listed["sha256"] =
        pilin::store::hex::encode(&sha2::Sha256::digest(changed.as_bytes()).into()).into();
    fs::write(&place, manifest.to_string()).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_store_can_have_written_is_refused_by_file_line_and_field() {
    let server = Server::in_the_morning().await;
    let unit = json!({"code": "QP-1", "name": "青浦一号", "kind": "car", "agency": "320509"});
    server.post("/api/v1/units", &unit).await;
    server.post("/api/v1/incidents", &json!(dumped(LINE, 1, 1))).await;
    set_up(&server, "320000").await;
    let li = person(&server, "li", "320000", Role::Commander).await;
    enrol(&li).await;
    let folder = tempfile::tempdir().unwrap();
    let (taken, forged) = (folder.path().join("taken"), folder.path().join("forged"));
    export(server.place.address(), &taken);
    let target = StoreAddress::Sqlite(folder.path().join("target.db"));
    let last = format!("{{\"hash\":\"{}\",\"used_at\":null}},", "f".repeat(64));
    let last_first = format!("\"recovery_codes\":[{last}");
    for (name, from, to, says) in [
        ("audit.ndjson", "\"set-up\"", "\"set-down\"", "audit.ndjson:1: link: entry 1 was changed"),
        (
            "accounts.ndjson",
            "\"320000\"",
            "\"999999\"",
            "accounts.ndjson:1: agency: the region has no jurisdiction 999999",
        ),
        (
            "accounts.ndjson",
            "\"id\":2",
            "\"id\":0",
            "accounts.ndjson:2: id: 0 is no number that a store gives",
        ),
        (
            "accounts.ndjson",
            "\"id\":2",
            "\"id\":1",
            "accounts.ndjson:2: id: is another account's too",
        ),
        (
            "accounts.ndjson",
            "\"name\":\"li\"",
            "\"name\":\"l\\ni\"",
            "accounts.ndjson:2: name: has a control character (U+000A)",
        ),
        (
            "accounts.ndjson",
            "m=19456",
            "m=4194304",
            "accounts.ndjson:1: password: costs 4194304 KiB, 2 passes and 1 lanes",
        ),
        ("accounts.ndjson", "t=2", "t=100", "accounts.ndjson:1: password: costs 19456 KiB, 100"),
        (
            "accounts.ndjson",
            "$argon2id$",
            "$argon2i$",
            "accounts.ndjson:1: password: is no argon2id hash",
        ),
        (
            "accounts.ndjson",
            "\"factor\":{\"secret\":\"",
            "\"factor\":{\"secret\":\"0",
            "the secret of a second factor is 40 small hex digits",
        ),
        (
            "accounts.ndjson",
            "\"recovery_codes\":[",
            &last_first,
            "accounts.ndjson:2: factor: recovery_codes: is not in order",
        ),
        ("sessions.ndjson", "\"account\":2", "\"account\":7", "account: there is no account 7"),
        ("units.ndjson", "青浦一号", "青浦\\u0007号", "units.ndjson:1: unit: name: has a control"),
        (
            "log.ndjson",
            "\"offset\":1,",
            "\"offset\":2,",
            "log.ndjson:1: offset: 2 stands where 1 should",
        ),
        ("notes.ndjson", "Yangtze River Delta", "Elsewhere", "it is of Elsewhere, and not of"),
    ] {
        drop(fs::remove_dir_all(&forged));
        fs::create_dir(&forged).unwrap();
        for file in fs::read_dir(&taken).unwrap().map(Result::unwrap) {
            fs::copy(file.path(), forged.join(file.file_name())).unwrap();
        }
        forge(&forged, name, |text| {
            assert!(text.contains(from), "{name}: {text}");
            text.replacen(from, to, 1)
        });
        let why = refused(&import(&target, &forged));
        assert!(why.contains(says), "{name}: {why}");
        let StoreAddress::Sqlite(file) = &target else { unreachable!() };
        assert!(!file.exists(), "nothing is written before all is checked");
    }
    done(&import(&target, &taken));
}
