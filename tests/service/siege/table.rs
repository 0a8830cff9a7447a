//! What was measured and counted.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Mutex;
use std::time::Duration;

use super::Field;

/// What a desk may be kept waiting, in 99 of 100 cases.
const GOAL: Duration = Duration::from_millis(250);

/// What the service may hold at most, MB.
const MOST_MB: u64 = 512;

/// How often the service's memory is looked at.
const LOOK: Duration = Duration::from_millis(250);

/// What comes of each attack when it is held off: of each, one of these at least.
const HELD_OFF: [(&str, &[&str]); 18] = [
    ("long names", &["429"]),
    ("guesses", &["429"]),
    ("codes of walls", &["429"]),
    ("claims of codes", &["429"]),
    ("handshakes that fail", &["cut"]),
    ("silence", &["cut"]),
    ("heads without an end", &["cut"]),
    ("half bodies", &["408"]),
    ("bodies without a byte", &["408"]),
    ("sockets of a wall", &["429"]),
    ("sockets of a token", &["429"]),
    ("messages without an end", &["cut"]),
    ("600 rules", &["400"]),
    ("rules of the largest kind", &["200", "400"]),
    ("acknowledgements", &["429"]),
    ("reports at one place", &["200"]),
    ("units whose codes collide", &["200"]),
    ("large answers to a wall", &["200"]),
];

/// How long each kind of request took, what came of each attack, what was refused to whom
/// works, and the most memory.
#[derive(Debug, Default)]
pub struct Table {
    took: Mutex<BTreeMap<&'static str, Vec<Duration>>>,
    attacks: Mutex<BTreeMap<(&'static str, String), u64>>,
    refused: Mutex<Vec<String>>,
    most_mb: Mutex<u64>,
}

impl Table {
    /// A request of a desk was answered.
    pub fn took(&self, what: &'static str, time: Duration) {
        self.took.lock().unwrap().entry(what).or_default().push(time);
    }

    /// Something was refused to a desk.
    pub fn refused(&self, what: String) {
        eprintln!("refused: {what}");
        self.refused.lock().unwrap().push(what);
    }

    /// Something came of an attack.
    pub fn came(&self, attack: &'static str, of_it: impl ToString) {
        let mut attacks = self.attacks.lock().unwrap();
        *attacks.entry((attack, of_it.to_string())).or_default() += 1;
    }

    /// An attack that was not held off yet, if there is one.
    pub fn not_held_off(&self) -> Option<&'static str> {
        let attacks = self.attacks.lock().unwrap();
        let is_there = |attack, of_it: &&str| attacks.contains_key(&(attack, (*of_it).to_owned()));
        let lacking = HELD_OFF
            .iter()
            .find(|(attack, ways)| !ways.iter().any(|of_it| is_there(*attack, of_it)));
        lacking.map(|(attack, _)| *attack)
    }

    /// That nobody was refused who works, whoever attacks was held off, and the service
    /// stayed within its bounds.
    pub fn check(&self) {
        let refused = self.refused.lock().unwrap();
        assert!(refused.is_empty(), "refused {} times: {}", refused.len(), refused[0]);
        assert_eq!(self.not_held_off(), None, "an attack went through, or was not made");
        let most = *self.most_mb.lock().unwrap();
        assert!(most > 0 && most < MOST_MB, "it held {most} MB");
    }

    /// That nobody had to wait for long.
    pub fn check_times(&self) {
        let took = self.took.lock().unwrap();
        let late: Vec<_> = took.iter().filter(|(_, took)| at(took, 99) > GOAL).collect();
        assert!(late.is_empty(), "late: {:?}", late.iter().map(|(what, _)| what));
    }
}

/// How long so many of a hundred took at most.
fn at(took: &[Duration], share: usize) -> Duration {
    let mut sorted = took.to_vec();
    sorted.sort_unstable();
    sorted[(sorted.len() - 1) * share / 100]
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:<12}{:>8}{:>10}{:>10}{:>10}", "", "times", "p50 ms", "p99 ms", "most ms")?;
        for (what, took) in &*self.took.lock().unwrap() {
            let ms = |share| at(took, share).as_secs_f64() * 1e3;
            let (middle, late, most) = (ms(50), ms(99), ms(100));
            write!(f, "{what:<12}{:>8}{middle:>10.1}{late:>10.1}{most:>10.1}", took.len())?;
            let over = at(took, 99) > GOAL;
            writeln!(f, "{}", if over { "  over 250 ms" } else { "" })?;
        }
        writeln!(f, "most memory: {} MB", self.most_mb.lock().unwrap())?;
        writeln!(f, "refused to whom works: {}", self.refused.lock().unwrap().len())?;
        for ((attack, of_it), times) in &*self.attacks.lock().unwrap() {
            writeln!(f, "{attack}: {times} × {of_it}")?;
        }
        Ok(())
    }
}

/// Looks at what a process holds until the siege is over.
pub async fn watch_memory(field: Field, pid: u32) {
    while field.goes_on(LOOK).await {
        let held = resident_mb(pid);
        let mut most = field.table.most_mb.lock().unwrap();
        *most = (*most).max(held);
    }
}

/// Memory that a process holds.
pub fn resident_mb(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let held = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    held.trim().trim_end_matches(" kB").parse::<u64>().unwrap() >> 10
}
