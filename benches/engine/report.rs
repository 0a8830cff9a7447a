//! The figures, on the screen and as JSON.

use std::fs;
use std::path::Path;
use std::time::Instant;

use serde_json::{Value, json};

use crate::Steps;

#[derive(Default)]
pub struct Report {
    rows: Vec<Value>,
}

pub fn millis(begun: Instant) -> f64 {
    begun.elapsed().as_secs_f64() * 1e3
}

/// What the process holds in memory.
pub fn resident_mib() -> f64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    let kib: f64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
    kib / 1024.0
}

impl Report {
    pub fn figure(&mut self, what: &str, figure: f64, unit: &str, goal: Option<&str>) {
        println!("{what:<44} {figure:>14.2} {unit}");
        self.rows.push(json!({"what": what, "figure": figure, "unit": unit, "goal": goal}));
    }

    /// One line of the table; the goals are those with 100,000 in the window.
    pub fn step(&mut self, what: &str, goal: bool, steps: &Steps) {
        #[expect(clippy::cast_precision_loss, reason = "nanoseconds of a step")]
        let micros = |nanos: u64| nanos as f64 / 1e3;
        let median = micros(steps.nanos.value_at_quantile(0.5));
        let p99 = micros(steps.nanos.value_at_quantile(0.99));
        let max = micros(steps.nanos.max());
        let (alerts, told) = (steps.alerts, steps.told);
        println!("{what:<34} {median:>9.1} {p99:>9.1} {max:>9.1} {alerts:>7} ({told} told)");
        let what = |which: &str| format!("one enters, one leaves, {what}: {which}");
        for (which, figure, limit) in [("median", median, "under 20"), ("p99", p99, "under 300")] {
            let goal = goal.then_some(limit);
            self.rows
                .push(json!({"what": what(which), "figure": figure, "unit": "µs", "goal": goal}));
        }
    }

    pub fn write(&self, file: &str) {
        let file = Path::new(file);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, serde_json::to_string_pretty(&self.rows).unwrap()).unwrap();
    }
}
