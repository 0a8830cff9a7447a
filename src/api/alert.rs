//! `/api/v1/alerts/{id}`: one alert in full, its members and steps a page at a time.

use std::fmt::{self, Display};
use std::str::FromStr;
use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;

use crate::access::Homes;
use crate::domain::{Alert, AlertStep, Incident, IncidentId, Offset, RuleSet};
use crate::store::PastStep;
use crate::wire::{
    AlertDetail, AlertView, Gazetteer, IncidentView, RuleView, SignerView, StepView,
};

use super::alerts::alert_id;
use super::answers::{PAGE_BYTES, bytes_of};
use super::caching::wants_geojson;
use super::geojson;
use super::incidents::bytes;
use super::params::{Params, fitting, page};
use super::pass::Pass;
use super::problem::ApiError;
use super::state::AppState;

/// Members and steps a page.
const MEMBERS: usize = 1_000;
const STEPS: usize = 1_000;

/// Bytes of the steps of a page, about; the members have a page of their own beside them.
const STEPS_BYTES: usize = PAGE_BYTES / 4;

/// Members read at once.
const AT_ONCE: usize = 64;

/// Answers one alert with its newest members and steps, a page of each. Asked for older
/// ones of either by the cursor it names, it leaves the other list empty. Who takes part
/// in it sees all members, others those that lie where they see.
#[utoipa::path(
    get, path = "/api/v1/alerts/{id}",
    operation_id = "getAlert", tag = "alerts",
    params(
        ("id" = u64, Path, description = "Its number"),
        (
            "members_before" = Option<String>,
            Query,
            description = "`members_next` of the page before"
        ),
        (
            "history_before" = Option<String>,
            Query,
            description = "`history_next` of the page before"
        )
    ),
    responses(
        (
            status = 200,
            description = "The alert.",
            content((AlertDetail = "application/json"), (Value = "application/geo+json"))
        )
    )
)]
pub async fn get(
    State(app): State<AppState>,
    pass: Pass,
    Path(id): Path<String>,
    params: Params,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let params = params.only(&["members_before", "history_before"])?;
    let cursors = Cursors {
        members: params.get("members_before")?.map(IncidentId),
        history: params.get("history_before")?,
    };
    let (alert, homes) = app.alert(&pass, alert_id(&id)?).await?;
    let share = app.answers.share(&pass).await?;
    let detail = Detail::read(&app, &pass, alert, &homes, cursors).await?;
    let geo = wants_geojson(&headers);
    share.answer(move || if geo { detail.geojson() } else { geojson::json(&detail.view()) }).await
}

/// Before what members and steps are asked for; the newest of both, if nothing is named.
#[derive(Clone, Copy, Debug, Default)]
pub struct Cursors {
    members: Option<IncidentId>,
    history: Option<Step>,
}

/// What is told of an alert, as it was read.
#[derive(Debug)]
pub struct Detail {
    app: AppState,
    pass: Pass,
    alert: Arc<Alert>,
    rules: Arc<RuleSet>,
    members: Members,
    /// The newest first, and one more than a page holds.
    steps: Vec<PastStep>,
}

/// Members of an alert that are seen, the oldest first; and before which the next page
/// begins, if there are more.
#[derive(Debug, Default)]
struct Members {
    found: Vec<Incident>,
    next: Option<String>,
}

impl Detail {
    /// Reads a page of an alert.
    pub async fn read(
        app: &AppState,
        pass: &Pass,
        alert: Arc<Alert>,
        homes: &Homes,
        cursors: Cursors,
    ) -> Result<Self, ApiError> {
        let members = match (cursors.members, cursors.history) {
            (None, Some(_)) => Members::default(),
            (below, _) => {
                let all = pass.sight().takes_part(homes);
                let below = below.unwrap_or(IncidentId(u64::MAX));
                Members::read(app, pass, &alert, all, below).await?
            }
        };
        let steps = match (cursors.history, cursors.members) {
            (None, Some(_)) => Vec::new(),
            (before, _) => {
                let Step { offset, nth } = before.unwrap_or(Step::LATEST);
                let most = u32::try_from(STEPS + 1).unwrap_or(u32::MAX);
                app.store.alert_steps(alert.id, (offset, nth), most).await?
            }
        };
        let rules = app.rules().await?;
        Ok(Self { app: app.clone(), pass: pass.clone(), alert, rules, members, steps })
    }

    /// As it is told.
    pub fn view(&self) -> AlertDetail {
        let names = &*self.app.names;
        let limit = fitting(&self.steps, STEPS, STEPS_BYTES, step_bytes);
        let (steps, history_next) = page(&self.steps, limit, |last| Step::of(last).to_string());
        let rule = self.rules.rules().iter().find(|rule| rule.id == self.alert.rule);
        AlertDetail {
            alert: AlertView::of(&self.alert, names),
            rule: rule.map(RuleView::of),
            members: self.members().collect(),
            members_next: self.members.next.clone(),
            history: steps.iter().rev().map(|past| step(past, names)).collect(),
            history_next,
        }
    }

    fn geojson(&self) -> Response {
        let alert = geojson::alert(&AlertView::of(&self.alert, &*self.app.names));
        let members = self.members().map(|member| geojson::incident(&member));
        geojson::page(std::iter::once(alert).chain(members), self.members.next.as_deref())
    }

    fn members(&self) -> impl Iterator<Item = IncidentView> {
        let names = &*self.app.names;
        self.members.found.iter().map(|one| self.pass.shown(IncidentView::of(one, names)))
    }
}

impl Members {
    /// The newest below a number, as far as they are seen and a page holds them.
    async fn read(
        app: &AppState,
        pass: &Pass,
        alert: &Alert,
        all: bool,
        below: IncidentId,
    ) -> Result<Self, ApiError> {
        let ids: Vec<IncidentId> = alert.members.below(below).take(MEMBERS + 1).collect();
        let (page, rest) = ids.split_at(ids.len().min(MEMBERS));
        let mut found: Vec<Incident> = Vec::new();
        let mut page_bytes = 0;
        let mut next = page.last().filter(|_| !rest.is_empty()).copied();
        'page: for some in page.chunks(AT_ONCE) {
            for member in app.store.incidents(some.to_vec()).await? {
                if !all && !pass.sight().sees(&app.names.homes(member.point)) {
                    continue;
                }
                page_bytes += bytes(&member);
                if page_bytes > PAGE_BYTES
                    && let Some(last) = found.last()
                {
                    next = Some(last.id);
                    break 'page;
                }
                found.push(member);
            }
        }
        found.reverse();
        Ok(Self { found, next: next.map(|id| id.0.to_string()) })
    }
}

/// Where a page of steps stops: `BATCH.PLACE`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Step {
    offset: Offset,
    nth: u32,
}

impl Step {
    /// Later than any that a store can hold.
    const LATEST: Self = Self { offset: Offset(i64::MAX.cast_unsigned()), nth: u32::MAX };

    const fn of(past: &PastStep) -> Self {
        Self { offset: past.offset, nth: past.nth }
    }
}

impl Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.offset.0, self.nth)
    }
}

impl FromStr for Step {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let read = || {
            let (offset, nth) = text.split_once('.')?;
            let offset = i64::from_str(offset).ok().filter(|at| *at >= 0)?;
            Some(Self { offset: Offset(offset.cast_unsigned()), nth: nth.parse().ok()? })
        };
        read().ok_or("is no cursor of steps")
    }
}

fn step(past: &PastStep, names: &dyn Gazetteer) -> StepView {
    let detail = &past.detail;
    let ack = match past.step {
        AlertStep::Withdrawn => detail.withdrawn.as_ref(),
        _ => detail.acknowledged.as_ref(),
    };
    StepView {
        step: past.step,
        at: past.at.ms(),
        severity: detail.severity.grade(),
        members: detail.members,
        cores: detail.cores,
        sides: detail
            .sides
            .iter()
            .map(|side| (side.jurisdiction.to_string(), side.members))
            .collect(),
        by: ack.map(|ack| ack.by.clone()),
        signer: ack.and_then(|ack| ack.signer.as_ref()).map(|signer| SignerView::of(signer, names)),
        note: ack.map(|ack| ack.note.clone()).filter(|note| !note.is_empty()),
        others: detail.others.iter().map(|id| id.0).collect(),
    }
}

/// Bytes of a step in an answer, about; of two who acknowledged the longer.
fn step_bytes(past: &PastStep) -> usize {
    let detail = &past.detail;
    let acks = [&detail.acknowledged, &detail.withdrawn].into_iter().flatten();
    let ack = acks.map(|ack| bytes_of(&ack.by) + bytes_of(&ack.note)).max().unwrap_or(0);
    500 + ack + 24 * detail.sides.len() + 12 * detail.others.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_of_steps_is_read_as_it_is_told_and_nothing_else_is() {
        for step in [Step::LATEST, Step { offset: Offset(0), nth: 7 }] {
            assert_eq!(step.to_string().parse(), Ok(step));
        }
        for odd in ["", "1", ".", "1.", "-1.0", "1.-1", "9223372036854775808.0", "1.0.0"] {
            assert!(odd.parse::<Step>().is_err(), "{odd}");
        }
    }
}
