//! What the commands say, told from outside: every error once, and whose it is.

#![expect(clippy::unwrap_used, reason = "a story that cannot go on must fail")]

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

/// What a command printed and said, and its exit code.
struct Said {
    out: String,
    err: String,
    code: i32,
}

/// Runs a command in the root of the tree on some input.
fn pilin(command: &str, input: &str) -> Said {
    pilin_in(Path::new(env!("CARGO_MANIFEST_DIR")), command, input)
}

fn pilin_in(folder: &Path, command: &str, input: &str) -> Said {
    let mut child = Command::new(env!("CARGO_BIN_EXE_pilin"))
        .args(command.split(' '))
        .current_dir(folder)
        .env_remove("PILIN_STORE")
        .env_remove("DATABASE_URL")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A command that does not read its input closes it.
    let _closed = child.stdin.take().unwrap().write_all(input.as_bytes());
    let done = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Said { out: text(done.stdout), err: text(done.stderr), code: done.status.code().unwrap() }
}

/// That a command fails with these words.
#[track_caller]
fn fails(command: &str, input: &str, code: i32, words: &str) {
    let said = pilin(command, input);
    assert!(said.err.starts_with(words), "{}", said.err);
    assert_eq!(said.code, code, "{}", said.err);
}

#[test]
fn every_line_of_the_readme_about_files_runs_as_it_is_written() {
    let located = pilin("locate --datum gcj02 data/samples/points.csv", "");
    assert_eq!((located.code, located.err.as_str()), (0, ""));
    assert!(located.out.contains("310118") && located.out.contains("320000-330000"));
    let clusters = "analyze clusters --eps-m 500 --min-points 5";
    let samples = pilin(&format!("{clusters} data/samples/incidents.csv"), "");
    assert!(samples.out.contains(",0,true") && samples.out.contains(",,false"));
    let boston = pilin(&format!("{clusters} data/boston/incidents_2015_h1.csv"), "");
    assert_eq!((boston.code, boston.out.lines().count()), (0, 8_824));
}

#[test]
fn an_error_names_the_file_the_line_and_the_column_once() {
    let clusters = "analyze clusters --eps-m 500 --min-points 5 -";
    fails(clusters, "", 1, "pilin: standard input: it is empty: not even a header is there\n");
    fails(clusters, "id,lat\n", 1, "pilin: standard input: there is no column “lon” or “lng”");
    fails(
        "locate",
        "lon,lat\n1,x\n",
        1,
        "pilin: standard input: 1 row (line 2) with no usable coordinates went through empty; \
         line 2: lat: “x” is not a number\n",
    );
    fails("locate none.csv", "", 1, "pilin: none.csv: No such file or directory (os error 2)\n");
    let replay = "replay - --to http://127.0.0.1:1";
    fails(replay, "", 1, "pilin: standard input: it is empty: not even a header is there\n");
    fails("serve --config none.toml", "", 1, "pilin: reading none.toml: No such file");
    let header = pilin(clusters, "id,lon,lat\n");
    assert_eq!((header.out.as_str(), header.code), ("id,cluster,core\n", 0));
}

#[test]
fn a_command_line_that_is_not_understood_is_told_as_any_error() {
    fails("nonsense", "", 2, "pilin: unrecognized subcommand 'nonsense'\n");
    let clusters = "analyze clusters --eps-m -5 --min-points 5 x.csv";
    let why = "pilin: invalid value '-5' for '--eps-m <METRES>': it is not within 1 to 50000\n";
    fails(clusters, "", 2, why);
    let why = "pilin: invalid value 'here' for '--to <URL>': it is not http://HOST:PORT\n";
    fails("replay x.csv --to here", "", 2, why);
    let why = "pilin: invalid value 'mysql://pilin:…@db/pilin' for '--store <STORE>': ";
    fails("serve --store mysql://pilin:secret@db/pilin", "", 2, why);
    assert!(pilin("--help", "").out.contains("Say where the points of a CSV lie"));
}

#[test]
fn the_help_tells_which_columns_are_read() {
    for (command, columns) in [
        ("locate", ["lon", "lat", "border_distance_m"]),
        ("analyze clusters", ["external_id", "occurred_at", "matter"]),
        ("replay", ["external_id", "occurred_at", "source"]),
    ] {
        let help = pilin(&format!("{command} --help"), "").out;
        for column in columns {
            assert!(help.contains(column), "{command}: {column}: {help}");
        }
    }
}

#[test]
fn only_adding_an_account_makes_a_store_and_says_where() {
    let folder = tempfile::tempdir().unwrap();
    let region = concat!(env!("CARGO_MANIFEST_DIR"), "/data");
    let run = |command: &str| pilin_in(folder.path(), command, "");
    let place = folder.path().canonicalize().unwrap().join("pilin.db");
    let none = format!("pilin: --store: there is no sqlite:{}\n", place.display());
    for command in
        ["account list", "account disable li", "token list", "audit verify", "audit export"]
    {
        assert_eq!(run(command).err, none, "{command}");
        assert!(!place.exists(), "{command}");
    }
    fails("locate --region nowhere", "", 1, "pilin: nowhere: there is no region.toml; name");
    let added = run(&format!("account add li --agency 310118 --role officer --region {region}"));
    assert_eq!(added.err, format!("pilin: li was added to sqlite:{}\n", place.display()));
    let listed = run("account list --store sqlite:pilin.db");
    assert_eq!(listed.out, "li\tofficer\t310118\tli\n");
    let verified = run("audit verify").out;
    assert!(verified.starts_with("1 entry holds; newest link "), "{verified}");
}
