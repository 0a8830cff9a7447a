//! What was measured and counted.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use super::Field;

/// How often the service's memory is looked at.
const LOOK: Duration = Duration::from_millis(250);

/// How long each kind of request took, what came of each attack, and the most memory.
#[derive(Debug, Default)]
pub struct Table {
    took: Mutex<BTreeMap<&'static str, Vec<Duration>>>,
    attacks: Mutex<BTreeMap<(&'static str, String), u64>>,
    most_mb: Mutex<u64>,
}

impl Table {
    /// A request of a desk was answered.
    pub fn took(&self, what: &'static str, since: Instant) {
        self.took.lock().unwrap().entry(what).or_default().push(since.elapsed());
    }

    /// Something came of an attack.
    pub fn came(&self, attack: &'static str, of_it: impl ToString) {
        let mut attacks = self.attacks.lock().unwrap();
        *attacks.entry((attack, of_it.to_string())).or_default() += 1;
    }

    /// How often this came of an attack.
    fn count(&self, attack: &'static str, of_it: &str) -> u64 {
        let attacks = self.attacks.lock().unwrap();
        attacks.get(&(attack, of_it.to_owned())).copied().unwrap_or_default()
    }

    /// That whoever attacks was held off, and the service stayed within its bounds.
    pub fn check(&self, most_mb: u64) {
        let most = *self.most_mb.lock().unwrap();
        assert!(most > 0 && most < most_mb, "it held {most} MB");
        for attack in ["long names", "guesses", "codes"] {
            assert!(self.count(attack, "429") > 0, "{attack}: nobody was held back");
        }
        for (attack, of_it) in [
            ("bodies without a byte", "408"),
            ("half bodies", "408"),
            ("heads without an end", "cut"),
            ("silence", "cut"),
            ("sockets of a wall", "429"),
            ("sockets of a token", "429"),
            ("messages without an end", "cut"),
        ] {
            assert!(self.count(attack, of_it) > 0, "{attack}: never {of_it}");
        }
        assert_eq!(self.count("long names", "200") + self.count("guesses", "200"), 0);
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:<24}{:>8}{:>10}{:>10}{:>10}", "", "times", "p50 ms", "p99 ms", "most ms")?;
        for (what, took) in &*self.took.lock().unwrap() {
            let mut sorted = took.clone();
            sorted.sort_unstable();
            let at = |share: usize| sorted[(sorted.len() - 1) * share / 100].as_secs_f64() * 1e3;
            let (middle, late, most) = (at(50), at(99), at(100));
            writeln!(f, "{what:<24}{:>8}{middle:>10.1}{late:>10.1}{most:>10.1}", sorted.len())?;
        }
        writeln!(f, "most memory: {} MB", self.most_mb.lock().unwrap())?;
        for ((attack, of_it), times) in &*self.attacks.lock().unwrap() {
            writeln!(f, "{attack}: {times} × {of_it}")?;
        }
        Ok(())
    }
}

/// Looks at what a process holds until the siege is over.
pub async fn watch_memory(field: Field, pid: u32) {
    while field.goes_on(LOOK).await {
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
        let held = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        let kb: u64 = held.trim().trim_end_matches(" kB").parse().unwrap();
        let mut most = field.table.most_mb.lock().unwrap();
        *most = (*most).max(kb >> 10);
    }
}
