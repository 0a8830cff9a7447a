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

fn packed(text: &[u8]) -> usize {
    use std::io::Write;
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(text).unwrap();
    gzip.finish().unwrap().len()
}

/// Every point of a layer, however deep its coordinates lie.
fn each_point(value: &serde_json::Value, take: &mut dyn FnMut([f64; 2])) {
    match value.as_array().map(Vec::as_slice) {
        Some([lng, lat]) if lng.is_number() => {
            take([lng.as_f64().unwrap(), lat.as_f64().unwrap()]);
        }
        Some(parts) => {
            for part in parts {
                each_point(part, take);
            }
        }
        None => {}
    }
}

#[test]
fn the_map_of_the_delta_is_a_small_download() {
    let delta = Region::read(&data("data")).unwrap();
    let sizes: Vec<_> =
        delta.display_layers().iter().map(|(name, text)| (*name, packed(text))).collect();
    let total: usize = sizes.iter().map(|(_, size)| size).sum();
    // Counties come only once an alert is looked at.
    let first: usize =
        sizes.iter().filter(|(name, _)| *name != "counties").map(|(_, size)| size).sum();
    println!("{sizes:?}: {total} bytes, {first} at first");
    assert!(total < 600_000, "{sizes:?}");
    assert!(first < 500_000, "{sizes:?}");
}

#[test]
fn what_the_pages_draw_of_a_border_lies_on_the_outlines_of_both_its_sides() {
    let delta = Region::read(&data("data")).unwrap();
    let layers = delta.display_layers();
    let layer = |name: &str| -> serde_json::Value {
        let (_, text) = layers.iter().find(|(of, _)| *of == name).unwrap();
        serde_json::from_slice(text).unwrap()
    };
    let features = |layer: &serde_json::Value| layer["features"].as_array().unwrap().clone();
    let mut sides = rustc_hash::FxHashMap::<[u64; 2], usize>::default();
    for province in features(&layer("provinces")) {
        let mut own = rustc_hash::FxHashSet::default();
        each_point(&province["geometry"]["coordinates"], &mut |at| {
            own.insert(at.map(f64::to_bits));
        });
        for at in own {
            *sides.entry(at).or_default() += 1;
        }
    }
    let borders = features(&layer("borders"));
    let strongest = borders.iter().find(|one| one["properties"]["level"] == "province").unwrap();
    let mut points = 0;
    each_point(&strongest["geometry"]["coordinates"], &mut |at| {
        points += 1;
        assert!(sides.get(&at.map(f64::to_bits)).is_some_and(|&sides| sides >= 2), "{at:?}");
    });
    assert!(points > 1_000, "{points}");
}

#[test]
fn every_layer_of_both_regions_is_drawn_and_each_county_is_still_there() {
    for folder in ["data", "data/boston"] {
        let region = Region::read(&data(folder)).unwrap();
        let layers = region.display_layers();
        for (name, text) in &layers {
            let whole: serde_json::Value =
                serde_json::from_slice(region.layer(name).unwrap()).unwrap();
            let drawn: serde_json::Value = serde_json::from_slice(text).unwrap();
            let count = |of: &serde_json::Value| of["features"].as_array().unwrap().len();
            match *name {
                "borders" => assert!(count(&drawn) > 0, "{folder} {name}"),
                "water" => assert!(count(&drawn) * 10 > count(&whole) * 9, "{folder} {name}"),
                _ => assert_eq!(count(&drawn), count(&whole), "{folder} {name}"),
            }
        }
        assert!(layers.iter().all(|(name, _)| region.layers().any(|of| of == *name)), "{folder}");
    }
}
