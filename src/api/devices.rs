//! `/api/v1/devices`: which devices send what cannot be right.

use std::cmp::Reverse;

use axum::Json;
use axum::extract::State;

use crate::pipeline::devices::{Fault, Faults, Told};
use crate::wire::{DevicesView, FaultView, SenderFaultsView, UnitFaultsView};

use super::accounts::agency;
use super::pass::Pass;
use super::problem::ApiError;
use super::state::AppState;

/// Answers which units and senders within reach had items refused, or fixes that are
/// not believed, and why; counted since the server started.
#[utoipa::path(
    get, path = "/api/v1/devices",
    operation_id = "listDevices", tag = "access",
    responses((status = 200, description = "Those with faults.", body = DevicesView))
)]
pub async fn list(State(app): State<AppState>, pass: Pass) -> Result<Json<DevicesView>, ApiError> {
    let Told { since, mut units, mut senders, beyond } = app.inlet.devices().tell();
    let newest = |faults: &Faults| Reverse(faults.last.front().map(|fault| fault.at));
    units.sort_by_key(|(id, faults)| (newest(faults), id.0));
    senders.sort_by(|a, b| (newest(&a.1), &a.0.0).cmp(&(newest(&b.1), &b.0.0)));
    let known = app.inlet.ask(move |engine| {
        let unit = |(id, faults)| {
            let (unit, fix) = engine.unit(id)?;
            Some((std::sync::Arc::clone(unit), fix.map(|fix| fix.at.ms()), faults))
        };
        units.into_iter().filter_map(unit).collect::<Vec<_>>()
    });
    let known = known.await?;
    let reach = pass.reach(&app);
    let units = known.into_iter().filter(|(unit, ..)| reach.holds(unit.agency));
    let units = units.map(|(unit, last_fix, faults)| UnitFaultsView {
        code: unit.code.to_string(),
        name: unit.name.to_string(),
        agency: agency(&app, unit.agency),
        last_fix,
        refused: faults.refused,
        doubted: faults.doubted,
        last: told(&faults),
    });
    let senders = senders.into_iter().filter(|((_, of), _)| of.is_none_or(|of| reach.holds(of)));
    let senders = senders.map(|((name, of), faults)| SenderFaultsView {
        name: name.to_string(),
        agency: of.map(|of| agency(&app, of)),
        refused: faults.refused,
        last: told(&faults),
    });
    let (units, senders) = (units.collect(), senders.collect());
    Ok(Json(DevicesView { since: since.ms(), units, senders, beyond }))
}

fn told(faults: &Faults) -> Vec<FaultView> {
    let view = |Fault { at, field, reason, kept }: &Fault| FaultView {
        at: at.ms(),
        field: field.as_ref().map(ToString::to_string),
        reason: reason.to_string(),
        kept: *kept,
    };
    faults.last.iter().map(view).collect()
}
