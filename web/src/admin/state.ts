// What the page's sections share: who is here, of which region, and lists that are
// read again after every act.

import { useEffect, useState } from "preact/hooks";
import type { RegionView, SessionView } from "../contract/openapi";
import { Refused } from "../core/persist";
import type { Region } from "../core/region";

/** What every section needs to know. */
export interface Office {
  session: SessionView;
  region: Region;
}

/** A list of the server's. */
export interface List<T> {
  /** `null` until it was read. */
  rows: readonly T[] | null;
  failed: Refused | null;
  again(): Promise<void>;
}

/** Reads a list once, and again when asked. */
export function useList<T>(read: () => Promise<readonly T[]>): List<T> {
  const [rows, setRows] = useState<readonly T[] | null>(null);
  const [failed, setFailed] = useState<Refused | null>(null);
  const again = async () => {
    try {
      setRows(await read());
      setFailed(null);
    } catch (error) {
      setFailed(Refused.of(error));
    }
  };
  useEffect(() => void again(), []);
  return { rows, failed, again };
}

/** The jurisdictions within an agency's own, itself included, by code. */
export function within(region: Region, agency: string | undefined): RegionView["jurisdictions"] {
  const own = agency ? region.jurisdiction(agency) : undefined;
  return region.view.jurisdictions
    .filter((one) => !own || region.at(one.code, own.level)?.code === own.code)
    .sort((a, b) => a.code.localeCompare(b.code));
}
