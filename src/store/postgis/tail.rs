//! Where the log ends, as other servers bring it on.

use std::convert::Infallible;
use std::time::{Duration, Instant};

use sqlx::postgres::{PgListener, PgPool};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};
use tokio_util::task::AbortOnDropHandle;

use crate::domain::Offset;

use super::super::StoreError;
use super::super::error::During;
use super::log;
use super::silence::bounded_read;

/// How often the log is looked at though nothing was told: what is told may be
/// lost with the connection that it is told on.
const LOOK: Duration = Duration::from_secs(1);

/// A line that held so long was a good one: longer than one tries to connect.
const GOOD: Duration = Duration::from_secs(10);

/// Follows the end of the log on a connection of its own.
pub fn follow(
    line: impl Fn() -> PgPool + Send + 'static,
) -> (watch::Receiver<Offset>, AbortOnDropHandle<()>) {
    let (ends, end) = watch::channel(Offset(0));
    let task = tokio::spawn(async move {
        let mut told = false;
        loop {
            let begun = Instant::now();
            let Err(why) = listen(&line(), &ends).await;
            // Once, not every second while the database is away.
            told &= begun.elapsed() < GOOD;
            if !told {
                tracing::warn!(error = %why, "following the log; trying again");
            }
            told = true;
            sleep(LOOK).await;
        }
    });
    (end, AbortOnDropHandle::new(task))
}

/// Listens until the line is lost; that it is not is seen by looking.
async fn listen(line: &PgPool, ends: &watch::Sender<Offset>) -> Result<Infallible, StoreError> {
    let mut listener = PgListener::connect_with(line).await.during("following the log")?;
    listener.listen(log::CHANNEL).await.during("following the log")?;
    loop {
        let head = bounded_read(log::head(&mut listener)).await?;
        move_on(ends, head.map_or(Offset(0), |(end, _)| end));
        // Until nothing was told for a while, or the connection is lost.
        while let Ok(told) = timeout(LOOK, listener.try_recv()).await {
            let Some(told) = told.during("following the log")? else { break };
            move_on(ends, told.payload().parse().map(Offset).unwrap_or_default());
        }
    }
}

fn move_on(ends: &watch::Sender<Offset>, to: Offset) {
    ends.send_if_modified(|end| {
        let further = to > *end;
        *end = to.max(*end);
        further
    });
}
