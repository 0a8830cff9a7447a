// A screen that nobody types at: it shows a code until somebody at a desk lets it in.

import { useEffect, useState } from "preact/hooks";
import { Refused, ask } from "../core/persist";
import type { WallCodeView } from "../contract/openapi";
import { texts } from "../texts";
import { claim, wallCode } from "./doors";

/** How often the server is asked whether the code was typed. */
const ASK_MS = 3_000;

/** Shows codes, one after the other, until one is granted. */
export function WallCode() {
  const say = texts.value.door;
  const [code, setCode] = useState<WallCodeView | null>(null);
  useEffect(() => {
    let shown: WallCodeView | null = null;
    let busy = false;
    const look = async () => {
      if (busy) return;
      busy = true;
      try {
        if (!shown) {
          shown = await wallCode();
          setCode(shown);
        } else if (await claim(shown)) {
          await ask("/api/v1/session");
          location.replace("/wall");
        }
      } catch (error) {
        // A code that is over gives way to another; a lost network is waited for.
        if (error instanceof Refused && error.status === 404) shown = null;
      }
      busy = false;
    };
    void look();
    const beat = setInterval(() => void look(), ASK_MS);
    return () => clearInterval(beat);
  }, []);
  const address = `${location.host}/sign-in`;
  return (
    <>
      <p>{say.typeCode(address)}</p>
      <output class="code">{code?.code ?? "…"}</output>
    </>
  );
}
