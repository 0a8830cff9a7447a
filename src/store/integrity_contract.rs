//! Whose names and units are, and what was overtaken: what holds however many servers
//! and senders there are at once.

use std::sync::Arc;

use super::contract::{fixes, in_memory, log, on_both, report, unit};
use super::{Draft, Owner, Since, Store, Subject, Verdict};
use crate::domain::{
    Act, AlertId, Event, IncidentId, MatterCode, NewIncident, NewUnit, Offset, Time,
};

macro_rules! promises {
    ($($on:ident)*) => {$(
        $on! {
            of_two_that_register_a_code_at_once_one_has_it
            each_agency_has_names_of_its_own
            what_is_sent_again_with_other_contents_is_told_and_changes_nothing
            what_has_been_overtaken_is_not_appended
        }
    )*};
}

promises! { on_both in_memory }

async fn of_two_that_register_a_code_at_once_one_has_it<S: Store>(open: impl AsyncFn() -> S) {
    let (ours, theirs) = (open().await, open().await);
    for nth in 0..20 {
        let code = format!("car-{nth}");
        let of = |agency: &str| {
            let unit = NewUnit { agency: agency.parse().unwrap(), ..unit(&code, "A") };
            Draft { units: vec![unit], ..Draft::default() }
        };
        let (one, other) = tokio::join!(ours.append(of("310118")), theirs.append(of("320500")));
        let verdicts = [one.unwrap().units[0], other.unwrap().units[0]];
        let accepted = |verdict: &Verdict| matches!(verdict, Verdict::Accepted(_));
        assert_eq!(verdicts.iter().filter(|one| accepted(one)).count(), 1, "{code}: {verdicts:?}");
        assert!(verdicts.contains(&Verdict::Taken(nth + 1)), "{code}: {verdicts:?}");
    }
}

async fn each_agency_has_names_of_its_own<S: Store>(open: impl AsyncFn() -> S) {
    let store = open().await;
    let of = |agency: &str| Owner(Some(agency.parse().unwrap()));
    let append = async |incidents: Vec<NewIncident>, owners: Vec<Owner>| {
        let draft = Draft { incidents, owners, ..Draft::default() };
        store.append(draft).await.unwrap().incidents
    };
    let (ours, theirs) = (of("320000"), of("340000"));
    let taken = NewIncident { description: "theirs".into(), ..report("a") };
    assert_eq!(append(vec![taken.clone()], vec![theirs]).await, [Verdict::Accepted(1)]);
    let both = append(vec![report("a"), taken.clone(), report("a")], vec![ours, theirs, ours]);
    let expected = [Verdict::Accepted(2), Verdict::Duplicate(1), Verdict::Duplicate(2)];
    assert_eq!(both.await, expected);
    let found = store.incidents(vec![IncidentId(2), IncidentId(1)]).await.unwrap();
    assert_eq!(found, [report("a").numbered(IncidentId(2)), taken.numbered(IncidentId(1))]);
    // What was stored before there were owners is known to all.
    assert_eq!(append(vec![report("b")], Vec::new()).await, [Verdict::Accepted(3)]);
    assert_eq!(append(vec![report("b")], vec![ours]).await, [Verdict::Duplicate(3)]);
    assert_eq!(append(vec![report("b")], vec![theirs]).await, [Verdict::Duplicate(3)]);
}

async fn what_is_sent_again_with_other_contents_is_told_and_changes_nothing<S: Store>(
    open: impl AsyncFn() -> S,
) {
    let store = open().await;
    let append = async |incidents| {
        let done = store.append(Draft { incidents, ..Draft::default() }).await.unwrap();
        let fields = done.incidents.iter().map(|verdict| match verdict {
            Verdict::Differs(1, differences) => differences.fields().collect(),
            Verdict::Accepted(1) => vec!["accepted"],
            Verdict::Duplicate(1) => Vec::new(),
            other => panic!("{other:?}"),
        });
        fields.collect::<Vec<_>>()
    };
    let other = NewIncident {
        matter: MatterCode::new("noise"),
        occurred_at: Time::from_ms(1_001),
        description: "".into(),
        ..report("a")
    };
    let fields = ["matter", "occurred_at", "description"];
    let told = append(vec![report("a"), other.clone()]).await;
    assert_eq!(told, [vec!["accepted"], fields.to_vec()], "in one batch");
    assert_eq!(append(vec![other, report("a")]).await, [fields.to_vec(), vec![]]);
    let stored = store.incidents(vec![IncidentId(1)]).await.unwrap();
    assert_eq!(stored, [report("a").numbered(IncidentId(1))]);
}

async fn what_has_been_overtaken_is_not_appended<S: Store>(open: impl AsyncFn() -> S) {
    let (ours, theirs) = (open().await, open().await);
    let act = |alert| Event::Act(Act::Acknowledge { alert, by: "li".into(), note: String::new() });
    let draft = |event, since| Draft { events: vec![event], since, ..Draft::default() };
    let seen = ours.append(fixes(&[(1, 10)])).await.unwrap().offset;
    let of = |subject| Some(Since { offset: seen, subject });
    let rules = || Event::Rules(Arc::default());
    let done = theirs.append(draft(rules(), of(Subject::Rules))).await.unwrap();
    assert_eq!((done.overtaken, done.offset), (false, Offset(2)));
    let done = theirs.append(draft(act(AlertId(7)), of(Subject::Alert(AlertId(7))))).await.unwrap();
    assert_eq!((done.overtaken, done.offset), (false, Offset(3)), "rules are not of an alert");
    for (event, subject, overtaken) in [
        (rules(), Subject::Rules, true),
        (act(AlertId(7)), Subject::Alert(AlertId(7)), true),
        (act(AlertId(8)), Subject::Alert(AlertId(8)), false),
    ] {
        let done = ours.append(draft(event, of(subject))).await.unwrap();
        assert_eq!((done.overtaken, done.events.is_empty()), (overtaken, overtaken));
    }
    assert_eq!(log(&ours).await.len(), 4);
}
