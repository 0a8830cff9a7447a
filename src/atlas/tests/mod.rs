//! The atlas on the real regions, and against slower, plainer answers.

mod distances;
mod fingerprints;
mod lattice;
mod oracle;
mod places;
mod refusals;
mod regions;

use super::*;

macro_rules! layer {
    ($file:literal) => {
        Source { file: $file, text: include_str!(concat!("../../../data/", $file)) }
    };
}

fn delta() -> Layers<'static> {
    Layers {
        provinces: layer!("provinces.geojson"),
        cities: layer!("cities.geojson"),
        counties: layer!("counties.geojson"),
        townships: Some(layer!("townships.geojson")),
        zones: Some(layer!("zones.geojson")),
    }
}

fn boston() -> Layers<'static> {
    Layers {
        provinces: layer!("boston/provinces.geojson"),
        cities: layer!("boston/cities.geojson"),
        counties: layer!("boston/counties.geojson"),
        townships: None,
        zones: None,
    }
}
