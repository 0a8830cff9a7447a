use super::*;

fn data(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

#[test]
fn a_set_without_a_rule_is_refused() {
    let catalogue = Region::read(&data("data")).unwrap().catalogue;
    let reason = "rule: there must be at least one";
    for empty in [rules_from_toml("", &catalogue), rules_from_json("{\"rule\": []}", &catalogue)] {
        assert_eq!(empty.unwrap_err().to_string(), reason);
    }
}

#[test]
fn a_folder_without_a_region_is_named() {
    let why = Region::read(Path::new("nowhere")).unwrap_err().to_string();
    assert_eq!(
        why,
        "nowhere: there is no region.toml; name the region's folder with --region [default: data]"
    );
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

#[test]
fn a_grading_that_cannot_be_is_refused_by_file_and_field() {
    let folder = tempfile::tempdir().unwrap();
    for file in fs::read_dir(data("data/boston")).unwrap().map(Result::unwrap) {
        fs::copy(file.path(), folder.path().join(file.file_name())).unwrap();
    }
    let sheet = folder.path().join("region.toml");
    let text = fs::read_to_string(&sheet).unwrap();
    let with = |grading: &str| {
        fs::write(&sheet, format!("{text}\n[grading]\n{grading}\n")).unwrap();
        Region::read(folder.path())
    };
    assert_eq!(with("large = 5").unwrap().grading, Grading { large: 5, ..Grading::default() });
    let why = with("pilot_startup_area = 2").unwrap_err().to_string();
    assert!(why.ends_with("region.toml: grading.pilot_startup_area: must be 0 or 1"), "{why}");
    for wrong in ["large = 1", "large = -3", "pilot = 1", "event_perimeter = true"] {
        with(wrong).unwrap_err();
    }
}
