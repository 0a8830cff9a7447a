// Devices that send what cannot be right: refused, or kept in the track and not believed.

import type { FaultView, SenderFaultsView, UnitFaultsView } from "../contract/openapi";
import { longTime } from "../core/clock";
import { nameOf } from "../core/region";
import { language, texts } from "../texts";
import { devices } from "./doors";
import { Table } from "./parts";
import { useList, type List, type Office } from "./state";

function Faults({ faults, zone }: { faults: readonly FaultView[]; zone: string }) {
  const say = texts.value.admin;
  return (
    <td class="many">
      {faults.map((fault, at) => (
        <span key={at}>
          {longTime(fault.at, zone)} {fault.kept ? say.faultDoubted : say.faultRefused}：{fault.field && <code>{fault.field}</code>}{" "}
          <bdi>{fault.reason}</bdi>
        </span>
      ))}
    </td>
  );
}

/** The section of devices. */
export function Devices({ office }: { office: Office }) {
  const say = texts.value.admin;
  const list = useList(async () => [await devices()]);
  const zone = office.region.view.time_zone;
  const told = list.rows?.[0];
  const part = <T,>(rows: readonly T[] | undefined): List<T> => ({ rows: rows ?? null, failed: list.failed, again: list.again });
  const unitHead = [say.unit, say.agency, say.lastFix, say.faultRefused, say.faultDoubted, say.faults];
  const senderHead = [say.sender, say.agency, say.faultRefused, say.faults];
  return (
    <>
      {told && <p class="quiet">{say.countedSince(longTime(told.since, zone), told.beyond)}</p>}
      <h3>{say.faultyUnits}</h3>
      <Table list={part<UnitFaultsView>(told?.units)} empty={say.noFaults} head={unitHead}>
        {(unit) => (
          <tr key={unit.code}>
            <th scope="row">
              <bdi>{unit.name}</bdi> <small><bdi>{unit.code}</bdi></small>
            </th>
            <td>{nameOf(unit.agency, language.value, unit.agency.code)}</td>
            <td class="when">{unit.last_fix === null ? say.never : longTime(unit.last_fix, zone)}</td>
            <td>{unit.refused}</td>
            <td>{unit.doubted}</td>
            <Faults faults={unit.last} zone={zone} />
          </tr>
        )}
      </Table>
      {told && (
        <>
          <h3>{say.faultySenders}</h3>
          <Table list={part<SenderFaultsView>(told.senders)} empty={say.noFaults} head={senderHead}>
            {(sender) => (
              <tr key={`${sender.name} ${sender.agency?.code}`}>
                <th scope="row">
                  <bdi>{sender.name || say.anybody}</bdi>
                </th>
                <td>{sender.agency && nameOf(sender.agency, language.value, sender.agency.code)}</td>
                <td>{sender.refused}</td>
                <Faults faults={sender.last} zone={zone} />
              </tr>
            )}
          </Table>
        </>
      )}
    </>
  );
}
