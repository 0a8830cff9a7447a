//! What goes on beside the doors and the pipeline. If any of it dies, the service is not
//! what it seems: it says so and ends, and whoever runs it starts it again.

use std::collections::BTreeMap;
use std::fmt::Display;

use tokio::task::{Id, JoinSet};
use tokio_util::sync::CancellationToken;

use super::ServiceError;

/// The tasks, each by its name.
#[derive(Debug)]
pub struct Background {
    tasks: JoinSet<Result<(), String>>,
    names: BTreeMap<Id, &'static str>,
    stop: CancellationToken,
}

impl Background {
    /// None yet; each is to end once `stop` is cancelled, and not before.
    pub fn until(stop: CancellationToken) -> Self {
        Self { tasks: JoinSet::new(), names: BTreeMap::new(), stop }
    }

    /// Begins a task.
    pub fn spawn<E: Display>(
        &mut self,
        name: &'static str,
        task: impl Future<Output = Result<(), E>> + Send + 'static,
    ) {
        let task = async move { task.await.map_err(|why| why.to_string()) };
        let id = self.tasks.spawn(task).id();
        self.names.insert(id, name);
    }

    /// Why one of them ended before it was told to; pending as long as none does.
    pub async fn fails(&mut self) -> ServiceError {
        while let Some(ended) = self.tasks.join_next_with_id().await {
            let (id, why) = match ended {
                Ok((_, Ok(()))) if self.stop.is_cancelled() => continue,
                Ok((id, Ok(()))) => (id, "it ended unasked".to_owned()),
                Ok((id, Err(why))) => (id, why),
                Err(broken) => (broken.id(), broken.to_string()),
            };
            let task = self.names.get(&id).copied().unwrap_or("a task");
            return ServiceError::Background { task, why };
        }
        std::future::pending().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn dies() -> Result<(), String> {
        tokio::task::yield_now().await;
        panic!("no such day")
    }

    async fn told(of: impl FnOnce(&mut Background)) -> String {
        let stop = CancellationToken::new();
        let mut background = Background::until(stop.clone());
        let asked = stop.clone();
        background.spawn("waiting", async move {
            asked.cancelled().await;
            Ok::<_, String>(())
        });
        of(&mut background);
        background.fails().await.to_string()
    }

    #[tokio::test]
    async fn a_task_that_dies_is_told_of_by_its_name() {
        let panics = told(|all| all.spawn("retention", dies()));
        let panics = panics.await;
        assert!(
            panics.starts_with("retention broke down: ") && panics.contains("no such day"),
            "{panics}"
        );
        let fails = told(|all| all.spawn("the clock", async { Err("it was repaired") })).await;
        assert_eq!(fails, "the clock broke down: it was repaired");
        let ends = told(|all| all.spawn("metrics", async { Ok::<_, String>(()) })).await;
        assert_eq!(ends, "metrics broke down: it ended unasked");
    }

    #[tokio::test]
    async fn what_ends_when_it_is_told_to_is_no_failure() {
        let stop = CancellationToken::new();
        let mut background = Background::until(stop.clone());
        let asked = stop.clone();
        background.spawn("waiting", async move {
            asked.cancelled().await;
            Ok::<_, String>(())
        });
        stop.cancel();
        tokio::select! {
            biased;
            why = background.fails() => panic!("{why}"),
            () = async { for _ in 0..100 { tokio::task::yield_now().await } } => {}
        }
    }
}
