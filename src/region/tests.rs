use super::*;

fn data(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

#[test]
fn both_regions_are_read_whole() {
    let delta = Region::read(&data("data")).unwrap();
    assert_eq!((delta.level, delta.time_zone_name.as_str()), (Level::Province, "Asia/Shanghai"));
    assert!(!delta.rules.rules().is_empty());
    assert!(delta.layers().eq([
        "provinces",
        "cities",
        "counties",
        "townships",
        "zones",
        "water",
        "borders"
    ]));
    let borders = delta.layer("borders").unwrap();
    assert!(borders.starts_with(b"{\"features\":[{\"geometry\""), "{borders:?}");

    let boston = Region::read(&data("data/boston")).unwrap();
    assert_eq!(boston.level, Level::County);
    assert!(boston.atlas.borders(Level::County).len() > 40);
}
