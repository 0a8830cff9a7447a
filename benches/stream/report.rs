//! What the bench found, as rows for the table.

use serde_json::{Value, json};

#[derive(Debug, Default)]
pub struct Report {
    rows: Vec<Value>,
}

impl Report {
    pub fn figure(&mut self, what: &str, figure: f64, unit: &str, goal: Option<&str>) {
        println!("{what:<66} {figure:>13.2} {unit}");
        let mut row = json!({"what": what, "figure": figure, "unit": unit});
        if let Some(goal) = goal {
            row["goal"] = json!(goal);
        }
        self.rows.push(row);
    }

    pub fn write(&self) {
        std::fs::create_dir_all("target/bench").unwrap();
        let text = serde_json::to_string_pretty(&self.rows).unwrap();
        std::fs::write("target/bench/stream.json", text).unwrap();
    }
}
