//! Slow clients and many clients.

use std::sync::Arc;
use std::time::{Duration, Instant};

use pilin::stream::Limits;
use serde_json::Value;
use tokio::sync::Semaphore;
use tokio_tungstenite::tungstenite::Error;

use super::follower::Follower;
use super::stage::{Stage, limits, unit};
use super::wire::{Client, Seen};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_stops_reading_is_sent_away_slows_nobody_and_catches_up() {
    const SLOW: usize = 20;
    const BATCHES: u64 = 240;
    let histories = Limits { resume_bytes: 64 << 20, ..limits() };
    let stage = Stage::open(histories).await;
    stage.report(1..2);
    let mut slow = Vec::new();
    for _ in 0..SLOW {
        let mut client = Client::dial(&stage.url(), Some(4096)).await;
        client.call("connect", serde_json::json!({})).await;
        let mut follower = Follower::default();
        follower.subscribe(&mut client, "incidents:all").await;
        slow.push((client, follower));
    }
    let mut quick = Follower::default();
    let mut client = Client::connect(&stage.url()).await;
    quick.subscribe(&mut client, "incidents:all").await;

    // 240 batches of 1,000 incidents: some 20 MiB, of which a socket's buffers in
    // the kernel hold a few.
    let mut waits = Vec::new();
    for batch in 0..BATCHES {
        let sent = Instant::now();
        stage.report(batch * 1000 + 2..batch * 1000 + 1002);
        quick.until(&mut client, usize::try_from(batch * 1000 + 1001).unwrap()).await;
        waits.push(sent.elapsed());
    }
    waits.sort();
    let worst = waits[waits.len() * 99 / 100];
    assert!(worst < Duration::from_millis(250), "the quick one waited {worst:?}");
    assert_eq!(quick.ids.len() as u64, BATCHES * 1000 + 1);

    for (mut client, mut follower) in slow {
        // What the kernel held comes first; then the reason, if it came in time.
        loop {
            match client.next().await {
                Seen::Closed(code, _) => {
                    assert_eq!(code, 3008);
                    break;
                }
                Seen::Gone => break,
                Seen::Line(_) => {}
            }
        }
        let mut client = Client::connect(&stage.url()).await;
        follower.subscribe(&mut client, "incidents:all").await;
        follower.until(&mut client, quick.ids.len()).await;
        assert_eq!(follower.ids, quick.ids);
        assert_eq!((follower.resets, follower.resumes), (1, 1));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_clients_at_once_all_hear_everything() {
    const CLIENTS: usize = 1000;
    const BATCHES: u64 = 50;
    let stage = Stage::open(limits()).await;
    stage.commit((1..=200).map(unit).collect());
    stage.report(1..1001);
    let began = Instant::now();
    let ready = Arc::new(Semaphore::new(0));
    let clients: Vec<_> = (0..CLIENTS)
        .map(|_| {
            let (url, ready) = (stage.url(), Arc::clone(&ready));
            tokio::spawn(async move {
                let mut client = Client::connect(&url).await;
                client.subscribe("alerts", None).await;
                let mut follower = Follower::default();
                follower.subscribe(&mut client, "incidents:all").await;
                ready.add_permits(1);
                follower.until(&mut client, usize::try_from(1000 + BATCHES * 10).unwrap()).await;
                follower.ids
            })
        })
        .collect();
    let all = u32::try_from(CLIENTS).unwrap();
    ready.acquire_many(all).await.unwrap().forget();
    let joined = began.elapsed();
    assert_eq!(stage.clients(), CLIENTS);
    for batch in 0..BATCHES {
        stage.report(batch * 10 + 1001..batch * 10 + 1011);
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    for client in clients {
        assert_eq!(client.await.unwrap(), (1..=1000 + BATCHES * 10).collect::<Vec<_>>());
    }
    println!("joined in {joined:?}, all told after {:?}", began.elapsed());
}

#[tokio::test]
async fn one_client_too_many_may_come_again() {
    let stage = Stage::open(Limits { clients: 0, ..limits() }).await;
    let refused = tokio_tungstenite::connect_async(stage.url()).await;
    let Err(Error::Http(answer)) = refused else { panic!("{refused:?}") };
    assert_eq!(answer.status(), 503);
    assert_eq!(answer.headers()["retry-after"], "1");
    let problem: Value = serde_json::from_slice(answer.body().as_ref().unwrap()).unwrap();
    assert_eq!(problem["type"], "urn:pilin:problem:unavailable");
}
