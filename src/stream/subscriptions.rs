//! The channels of one client.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::ws::Utf8Bytes;

use crate::access::Sight;
use crate::domain::Offset;

use super::channel::Channel;
use super::codes::Refusal;
use super::hub::Hub;
use super::live::Live;
use super::lock::lock;
use super::outbox::Outbox;
use super::picture::Source;
use super::protocol::{Subscribe, Subscribed};
use super::publication::Publication;
use super::rows::Cut;
use super::topic::{Joined, Joiner};

/// How often a picture may turn out to be too old by the time it is there.
const TRIES: usize = 3;

/// What was missed goes into the reply up to here, and follows as pushes beyond.
const REPLY_BYTES: usize = 64 << 10;

/// The channels of one client, each given back when dropped.
#[derive(Debug)]
pub struct Subscriptions<'a, S> {
    live: &'a Live<S>,
    sight: Sight,
    outbox: Arc<Outbox>,
    by_name: HashMap<String, Taken>,
}

/// A channel taken at the hub.
#[derive(Debug)]
struct Taken {
    hub: Arc<Hub>,
    channel: Channel,
    sight: Sight,
    id: u64,
}

impl Drop for Taken {
    fn drop(&mut self) {
        self.hub.leave(self.channel, self.sight, self.id);
    }
}

impl<'a, S: Source> Subscriptions<'a, S> {
    /// None yet, for a client of a sight.
    pub fn new(live: &'a Live<S>, sight: Sight, outbox: Arc<Outbox>) -> Self {
        Self { live, sight, outbox, by_name: HashMap::default() }
    }

    /// Gives a channel back; nothing if it was not taken.
    pub fn unsubscribe(&mut self, channel: &str) {
        self.by_name.remove(channel);
    }

    /// Takes a channel and sends the reply.
    ///
    /// Joining a topic and reading what it published since an offset are one
    /// step under the topic's lock. A resume joins at the client's own offset; a
    /// snapshot is read first and joined at the offset it is true at. Either way
    /// nothing falls between and nothing comes twice.
    pub async fn subscribe(&mut self, id: u32, asked: &Subscribe) -> Result<(), Refusal> {
        let hub = &self.live.hub;
        if self.by_name.contains_key(&asked.channel) {
            return Err(Refusal::ALREADY_SUBSCRIBED);
        }
        if self.by_name.len() >= hub.limits().channels {
            return Err(Refusal::LIMIT);
        }
        let channel =
            Channel::parse(&asked.channel, hub.surveyor().map()).ok_or(Refusal::UNKNOWN_CHANNEL)?;
        let (sight, number) = (self.sight, hub.number());
        let taken = Taken { hub: Arc::clone(hub), channel, sight, id: number };
        match channel {
            Channel::Stats => {
                let newest = hub.join_stats(taken.id, &self.outbox);
                let reply = Subscribed { data: newest.as_deref(), ..Subscribed::default() };
                self.outbox.release(reply.line(id).into(), []);
            }
            Channel::Units(cell) => {
                let whole = hub.join_cell(cell, self.sight, taken.id, &self.outbox);
                let view = whole.view();
                let reply = Subscribed { data: Some(&view.data), ..Subscribed::default() };
                self.outbox.release(reply.line(id).into(), view.rest.iter().cloned());
            }
            Channel::Alerts | Channel::Incidents(_) => {
                if !self.resume(id, asked, &taken) {
                    self.begin(id, asked, &taken).await?;
                }
            }
        }
        self.by_name.insert(asked.channel.clone(), taken);
        Ok(())
    }

    /// Carries on where the client was; false if that is out of reach.
    fn resume(&self, id: u32, asked: &Subscribe, taken: &Taken) -> bool {
        let hub = &self.live.hub;
        // Offset 0 is nobody's place: a snapshot cut short leaves a client there.
        if !asked.recover || asked.epoch != hub.epoch() || asked.offset == 0 {
            return false;
        }
        let within = hub.limits().resume_bytes as u64;
        let Some(Joined { top, missed }) = self.join(asked, taken, Offset(asked.offset), within)
        else {
            return false;
        };
        let mut bytes = 0;
        let full = missed.iter().position(|publication| {
            bytes += publication.bytes();
            bytes > REPLY_BYTES
        });
        let (listed, pushed) = missed.split_at(full.unwrap_or(missed.len()));
        // The position is the one come back from, which each publication moves on.
        let offset = if missed.is_empty() { top.0 } else { asked.offset };
        let reply = Subscribed {
            position: Some((hub.epoch(), offset)),
            recovered: Some(true),
            publications: listed.iter().map(Publication::object).collect(),
            ..Subscribed::default()
        };
        self.outbox.release(reply.line(id).into(), pushed.iter().map(Publication::line));
        true
    }

    /// Begins with a snapshot.
    async fn begin(&self, id: u32, asked: &Subscribe, taken: &Taken) -> Result<(), Refusal> {
        let hub = &self.live.hub;
        if asked.recover && asked.flag & Subscribe::REJECT_UNRECOVERED != 0 {
            return Err(Refusal::UNRECOVERABLE);
        }
        let Some((_, scope)) = hub.topic(taken.channel) else {
            return Err(Refusal::UNKNOWN_CHANNEL);
        };
        for _ in 0..TRIES {
            let (gallery, source) = (&self.live.gallery, &*self.live.source);
            let picture = gallery.picture(hub, source, taken.channel).await;
            let picture = picture.map_err(|_gone| Refusal::INTERNAL)?;
            let cut = Cut { scope, sight: self.sight };
            let view = picture.view(cut, hub.surveyor(), &asked.channel);
            let Some(joined) = self.join(asked, taken, picture.offset, u64::MAX) else { continue };
            // A snapshot in several pieces gives its offset with the last, so that
            // a client cut off between them begins anew.
            let offset = if view.rest.is_empty() { picture.offset.0 } else { 0 };
            let reply = Subscribed {
                position: Some((hub.epoch(), offset)),
                recovered: asked.recover.then_some(false),
                data: Some(&view.data),
                ..Subscribed::default()
            };
            let missed = joined.missed.iter().map(Publication::line);
            let after: Vec<Utf8Bytes> = view.rest.iter().cloned().chain(missed).collect();
            self.outbox.release(reply.line(id).into(), after);
            return Ok(());
        }
        Err(Refusal::INTERNAL)
    }

    fn join(&self, asked: &Subscribe, taken: &Taken, after: Offset, within: u64) -> Option<Joined> {
        let (topic, scope) = self.live.hub.topic(taken.channel)?;
        let cut = Cut { scope, sight: self.sight };
        let joiner = Joiner { id: taken.id, cut, channel: &asked.channel, after, within };
        lock(topic).join(&joiner, self.live.hub.surveyor(), &self.outbox)
    }
}
