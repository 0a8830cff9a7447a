// What the desk knows of the alert that is open, asked for anew whenever it changes.

import { useEffect, useState } from "preact/hooks";
import type { AlertDetail, AlertView, NearUnits } from "../contract/openapi";
import { alertDetail, NEWEST, nearUnits, type Part } from "./detail";

/** How long after a step its history is asked for once more, ms. */
const AGAIN_MS = 1_500;
/** How often the units nearby are asked for again, ms. */
const NEAR_MS = 10_000;

export function useParticulars(alert: AlertView) {
  const [detail, setDetail] = useState<AlertDetail | null>(null);
  const [near, setNear] = useState<{ of: number; found: NearUnits | null } | null>(null);
  const [failed, setFailed] = useState<number | null>(null);
  const [wantedOlder, setOlder] = useState({ of: alert.id, ...NEWEST });
  const { members, history } = wantedOlder.of === alert.id ? wantedOlder : NEWEST;
  useEffect(() => {
    // An answer that comes after another alert was chosen is nobody's.
    let wanted = true;
    const ask = () =>
      alertDetail(alert.id, { members, history }).then(
        (found) => wanted && (setDetail(found), setFailed(null)),
        () => wanted && setFailed(alert.id),
      );
    void ask();
    // The history is written a moment after the stream has told of the step.
    const again = setTimeout(() => void ask(), AGAIN_MS);
    return () => {
      wanted = false;
      clearTimeout(again);
    };
  }, [alert.id, alert.updated_at, alert.state, alert.acknowledged, members, history]);
  useEffect(() => {
    let wanted = true;
    const ask = () =>
      nearUnits(alert.id).then(
        (found) => wanted && setNear({ of: alert.id, found }),
        () => wanted && setNear({ of: alert.id, found: null }),
      );
    void ask();
    const timer = setInterval(() => void ask(), NEAR_MS);
    return () => {
      wanted = false;
      clearInterval(timer);
    };
  }, [alert.id]);
  // What is still here of the alert chosen before is not shown.
  return {
    detail: detail?.alert.id === alert.id ? detail : null,
    near: near?.of === alert.id ? near : null,
    failed: failed === alert.id,
    /** One more page of older members or steps is wanted. */
    older: (part: Part) => {
      const more = { members, history };
      more[part]++;
      setOlder({ of: alert.id, ...more });
    },
  };
}
