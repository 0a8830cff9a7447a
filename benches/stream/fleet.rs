//! Units that move, and the bodies that tell of their fixes.

use rand::RngExt;
use rand_pcg::Pcg64Mcg;

use super::house::House;
use super::post::Post;

/// `2026-01-01T00:00:00.000Z` of a moment in ms since 1970.
pub fn rfc3339(ms: i64) -> String {
    format!("{:.3}", jiff::Timestamp::from_millisecond(ms).unwrap())
}

/// A place in the delta.
pub fn place(dice: &mut Pcg64Mcg) -> (f64, f64) {
    (dice.random_range(118.2..121.9), dice.random_range(29.6..32.4))
}

/// Registers units `from..to`.
pub async fn register(house: &House, from: u32, to: u32) {
    let mut door = Post::connect(house.address).await.unwrap();
    let line = |id: u32| {
        format!(
            r#"{{"code":"B{id:06}","name":"Bench {id}","kind":"car","agency":"320509","provenance":"simulated"}}"#
        )
    };
    for first in (from..to).step_by(1000) {
        let lines: Vec<_> = (first..to.min(first + 1000)).map(line).collect();
        let body = lines.join("\n");
        let (status, text) =
            door.post("/api/v1/units", "application/x-ndjson", body.as_bytes()).await;
        assert_eq!(status, 200, "{}", String::from_utf8_lossy(&text));
    }
}

/// A body with a fix of each of some units, of which time and place are written
/// over again: to make it costs next to nothing.
#[derive(Debug)]
pub struct Fixes {
    body: Vec<u8>,
    /// Where a longitude's last four digits stand, and where the time does.
    places: Vec<(usize, usize)>,
    count: u32,
}

impl Fixes {
    pub fn of(units: std::ops::Range<u32>, dice: &mut Pcg64Mcg) -> Self {
        let (mut body, mut places) = (Vec::new(), Vec::new());
        for id in units {
            let (lng, lat) = place(dice);
            body.extend_from_slice(format!(r#"{{"unit":"B{id:06}","lon":{lng:.6}"#).as_bytes());
            let digits = body.len() - 4;
            body.extend_from_slice(format!(r#","lat":{lat:.6},"at":""#).as_bytes());
            places.push((digits, body.len()));
            body.extend_from_slice(
                br#"2026-01-01T00:00:00.000Z","speed_mps":8.3,"course_deg":92}"#,
            );
            body.push(b'\n');
        }
        Self { body, places, count: 0 }
    }

    /// The fixes at a moment, each some metres from the one before.
    pub fn at(&mut self, ms: i64) -> &[u8] {
        self.count += 1;
        let time = rfc3339(ms);
        let digits = format!("{:04}", self.count * 7 % 10_000);
        for &(lng, at) in &self.places {
            self.body[lng..lng + 4].copy_from_slice(digits.as_bytes());
            self.body[at..at + 24].copy_from_slice(time.as_bytes());
        }
        &self.body
    }

    pub fn len(&self) -> usize {
        self.places.len()
    }
}
