//! A follower of incidents that keeps what it heard, as a page does.

use serde_json::Value;

use super::wire::{Client, Seen};

/// What was heard of a channel, over any number of connections.
#[derive(Debug, Default)]
pub struct Follower {
    /// Ids in the order heard, since the last reset.
    pub ids: Vec<u64>,
    /// How often a snapshot began anew.
    pub resets: u32,
    /// How often a resume was granted.
    pub resumes: u32,
    position: Option<(String, u64)>,
}

impl Follower {
    /// Subscribes where it left off.
    pub async fn subscribe(&mut self, client: &mut Client, channel: &str) {
        let since = self.position.clone();
        let since = since.as_ref().map(|(epoch, offset)| (epoch.as_str(), *offset));
        let reply = client.subscribe(channel, since).await;
        let reply = &reply["subscribe"];
        let epoch = reply["epoch"].as_str().expect("a position").to_owned();
        self.position = Some((epoch, reply["offset"].as_u64().unwrap()));
        if reply["data"].is_object() {
            assert_ne!(reply["recovered"], true, "a snapshot or a resume, not both");
            self.resets += 1;
            self.ids.clear();
            self.keep(&reply["data"]);
        } else {
            assert_eq!(reply["recovered"], true);
            self.resumes += 1;
        }
        for publication in reply["publications"].as_array().into_iter().flatten() {
            self.hear(publication);
        }
    }

    /// Takes one line in; false when the connection is over.
    pub async fn follow(&mut self, client: &mut Client) -> bool {
        let Seen::Line(line) = client.next().await else { return false };
        let frame: Value = serde_json::from_str(&line).unwrap();
        self.hear(&frame["push"]["pub"]);
        true
    }

    /// Follows until it has so many ids.
    pub async fn until(&mut self, client: &mut Client, ids: usize) {
        while self.ids.len() < ids {
            assert!(self.follow(client).await, "cut off at {} of {ids}", self.ids.len());
        }
    }

    fn hear(&mut self, publication: &Value) {
        self.keep(&publication["data"]);
        if let (Some(offset), Some(position)) = (publication["offset"].as_u64(), &mut self.position)
        {
            assert!(offset > position.1, "offset {offset} after {}", position.1);
            position.1 = offset;
        }
    }

    fn keep(&mut self, data: &Value) {
        self.ids
            .extend(data["rows"].as_array().unwrap().iter().map(|row| row[0].as_u64().unwrap()));
    }
}
