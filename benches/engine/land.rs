//! Incidents as they may happen: half round hot spots, most of those near the
//! borders, half anywhere.

use std::sync::Arc;

use pilin::domain::{
    Code, Incident, IncidentId, Level, LngLat, MatterCode, Provenance, Rule, RuleSet, Severity,
    Time, Unit, UnitId, UnitKind,
};
use pilin::region::Region;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

/// So many hot spots, of 300 to 1,500 m (one deviation).
const HOT_SPOTS: usize = 400;

/// Draws incidents and units, always the same ones.
pub struct Land {
    draw: Pcg64Mcg,
    bbox: [f64; 4],
    hot: Vec<(LngLat, f64)>,
    /// Of a hundred, so many lie in a hot spot.
    in_hot: u32,
    matters: Vec<MatterCode>,
    source: Arc<str>,
    next: u64,
}

/// The region's rules, with one window for all.
pub fn rules(region: &Region, window_ms: i64) -> Arc<RuleSet> {
    let rules = region.rules.rules().iter().cloned();
    Arc::new(RuleSet::new(rules.map(|rule| Rule { window_ms, ..rule }).collect()).unwrap())
}

impl Land {
    pub fn new(region: &Region) -> Self {
        let mut land = Self::bare(region);
        let lines: Vec<LngLat> = region
            .atlas
            .borders(Level::Province)
            .iter()
            .flat_map(|border| border.lines.iter().flatten().copied())
            .collect();
        for n in 0..HOT_SPOTS {
            let center = if n % 4 == 0 {
                land.anywhere()
            } else {
                lines[land.draw.random_range(0..lines.len())]
            };
            let wide_m = land.draw.random_range(300.0..1_500.0);
            land.hot.push((center, wide_m));
        }
        land.in_hot = 50;
        land
    }

    /// All incidents are of one matter round one place on a border, 2 km wide.
    pub fn one_place(region: &Region) -> Self {
        let mut land = Self::bare(region);
        let border = &region.atlas.borders(Level::Province)[0];
        let line = &border.lines[0];
        land.hot.push((line[line.len() / 2], 2_000.0));
        land.in_hot = 100;
        land.matters.truncate(1);
        land
    }

    fn bare(region: &Region) -> Self {
        let rules = region.rules.rules().iter();
        let mut matters: Vec<_> = rules.flat_map(|rule| rule.matters.iter().cloned()).collect();
        matters.sort();
        matters.dedup();
        Self {
            draw: Pcg64Mcg::seed_from_u64(20_261_125),
            bbox: region.atlas.bbox(),
            hot: Vec::new(),
            in_hot: 0,
            matters,
            source: "12345".into(),
            next: 1,
        }
    }

    pub fn anywhere(&mut self) -> LngLat {
        let [west, south, east, north] = self.bbox;
        LngLat::new(self.draw.random_range(west..east), self.draw.random_range(south..north))
            .unwrap()
    }

    /// A number from about the normal distribution (the sum of twelve).
    fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.draw.random::<f64>()).sum::<f64>() - 6.0
    }

    pub fn incident(&mut self, at: Time) -> Incident {
        let (point, matter) = if self.draw.random_range(0..100) < self.in_hot {
            // A hot spot has its matter, mostly.
            let which = self.draw.random_range(0..self.hot.len());
            let (center, wide_m) = self.hot[which];
            let east = self.normal() * wide_m / (111_320.0 * center.lat().to_radians().cos());
            let north = self.normal() * wide_m / 110_950.0;
            let point = LngLat::new(center.lng() + east, center.lat() + north).unwrap();
            (point, which % self.matters.len())
        } else {
            (self.anywhere(), self.draw.random_range(0..self.matters.len()))
        };
        // One in ten comes late, by up to a day.
        let late_ms =
            if self.draw.random_ratio(1, 10) { self.draw.random_range(0..86_400_000) } else { 0 };
        let id = self.next;
        self.next += 1;
        Incident {
            id: IncidentId(id),
            source: Arc::clone(&self.source),
            external_id: format!("SH-2026-{id:08}").into(),
            matter: self.matters[matter].clone(),
            point,
            original: None,
            occurred_at: at - late_ms,
            severity: Severity::MINOR,
            description: "市民来电反映此处有人夜间倾倒建筑垃圾".into(),
            media: Vec::new(),
            provenance: Provenance::Simulated,
        }
    }

    pub fn unit(id: u32) -> Unit {
        Unit {
            id: UnitId(id),
            code: format!("QP-{id:06}").into(),
            name: format!("巡逻车{id}").into(),
            kind: UnitKind::Car,
            agency: Code::from_number(310_118).unwrap(),
            provenance: Provenance::Simulated,
        }
    }
}
