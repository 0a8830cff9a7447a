//! Lists in a statement, which SQLite takes one by one.

use sqlx::{Encode, QueryBuilder, Sqlite as Db, Type};

/// Writes `(?, ?, …)` behind what a statement has so far.
pub fn push_list<T>(statement: &mut QueryBuilder<Db>, values: impl IntoIterator<Item = T>)
where
    T: for<'q> Encode<'q, Db> + Type<Db> + Send + 'static,
{
    statement.push("(");
    let mut list = statement.separated(", ");
    for value in values {
        list.push_bind(value);
    }
    list.push_unseparated(")");
}
