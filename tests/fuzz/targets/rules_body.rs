//! Rules as they are put, in both forms.
#![no_main]

use std::path::Path;
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use pilin::region::{Region, rules_from_json, rules_from_toml};

static REGION: LazyLock<Region> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/boston");
    Region::read(&folder).expect("data/boston is a region")
});

fuzz_target!(|text: &str| {
    for read in [rules_from_toml(text, &REGION.catalogue), rules_from_json(text, &REGION.catalogue)]
    {
        let Ok(rules) = read else { continue };
        for rule in rules.rules() {
            assert!(rule.eps_m.is_finite() && rule.eps_m > 0.0);
            assert!(rule.border_distance_m.is_finite() && rule.border_distance_m >= 0.0);
            assert!(rule.min_points > 0 && rule.window_ms > 0);
            assert!(rule.hold_ms >= 0 && rule.cooldown_ms >= 0);
            assert!(rule.matters.iter().all(|code| REGION.catalogue.get(code.as_str()).is_some()));
        }
    }
});
