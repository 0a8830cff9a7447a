//! Whether a database can hold a store; if so, its schema is brought up to date.

use sqlx::migrate::MigrateError;
use sqlx::postgres::{PgConnection, PgPool};
use sqlx::{Connection, Executor, Row};

use super::super::StoreError;
use super::super::error::{During, said};
use super::{locks, schema};

/// The oldest PostgreSQL that does, as it counts its versions.
const POSTGRES: i32 = 150_000;

/// The oldest PostGIS that does.
const POSTGIS: (u32, u32) = (3, 3);

/// Checks a database, and brings its schema up to date.
pub async fn prepare(first: &mut PgConnection, writers: &PgPool) -> Result<(), StoreError> {
    let place = check_server(first).await?;
    check_postgis(first, &place).await?;
    check_rights(first, &place).await?;
    // Servers that start together do so in turn: it takes a lock of its own.
    let done = schema::CHANGES.run(writers).await;
    done.map_err(|why| refused(why, &place))?;
    check_owner(first, &place).await
}

/// Where we are, for those who have to set it right.
struct Place {
    database: String,
    user: String,
}

async fn check_server(connection: &mut PgConnection) -> Result<Place, StoreError> {
    let ask = "SELECT current_setting('server_version_num')::integer AS number,
                   current_setting('server_version') AS version, pg_is_in_recovery() AS standby,
                   current_setting('server_encoding') AS encoding,
                   current_setting('fsync') = 'on' AS syncs,
                   current_database()::text AS database, current_user::text AS login";
    let deed = "looking what the database is";
    let row = sqlx::query(ask).fetch_one(connection).await.during(deed)?;
    let text = |column: &str| row.try_get::<String, _>(column).during(deed);
    let yes = |column: &str| row.try_get::<bool, _>(column).during(deed);
    if row.try_get::<i32, _>("number").during(deed)? < POSTGRES {
        let found = text("version")?;
        return Err(unfit(format!("it is PostgreSQL {found}; Pilin needs 15 or newer")));
    }
    if yes("standby")? {
        return Err(unfit("it is a standby, which takes no writes; name the primary".to_owned()));
    }
    let place = Place { database: text("database")?, user: text("login")? };
    let encoding = text("encoding")?;
    if encoding != "UTF8" {
        let database = place.database;
        return Err(unfit(format!("“{database}” is encoded as {encoding}; Pilin needs UTF8")));
    }
    if !yes("syncs")? {
        tracing::warn!("the database runs with fsync off: a power cut loses what was accepted");
    }
    Ok(place)
}

async fn check_postgis(connection: &mut PgConnection, place: &Place) -> Result<(), StoreError> {
    let Place { database, user } = place;
    let available: Option<String> = sqlx::query_scalar(
        "SELECT coalesce(installed_version, default_version) FROM pg_available_extensions
         WHERE name = 'postgis'",
    )
    .fetch_optional(&mut *connection)
    .await
    .during("looking for PostGIS")?;
    let Some(version) = available else {
        return Err(unfit(
            "its server has no PostGIS; install it there (Debian: postgresql-15-postgis-3)"
                .to_owned(),
        ));
    };
    if !is_new_enough(&version) {
        return Err(unfit(format!("it has PostGIS {version}; Pilin needs 3.3 or newer")));
    }
    // In turn too: it would fail if another server is at it.
    let mut tx = connection.begin_with(locks::SCHEMA).await.during("beginning to set up")?;
    match tx.execute("CREATE EXTENSION IF NOT EXISTS postgis").await {
        Ok(_) => tx.commit().await.during("creating the extension postgis"),
        Err(why) if is_forbidden(&why) => Err(unfit(format!(
            "“{database}” lacks the extension postgis, and “{user}” may not create it; \
             have a superuser run there: CREATE EXTENSION postgis"
        ))),
        Err(why) => Err(why).during("creating the extension postgis"),
    }
}

/// Pilin makes tables whenever a new month begins, not only at the first start.
async fn check_rights(connection: &mut PgConnection, place: &Place) -> Result<(), StoreError> {
    let Place { database, user } = place;
    let ask = "SELECT current_schema()::text AS schema,
                   coalesce(has_schema_privilege(current_schema(), 'CREATE'), false) AS may";
    let deed = "looking what we may do";
    let row = sqlx::query(ask).fetch_one(connection).await.during(deed)?;
    let Some(schema) = row.try_get::<Option<String>, _>("schema").during(deed)? else {
        return Err(unfit(format!("no schema on the search_path of “{user}” is there")));
    };
    if row.try_get("may").during(deed)? {
        return Ok(());
    }
    Err(unfit(format!(
        "“{user}” may not make tables in the schema “{schema}” of “{database}”; \
         have its owner run there: GRANT CREATE ON SCHEMA {schema} TO \"{user}\""
    )))
}

/// Only who owns a table may attach partitions to it.
async fn check_owner(connection: &mut PgConnection, place: &Place) -> Result<(), StoreError> {
    let owner: Option<String> = sqlx::query_scalar(
        "SELECT pg_get_userbyid(relowner)::text FROM pg_class
         WHERE oid IN ('incidents'::regclass, 'tracks'::regclass)
             AND NOT pg_has_role(relowner, 'USAGE') LIMIT 1",
    )
    .fetch_optional(connection)
    .await
    .during("looking whose the tables are")?;
    let Some(owner) = owner else { return Ok(()) };
    let user = &place.user;
    Err(unfit(format!(
        "its tables are of “{owner}”, not of “{user}”; sign in as that, or have it run: \
         GRANT \"{owner}\" TO \"{user}\""
    )))
}

fn is_new_enough(version: &str) -> bool {
    let mut parts = version.split('.').map(|part| part.parse::<u32>().unwrap_or_default());
    (parts.next().unwrap_or_default(), parts.next().unwrap_or_default()) >= POSTGIS
}

/// Whether the database says that a right is missing.
fn is_forbidden(why: &sqlx::Error) -> bool {
    why.as_database_error()
        .and_then(sqlx::error::DatabaseError::code)
        .is_some_and(|code| code == "42501")
}

fn refused(why: MigrateError, place: &Place) -> StoreError {
    let Place { database, user } = place;
    match why {
        MigrateError::Execute(why) | MigrateError::ExecuteMigration(why, _)
            if is_forbidden(&why) =>
        {
            unfit(format!("“{user}” lacks a right in “{database}”: {}", said(&why)))
        }
        why => StoreError::Migrate { store: database.clone(), why },
    }
}

const fn unfit(why: String) -> StoreError {
    StoreError::Unfit(why)
}

#[cfg(test)]
mod tests {
    use super::is_new_enough;

    #[test]
    fn versions_are_compared_as_numbers() {
        assert!(["3.3.2", "3.10.0", "4.0", "3.3.0alpha1"].into_iter().all(is_new_enough));
        assert!(!["3.2.9", "2.5.4", "3", ""].into_iter().any(is_new_enough));
    }
}
