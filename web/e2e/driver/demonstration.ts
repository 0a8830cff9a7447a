// A day on the borders of the demonstration zone, enough for a picture: marked as
// simulated, like everything that is.

import { random } from "./random.ts";
import type { Server } from "./server.ts";

/** Where something gathers: near which place, what, how many reports. */
const GATHERINGS: readonly [[number, number], string, number][] = [
  [[120.8, 30.985], "spoil-dumping", 9],
  [[121.01, 30.9], "unlicensed-vending", 7],
  [[121.13, 31.27], "household-waste-dumping", 12],
  [[120.63, 30.86], "spoil-dumping", 6],
  [[121.03, 30.75], "unlicensed-vending", 8],
];

/** Sends units, reports and gatherings; answers for one of the alerts. */
export async function demonstrate(server: Server): Promise<void> {
  const dice = random(3);
  const { view, matters, jurisdictions } = await server.get("region");
  const [west, south, east, north] = view as [number, number, number, number];
  const HOUR = 3_600_000;
  const hoursAgo = (hours: number) => new Date(server.now - hours * HOUR).toISOString();
  const background = Array.from({ length: 700 }, (_, at) => ({
    source: "e2e-demo",
    external_id: `background-${at}`,
    matter: matters[Math.floor(dice() * dice() * matters.length)].code,
    lon: west - 0.3 + (east - west + 0.6) * dice(),
    lat: south - 0.1 + (north - south + 0.2) * dice(),
    occurred_at: hoursAgo(60 * dice() * dice() + 0.01),
    provenance: "simulated",
  }));
  await server.send("POST", "incidents", background);
  for (const [place, [near, matter, count]] of GATHERINGS.entries()) {
    const points = await server.acrossBorder(near, count, 60 + 200 * dice());
    await server.send("POST", "incidents", points.map(([lon, lat], at) => ({
      source: "e2e-demo", external_id: `gathering-${place}-${at}`, matter,
      lon: lon + 0.003 * (dice() - 0.5), lat: lat + 0.0025 * (dice() - 0.5),
      occurred_at: hoursAgo(20 * dice() + 0.1), provenance: "simulated",
    })));
    await server.tick((0.3 + dice()) * HOUR);
  }
  const agencies = jurisdictions.filter((one: any) => {
    const [x, y] = one.label;
    return one.level === "county" && x > west - 0.2 && x < east + 0.3 && y > south - 0.2 && y < north + 0.2;
  });
  const kinds = ["car", "car", "car", "foot", "boat", "drone"];
  const fleet = Array.from({ length: 240 }, (_, at) => {
    const home = agencies[Math.floor(dice() * agencies.length)];
    return { code: `D-${at}`, name: `${home.name.slice(0, 2)}${at}`, kind: kinds[at % kinds.length], agency: home.code, home: home.label };
  });
  await server.send("POST", "units", fleet.map(({ home: _home, ...unit }) => ({ ...unit, provenance: "simulated" })));
  const at = new Date(server.now - 1_000).toISOString();
  await server.send("POST", "positions", fleet.map(({ code, home }) => ({
    unit: code, lon: home[0] + 0.16 * (dice() - 0.5), lat: home[1] + 0.12 * (dice() - 0.5), at,
    speed_mps: 8, course_deg: Math.floor(dice() * 360),
  })));
  const { alerts } = await server.get("alerts");
  if (alerts.length > 0) await server.send("POST", `alerts/${alerts[0].id}/acknowledge`, { by: "陈卫东" });
}
