//! A cut and a resume miss nothing and repeat nothing.

use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;
use serde_json::json;

use super::follower::Follower;
use super::stage::{Stage, limits};
use super::wire::Client;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cuts_at_any_moment_miss_nothing_and_repeat_nothing() {
    const BATCHES: u64 = 600;
    let stage = Stage::open(limits()).await;
    let url = stage.url();
    let followers: Vec<_> = (0..8)
        .map(|seed| {
            let url = url.clone();
            tokio::spawn(async move {
                let mut dice = Pcg64Mcg::seed_from_u64(seed);
                let mut follower = Follower::default();
                while follower.ids.last() != Some(&(BATCHES * 3)) {
                    let mut client = Client::connect(&url).await;
                    follower.subscribe(&mut client, "incidents:all").await;
                    for _ in 0..dice.random_range(0..60) {
                        if follower.ids.last() == Some(&(BATCHES * 3)) {
                            break;
                        }
                        follower.follow(&mut client).await;
                    }
                }
                follower
            })
        })
        .collect();
    for batch in 0..BATCHES {
        stage.report(batch * 3 + 1..batch * 3 + 4);
        tokio::time::sleep(std::time::Duration::from_millis(1)).await;
    }
    for follower in followers {
        let follower = follower.await.unwrap();
        assert_eq!(follower.ids, (1..=BATCHES * 3).collect::<Vec<_>>());
        assert!(follower.resumes > 0, "no cut was resumed");
    }
}

#[tokio::test]
async fn a_resume_reaches_across_a_restart() {
    let stage = Stage::open(limits()).await;
    stage.report(1..4);
    let mut follower = Follower::default();
    let mut client = Client::connect(&stage.url()).await;
    follower.subscribe(&mut client, "incidents:all").await;
    stage.report(4..6);
    follower.until(&mut client, 5).await;
    drop(client);
    stage.report(6..9);
    let stage = stage.restart(1).await;
    stage.report(9..10);
    let mut client = Client::connect(&stage.url()).await;
    follower.subscribe(&mut client, "incidents:all").await;
    stage.report(10..12);
    follower.until(&mut client, 11).await;
    assert_eq!(follower.ids, (1..12).collect::<Vec<_>>());
    assert_eq!((follower.resets, follower.resumes), (1, 1));
}

#[tokio::test]
async fn a_connected_client_is_told_to_come_back_when_the_server_stops() {
    let stage = Stage::open(limits()).await;
    let mut client = Client::connect(&stage.url()).await;
    let closing = tokio::spawn(async move { client.closing().await });
    stage.close().await;
    assert_eq!(closing.await.unwrap().0, 3001);
}

#[tokio::test]
async fn what_is_out_of_reach_begins_anew_with_a_snapshot() {
    let stage = Stage::open(limits()).await;
    for batch in 0..4 {
        stage.report(batch * 10 + 1..batch * 10 + 11);
    }
    // The history begins after offset 3: who was at 2 cannot be told what came
    // between.
    let stage = stage.restart(3).await;
    let mut client = Client::connect(&stage.url()).await;
    let reply = client.subscribe("incidents:all", Some(("e1", 2))).await;
    assert_eq!(reply["subscribe"]["recovered"], false);
    assert_eq!(reply["subscribe"]["data"]["reset"], true);
    assert_eq!(reply["subscribe"]["data"]["rows"].as_array().unwrap().len(), 40);
    // Another store's offsets, and those of a store brought back from a copy,
    // mean nothing here.
    for (at, since) in [("e0", 4), ("e1", 5)].into_iter().enumerate() {
        let mut client = Client::connect(&stage.url()).await;
        let reply = client.subscribe("incidents:all", Some(since)).await;
        assert_eq!(reply["subscribe"]["recovered"], false, "{at}");
    }
    let mut client = Client::connect(&stage.url()).await;
    let body = json!({"channel": "alerts", "recover": true, "epoch": "e0", "offset": 1, "flag": 2});
    assert_eq!(client.call("subscribe", body).await["error"]["code"], 112);
}

#[tokio::test]
async fn a_scope_is_resumed_with_what_is_its_own() {
    let stage = Stage::open(limits()).await;
    stage.report(1..5);
    let mut follower = Follower::default();
    let mut client = Client::connect(&stage.url()).await;
    follower.subscribe(&mut client, "incidents:320509").await;
    drop(client);
    stage.report(5..7);
    stage.report(7..8);
    let mut client = Client::connect(&stage.url()).await;
    follower.subscribe(&mut client, "incidents:320509").await;
    stage.report(8..9);
    follower.until(&mut client, 4).await;
    assert_eq!(follower.ids, [2, 4, 6, 8], "the even ones lie in the west");
    assert_eq!((follower.resets, follower.resumes), (1, 1));
}

#[tokio::test]
async fn a_snapshot_of_many_pieces_cut_short_begins_anew() {
    let stage = Stage::open(limits()).await;
    for batch in 0..10 {
        stage.report(batch * 1000 + 1..batch * 1000 + 1001);
    }
    let mut follower = Follower::default();
    let mut client = Client::connect(&stage.url()).await;
    follower.subscribe(&mut client, "incidents:all").await;
    assert!(follower.ids.len() < 10_000, "one piece holds it all");
    drop(client);
    let mut client = Client::connect(&stage.url()).await;
    follower.subscribe(&mut client, "incidents:all").await;
    stage.report(10_001..10_002);
    follower.until(&mut client, 10_001).await;
    assert_eq!(follower.ids, (1..10_002).collect::<Vec<_>>());
    assert_eq!(follower.resets, 2);
}
