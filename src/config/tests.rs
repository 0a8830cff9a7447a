use clap::{CommandFactory, FromArgMatches, Parser};

use super::*;
use crate::access::Role;

#[derive(Debug, Parser)]
struct Serve {
    #[command(flatten)]
    layer: Layer,
}

fn flags(flags: &[&str]) -> Layer {
    let matches = Serve::command().get_matches_from([&["pilin"], flags].concat());
    Serve::from_arg_matches(&matches).unwrap().layer
}

fn from(given: &[&str], file: &str) -> Result<Config, ConfigError> {
    Config::from_layers(flags(given), Layer::from_toml(file).unwrap())
}

fn refusal(given: &[&str], file: &str) -> String {
    from(given, file).unwrap_err().to_string()
}

#[test]
fn without_a_word_the_defaults_hold_and_help_says_them() {
    let config = from(&[], "").unwrap();
    assert_eq!(config.limits, Limits::default());
    let help = Serve::command().render_long_help().to_string().replace("\n          ", " ");
    for (key, default) in [
        ("listen", config.listen.to_string()),
        ("region", config.region.display().to_string()),
        ("store", config.store.to_string()),
        ("clock", "wall".to_owned()),
        ("checkpoint-events", config.checkpoint_events.to_string()),
        ("border-strip-m", config.border_strip_m.to_string()),
        ("tiles-kind", TilesKind::default().to_string()),
        ("log", config.logs.filter),
        ("spool-mib", "1024".to_owned()),
        ("body-bytes", config.limits.body_bytes.to_string()),
        ("batch-items", config.limits.batch_items.to_string()),
        ("items-per-second", config.limits.items_per_second.to_string()),
        ("message-bytes", config.limits.message_bytes.to_string()),
        ("ingest-sockets", config.limits.ingest_sockets.to_string()),
        ("first-password-days", config.passwords.first_days.to_string()),
        ("positions-days", config.retention.positions_days.unwrap().to_string()),
        ("texts-days", config.retention.texts_days.unwrap_or(0).to_string()),
    ] {
        let (_, text) = help.split_once(&format!("--{key} ")).unwrap();
        let (text, _) = text.split_once("[env").unwrap();
        assert!(text.contains(&format!("[default: {default}]")), "{key}: {text}");
    }
}

#[test]
fn flags_go_before_the_file_key_by_key() {
    let file = "region = 'a'\nclock = 'driven'\n[limits]\nbatch_items = 7\nbody_bytes = 2048\n\
                [tiles]\nurl = 'https://tiles.example/{z}/{x}/{y}.png'\nkind = 'vector'";
    let config = from(&["--region", "b", "--batch-items", "9", "--tiles-size=512"], file).unwrap();
    assert_eq!(config.region, PathBuf::from("b"));
    assert_eq!(config.clock, ClockKind::Driven);
    assert_eq!((config.limits.batch_items, config.limits.body_bytes), (9, 2048));
    let tiles = config.tiles.unwrap();
    assert_eq!((tiles.kind, tiles.tile_size), (TilesKind::Vector, 512));
}

#[test]
fn an_unknown_key_is_refused_by_its_name() {
    for file in ["lisen = '127.0.0.1:1'", "[limits]\nlisen = 1", "config = 'lisen'"] {
        let why = Layer::from_toml(file).unwrap_err().to_string();
        assert!(why.contains("lisen") || why.contains("config"), "{why}");
    }
    assert!(Serve::command().try_get_matches_from(["pilin", "--lisen=1"]).is_err());
    let names = |name: &str| check_environment(&Serve::command(), [name.to_owned()]);
    assert_eq!(names("PILIN_LISEN").unwrap_err().to_string(), "PILIN_LISEN: there is no such key");
    for fine in ["PILIN_LISTEN", "PILIN_TEST_PYTHON", "PILIN_BODY_BYTES", "PATH"] {
        names(fine).unwrap();
    }
}

#[test]
fn an_impossible_value_is_refused_with_its_key() {
    assert!(refusal(&["--body-bytes", "3"], "").starts_with("limits.body_bytes: 3 is not within"));
    assert!(refusal(&[], "[limits]\nitems_per_second = 0").starts_with("limits.items_per_second"));
    assert_eq!(from(&["--positions-days=0"], "").unwrap().retention.positions_days, None);
    assert!(refusal(&[], "[retention]\npositions_days = 40000").starts_with("retention.positi"));
    assert_eq!(from(&[], "").unwrap().retention.texts_days, None, "for ever");
    assert_eq!(from(&[], "[retention]\ntexts_days = 365").unwrap().retention.texts_days, Some(365));
    assert!(refusal(&["--texts-days=36501"], "").starts_with("retention.texts_days: 36501"));
    assert!(refusal(&["--border-strip-m", "60000"], "").starts_with("border_strip_m: 60000"));
    for events in ["99", "100000001"] {
        let why = refusal(&["--checkpoint-events", events], "");
        assert!(why.starts_with(&format!("checkpoint_events: {events} is not within")), "{why}");
    }
    assert!(refusal(&[], "[tiles]\nurl = 'ftp://x'").starts_with("tiles.url"));
    assert!(refusal(&["--tiles-size", "256"], "").starts_with("tiles.url: missing"));
    assert!(refusal(&["--tls-key", "k.pem"], "").starts_with("tls.certificate: missing"));
    assert!(refusal(&[], "[tls]\ncertificate = 'c.pem'").starts_with("tls.key: missing"));
    assert!(refusal(&[], "[oidc]\nissuer = 'ftp://x'").starts_with("oidc.issuer"));
    let issuer = ["--oidc-issuer", "https://id.example"];
    assert!(refusal(&issuer, "").starts_with("oidc.base: missing"));
    assert!(refusal(&issuer, "[oidc]\nbase = 'https://a/b'").starts_with("oidc.base: “https"));
    assert!(refusal(&["--allow-origin", "example.org/x"], "").starts_with("allowed_origins"));
    let why = Layer::from_toml("store = 'mysql:x'").unwrap_err().to_string();
    assert!(
        why.contains("store") && why.contains("is neither sqlite:PATH nor postgres://"),
        "{why}"
    );
}

#[test]
fn a_database_has_a_spool_and_the_embedded_store_only_if_it_is_given_one() {
    let spool = |given: &[&str], file| {
        let spool = from(given, file).unwrap().spool?;
        Some((spool.folder.display().to_string(), spool.most_bytes))
    };
    let database = "--store=postgres:///pilin";
    assert_eq!(spool(&[], ""), None);
    assert_eq!(spool(&["--spool", "a"], ""), Some(("a".to_owned(), 1 << 30)));
    assert_eq!(spool(&[database], ""), Some(("pilin.spool".to_owned(), 1 << 30)));
    assert_eq!(spool(&[database, "--spool-mib=0"], "[spool]\nfolder = 'a'"), None);
    let file = "[spool]\nfolder = 'a'\nmib = 3";
    assert_eq!(spool(&[database], file), Some(("a".to_owned(), 3 << 20)));
    assert!(refusal(&["--spool-mib", "2000000"], "").starts_with("spool.mib: 2000000 is not"));
    assert!(refusal(&["--spool-mib", "3"], "").starts_with("spool.folder: missing"));
    assert_eq!(spool(&["--spool-mib", "0"], ""), None);
    let named = |given: &[&str]| from(given, "").unwrap().spool.unwrap().named;
    assert!(named(&[database, "--spool=a"]) && !named(&[database]));
}

#[test]
fn roles_that_need_a_second_factor_are_named() {
    assert!(from(&[], "").unwrap().sign_in.second_factor.is_empty());
    let file = "[sign_in]\nsecond_factor = ['admin', 'security-admin']";
    let said = from(&[], file).unwrap().sign_in.second_factor;
    assert_eq!(said, [Role::Admin, Role::SecurityAdmin]);
    let flags = ["--second-factor", "officer,auditor"];
    let said = from(&flags, file).unwrap().sign_in.second_factor;
    assert_eq!(said, [Role::Officer, Role::Auditor]);
    let why = refusal(&[], "[sign_in]\nsecond_factor = ['wall']");
    assert!(why.starts_with("sign_in.second_factor: walls"), "{why}");
    let why = Layer::from_toml("[sign_in]\nsecond_factor = ['chief']").unwrap_err().to_string();
    assert!(why.contains("chief"), "{why}");
}

#[test]
fn several_origins_may_be_named() {
    let config = from(&["--allow-origin", "http://a:1,https://b"], "").unwrap();
    assert_eq!(config.allowed_origins, ["http://a:1", "https://b"]);
}

#[test]
fn sessions_rest_and_last_by_role_and_a_file_says_otherwise() {
    let usual = from(&[], "").unwrap().sessions;
    assert_eq!(usual.len(), Role::ALL.len());
    assert_eq!(usual[&Role::SecurityAdmin].idle_minutes, 30);
    assert_eq!(usual[&Role::Officer].idle_minutes, 720);
    let said = "[sessions.officer]\nidle_minutes = 20\nmost = 1";
    let officer = from(&[], said).unwrap().sessions[&Role::Officer];
    assert_eq!((officer.idle_minutes, officer.hours, officer.most), (20, 720, 1));
    let refused = refusal(&[], "[sessions.system-admin]\nhours = 0");
    assert!(refused.starts_with("sessions.system-admin.hours: 0 is not within"), "{refused}");
    for (unknown, said) in
        [("chief", "[sessions.chief]\nhours = 1"), ("days", "[sessions.wall]\ndays = 1")]
    {
        let why = Layer::from_toml(said).unwrap_err().to_string();
        assert!(why.contains(unknown), "{why}");
    }
}
