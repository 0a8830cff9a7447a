//! What is kept beside the log.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::domain::{Alert, AlertId, AlertStep, Offset, Severity, Time, alert};

/// A step of an alert, to be kept.
#[derive(Clone, Debug, PartialEq)]
pub struct AlertRecord {
    /// The batch it follows from.
    pub offset: Offset,
    /// Its place among the steps of that batch.
    pub nth: u32,
    /// What happened.
    pub step: AlertStep,
    /// The alert after it; it happened when this was updated.
    pub alert: Arc<Alert>,
    /// The other alerts that it is about.
    pub others: Vec<AlertId>,
}

impl AlertRecord {
    /// Of each, whether it is the last of its alert: an alert need be written but as it
    /// stands after that, however large it is and however many steps there are.
    #[must_use]
    pub fn last_of_each(records: &[Self]) -> Vec<bool> {
        let mut last: BTreeMap<AlertId, (Offset, u32)> = BTreeMap::new();
        for record in records {
            let at = last.entry(record.alert.id).or_default();
            *at = (*at).max((record.offset, record.nth));
        }
        let is_last = |of: &Self| last.get(&of.alert.id) == Some(&(of.offset, of.nth));
        records.iter().map(is_last).collect()
    }
}

/// A step of an alert, as its history tells it.
#[derive(Clone, Debug, PartialEq)]
pub struct PastStep {
    /// The batch it follows from.
    pub offset: Offset,
    /// Its place among the steps of that batch.
    pub nth: u32,
    /// When.
    pub at: Time,
    /// What happened.
    pub step: AlertStep,
    /// How the alert stood after it.
    pub detail: StepDetail,
}

/// How an alert stood after a step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StepDetail {
    /// How grave.
    pub severity: Severity,
    /// How many members.
    pub members: u32,
    /// How many of them core.
    pub cores: u32,
    /// Members a side.
    pub sides: Vec<alert::Side>,
    /// Who answered for it.
    pub acknowledged: Option<alert::Acknowledgement>,
    /// The acknowledgement that was last taken back.
    pub withdrawn: Option<alert::Acknowledgement>,
    /// The other alerts that the step is about.
    pub others: Vec<AlertId>,
}

impl StepDetail {
    /// How an alert stands after a step.
    #[must_use]
    pub fn of(record: &AlertRecord) -> Self {
        let alert = &record.alert;
        Self {
            severity: alert.severity,
            members: u32::try_from(alert.members.len()).unwrap_or(u32::MAX),
            cores: alert.cores,
            sides: alert.sides.clone(),
            acknowledged: alert.acknowledged.clone(),
            withdrawn: alert.withdrawn.clone(),
            others: record.others.clone(),
        }
    }
}
