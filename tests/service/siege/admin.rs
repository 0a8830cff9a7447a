//! An admin of one county, who asks for what the admin may not have.

use std::time::Duration;

use reqwest::header;
use serde_json::json;
use tokio::task::JoinSet;

use super::Field;
use crate::access::people::PASSWORD;

pub fn attack(field: &Field, attackers: &mut JoinSet<()>) {
    attackers.spawn(ask_for_all(field.clone()));
}

/// Asks again and again for what is refused, so that each is an entry of the audit log.
async fn ask_for_all(field: Field) {
    let (client, base) = (field.client([127, 0, 50, 1]), field.base());
    let body = json!({"name": "county", "password": PASSWORD});
    let answer = client.post(format!("{base}/api/v1/session")).json(&body).send().await.unwrap();
    let given = answer.headers()[header::SET_COOKIE].to_str().unwrap();
    let cookie = given.split(';').next().unwrap().to_owned();
    while field.goes_on(Duration::from_millis(20)).await {
        let asked = client.get(format!("{base}/api/v1/units/X/track"));
        let told = asked.header(header::COOKIE, &cookie).send().await;
        let told = told.map_or("no answer".to_owned(), |told| told.status().as_u16().to_string());
        field.table.came("what an admin may not have", told);
    }
}
