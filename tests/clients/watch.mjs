// Watches channels with the npm package centrifuge, unmodified, and prints what
// it hears, a JSON object a line.
//   node --experimental-websocket watch.mjs URL CHANNEL…
import { createRequire } from "node:module";

const require = createRequire(new URL("../../web/package.json", import.meta.url));
const { Centrifuge } = require("centrifuge");

const [url, ...channels] = process.argv.slice(2);
const tell = (event, more) => process.stdout.write(`${JSON.stringify({ event, ...more })}\n`);

const client = new Centrifuge(url, {
  websocket: globalThis.WebSocket,
  minReconnectDelay: 50,
  maxReconnectDelay: 500,
});
client.on("connecting", ({ code, reason }) => tell("connecting", { code, reason }));
client.on("connected", ({ client }) => tell("connected", { client }));
client.on("disconnected", ({ code, reason }) => tell("disconnected", { code, reason }));
client.on("error", ({ error }) => console.error(error.message));
for (const channel of channels) {
  const subscription = client.newSubscription(channel);
  subscription.on("subscribed", ({ wasRecovering, recovered, data }) =>
    tell("subscribed", { channel, wasRecovering, recovered, data }));
  subscription.on("publication", ({ data, offset }) => tell("publication", { channel, data, offset }));
  subscription.on("error", ({ error }) => tell("error", { channel, code: error.code }));
  subscription.subscribe();
}
client.connect();
