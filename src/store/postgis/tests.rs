//! What only this store has to show.

use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};

use super::super::contract::database::Database;
use super::super::contract::{fix, report};
use super::{Draft, Offset, Postgis, Store};
use crate::domain::{Event, Forget, IncidentId, Position, Time};
use crate::store::contents::{Contents, IncidentRow, Row};
use crate::store::{Owner, StoreError};

async fn run(database: &Database, sql: &str) {
    let mut connection = PgConnection::connect(&database.url()).await.unwrap();
    connection.execute(AssertSqlSafe(sql)).await.unwrap();
    connection.close().await.unwrap();
}

/// Opens a database as somebody who is nobody special.
async fn refusal(database: &Database, login: &str) -> String {
    Postgis::open(&format!("{}&user={login}", database.url())).await.unwrap_err().to_string()
}

/// A role of the cluster, named after the database.
async fn role(database: &Database) -> String {
    let name = format!("of_{}", database.name());
    run(database, &format!("CREATE ROLE {name} LOGIN")).await;
    name
}

fn tick() -> Draft {
    Draft { events: vec![Event::Tick], ..Draft::default() }
}

#[tokio::test]
async fn a_database_without_the_extension_gets_it() {
    let database = Database::like("template0").await;
    let store = Postgis::open(&database.url()).await.unwrap();
    assert_eq!(store.append(tick()).await.unwrap().offset, Offset(1));
}

#[tokio::test]
async fn who_may_not_create_the_extension_is_told_who_can() {
    let database = Database::like("template0").await;
    let somebody = role(&database).await;
    run(&database, &format!("GRANT CREATE ON SCHEMA public TO {somebody}")).await;
    let why = refusal(&database, &somebody).await;
    assert!(why.contains("lacks the extension postgis"), "{why}");
    assert!(why.contains("have a superuser run there: CREATE EXTENSION postgis"), "{why}");
}

#[tokio::test]
async fn who_may_not_make_tables_is_told_what_to_grant() {
    let database = Database::new().await;
    let somebody = role(&database).await;
    let why = refusal(&database, &somebody).await;
    assert!(why.contains("may not make tables in the schema “public”"), "{why}");
    let grant = format!("GRANT CREATE ON SCHEMA public TO \"{somebody}\"");
    assert!(why.contains(&grant), "{why}");
    run(&database, &grant).await;
    Postgis::open(&format!("{}&user={somebody}", database.url())).await.unwrap();
}

#[tokio::test]
async fn who_does_not_own_the_tables_is_told_whose_they_are() {
    let database = Database::new().await;
    let somebody = role(&database).await;
    Postgis::open(&database.url()).await.unwrap();
    let tables = "GRANT ALL ON ALL TABLES IN SCHEMA public TO";
    run(&database, &format!("{tables} {somebody}; GRANT CREATE ON SCHEMA public TO {somebody}"))
        .await;
    let why = refusal(&database, &somebody).await;
    assert!(why.contains("its tables are of “pilin”"), "{why}");
}

#[tokio::test]
async fn a_database_out_of_reach_is_told_from_one_that_refuses() {
    let why = Postgis::open("postgres:///?host=/nowhere").await.unwrap_err();
    assert!(matches!(why, StoreError::Unreachable { .. }), "{why:?}");
    let database = Database::new().await;
    let store = Postgis::open(&database.url()).await.unwrap();
    run(&database, "DROP TABLE alerts").await;
    let why = store.alert(crate::domain::AlertId(1)).await.unwrap_err();
    assert!(matches!(why, StoreError::Database { .. }), "{why:?}");
    // Without the line of PostgreSQL's own code that says so.
    assert!(why.to_string().ends_with("relation \"alerts\" does not exist"), "{why}");
}

#[tokio::test]
async fn a_row_that_makes_no_sense_is_found_corrupt() {
    let database = Database::new().await;
    let store = Postgis::open(&database.url()).await.unwrap();
    store.append(tick()).await.unwrap();
    run(&database, "UPDATE log SET blob = '\\x63' WHERE seq = 1").await;
    let why = store.read(Offset(0), 9).await.unwrap_err();
    assert_eq!(why.to_string(), "log.blob of row 1: unknown encoding 99");
}

#[tokio::test]
async fn a_commit_whose_answer_is_lost_is_in_doubt_until_the_log_is_read() {
    let database = Database::new().await;
    let store = Postgis::open(&database.url()).await.unwrap();
    run(
        &database,
        "CREATE FUNCTION leave() RETURNS trigger LANGUAGE plpgsql AS
             $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$;
         CREATE CONSTRAINT TRIGGER leaves AFTER INSERT ON log
             DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION leave()",
    )
    .await;
    let why = store.append(tick()).await.unwrap_err();
    assert!(matches!(why, StoreError::InDoubt { .. }), "{why:?}");
    assert_eq!(store.read(Offset(0), 9).await.unwrap(), []);
    run(&database, "DROP TRIGGER leaves ON log").await;
    assert_eq!(store.append(tick()).await.unwrap().offset, Offset(1), "no number is lost");
}

#[tokio::test]
async fn what_is_accepted_is_durable_though_the_database_is_set_to_answer_before() {
    let database = Database::new().await;
    let name = database.name();
    run(&database, &format!("ALTER DATABASE {name} SET synchronous_commit = off")).await;
    let store = Postgis::open(&database.url()).await.unwrap();
    let set: String =
        sqlx::query_scalar("SHOW synchronous_commit").fetch_one(&store.writers).await.unwrap();
    assert_eq!(set, "on");
}

#[tokio::test]
async fn months_of_tracks_that_are_over_are_dropped_as_a_whole() {
    let database = Database::new().await;
    let store = Postgis::open(&database.url()).await.unwrap();
    let times = ["2026-01-30T00:00:00Z", "2026-03-01T00:00:00Z"].map(|at| at.parse().unwrap());
    for at in times {
        let events = vec![Event::Position(Position { at, ..fix(1, 0) })];
        store.append(Draft { events, ..Draft::default() }).await.unwrap();
    }
    store.compact(Offset(2), 9).await.unwrap();
    let months = async || {
        let list = "SELECT string_agg(relname, ' ' ORDER BY relname) FROM pg_class
                    WHERE relname ~ '^tracks_20' AND relkind = 'r'";
        sqlx::query_scalar::<_, String>(list).fetch_one(&store.writers).await.unwrap()
    };
    assert_eq!(months().await, "tracks_2026_01 tracks_2026_03 tracks_2026_04");
    let events = vec![Event::Forget(Forget { unit: None, before: times[1] })];
    store.append(Draft { events, ..Draft::default() }).await.unwrap();
    while store.forget_some(9, Time::default()).await.unwrap() {}
    assert_eq!(months().await, "tracks_2026_03 tracks_2026_04");
}

#[tokio::test]
async fn fixes_go_into_tracks_and_an_archive_into_a_store_over_one_connection() {
    let database = Database::new().await;
    let store = Postgis::with_writers(&database.url(), 1).await.unwrap();
    for (nth, month) in ["2026-01-30T00:00:00Z", "2026-03-01T00:00:00Z"].into_iter().enumerate() {
        let at = month.parse().unwrap();
        let events = vec![Event::Position(Position { at, ..fix(1, 0) })];
        store.append(Draft { events, ..Draft::default() }).await.unwrap();
        let upto = Offset(nth as u64 + 1);
        assert_eq!(store.compact(upto, 9).await.unwrap(), upto, "a month nobody has made");
    }
    assert_eq!(store.compact(Offset(9), 9).await.unwrap(), Offset(2), "there is no more");
    let empty = Database::new().await;
    let store = Postgis::with_writers(&empty.url(), 1).await.unwrap();
    let mut filling = store.fill().await.unwrap();
    let incident = report("a").numbered(IncidentId(1));
    let (offset, owner) = (Offset(1), Owner::NOBODY);
    filling.put(vec![Row::Incident(IncidentRow { offset, owner, incident })]).await.unwrap();
}

#[tokio::test]
async fn servers_that_start_at_once_on_an_empty_database_all_start() {
    let database = Database::like("template0").await;
    let url = database.url();
    let open = async || Postgis::open(&url).await.unwrap();
    let (a, b, c) = tokio::join!(open(), open(), open());
    assert_eq!((a.epoch(), b.epoch()), (b.epoch(), c.epoch()));
}
