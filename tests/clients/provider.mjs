// A provider of OpenID Connect on loopback: the certified npm package oidc-provider,
// at which whoever the login hint names is signed in without a word. Prints its
// issuer once it listens.
//   node provider.mjs CLIENT SECRET REDIRECT PEOPLE
import { once } from "node:events";
import { createServer } from "node:http";
import { createRequire } from "node:module";

const require = createRequire(new URL("../../web/package.json", import.meta.url));
const { Provider } = await import(require.resolve("oidc-provider"));

const [client_id, client_secret, redirect_uri, people] = process.argv.slice(2);
/** What is claimed of each, by subject. */
const claims = JSON.parse(people);

const server = createServer().listen(0, "127.0.0.1");
await once(server, "listening");
// Another site than the service at 127.0.0.1, as browsers see it.
const issuer = `http://localhost:${server.address().port}`;

/** Who signs in next: told by `PUT /next/WHO`. */
let next = "nobody";

const provider = new Provider(issuer, {
  clients: [{ client_id, client_secret, redirect_uris: [redirect_uri] }],
  claims: { openid: ["sub"], profile: ["preferred_username", "name"], pilin: ["agency", "role"] },
  scopes: ["openid", "profile", "pilin"],
  conformIdTokenClaims: false,
  cookies: { keys: ["of a test"] },
  features: { devInteractions: { enabled: false } },
  interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
  findAccount: (_, sub) => ({ accountId: sub, claims: () => ({ sub, ...claims[sub] }) }),
  loadExistingGrant: async (ctx) => {
    const grant = new provider.Grant({ clientId: ctx.oidc.client.clientId, accountId: ctx.oidc.session.accountId });
    grant.addOIDCScope("openid profile pilin");
    await grant.save();
    return grant;
  },
});

const answer = provider.callback();
server.on("request", async (request, response) => {
  if (request.method === "PUT" && request.url.startsWith("/next/")) {
    next = decodeURIComponent(request.url.slice("/next/".length));
    response.end();
  } else if (request.url.startsWith("/interaction/")) {
    const outcome = next === "nobody" ? { error: "access_denied" } : { login: { accountId: next, remember: false } };
    await provider.interactionFinished(request, response, outcome, { mergeWithLastSubmission: false });
  } else {
    answer(request, response);
  }
});
process.stdout.write(`${issuer}\n`);
