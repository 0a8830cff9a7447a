// Who signed: the name that people chose for themselves never stands without the
// agency of its account.

import type { AckView } from "../contract/openapi";
import { nameOf } from "../core/region";
import { isolated, language, texts } from "../texts";

/** The display name with the agency; the name alone where there are no accounts. */
export function Signer({ by, signer }: Pick<AckView, "by" | "signer">) {
  if (!signer) return <bdi>{by}</bdi>;
  const agency = nameOf(signer.agency, language.value, signer.agency.code);
  return (
    <span class="signer" title={texts.value.alerts.account(isolated(signer.name))}>
      <bdi>{by}</bdi>{texts.value.alerts.bracketed[0]}<bdi>{agency}</bdi>{texts.value.alerts.bracketed[1]}
    </span>
  );
}
