use std::convert::Infallible;
use std::sync::Arc;

use axum::extract::ws::Message;
use futures_util::{sink, stream};
use serde_json::{Value, json};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::{AT, Counter, from};
use crate::config::Limits;
use crate::ingest::talk;

/// A device at the other end.
struct Device {
    write: UnboundedSender<Message>,
    read: UnboundedReceiver<Message>,
    stop: CancellationToken,
    counter: Arc<Counter>,
    task: JoinHandle<()>,
}

impl Device {
    async fn connect(limits: Limits) -> Self {
        let counter = Arc::new(Counter::open(limits).await);
        let stop = CancellationToken::new();
        let (write, mut heard) = unbounded_channel();
        let (told, read) = unbounded_channel();
        let task = tokio::spawn({
            let (counter, stop) = (Arc::clone(&counter), stop.clone());
            async move {
                let read = stream::poll_fn(move |context| {
                    heard.poll_recv(context).map(|message| message.map(Ok::<_, Infallible>))
                });
                let write =
                    sink::unfold(told, async |told, message| told.send(message).map(|()| told));
                talk(
                    &counter.desk,
                    &from(),
                    (&stop, &CancellationToken::new()),
                    Box::pin(write),
                    read,
                )
                .await;
            }
        });
        Self { write, read, stop, counter, task }
    }

    fn send(&self, message: &Value) {
        self.write.send(Message::Text(message.to_string().into())).unwrap();
    }

    async fn answer(&mut self) -> Value {
        let Some(Message::Text(text)) = self.read.recv().await else { panic!("no answer") };
        serde_json::from_str(&text).unwrap()
    }

    /// The code with which the service closes.
    async fn closed(&mut self) -> u16 {
        let Some(Message::Close(Some(frame))) = self.read.recv().await else { panic!("open") };
        frame.code
    }

    async fn leave(self) {
        drop(self.write);
        self.task.await.unwrap();
        let Some(counter) = Arc::into_inner(self.counter) else { panic!("still held") };
        counter.close().await;
    }
}

fn unit(code: &str) -> Value {
    json!({"code": code, "name": code, "kind": "boat", "agency": "310101"})
}

fn fix(unit: &str, at: &str) -> Value {
    json!({"unit": unit, "lon": 120.9, "lat": 31.5, "at": at})
}

#[tokio::test]
async fn each_batch_is_acknowledged_by_its_id_in_order() {
    let mut device = Device::connect(Limits::default()).await;
    let report = json!({"source": "12345", "external_id": "a", "matter": "spoil-dumping",
                        "lon": 120.9, "lat": 31.5, "occurred_at": AT});
    device.send(&json!({"id": 7, "units": [unit("boat-1")]}));
    device.send(&json!({"id": 8, "positions": [fix("boat-1", AT), fix("boat-2", AT)]}));
    device.send(&json!({"id": 9, "incidents": report}));
    let (units, fixes, reports) =
        (device.answer().await, device.answer().await, device.answer().await);
    assert_eq!((&units["id"], &units["accepted"]), (&json!(7), &json!([{"index": 0, "id": 1}])));
    assert_eq!((&fixes["id"], &fixes["accepted"]), (&json!(8), &json!(1)));
    assert_eq!(fixes["refused"][0]["index"], 1);
    assert_eq!((&reports["id"], &reports["accepted"][0]["id"]), (&json!(9), &json!(1)));
    assert!(units["offset"].as_u64() < fixes["offset"].as_u64());
    device.leave().await;
}

#[tokio::test]
async fn a_message_that_cannot_be_read_is_answered_and_the_next_one_taken() {
    let mut device = Device::connect(Limits::default()).await;
    device.write.send(Message::Text("{\"id\":1".into())).unwrap();
    let answer = device.answer().await;
    assert_eq!((&answer["id"], &answer["error"]["code"]), (&Value::Null, &json!("syntax")));
    for (message, code) in [
        (json!({"id": 2}), "no_items"),
        (json!({"id": 2, "units": [], "incidents": []}), "no_items"),
        (json!({"id": 2, "untis": []}), "syntax"),
        (json!({"id": 2, "units": 7}), "no_items"),
    ] {
        device.send(&message);
        let answer = device.answer().await;
        assert_eq!((&answer["id"], &answer["error"]["code"]), (&json!(2), &json!(code)));
    }
    device.write.send(Message::Binary(br#"{"id":3,"units":[]}"#.to_vec().into())).unwrap();
    assert_eq!(device.answer().await["id"], 3);
    device.leave().await;
}

#[tokio::test]
async fn who_sends_too_much_is_told_when_to_come_again() {
    let limits = Limits { items_per_second: 1, batch_items: 1, ..Limits::default() };
    let mut device = Device::connect(limits).await;
    device.send(&json!({"id": 1, "units": [unit("boat-1")]}));
    device.send(&json!({"id": 2, "units": [unit("boat-2")]}));
    assert_eq!(device.answer().await["id"], 1);
    let error = &device.answer().await["error"];
    assert_eq!(error["code"], "too_fast");
    assert!((1..=1_001).contains(&error["retry_after_ms"].as_u64().unwrap()));
    device.leave().await;
}

#[tokio::test]
async fn a_message_too_big_closes_the_socket() {
    let mut device = Device::connect(Limits { message_bytes: 64, ..Limits::default() }).await;
    device.send(&json!({"id": 1, "units": [unit("boat-1")]}));
    assert_eq!(device.closed().await, 1009);
    device.leave().await;
}

#[tokio::test]
async fn a_service_that_stops_says_so() {
    let mut device = Device::connect(Limits::default()).await;
    device.stop.cancel();
    assert_eq!(device.closed().await, 1001);
    device.leave().await;
}

#[tokio::test]
async fn there_are_no_more_seats_than_allowed() {
    let counter = Counter::open(Limits { ingest_sockets: 1, ..Limits::default() }).await;
    let seat = counter.desk.seat().unwrap();
    assert!(counter.desk.seat().is_none());
    drop(seat);
    assert!(counter.desk.seat().is_some());
    counter.close().await;
}
