// Where the map is from: what must stand on it.

import type { Region } from "../core/region";
import { language } from "../texts";

/** The boundaries' source in the page's language, and the tiles' as their provider words it. */
export function Sources({ region }: { region: Region }) {
  const { attribution, attribution_en, tiles } = region.view;
  const boundaries = language.value === "en" ? attribution_en || attribution : attribution;
  return (
    <p class="source">
      {[boundaries, tiles?.attribution].filter(Boolean).map((source, at) => (
        <>
          {at > 0 && " · "}
          <bdi>{source}</bdi>
        </>
      ))}
    </p>
  );
}
