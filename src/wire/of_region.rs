//! The wire's shapes made from a region, and the names it gives to others.

use std::sync::Arc;

use crate::access::{Ground, Homes, Land};
use crate::atlas::{Atlas, Jurisdiction, Zone};
use crate::domain::{Class, Code, Level, LngLat, Matter, Rule, RuleSet};
use crate::region::Region;

use super::{
    BorderView, ClassView, DisplayLayer, Gazetteer, JurisdictionView, MatterView, Named, Place,
    RegionView, RuleView, TilesView, ZoneView,
};

const HOUR_MS: f64 = 3_600_000.0;

/// An atlas as the wire's shapes ask it.
#[derive(Debug)]
pub struct AtlasNames {
    atlas: Arc<Atlas>,
    ground: Ground,
    zones: Vec<String>,
}

impl AtlasNames {
    /// The names of an atlas, whose shared ground reaches `strip_m` metres from the
    /// borders of a level.
    #[must_use]
    pub fn new(atlas: Arc<Atlas>, level: Level, strip_m: f64) -> Self {
        let ground = Ground::new(Arc::clone(&atlas), level, strip_m);
        let zones = atlas.zones().iter().map(|zone| zone.code.clone()).collect();
        Self { atlas, ground, zones }
    }
}

impl Land for AtlasNames {
    fn homes(&self, point: LngLat) -> Homes {
        self.ground.homes(point)
    }

    fn above(&self, code: Code) -> Vec<Code> {
        self.ground.above(code)
    }

    fn is_within(&self, code: Code, agency: Code) -> bool {
        self.ground.is_within(code, agency)
    }
}

impl Gazetteer for AtlasNames {
    fn place(&self, point: LngLat) -> Place {
        let place = self.atlas.place(point);
        Place {
            jurisdictions: Level::ALL.map(|level| place.at(level)),
            zones: place.zones.to_vec(),
        }
    }

    fn jurisdiction(&self, code: Code) -> Option<Named<'_>> {
        let Jurisdiction { level, name, name_en, .. } = self.atlas.jurisdiction(code)?;
        Some(Named { level: *level, name, name_en })
    }

    fn zones(&self) -> &[String] {
        &self.zones
    }

    fn border(&self, level: Level, index: u32) -> Option<BorderView> {
        let border = self.atlas.borders(level).get(usize::try_from(index).ok()?)?;
        Some(BorderView {
            code: border.code.clone(),
            name: border.name.clone(),
            name_en: border.name_en.clone(),
        })
    }
}

impl RegionView {
    /// A region under the rules in force, as a build serves it.
    #[must_use]
    pub fn of(
        region: &Region,
        rules: &RuleSet,
        tiles: Option<TilesView>,
        display: Vec<DisplayLayer>,
        driven_clock: bool,
        build: &str,
    ) -> Self {
        let remembered = rules.rules().iter().map(|rule| rule.window_ms).max();
        let drawn = |of: &&Jurisdiction| of.level != Level::Township;
        Self {
            name: region.name.clone(),
            name_en: region.name_en.clone(),
            time_zone: region.time_zone_name.clone(),
            view: region.view,
            level: region.level,
            window_ms: remembered.unwrap_or(0),
            jurisdictions: region
                .atlas
                .jurisdictions()
                .iter()
                .filter(drawn)
                .map(JurisdictionView::of)
                .collect(),
            zones: region.atlas.zones().iter().map(ZoneView::of).collect(),
            classes: region.catalogue.classes().iter().map(ClassView::of).collect(),
            matters: region.catalogue.matters().iter().map(MatterView::of).collect(),
            rules: rules.rules().iter().map(RuleView::of).collect(),
            rules_revision: rules.revision(),
            layers: region.layers().map(str::to_owned).collect(),
            display,
            tiles,
            driven_clock,
            build: build.to_owned(),
            attribution: region.attribution.clone(),
            attribution_en: region.attribution_en.clone(),
        }
    }
}

impl JurisdictionView {
    fn of(of: &Jurisdiction) -> Self {
        Self {
            code: of.code.to_string(),
            name: of.name.clone(),
            name_en: of.name_en.clone(),
            level: of.level,
            parent: of.parent.map(|code| code.to_string()),
            label: [of.label.lng(), of.label.lat()],
        }
    }
}

impl ZoneView {
    fn of(zone: &Zone) -> Self {
        Self {
            code: zone.code.clone(),
            kind: zone.kind,
            name: zone.name.clone(),
            name_en: zone.name_en.clone(),
            bbox: zone.bbox,
            approximate: zone.approximate,
        }
    }
}

impl ClassView {
    fn of(class: &Class) -> Self {
        Self { code: class.code.clone(), name: class.name.clone(), name_en: class.name_en.clone() }
    }
}

impl MatterView {
    fn of(matter: &Matter) -> Self {
        Self {
            code: matter.code.to_string(),
            class: matter.class.clone(),
            name: matter.name.clone(),
            name_en: matter.name_en.clone(),
        }
    }
}

impl RuleView {
    /// A rule as the pages name it.
    #[must_use]
    pub fn of(rule: &Rule) -> Self {
        #[expect(clippy::cast_precision_loss, reason = "a window is far below 2^53 ms")]
        let window_h = rule.window_ms as f64 / HOUR_MS;
        Self {
            id: rule.id.to_string(),
            name: rule.name.clone(),
            name_en: rule.name_en.clone(),
            matters: rule.matters.iter().map(ToString::to_string).collect(),
            level: rule.level,
            window_h,
            eps_m: rule.eps_m,
            min_points: rule.min_points,
            min_per_side: rule.min_per_side,
            border_distance_m: rule.border_distance_m,
        }
    }
}
