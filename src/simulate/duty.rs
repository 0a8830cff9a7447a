//! Duty officers who answer for some of the alerts, so that a demonstration does not
//! show all of them waiting for days.

use crate::domain::Time;

use super::doors::{DoorError, Doors};
use super::plan::DutyPlan;

/// Officers at a service without accounts; of one with accounts people are asked to be.
#[derive(Debug)]
pub struct Duty<'a> {
    plan: Option<&'a DutyPlan>,
    doors: &'a Doors,
}

impl<'a> Duty<'a> {
    /// As the plan has them.
    pub fn new(plan: Option<&'a DutyPlan>, doors: &'a Doors) -> Self {
        Self { plan: plan.filter(|_| doors.is_open()), doors }
    }

    /// Answers for what has waited long enough at an instant of the server's clock.
    pub async fn look(&self, now: Time) -> Result<(), DoorError> {
        let Some(plan) = self.plan else { return Ok(()) };
        for (alert, since) in self.doors.unacknowledged().await? {
            if now - since >= plan.after
                && let Some(name) = plan.signs(alert)
            {
                self.doors.acknowledge(alert, name).await?;
            }
        }
        Ok(())
    }
}

impl DutyPlan {
    /// Who answers for an alert; `None` if it is left for whoever looks on.
    fn signs(&self, alert: u64) -> Option<&str> {
        if alert.is_multiple_of(self.leaves_each) {
            return None;
        }
        let turn = usize::try_from(alert).unwrap_or_default() % self.names.len().max(1);
        self.names.get(turn).map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_officers_take_turns_and_leave_each_third_alert() {
        let names = vec!["甲".to_owned(), "乙".to_owned()];
        let plan = DutyPlan { names, after: 0, leaves_each: 3 };
        let signs: Vec<_> = (1..=6).map(|alert| plan.signs(alert)).collect();
        assert_eq!(signs, [Some("乙"), Some("甲"), None, Some("甲"), Some("乙"), None]);
    }
}
