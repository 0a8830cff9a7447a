//! The driver: what happens in each step, and what must hold in the end.

use std::collections::BTreeSet;
use std::hash::{Hash, Hasher};
use std::sync::Arc;
use std::time::Duration;

use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;
use rustc_hash::FxHasher;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use super::super::world::{START, Service, World, read_all, unit, world};
use super::senders::{Senders, UNITS, name_of};
use super::viewer::Viewer;
use super::weather::{Rough, turn};
use crate::domain::{Act, Batch, Change, Event, Offset, Time};
use crate::engine::Engine;
use crate::pipeline::{self, Clock, Inlet, Pace, Settings, Submission, start};
use crate::store::Store;
use crate::store::memory::Memory;
use crate::stream::{Limits, Live};

const VIEWERS: usize = 3;

/// Events between checkpoints: few, so that starts begin at one.
const CHECKPOINT: u64 = 150;

pub struct City {
    begun: Instant,
    draw: Pcg64Mcg,
    world: World,
    now: Time,
    kept: Memory,
    places: [Place; 2],
    senders: Senders,
    viewers: [Viewer; VIEWERS],
}

/// A machine, and the service that may run on it.
struct Place {
    weather: Arc<Rough>,
    store: Arc<dyn Store>,
    running: Option<Running>,
}

struct Running {
    service: Service,
    live: Arc<Live<Inlet>>,
    /// Ends the conversations with its clients.
    farewell: CancellationToken,
}

impl City {
    /// Two servers with a few units.
    pub async fn found(seed: u64) -> Self {
        let (begun, kept) = (Instant::now(), Memory::default());
        let places = [1, 2].map(|nth| {
            let weather = Arc::new(Rough::new(seed << 8 | nth, begun));
            let store = Arc::new(kept.through(Arc::clone(&weather) as _));
            Place { weather, store, running: None }
        });
        let draw = Pcg64Mcg::seed_from_u64(seed);
        let now = Time::from_ms(START);
        let (senders, viewers) = (Senders::default(), Default::default());
        let mut city = Self { begun, draw, world: world(), now, kept, places, senders, viewers };
        let units = (1..=UNITS).map(|nth| unit(&format!("car-{nth}"))).collect();
        for submission in [Submission::Clock(now), Submission::units(units)] {
            while city.server(0).await.service.inlet.send(submission.clone()).await.is_err() {
                turn(city.begun, 1, 0).await;
            }
        }
        city
    }

    /// One thing happens.
    pub async fn step(&mut self) {
        let turns = self.draw.random_range(1..4);
        turn(self.begun, turns, 0).await;
        self.senders.hear().await;
        let place = self.draw.random_range(0..self.places.len());
        match self.draw.random_range(0..1_000) {
            0..600 => self.send(place),
            600..640 => self.move_clock(place),
            640..670 => self.acknowledge(place).await,
            670..900 => self.look(place),
            900..980 => drop(self.server(place).await),
            980..990 => self.stop(place).await,
            _ => self.kill(place),
        }
    }

    /// The weather clears up, and all that was not acknowledged is sent once more.
    pub async fn settle(&mut self) {
        for nth in 0..self.places.len() {
            self.places[nth].weather.clear_up();
            self.server(nth).await;
        }
        let patience = self.begun.elapsed() + Duration::from_mins(30);
        loop {
            turn(self.begun, 1, 0).await;
            self.senders.hear().await;
            let inlet = self.server(0).await.service.inlet.clone();
            if !self.senders.insist(&inlet) {
                break;
            }
            assert!(self.begun.elapsed() < patience, "something is never acknowledged");
        }
        for _ in 0..2 {
            for nth in 0..VIEWERS {
                turn(self.begun, 1, 0).await;
                self.attend(nth, nth % 2).await;
            }
            sleep(Duration::from_secs(10)).await;
        }
    }

    /// Whether all is as it should be; a digest of what there is.
    pub async fn check(&mut self) -> u64 {
        let log = read_all(&self.kept).await;
        self.check_log(&log);
        let mut engine = Engine::new(Arc::clone(&self.world.atlas), Arc::default());
        let mut changes = Vec::new();
        let mut seen = vec![Vec::new(); VIEWERS];
        let mut told = Vec::new();
        for (offset, batch) in &log {
            for event in &batch.events {
                engine.apply(event, batch.at, &mut changes);
            }
            told.extend(changes.drain(..).filter_map(|change| match change {
                Change::Incident(incident) => Some((offset.0, incident.id.0)),
                _ => None,
            }));
            for (viewer, seen) in self.viewers.iter().zip(&mut seen) {
                if viewer.snapshot.0 == offset.0 {
                    *seen = engine.incidents().map(|incident| incident.id.0).collect();
                }
            }
        }
        for nth in 0..self.places.len() {
            let digest = self.server(nth).await.service.digest().await;
            assert_eq!(digest, engine.digest(), "server {nth} shows what the log says");
        }
        let mut fresh = Viewer::default();
        fresh.connect(&self.server(0).await.live);
        sleep(Duration::from_secs(5)).await;
        assert!(fresh.listen());
        for (viewer, seen) in self.viewers.iter().zip(&seen) {
            assert_eq!(&viewer.snapshot.1, seen, "the snapshot at {}", viewer.snapshot.0);
            // What came in too late for the live window is told to nobody.
            let after = told.iter().filter(|(offset, _)| *offset > viewer.snapshot.0);
            let since: Vec<_> = after.map(|(_, id)| *id).collect();
            assert_eq!(viewer.since, since, "nothing was missed and nothing told twice");
            for (id, alert) in &fresh.alerts {
                assert_eq!(viewer.alerts.get(id), Some(alert));
            }
        }
        let mut hasher = FxHasher::default();
        format!("{log:?}").hash(&mut hasher);
        for viewer in &self.viewers {
            viewer.resumes.hash(&mut hasher);
        }
        hasher.finish()
    }

    fn check_log(&self, log: &[(Offset, Batch)]) {
        let offsets: Vec<_> = log.iter().map(|(offset, _)| offset.0).collect();
        assert_eq!(offsets, (1..=log.len() as u64).collect::<Vec<_>>(), "the log has no gap");
        let mut there = BTreeSet::new();
        for event in log.iter().flat_map(|(_, batch)| &batch.events) {
            let name = match event {
                Event::Incident(incident) => {
                    let key = incident.external_id.parse().unwrap();
                    assert_eq!(self.senders.numbers.get(&key), Some(&incident.id.0));
                    incident.external_id.to_string()
                }
                Event::Position(fix) => name_of(fix),
                _ => continue,
            };
            assert!(there.insert(name.clone()), "{name} is in the log twice");
        }
        // All of it has been acknowledged by now.
        assert_eq!(there, self.senders.names());
        assert!(self.senders.fresh.is_subset(&there));
    }

    fn send(&mut self, place: usize) {
        if let Some(running) = &self.places[place].running {
            self.senders.send(&mut self.draw, &running.service.inlet, self.now);
        }
    }

    fn move_clock(&mut self, place: usize) {
        if let Some(running) = &self.places[place].running {
            self.now = self.now + self.draw.random_range(0..3_600_000);
            let (inlet, to) = (running.service.inlet.clone(), self.now);
            // Refused if the other server is ahead: then it is later already.
            tokio::spawn(async move { inlet.send(Submission::Clock(to)).await });
        }
    }

    async fn acknowledge(&mut self, place: usize) {
        let Some(running) = &self.places[place].running else { return };
        let inlet = running.service.inlet.clone();
        let first = |engine: &Engine| engine.alerts().next().map(|alert| alert.id);
        if let Ok(Some(alert)) = inlet.ask(first).await {
            turn(self.begun, 1, 0).await;
            let (by, note) = ("officer".to_owned(), String::new());
            let act = Act::Acknowledge { alert, by, note };
            tokio::spawn(async move { inlet.send(Submission::Act(act)).await });
        }
    }

    /// A viewer looks, or changes to another server.
    fn look(&mut self, place: usize) {
        let viewer = &mut self.viewers[self.draw.random_range(0..VIEWERS)];
        let leaves = self.draw.random_bool(0.1);
        if (leaves || !viewer.listen())
            && let Some(running) = &self.places[place].running
        {
            viewer.connect(&running.live);
        }
    }

    /// A viewer is seen to, until it has heard all.
    async fn attend(&mut self, nth: usize, place: usize) {
        let live = Arc::clone(&self.server(place).await.live);
        for _ in 0..50 {
            if !self.viewers[nth].listen() {
                self.viewers[nth].connect(&live);
            }
            turn(self.begun, 1, 0).await;
        }
    }

    /// A server, started if it does not run.
    async fn server(&mut self, place: usize) -> &Running {
        while self.places[place].running.is_none() {
            let Place { store, running, .. } = &mut self.places[place];
            let settings = Settings {
                clock: Clock::driven(),
                limits: Limits::default(),
                pace: Pace::every(CHECKPOINT),
                spool: None,
            };
            let stop = CancellationToken::new();
            let started =
                start(Arc::clone(store), self.world.clone(), settings, stop.clone()).await;
            if let Ok(pipeline::Running { inlet, hub, task }) = started {
                let farewell = CancellationToken::new();
                let source = Arc::new(inlet.clone());
                let live = Live::new(Arc::clone(&hub), source, farewell.clone());
                let service = Service { inlet, hub, stop, task };
                *running = Some(Running { service, live, farewell });
            }
            turn(self.begun, 1, 0).await;
        }
        self.places[place].running.as_ref().unwrap()
    }

    /// In good order.
    async fn stop(&mut self, place: usize) {
        if let Some(Running { service, farewell, .. }) = self.places[place].running.take() {
            farewell.cancel();
            service.stop().await;
        }
    }

    /// At once; what it had begun to commit may yet be done.
    fn kill(&mut self, place: usize) {
        if let Some(Running { service, farewell, .. }) = self.places[place].running.take() {
            farewell.cancel();
            service.task.abort();
        }
    }
}
