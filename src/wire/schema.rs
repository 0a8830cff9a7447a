//! Schemas of arrays whose every place has a meaning of its own.

use utoipa::PartialSchema;
use utoipa::openapi::schema::{ArrayBuilder, ArrayItems};
use utoipa::openapi::{RefOr, Schema};

/// The schema of a row: an array whose every place has a meaning of its own.
pub(super) fn row(places: &[RefOr<Schema>]) -> RefOr<Schema> {
    let places = places.iter().filter_map(|place| match place {
        RefOr::T(schema) => Some(schema.clone()),
        RefOr::Ref(_) => None,
    });
    let places: Vec<_> = places.collect();
    let many = Some(places.len());
    let row = ArrayBuilder::new().items(ArrayItems::False).prefix_items(places);
    RefOr::T(row.min_items(many).max_items(many).build().into())
}

/// The schema of `[lng, lat]`, degrees.
pub(super) fn position() -> RefOr<Schema> {
    row(&[f64::schema(), f64::schema()])
}

/// The schema of a list of those.
pub(super) fn positions() -> Schema {
    ArrayBuilder::new().items(position()).build().into()
}

/// The schema of `[west, south, east, north]`, degrees.
pub(super) fn bbox() -> RefOr<Schema> {
    row(&[f64::schema(), f64::schema(), f64::schema(), f64::schema()])
}
