//! By what an atlas is known again.

use super::*;

fn boston_with(from: &str, to: &str) -> u64 {
    let Layers { provinces, cities, counties, .. } = boston();
    assert!(counties.text.contains(from));
    let text = counties.text.replace(from, to);
    let counties = Source { file: counties.file, text: &text };
    let layers = Layers { provinces, cities, counties, townships: None, zones: None };
    Atlas::build(&layers).unwrap().fingerprint()
}

#[test]
fn an_atlas_is_known_again_by_where_things_are_and_not_by_what_they_are_called() {
    let boston = Atlas::build(&boston()).unwrap().fingerprint();
    assert_eq!(boston_with("Allston", "Allston"), boston);
    assert_eq!(boston_with("Allston", "Elsewhere"), boston);
    assert_ne!(boston_with("-71.140037,42.350338", "-71.140036,42.350338"), boston);
    assert_ne!(boston_with("250701", "250799"), boston);
}
