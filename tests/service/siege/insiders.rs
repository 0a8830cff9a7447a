//! An officer, a wall and an admin of one county, who have signed in.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::Field;
use super::web::Web;

/// Answers of each kind that are asked for at once.
const AT_ONCE: usize = 6;

/// Reads what is large: the alert of many reports, all reports, all units.
pub fn read(field: &Field, attack: &'static str, who: &Web, attackers: &mut JoinSet<()>) {
    for _ in 0..AT_ONCE {
        attackers.spawn(read_alert(field.clone(), attack, who.clone()));
        for path in ["/api/v1/incidents?limit=50000", "/api/v1/units"] {
            attackers.spawn(read_list(field.clone(), attack, who.clone(), path));
        }
    }
}

async fn read_list(field: Field, attack: &'static str, who: Web, path: &'static str) {
    while field.goes_on(Duration::from_millis(10)).await {
        note(&field, attack, who.get(path).await).await;
    }
}

async fn read_alert(field: Field, attack: &'static str, who: Web) {
    while field.goes_on(Duration::from_millis(10)).await {
        if let Some(alert) = alert(&who, "gas-cylinders").await {
            note(&field, attack, who.get(&format!("/api/v1/alerts/{alert}")).await).await;
        }
    }
}

/// The number of a rule's alert.
async fn alert(who: &Web, rule: &str) -> Option<Value> {
    let page = who.get("/api/v1/alerts?limit=1000").await.ok()?.json().await.ok()?;
    let mut alerts = page["alerts"].as_array()?.iter();
    alerts.find(|alert| alert["rule"] == rule).map(|alert| alert["id"].clone())
}

/// An officer answers for the same alert, each time in other words.
pub async fn acknowledge(field: Field, officer: Web) {
    let mut count = 0_u32;
    while field.goes_on(Duration::from_millis(10)).await {
        let Some(alert) = alert(&officer, "spoil-dumping").await else { continue };
        for _ in 0..100 {
            count += 1;
            let body = json!({"note": format!("{count} {}", "阅".repeat(900))});
            let told = officer.post(&format!("/api/v1/alerts/{alert}/acknowledge"), &body).await;
            note(&field, "acknowledgements", told).await;
        }
    }
}

/// Asks again and again for what is refused, so that each is an entry of the audit log.
pub async fn ask_for_all(field: Field, admin: Web) {
    while field.goes_on(Duration::from_millis(20)).await {
        let told = admin.get("/api/v1/units/X/track").await;
        note(&field, "what an admin may not have", told).await;
    }
}

/// Sets more rules than there may be, and as many as there may be, each time others and of
/// the largest kind.
pub async fn set_rules(field: Field, admin: Web) {
    let mut count = 0_u32;
    while field.goes_on(Duration::from_millis(100)).await {
        count += 1;
        for (attack, many) in [("600 rules", 600), ("rules of the largest kind", 64)] {
            let rules: Vec<_> = (0..many).map(|at| rule(at, count)).collect();
            let told = admin.put("/api/v1/rules", &json!({"rule": rules})).await;
            note(&field, attack, told).await;
        }
    }
}

/// A rule that looks at all that is far apart and old. As many as may be look at what is
/// reported here.
fn rule(at: u32, count: u32) -> Value {
    let matters = match at / 16 {
        0 => ["spoil-dumping", "gas-cylinders", "exposed-refuse"],
        1 => ["household-waste-dumping", "kitchen-waste", "dirty-water"],
        2 => ["unlicensed-vending", "street-banner", "outdoor-advertising"],
        _ => ["floating-refuse", "industrial-waste-dumping", "unlicensed-spoil-transport"],
    };
    json!({
        "id": format!("rule-{at}"), "name": "最大", "name_en": "Of the largest kind",
        "matters": matters,
        "window": "8784h", "eps_m": 5_000 - (count + at) % 1_000, "min_points": 5,
        "level": "province", "min_per_side": 2, "border_distance_m": 10_000,
        "hold": "6h", "cooldown": "24h", "severity": 2,
    })
}

async fn note(field: &Field, attack: &'static str, told: Result<super::web::Answer, String>) {
    match told {
        Ok(answer) => {
            let status = answer.status.as_u16();
            answer.forget().await;
            field.table.came(attack, status);
        }
        Err(_) => field.table.came(attack, "no answer"),
    }
}
