//! What two do at once, and what a neighbour can do to another: of integrity.

use futures_util::future::join_all;
use pilin::access::{Role, Scope};
use reqwest::{Method, StatusCode, header};
use serde_json::{Value, json};

use super::people::{Visitor, person, set_up};
use crate::alerts::{LINE, dumped};
use crate::harness::{Server, report, told};

const EARLIER: &str = "2026-03-04T07:00:00+08:00";

/// Far from every provincial border.
const NANJING: (f64, f64) = (118.85, 32.05);

/// The entries of a deed, oldest first.
async fn entries(admin: &Visitor, deed: &str) -> Vec<Value> {
    let log = admin.get("/api/v1/audit?limit=1000").await;
    let all = log["entries"].as_array().unwrap().iter().rev().map(|row| row["entry"].clone());
    all.filter(|entry| entry["deed"] == deed && entry["outcome"] == "done").collect()
}

#[tokio::test]
async fn a_neighbour_cannot_take_the_name_of_a_report() {
    let server = Server::in_the_morning().await;
    set_up(&server, "310000").await;
    let neighbour = person(&server, "neighbour", "340000", Role::Officer).await;
    let token = server.add_token("12345", "320000", &[Scope::IngestIncident]).await;
    let (lon, lat) = NANJING;
    let mut squat = report("2026-1201-0001", "exposed-refuse", lon, lat, EARLIER);
    squat["description"] = json!("nothing");
    neighbour.post("/api/v1/incidents", &squat, StatusCode::OK).await;
    let mut truth = squat.clone();
    truth["description"] = json!("渣土");
    let send = async |report: &Value| {
        let request = server.ask(Method::POST, "/api/v1/incidents").bearer_auth(&token);
        told(request.json(report), StatusCode::OK).await
    };
    let first = send(&truth).await;
    assert_eq!(first["accepted"].as_array().unwrap().len(), 1, "{first}");
    let id = &first["accepted"][0]["id"];
    let again = send(&truth).await;
    assert_eq!(again["duplicates"], json!([{"index": 0, "id": id}]), "and nobody else's number");
    truth["severity"] = json!(4);
    truth["lat"] = json!(lat + 0.001);
    let other = send(&truth).await;
    let differs = json!(["lat", "severity"]);
    assert_eq!(other["duplicates"], json!([{"index": 0, "id": id, "differs": differs}]));
    let officer = person(&server, "officer", "320000", Role::Officer).await;
    let stored = officer.get(&format!("/api/v1/incidents/{id}")).await;
    assert_eq!(stored["description"], "渣土", "{stored}");
}

#[tokio::test]
async fn what_was_reported_before_there_were_accounts_is_still_known() {
    let server = Server::in_the_morning().await;
    let old = report("1", "exposed-refuse", NANJING.0, NANJING.1, EARLIER);
    let id = server.post("/api/v1/incidents", &old).await["accepted"][0]["id"].clone();
    set_up(&server, "320000").await;
    let officer = person(&server, "officer", "320000", Role::Officer).await;
    let again = officer.post("/api/v1/incidents", &old, StatusCode::OK).await;
    assert_eq!(again["duplicates"], json!([{"index": 0, "id": id}]));
}

#[tokio::test]
async fn of_two_agencies_that_register_a_unit_at_once_one_has_it() {
    let server = Server::in_the_morning().await;
    set_up(&server, "310000").await;
    let agencies = ["320000", "340000"];
    let mut people = Vec::new();
    for agency in agencies {
        people.push(person(&server, agency, agency, Role::Commander).await);
    }
    let register = async |who: usize, nth: usize| {
        let (code, agency) = (format!("car-{nth}"), agencies[who]);
        let unit = json!({"code": code, "name": code, "kind": "car", "agency": agency});
        people[who].post("/api/v1/units", &unit, StatusCode::OK).await
    };
    let pairs = (0..40).map(async |nth| tokio::join!(register(0, nth), register(1, nth)));
    for (nth, answers) in join_all(pairs).await.into_iter().enumerate() {
        let answers = [answers.0, answers.1];
        let has = |answer: &Value| answer["accepted"].as_array().is_some_and(|it| it.len() == 1);
        let winner = answers.iter().position(has).unwrap();
        let refused = &answers[1 - winner]["refused"];
        let taken = json!([{"index": 0, "field": "code", "reason": "taken"}]);
        assert_eq!(*refused, taken, "car-{nth}: {answers:?}");
        let unit = people[winner].get(&format!("/api/v1/units/car-{nth}")).await;
        assert_eq!(unit["unit"]["agency"], agencies[winner], "{unit}");
    }
}

async fn put_rules(admin: &Visitor, rules: &Value, seen: Option<&str>) -> (StatusCode, String) {
    let mut request = admin.ask(Method::PUT, "/api/v1/rules").json(rules);
    if let Some(seen) = seen {
        request = request.header(header::IF_MATCH, seen);
    }
    let answer = request.send().await.unwrap();
    let tag = answer.headers().get(header::ETAG).map(|tag| tag.to_str().unwrap().to_owned());
    (answer.status(), tag.unwrap_or_default())
}

#[tokio::test]
async fn of_two_who_replace_the_rules_they_have_seen_one_does() {
    let server = Server::in_the_morning().await;
    let one = set_up(&server, "310000").await;
    let other = person(&server, "other", "320000", Role::Admin).await;
    let seen = one.ask(Method::GET, "/api/v1/rules").send().await.unwrap();
    let tag = seen.headers()[header::ETAG].to_str().unwrap().to_owned();
    let sheet: Value = seen.json().await.unwrap();
    let with = |eps_m: u32| {
        let mut rules = sheet.clone();
        rules["rule"][0]["eps_m"] = json!(eps_m);
        rules
    };
    let (of_one, of_other) = (with(601), with(602));
    let answers = tokio::join!(
        put_rules(&one, &of_one, Some(&tag)),
        put_rules(&other, &of_other, Some(&tag))
    );
    let mut statuses = [answers.0.0, answers.1.0];
    statuses.sort();
    assert_eq!(statuses, [StatusCode::OK, StatusCode::PRECONDITION_FAILED]);
    assert_eq!(answers.0.1, answers.1.1, "both are told what is in force");
    let (status, now) = put_rules(&one, &with(603), Some(&answers.0.1)).await;
    assert_eq!(status, StatusCode::OK, "and goes on from there");
    assert_eq!(
        put_rules(&one, &with(604), Some("\"0\"")).await,
        (StatusCode::PRECONDITION_FAILED, now)
    );
    assert_eq!(put_rules(&one, &with(605), Some("*")).await.0, StatusCode::OK);
}

#[tokio::test]
async fn what_the_audit_log_says_was_before_was_so() {
    let server = Server::in_the_morning().await;
    let one = set_up(&server, "310000").await;
    let other = person(&server, "other", "310000", Role::Admin).await;
    let sheet = one.get("/api/v1/rules").await;
    let rounds = (0..6).map(async |nth: u32| {
        let mut rules = sheet.clone();
        rules["rule"][0]["eps_m"] = json!(700 + nth);
        let who = if nth.is_multiple_of(2) { &one } else { &other };
        put_rules(who, &rules, None).await.0
    });
    assert!(join_all(rounds).await.iter().all(|status| *status == StatusCode::OK));
    let all = entries(&one, "set-rules").await;
    assert_eq!(all.len(), 6);
    for pair in all.windows(2) {
        assert_eq!(pair[1]["before"], pair[0]["after"]);
    }
    assert_eq!(all[0]["before"], sheet);
    assert_eq!(all[5]["after"], one.get("/api/v1/rules").await);

    server.add_account("li", "310000", Role::Wall, None).await;
    let accounts = one.get("/api/v1/accounts").await;
    let li = accounts["accounts"].as_array().unwrap().iter().find(|it| it["name"] == "li").unwrap();
    let path = format!("/api/v1/accounts/{}", li["id"]);
    let renamed = (0..6).map(async |nth: u32| {
        let who = if nth.is_multiple_of(2) { &one } else { &other };
        let change = who.ask(Method::PATCH, &path).json(&json!({"display": format!("li {nth}")}));
        told(change, StatusCode::OK).await
    });
    join_all(renamed).await;
    let all = entries(&one, "change-account").await;
    for pair in all.windows(2) {
        assert_eq!(pair[1]["before"]["display"], pair[0]["after"]["display"]);
    }
}

#[tokio::test]
async fn of_two_admins_who_disable_each_other_at_once_one_stays() {
    let server = Server::start().await;
    set_up(&server, "310000").await;
    for agency in ["320000", "330000", "340000"] {
        let a = person(&server, &format!("a-{agency}"), agency, Role::Admin).await;
        let b = person(&server, &format!("b-{agency}"), agency, Role::Admin).await;
        let disable = async |who: &Visitor, whom: &Visitor| {
            let path = format!("/api/v1/accounts/{}", whom.session["account"]);
            let change = json!({"disabled": true});
            who.ask(Method::PATCH, &path).json(&change).send().await.unwrap().status()
        };
        let both = tokio::join!(disable(&a, &b), disable(&b, &a));
        let (gone, stays, answer) = match both {
            (StatusCode::OK, answer) => (b, a, answer),
            (answer, _) => (a, b, answer),
        };
        // Whose request came in later may be out before it is looked at.
        assert!([StatusCode::CONFLICT, StatusCode::UNAUTHORIZED].contains(&answer), "{both:?}");
        assert_eq!(gone.status(Method::GET, "/api/v1/session").await, StatusCode::UNAUTHORIZED);
        assert_eq!(stays.status(Method::GET, "/api/v1/session").await, StatusCode::OK);
        // With somebody else there, whoever stayed may go.
        let next = person(&server, &format!("c-{agency}"), agency, Role::Admin).await;
        assert_eq!(disable(&next, &stays).await, StatusCode::OK);
    }
}

#[tokio::test]
async fn an_alert_is_answered_for_as_it_was_seen_and_not_without_bound() {
    let server = Server::in_the_morning().await;
    server.post("/api/v1/incidents", &json!(dumped(LINE, 3, 3))).await;
    let alert = server.get("/api/v1/alerts").await["alerts"][0]["id"].clone();
    let root = set_up(&server, "320000").await;
    let li = person(&server, "li", "320509", Role::Officer).await;
    let path = format!("/api/v1/alerts/{alert}");
    let door = format!("{path}/acknowledge");
    let answer = async |note: &str, seen: Option<&str>| {
        let mut request = li.ask(Method::POST, &door).json(&json!({"note": note}));
        if let Some(seen) = seen {
            request = request.header(header::IF_MATCH, seen);
        }
        request.send().await.unwrap().status()
    };
    let seen = li.ask(Method::GET, &path).send().await.unwrap();
    let tag = seen.headers()[header::ETAG].to_str().unwrap().to_owned();
    assert_eq!(answer("同意", Some(&tag)).await, StatusCode::OK);
    assert_eq!(answer("再议", Some(&tag)).await, StatusCode::PRECONDITION_FAILED);
    // Said again, it is so already: that is no act, and no entry.
    for _ in 0..80 {
        assert_eq!(answer("同意", None).await, StatusCode::OK);
    }
    assert_eq!(entries(&root, "acknowledge").await.len(), 1);
    let mut many = 0;
    while answer(&format!("{many}"), None).await == StatusCode::OK {
        many += 1;
        assert!(many < 100, "it is bounded");
    }
    assert_eq!(answer("再议", None).await, StatusCode::TOO_MANY_REQUESTS);
    assert!(many >= 58, "{many}");
    let wang = person(&server, "wang", "320509", Role::Officer).await;
    wang.post(&door, &json!({"note": "王"}), StatusCode::OK).await;
    let all = entries(&root, "acknowledge").await;
    for pair in all.windows(2) {
        assert_eq!(pair[1]["before"]["note"], pair[0]["after"]["note"]);
    }
}
