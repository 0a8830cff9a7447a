//! From a request sent to the frame received.

use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use futures_util::{SinkExt, StreamExt};
use hdrhistogram::Histogram;
use rand::SeedableRng;
use rand_pcg::Pcg64Mcg;
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval};
use tokio_tungstenite::tungstenite::Message;

use super::fleet::{self, Fixes, rfc3339};
use super::house::{self, House};
use super::now_ms;
use super::post::Post;
use super::report::Report;

const CLIENTS: usize = 50;
const INCIDENTS_PER_S: u64 = 2_000;
const DOORS: u64 = 64;
const UNITS: u32 = 20_000;
/// A fix of every unit a second, in bodies of so many.
const FIXES: u32 = 200;

/// When each incident was sent, in ns since the beginning; it is known again by
/// its time, `base_ms` and its number.
#[derive(Debug)]
struct Run {
    begun: Instant,
    base_ms: i64,
    sent: Vec<AtomicU64>,
    /// Before this one the caches are cold.
    first: usize,
    seconds: u64,
    heard: AtomicUsize,
}

impl Run {
    fn ns(&self) -> u64 {
        u64::try_from(self.begun.elapsed().as_nanos()).unwrap()
    }
}

pub async fn measure(report: &mut Report, seconds: u64) {
    let house = House::open().await;
    fleet::register(&house, 0, UNITS).await;
    let count = usize::try_from(INCIDENTS_PER_S * (seconds + 1)).unwrap();
    let run = Arc::new(Run {
        begun: Instant::now(),
        base_ms: now_ms() - 3_600_000,
        sent: (0..count).map(|_| AtomicU64::new(0)).collect(),
        first: usize::try_from(INCIDENTS_PER_S).unwrap(),
        seconds: seconds + 1,
        heard: AtomicUsize::new(0),
    });
    let mut watchers = JoinSet::new();
    for client in 0..CLIENTS {
        watchers.spawn(watch(house.address, client, Arc::clone(&run)));
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    let before = (house.cpu_s(), house::cpu_s("self"), Instant::now());
    let mut senders = JoinSet::new();
    for door in 0..DOORS {
        senders.spawn(report_incidents(house.address, door, Arc::clone(&run)));
    }
    senders.spawn(send_fixes(house.address, run.seconds));
    senders.join_all().await;
    let took = before.2.elapsed().as_secs_f64();
    let server = (house.cpu_s() - before.0) / took;
    let loader = (house::cpu_s("self") - before.1) / took;
    let mut all = Histogram::<u64>::new(3).unwrap();
    for waits in watchers.join_all().await {
        all.add(waits).unwrap();
    }
    assert_eq!(run.heard.load(Ordering::Relaxed), count * CLIENTS, "some were not heard of");
    println!("\n2,000 incidents/s, one a request, and 20,000 positions/s; {CLIENTS} clients");
    println!("cores used: server {server:.2}, loader and clients {loader:.2}");
    #[expect(clippy::cast_precision_loss, reason = "figures for people")]
    let ms = |quantile| all.value_at_quantile(quantile) as f64 / 1e6;
    #[expect(clippy::cast_precision_loss, reason = "figures for people")]
    let rate = count as f64 / took;
    report.figure("incidents sent while latency was measured", rate, "1/s", None);
    report.figure("request sent to frame received, p50", ms(0.5), "ms", Some("under 15"));
    report.figure("request sent to frame received, p99", ms(0.99), "ms", Some("under 60"));
    report.figure("request sent to frame received, p99.9", ms(0.999), "ms", None);
    report.figure("server's memory after it", house.resident_mib(), "MiB", None);
}

async fn report_incidents(address: std::net::SocketAddr, door: u64, run: Arc<Run>) {
    let mut dice = Pcg64Mcg::seed_from_u64(door);
    let mut post = Post::connect(address).await.unwrap();
    let pause = Duration::from_nanos(1_000_000_000 * DOORS / INCIDENTS_PER_S);
    tokio::time::sleep(pause * u32::try_from(door).unwrap() / u32::try_from(DOORS).unwrap()).await;
    let mut beat = interval(pause);
    beat.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let mut number = usize::try_from(door).unwrap();
    while number < run.sent.len() {
        beat.tick().await;
        let (lng, lat) = fleet::place(&mut dice);
        let at = rfc3339(run.base_ms + i64::try_from(number).unwrap());
        let body = format!(
            r#"{{"source":"bench","external_id":"{number}","matter":"exposed-refuse","lon":{lng:.6},"lat":{lat:.6},"occurred_at":"{at}","provenance":"simulated"}}"#
        );
        run.sent[number].store(run.ns(), Ordering::Release);
        let (status, text) =
            post.post("/api/v1/incidents", "application/json", body.as_bytes()).await;
        assert_eq!(status, 200, "{}", String::from_utf8_lossy(&text));
        number += usize::try_from(DOORS).unwrap();
    }
}

async fn send_fixes(address: std::net::SocketAddr, seconds: u64) {
    let mut dice = Pcg64Mcg::seed_from_u64(7);
    let groups = (0..UNITS).step_by(FIXES as usize);
    let mut bodies: Vec<_> = groups.map(|unit| Fixes::of(unit..unit + FIXES, &mut dice)).collect();
    let mut post = Post::connect(address).await.unwrap();
    let mut beat = interval(Duration::from_millis(u64::from(1000 * FIXES / UNITS)));
    beat.set_missed_tick_behavior(MissedTickBehavior::Burst);
    for _ in 0..seconds {
        for body in &mut bodies {
            beat.tick().await;
            let body = body.at(now_ms());
            let (status, text) = post.post("/api/v1/positions", "application/x-ndjson", body).await;
            assert_eq!(status, 200, "{}", String::from_utf8_lossy(&text));
        }
    }
}

/// One client: every other a wall with the whole delta every five seconds, the
/// rest a desk with a city every second.
async fn watch(address: std::net::SocketAddr, client: usize, run: Arc<Run>) -> Histogram<u64> {
    let url = format!("ws://{address}/connection/websocket");
    let (mut socket, _) = tokio_tungstenite::connect_async(url).await.unwrap();
    let wall = ["units:6/52/25@5s", "units:6/52/26@5s", "units:6/53/25@5s", "units:6/53/26@5s"];
    let desk = ["units:9/428/209@1s"];
    let cells = if client.is_multiple_of(2) { &wall[..] } else { &desk[..] };
    let mut commands = r#"{"id":1,"connect":{}}"#.to_owned();
    for (at, channel) in ["alerts", "stats", "incidents:all"].iter().chain(cells).enumerate() {
        let (id, body) = (at + 2, format!(r#"{{"channel":"{channel}"}}"#));
        write!(
            commands,
            "
{{\"id\":{id},\"subscribe\":{body}}}"
        )
        .unwrap();
    }
    socket.send(Message::text(commands)).await.unwrap();
    let mut waits = Histogram::new(3).unwrap();
    let mut heard = 0;
    while heard < run.sent.len() {
        let text = match socket.next().await.unwrap().unwrap() {
            Message::Text(text) => text,
            Message::Close(why) => panic!("client {client} was closed: {why:?}"),
            _ => continue,
        };
        let now = run.ns();
        for line in text.split('\n') {
            if line == "{}" {
                socket.send(Message::text("{}")).await.unwrap();
            } else if line.starts_with(r#"{"push":{"channel":"incidents:all""#) {
                let rows = line.split(r#""rows":[["#).nth(1).unwrap();
                for row in rows.split("],[") {
                    let at: i64 = row.split(',').nth(4).unwrap().parse().unwrap();
                    let number = usize::try_from(at - run.base_ms).unwrap();
                    heard += 1;
                    if number >= run.first {
                        let sent = run.sent[number].load(Ordering::Acquire);
                        waits.record(now.saturating_sub(sent)).unwrap();
                    }
                }
            }
        }
    }
    run.heard.fetch_add(heard, Ordering::Relaxed);
    waits
}
