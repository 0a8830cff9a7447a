//! The figures, printed as they come and written at the end.

use std::path::Path;

use anyhow::Context;
use serde::Serialize;

/// One figure.
#[derive(Debug, Serialize)]
struct Row {
    what: String,
    figure: f64,
    unit: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    peer: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ratio: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    goal: Option<&'static str>,
}

/// Every figure of the run.
#[derive(Debug, Default)]
pub struct Sheet(Vec<Row>);

impl Sheet {
    /// A figure without a goal.
    pub fn row(&mut self, what: &str, figure: f64, unit: &'static str) {
        self.add(Row { what: what.to_owned(), figure, unit, peer: None, ratio: None, goal: None });
    }

    /// A figure with its goal.
    pub fn goal(&mut self, what: &str, figure: f64, unit: &'static str, goal: &'static str) {
        let goal = Some(goal);
        self.add(Row { what: what.to_owned(), figure, unit, peer: None, ratio: None, goal });
    }

    /// Our figure beside a peer's.
    pub fn beside(&mut self, what: &str, figure: f64, peer: f64, unit: &'static str) {
        let ratio = Some(figure / peer);
        let peer = Some(format!("{peer:.0} {unit}"));
        self.add(Row { what: what.to_owned(), figure, unit, peer, ratio, goal: None });
    }

    fn add(&mut self, row: Row) {
        let beside = match (&row.peer, row.ratio) {
            (Some(peer), Some(ratio)) => format!(" (peer {peer}, {ratio:.0} times)"),
            _ => String::new(),
        };
        let goal = row.goal.map(|goal| format!(" [goal {goal}]")).unwrap_or_default();
        println!("{}: {:.3} {}{beside}{goal}", row.what, row.figure, row.unit);
        self.0.push(row);
    }

    /// Writes `target/bench/locate.json`.
    pub fn write(&self) -> anyhow::Result<()> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/bench");
        std::fs::create_dir_all(&folder).context("making target/bench")?;
        let file = folder.join("locate.json");
        std::fs::write(&file, serde_json::to_string_pretty(&self.0)?)
            .with_context(|| format!("writing {}", file.display()))
    }
}
