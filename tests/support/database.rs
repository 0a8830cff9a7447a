//! A database of its own in the throw-away PostGIS of the tests.

use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;

use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};

/// The address of the cluster, with what follows in it still open.
fn cluster() -> String {
    std::env::var("PILIN_TEST_POSTGRES").expect(
        "this test needs a PostGIS: run it by `make test`, or as \
         `scripts/postgis.sh cargo test …`, which starts a throw-away one",
    )
}

/// An empty database, dropped with this.
#[derive(Debug)]
pub struct Database {
    name: String,
}

impl Database {
    /// One that has the extension already, as an administrator leaves it.
    pub async fn new() -> Self {
        Self::like("pilin_template").await
    }

    /// One made after another.
    pub async fn like(template: &str) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("test_{}_{count}", std::process::id());
        run(format!("CREATE DATABASE {name} TEMPLATE {template}")).await;
        Self { name }
    }

    /// What it is called.
    #[allow(dead_code, reason = "not in every crate that this is part of")]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its address.
    pub fn url(&self) -> String {
        format!("{}&dbname={}", cluster(), self.name)
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let drop = format!("DROP DATABASE {} WITH (FORCE)", self.name);
        let done = thread::spawn(|| {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.expect("a runtime").block_on(run(drop));
        });
        if done.join().is_err() {
            eprintln!("{} is left behind", self.name);
        }
    }
}

/// Runs a statement outside of any test's database.
async fn run(statement: String) {
    let mut connection = PgConnection::connect(&format!("{}&dbname=postgres", cluster()))
        .await
        .expect("the tests' PostGIS");
    connection.execute(AssertSqlSafe(statement)).await.expect("a statement of the tests");
    connection.close().await.expect("closing a connection");
}
