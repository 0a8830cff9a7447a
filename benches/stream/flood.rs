//! The highest sustained ingest: positions as NDJSON over HTTP, each answered
//! after it is durable.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use rand::SeedableRng;
use rand_pcg::Pcg64Mcg;
use tokio::task::JoinSet;

use super::fleet::{self, Fixes};
use super::house::{self, House};
use super::now_ms;
use super::post::Post;
use super::report::Report;

/// Connections, each with units of its own and one body under way.
const DOORS: u32 = 4;
/// Fixes of a body.
const FIXES: u32 = 5_000;

/// What the server says of its time: these go on beside each other and beside the
/// reading of bodies.
const METERS: [(&str, &str); 3] = [
    ("committing", "pilin_commit_seconds_sum"),
    ("telling the hub", "pilin_publish_seconds_sum"),
    ("chores behind the log", "pilin_chore_seconds_sum"),
];

#[expect(clippy::cast_precision_loss, reason = "figures for people")]
pub async fn measure(report: &mut Report, seconds: u64) {
    let house = House::open().await;
    fleet::register(&house, 0, DOORS * FIXES).await;
    let accepted = Arc::new(AtomicU64::new(0));
    let until = Instant::now() + Duration::from_secs(seconds + 1);
    let mut doors = JoinSet::new();
    for door in 0..DOORS {
        let (address, accepted) = (house.address, Arc::clone(&accepted));
        doors.spawn(async move {
            let mut dice = Pcg64Mcg::seed_from_u64(door.into());
            let mut fixes = Fixes::of(door * FIXES..(door + 1) * FIXES, &mut dice);
            let mut post = Post::connect(address).await.unwrap();
            let mut at = now_ms() - 6 * 3_600_000;
            while Instant::now() < until {
                at += 1000;
                let body = fixes.at(at);
                let (status, text) =
                    post.post("/api/v1/positions", "application/x-ndjson", body).await;
                let text = String::from_utf8(text).unwrap();
                assert!(status == 200, "{text}");
                let taken = format!(r#""accepted":{},"#, fixes.len());
                assert!(text.contains(&taken), "{text}");
                accepted.fetch_add(fixes.len() as u64, Ordering::Relaxed);
            }
        });
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    let mut before = Vec::new();
    for (_, meter) in METERS {
        before.push(house.meter(meter).await);
    }
    let (server, loader) = (house.cpu_s(), house::cpu_s("self"));
    let (first, begun) = (accepted.load(Ordering::Relaxed), Instant::now());
    doors.join_all().await;
    let took = begun.elapsed().as_secs_f64();
    let rate = (accepted.load(Ordering::Relaxed) - first) as f64 / took;
    println!(
        "\npositions as NDJSON over {DOORS} connections, {FIXES} a body, durable before the answer"
    );
    report.figure("sustained durable ingest of positions", rate, "1/s", Some("over 200000"));
    report.figure("… cores used by the server", (house.cpu_s() - server) / took, "", None);
    report.figure("… cores used by the loader", (house::cpu_s("self") - loader) / took, "", None);
    for ((what, meter), before) in METERS.iter().zip(before) {
        let share = (house.meter(meter).await - before) / took;
        println!("  {what:<40} {:>8.1} % of the time", share * 100.0);
    }
    report.figure("… server's memory after it", house.resident_mib(), "MiB", None);
}
