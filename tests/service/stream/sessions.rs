//! How a session behaves: order, units, pings, manners.

use std::time::Duration;

use pilin::domain::{Change, UnitId};
use pilin::stream::Limits;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use super::stage::{Stage, limits, moved, unit};
use super::wire::{Client, Seen};

const WEST: &str = "units:12/3424/1676@200ms";
/// How often such a channel tells of units.
const BEAT_MS: u128 = 200;

fn ids(rows: &Value) -> Vec<u64> {
    let mut ids: Vec<_> =
        rows.as_array().unwrap().iter().map(|row| row[0].as_u64().unwrap()).collect();
    ids.sort_unstable();
    ids
}

#[tokio::test]
async fn many_fixes_of_a_unit_are_one_row_and_a_unit_that_leaves_is_gone() {
    let stage = Stage::open(limits()).await;
    stage.commit((1..=3).map(unit).collect());
    stage.commit(vec![moved(1, 120.95, 0), moved(2, 120.96, 0), moved(3, 121.4, 0)]);
    let mut client = Client::connect(&stage.url()).await;
    let reply = client.subscribe(WEST, None).await;
    assert_eq!(reply["subscribe"]["data"]["reset"], true);
    assert_eq!(ids(&reply["subscribe"]["data"]["rows"]), [1, 2]);
    assert!(reply["subscribe"]["recoverable"].is_null());
    let begun = Instant::now();
    for second in 1..50 {
        stage.commit(vec![moved(1, 120.95, second), moved(3, 121.4, second)]);
    }
    stage.commit(vec![moved(2, 121.4, 50), moved(3, 120.95, 50)]);
    // A machine that is busy may need some beats for them: one frame a beat, in each
    // frame one row a unit.
    let (mut frames, mut gone) = (0, Vec::new());
    let (mut rows, mut newest) = (0, Value::Null);
    while gone.is_empty() {
        let frame = client.frame().await;
        assert_eq!(frame["push"]["channel"], WEST);
        let data = &frame["push"]["pub"]["data"];
        let told = ids(&data["rows"]);
        assert!(told.windows(2).all(|pair| pair[0] < pair[1]), "a unit is there twice: {told:?}");
        gone.extend(data["gone"].as_array().into_iter().flatten().cloned());
        frames += 1;
        rows += told.len();
        newest = data["rows"].clone();
    }
    assert_eq!(gone, [json!(2)]);
    assert!(ids(&newest).contains(&3), "the unit that came is told with the one that left");
    let beats = begun.elapsed().as_millis() / BEAT_MS + 2;
    assert!(frames <= beats, "{frames} frames in {beats} beats");
    assert!(rows as u128 <= 2 * frames, "{rows} rows in {frames} frames");
    client.call("unsubscribe", json!({"channel": WEST})).await;
    let mut witness = Client::connect(&stage.url()).await;
    witness.subscribe(WEST, None).await;
    stage.commit(vec![moved(1, 120.95, 51)]);
    // Whoever still listens has heard of it: by now the first would have, too.
    let heard = witness.frame().await;
    assert_eq!(ids(&heard["push"]["pub"]["data"]["rows"]), [1]);
    let reply = client.subscribe(WEST, None).await;
    assert!(reply["push"].is_null(), "a frame came after the channel was given back: {reply}");
}

#[tokio::test]
async fn a_unit_whose_place_is_forgotten_is_gone_until_it_is_somewhere() {
    let stage = Stage::open(limits()).await;
    stage.commit((1..=2).map(unit).collect());
    stage.commit(vec![moved(1, 120.95, 0), moved(2, 120.96, 0)]);
    let mut client = Client::connect(&stage.url()).await;
    client.subscribe(WEST, None).await;
    stage.commit(vec![Change::Forgotten { unit: UnitId(2) }]);
    let frame = client.frame().await;
    assert_eq!(frame["push"]["pub"]["data"]["gone"], json!([2]));
    let mut late = Client::connect(&stage.url()).await;
    let reply = late.subscribe(WEST, None).await;
    assert_eq!(ids(&reply["subscribe"]["data"]["rows"]), [1]);
    stage.commit(vec![moved(2, 120.96, 1)]);
    assert_eq!(ids(&client.frame().await["push"]["pub"]["data"]["rows"]), [2]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_joins_while_units_move_ends_with_the_newest_fixes() {
    let stage = Stage::open(limits()).await;
    stage.commit((1..=50).map(unit).collect());
    let mut joiners = Vec::new();
    for step in 0..60_i64 {
        stage.commit((1..=50).map(|id| moved(id, 120.95, step)).collect());
        if step % 3 == 0 {
            let mut client = Client::connect(&stage.url()).await;
            let reply = client.subscribe(WEST, None).await;
            joiners.push((client, reply));
        }
        sleep(Duration::from_millis(7)).await;
    }
    for (mut client, reply) in joiners {
        let mut newest = vec![0; 51];
        let mut keep = |rows: &Value| {
            for row in rows.as_array().unwrap() {
                let (id, at) = (row[0].as_u64().unwrap(), row[5].as_i64().unwrap());
                let known = &mut newest[usize::try_from(id).unwrap()];
                assert!(at >= *known, "unit {id} went back");
                *known = at;
            }
            newest[1..].iter().min().copied().unwrap()
        };
        let last = super::stage::MORNING + 59_000;
        let mut all = keep(&reply["subscribe"]["data"]["rows"]);
        while all < last {
            all = keep(&client.frame().await["push"]["pub"]["data"]["rows"]);
        }
    }
}

#[tokio::test]
async fn a_frame_pushed_while_a_client_subscribes_comes_after_the_reply() {
    let stage = Stage::open(limits()).await;
    for id in 0..200 {
        let mut client = Client::connect(&stage.url()).await;
        client.command("subscribe", json!({"channel": "incidents:all"})).await;
        stage.report(id + 1..id + 2);
        let reply = client.frame().await;
        let mut seen = reply["subscribe"]["data"]["rows"].as_array().expect("the reply").len();
        while (seen as u64) <= id {
            seen += client.frame().await["push"]["pub"]["data"]["rows"].as_array().unwrap().len();
        }
        assert_eq!(seen as u64, id + 1);
    }
}

#[tokio::test]
async fn pings_come_in_time_and_who_does_not_answer_is_sent_away() {
    let hasty =
        Limits { ping: Duration::from_millis(300), pong: Duration::from_millis(200), ..limits() };
    let stage = Stage::open(hasty).await;
    let mut lively = Client::connect(&stage.url()).await;
    lively.subscribe("stats", None).await;
    let mut mute = Client::dial(&stage.url(), None).await;
    mute.call("connect", json!({})).await;
    let mut mute = mute.without_pongs();
    let began = Instant::now();
    let sent_away = async { (mute.closing().await, began.elapsed()) };
    let all = lively.pings_within(Duration::from_millis(1500));
    let ((why, took), pings) = tokio::join!(sent_away, all);
    assert_eq!(why, (3012, 0));
    assert!(took > Duration::from_millis(450) && took < Duration::from_millis(1500), "{took:?}");
    // The one that answers is still there after several pings.
    assert!((3..=6).contains(&pings), "{pings} pings");
    lively.subscribe("alerts", None).await;
}

#[tokio::test]
async fn who_never_introduces_itself_or_talks_nonsense_is_sent_away() {
    let stage = Stage::open(Limits { linger: Duration::from_millis(200), ..limits() }).await;
    let mut mute = Client::dial(&stage.url(), None).await;
    assert_eq!(mute.closing().await.0, 3502);
    for nonsense in ["hello", r#"{"id":1,"subscribe":{"channel":"alerts"}}"#, r#"{"id":"x"}"#] {
        let mut client = Client::dial(&stage.url(), None).await;
        client.send(nonsense).await;
        assert_eq!(client.closing().await.0, 3501, "{nonsense}");
    }
    let mut client = Client::dial(&stage.url(), None).await;
    client.send(&"x".repeat(70 << 10)).await;
    assert_eq!(client.closing().await.0, 1009);
}

#[tokio::test]
async fn channels_that_are_not_there_are_refused_and_the_session_goes_on() {
    let stage = Stage::open(Limits { channels: 2, ..limits() }).await;
    let mut client = Client::connect(&stage.url()).await;
    for name in [
        "alert",
        "incidents",
        "incidents:999999",
        "incidents:0310000",
        "units:3/1/1@1s",
        "units:12/3424/1676@1m",
        "stats:all",
        "",
    ] {
        let reply = client.subscribe(name, None).await;
        assert_eq!(reply["error"]["code"], 102, "{name}");
    }
    client.subscribe("incidents:demo-zone", None).await;
    assert_eq!(client.subscribe("incidents:demo-zone", None).await["error"]["code"], 105);
    client.subscribe("alerts", None).await;
    assert_eq!(client.subscribe("stats", None).await["error"]["code"], 106);
    client.call("unsubscribe", json!({"channel": "alerts"})).await;
    assert!(client.subscribe("stats", None).await["subscribe"].is_object());
}

#[tokio::test]
async fn the_hub_forgets_who_has_gone() {
    let stage = Stage::open(limits()).await;
    let mut client = Client::connect(&stage.url()).await;
    client.subscribe("alerts", None).await;
    client.subscribe(WEST, None).await;
    assert_eq!(stage.clients(), 1);
    client.bye().await;
    assert!(matches!(client.next().await, Seen::Gone | Seen::Closed(..)));
    let patience = Instant::now();
    while stage.clients() > 0 {
        assert!(patience.elapsed() < Duration::from_secs(5), "still counted");
        sleep(Duration::from_millis(5)).await;
    }
}
