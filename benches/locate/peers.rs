//! The same counties asked by others.

use std::hint::black_box;
use std::path::Path;
use std::time::Instant;

use anyhow::{Context, ensure};
use geo::{Contains, MultiPolygon, Point};
use pilin::atlas::Atlas;
use pilin::domain::{Code, LngLat};
use rstar::primitives::{GeomWithData, Rectangle};
use rstar::{AABB, RTree};

use crate::postgis;
use crate::sheet::Sheet;

/// A county as its file draws it.
#[derive(Debug)]
pub struct County {
    pub code: Code,
    pub shape: MultiPolygon<f64>,
}

/// Asks `rstar` with `geo`, and `PostGIS`, for the counties of points, holds
/// their answers against ours and writes down the ratios of speeds.
pub fn run(
    folder: &Path,
    atlas: &Atlas,
    points: &[LngLat],
    ours_per_s: f64,
    sheet: &mut Sheet,
) -> anyhow::Result<()> {
    let counties = read(&folder.join("counties.geojson"))?;
    let ours: Vec<Option<Code>> = points.iter().map(|&point| atlas.place(point).county).collect();

    let per_s = rstar_and_geo(&counties, points, &ours)?;
    let asked = "full locate, uniform, beside";
    sheet.beside(
        &format!("{asked} rstar + geo::Contains (county alone)"),
        ours_per_s,
        per_s,
        "points/s",
    );
    let figures = postgis::run(&counties, points, &ours)?;
    for (what, per_s) in figures {
        sheet.beside(&format!("{asked} {what} (county alone)"), ours_per_s, per_s, "points/s");
    }
    Ok(())
}

fn read(file: &Path) -> anyhow::Result<Vec<County>> {
    let text =
        std::fs::read_to_string(file).with_context(|| format!("reading {}", file.display()))?;
    let collection: geojson::FeatureCollection = text.parse()?;
    collection
        .features
        .into_iter()
        .map(|feature| {
            let code = feature.property("code").and_then(|code| code.as_str());
            let code = code.context("a county without code")?.parse()?;
            let shape = feature.geometry.context("a county without shape")?.try_into()?;
            Ok(County { code, shape })
        })
        .collect()
}

/// Boxes in an R-tree, then the exact predicate.
fn rstar_and_geo(
    counties: &[County],
    points: &[LngLat],
    ours: &[Option<Code>],
) -> anyhow::Result<f64> {
    use geo::BoundingRect;
    let boxes = counties.iter().enumerate().filter_map(|(at, county)| {
        let rect = county.shape.bounding_rect()?;
        let corners = (rect.min().into(), rect.max().into());
        let (least, most): ([f64; 2], [f64; 2]) = corners;
        Some(GeomWithData::new(Rectangle::from_corners(least, most), at))
    });
    let tree = RTree::bulk_load(boxes.collect());
    let start = Instant::now();
    let theirs: Vec<Option<Code>> = points
        .iter()
        .map(|&point| {
            let at = [point.lng(), point.lat()];
            let near = tree.locate_in_envelope_intersecting(&AABB::from_point(at));
            let mut near = near.map(|of| &counties[of.data]);
            near.find(|county| county.shape.contains(&Point::from(at))).map(|county| county.code)
        })
        .collect();
    let per_s = rate(points.len(), start);
    ensure!(black_box(theirs) == ours, "geo answers otherwise");
    Ok(per_s)
}

/// So many answers since then, a second.
#[expect(clippy::cast_precision_loss, reason = "a rate")]
pub fn rate(answers: usize, since: Instant) -> f64 {
    answers as f64 / since.elapsed().as_secs_f64()
}
