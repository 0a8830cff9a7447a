//! What the atlas says of the delta and of Boston.

use super::*;

#[test]
fn the_delta_loads_and_knows_its_places() {
    let atlas = Atlas::build(&delta()).unwrap();
    let name = |lng, lat| {
        let place = atlas.place(LngLat::new(lng, lat).unwrap());
        Level::ALL.map(|level| {
            place.at(level).and_then(|code| atlas.jurisdiction(code)).map(|of| of.name.as_str())
        })
    };
    assert_eq!(name(121.4737, 31.2304), [Some("上海市"), Some("上海市"), Some("黄浦区"), None]);
    assert_eq!(name(121.105, 31.138)[3], Some("夏阳街道"));
    assert_eq!(name(100.0, 31.0), [None; 4]);
}

#[test]
fn boston_loads() {
    let atlas = Atlas::build(&boston()).unwrap();
    assert_eq!(atlas.borders(Level::County).len(), 45);
    let place = atlas.place(LngLat::new(-71.06, 42.36).unwrap());
    assert!(place.county.is_some());
}
