// A basemap that did not come is asked for again, until it is there.

import type { ErrorEvent, GeoJSONSource, Map } from "maplibre-gl";
import { backOff } from "../core/persist";
import type { Region } from "../core/region";
import { layerUrl } from "./names";
import { LOADED } from "./style";

/** Asks again for layers that failed to load, until `ended`; what else fails is said aloud. */
export function mend(map: Map, region: Region, ended: AbortSignal): void {
  const tries = new globalThis.Map<string, number>();
  map.on("error", (event: ErrorEvent & { sourceId?: string }) => {
    const { sourceId = "" } = event;
    if (!LOADED.includes(sourceId)) {
      console.error(event.error);
      return;
    }
    const count = (tries.get(sourceId) ?? 0) + 1;
    tries.set(sourceId, count);
    setTimeout(() => {
      const url = layerUrl(region, sourceId);
      if (!ended.aborted && url) (map.getSource(sourceId) as GeoJSONSource | undefined)?.setData(url);
    }, backOff(count));
  });
}
