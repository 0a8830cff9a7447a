//! The whole service, as it is built: what is posted is heard, and nothing heard
//! is lost or repeated when the server is killed.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::follower::Follower;
use super::house::{House, report};
use super::sdk::{Heard, Package, Sdk};
use super::wire::{Client, Seen};

/// Reports spread over the delta, where they raise no alert.
fn spread(numbers: std::ops::Range<u64>) -> Vec<String> {
    #[expect(clippy::cast_precision_loss, reason = "small numbers")]
    let place = |number: u64| {
        // The golden ratio's multiples fill the land evenly.
        let along = |share: f64| (number as f64 * share).fract();
        (118.5 + 3.0 * along(0.618_033_988_75), 29.8 + 2.5 * along(0.754_877_666_25))
    };
    numbers.map(|number| (number, place(number))).map(|(n, (x, y))| report(n, x, y)).collect()
}

fn ids(answer: &Value) -> Vec<u64> {
    answer["accepted"].as_array().unwrap().iter().map(|one| one["id"].as_u64().unwrap()).collect()
}

async fn is_heard_across_a_kill(package: Package) {
    let mut house = House::open().await;
    let mut sdk = Sdk::watch(package, &house.url(), &["incidents:all"]);
    let mut heard = Heard::default();
    let mut accepted = Vec::new();
    heard.subscribed(&mut sdk).await;
    for round in 0..3 {
        for batch in 0..5 {
            let first = round * 100 + batch * 10;
            accepted.extend(ids(&house.post("incidents", &spread(first..first + 10)).await));
        }
        heard.until(&mut sdk, accepted.len()).await;
        // Half of what comes is not heard of before the server dies.
        accepted.extend(ids(&house
            .post("incidents", &spread(round * 100 + 50..round * 100 + 60))
            .await));
        house.kill_and_restart().await;
    }
    heard.until(&mut sdk, accepted.len()).await;
    accepted.extend(ids(&house.post("incidents", &spread(990..991)).await));
    heard.until(&mut sdk, accepted.len()).await;
    assert_eq!(heard.ids, accepted);
    assert_eq!(heard.resets, 1, "after a restart it was resumed, not begun anew");
}

#[tokio::test]
async fn the_npm_client_hears_everything_once_across_kills() {
    is_heard_across_a_kill(Package::Npm).await;
}

#[tokio::test]
async fn the_pypi_client_hears_everything_once_across_kills() {
    is_heard_across_a_kill(Package::PyPi).await;
}

#[tokio::test]
async fn slow_clients_are_sent_away_and_do_not_grow_the_server() {
    const SLOW: usize = 20;
    const BATCHES: u64 = 70;
    let house = House::open().await;
    let load = async |from: u64| {
        let begun = Instant::now();
        for batch in 0..BATCHES {
            let first = from + batch * 1000;
            house.post("incidents", &spread(first..first + 1000)).await;
        }
        begun.elapsed()
    };
    let start = house.resident_mib();
    let alone = load(0).await;
    let grown_alone = house.resident_mib() - start;

    let mut slow = Vec::new();
    for _ in 0..SLOW {
        let mut client = Client::dial(&house.url(), Some(4096)).await;
        client.call("connect", json!({})).await;
        let mut follower = Follower::default();
        // A county has a small snapshot; everything is what floods.
        follower.subscribe(&mut client, "incidents:all").await;
        follower.until(&mut client, usize::try_from(BATCHES * 1000).unwrap()).await;
        slow.push((client, follower));
    }
    let start = house.resident_mib();
    let beside = load(1_000_000).await;
    let grown_beside = house.resident_mib() - start;
    println!(
        "70,000 incidents: alone {alone:?}, {grown_alone:.0} MiB; beside {SLOW} slow clients {beside:?}, {grown_beside:.0} MiB"
    );
    assert!(grown_beside - grown_alone < 60.0, "{SLOW} slow clients hold {grown_beside:.0} MiB");
    let grace = Duration::from_secs(2);
    assert!(beside < alone * 3 + grace, "{beside:?} beside slow clients, {alone:?} alone");

    for (mut client, mut follower) in slow {
        loop {
            match client.next().await {
                Seen::Line(_) => {}
                Seen::Closed(code, _) => {
                    assert_eq!(code, 3008);
                    break;
                }
                // It heard of it too late to be told why.
                Seen::Gone => break,
            }
        }
        let mut client = Client::connect(&house.url()).await;
        follower.subscribe(&mut client, "incidents:all").await;
        follower.until(&mut client, usize::try_from(BATCHES * 2000).unwrap()).await;
        let mut all = follower.ids.clone();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), follower.ids.len(), "something came twice");
    }
}

#[tokio::test]
async fn an_alert_raised_on_a_border_is_heard_of() {
    let house = House::open().await;
    let mut client = Client::connect(&house.url()).await;
    let reply = client.subscribe("alerts", None).await;
    assert_eq!(reply["subscribe"]["data"]["alerts"], json!([]));
    // Eight reports of one matter, close together on both sides of a border.
    let (here, there) = house.across([121.1, 31.15], [120.75, 31.0]).await;
    let reports: Vec<_> = (0..8)
        .map(|number| {
            let [lng, lat] = if number % 2 == 0 { here } else { there };
            report(number, lng, lat).replace("exposed-refuse", "spoil-dumping")
        })
        .collect();
    house.post("incidents", &reports).await;
    let change = client.frame().await["push"]["pub"]["data"]["changes"][0].clone();
    assert_eq!(change["step"], "raised", "{change}");
    let sides = change["alert"]["sides"].as_array().unwrap();
    assert_eq!(sides.len(), 2, "{change}");
}
