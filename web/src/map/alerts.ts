// Alerts on the map: their areas as a layer, and for each a sign that stays as large
// at every zoom, with a slow breath around those nobody answers for yet.

import type { FeatureCollection } from "geojson";
import { Marker, type GeoJSONSource, type Map } from "maplibre-gl";
import type { AlertView } from "../contract/openapi";
import { stands } from "../core/world";
import { apart } from "./apart";
import { outline, type Point } from "./hull";
import type { Box } from "./room";
import { SEVERITY } from "./palette";
import { gradeShape, HIGHEST, INNER_RING } from "./shapes";
import { ALERTS } from "./style";

const SVG = "http://www.w3.org/2000/svg";

/** By how much an area is wider than the reports in it, metres. */
const MARGIN_M = 140;

interface Sign {
  marker: Marker;
  element: HTMLElement;
  plate: SVGSVGElement;
  count: HTMLElement;
  /** The grade whose shape the plate has. */
  severity: number;
  /** How it was last drawn. */
  look: string;
  /** The point it stands for, and its size, pixels. */
  at: [number, number];
  size: { width: number; height: number };
}

/** The alerts of one map. */
export class AlertSigns {
  private readonly signs = new globalThis.Map<number, Sign>();

  constructor(
    private readonly map: Map,
    /** Called when a sign is chosen; without it signs are only looked at. */
    private readonly choose?: (id: number) => void,
  ) {
    map.on("move", () => this.part());
  }

  /** Shows these alerts, one of them chosen. */
  show(alerts: readonly AlertView[], chosen: number | null): void {
    const shown = alerts.filter((alert) => stands(alert) || alert.id === chosen);
    const source = this.map.getSource(ALERTS) as GeoJSONSource | undefined;
    void source?.setData(areas(shown, chosen));
    const kept = new Set(shown.map((alert) => alert.id));
    for (const [id, sign] of this.signs) {
      if (kept.has(id)) continue;
      sign.marker.remove();
      this.signs.delete(id);
    }
    for (const alert of shown) this.put(alert, alert.id === chosen);
    this.part();
  }

  /** Moves signs apart that would cover each other at this zoom. */
  private part(): void {
    const signs = [...this.signs.values()];
    const moves = apart(signs.map(({ at, size }) => ({ ...this.map.project(at), ...size })));
    for (const [rank, { marker }] of signs.entries()) {
      const [x, y] = moves[rank]!;
      const { x: left, y: up } = marker.getOffset();
      if (x !== left || y !== up) marker.setOffset([x, y]);
    }
  }

  /** What the signs cover of the screen. */
  boxes(): Box[] {
    return [...this.signs.values()].map(({ at, size: { width, height }, marker }) => {
      const { x, y } = this.map.project(at).add(marker.getOffset());
      return [x - width / 2, y - height / 2, x + width / 2, y + height / 2];
    });
  }

  private put(alert: AlertView, chosen: boolean): void {
    const sign = this.signs.get(alert.id) ?? this.raise(alert);
    const { element, plate, count, marker } = sign;
    if (sign.severity !== alert.severity) {
      sign.severity = alert.severity;
      plate.replaceChildren(...drawing(alert.severity));
    }
    sign.at = top(alert);
    marker.setLngLat(sign.at);
    const state = [
      "sign",
      `severity-${alert.severity}`,
      alert.acknowledged ? "answered" : "waiting",
      alert.state === "fading" && "fading",
      !stands(alert) && "ended",
      chosen && "chosen",
    ].filter(Boolean).join(" ");
    const text = String(alert.members);
    const look = `${state} ${text}`;
    if (sign.look !== look) {
      sign.look = look;
      for (const old of [...element.classList]) if (!old.startsWith("maplibregl")) element.classList.remove(old);
      element.classList.add(...state.split(" "));
      count.textContent = text;
      sign.size = { width: element.offsetWidth, height: element.offsetHeight };
    }
    element.style.zIndex = String(alert.severity + (alert.acknowledged ? 0 : 10) + (chosen ? 20 : 0));
  }

  private raise(alert: AlertView): Sign {
    const { choose } = this;
    const element = document.createElement(choose ? "button" : "div");
    const breath = document.createElement("span");
    breath.className = "breath";
    const plate = document.createElementNS(SVG, "svg");
    plate.setAttribute("class", "plate");
    plate.setAttribute("viewBox", "-1.1 -1.1 2.2 2.2");
    const count = document.createElement("span");
    count.className = "count";
    element.append(breath, plate, count);
    if (choose) {
      // The inbox beside the map is the way in for the keyboard.
      element.tabIndex = -1;
      element.addEventListener("click", (event) => {
        event.stopPropagation();
        choose(alert.id);
      });
    }
    const marker = new Marker({ element, anchor: "center", subpixelPositioning: true });
    marker.setLngLat(top(alert)).addTo(this.map);
    // MapLibre calls every marker by one English name.
    element.removeAttribute("aria-label");
    element.setAttribute("aria-hidden", "true");
    const sign: Sign = { marker, element, plate, count, severity: 0, look: "", at: top(alert), size: { width: 0, height: 0 } };
    this.signs.set(alert.id, sign);
    return sign;
  }
}

/** The shape of a grade. */
function drawing(severity: number): SVGElement[] {
  const paths = severity === HIGHEST ? [gradeShape(severity), INNER_RING] : [gradeShape(severity)];
  return paths.map((d, ring) => {
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("d", d);
    if (ring > 0) path.setAttribute("class", "inner");
    return path;
  });
}

/** An alert's outline on the map. */
export function ring(alert: AlertView): Point[] {
  return outline(alert.hull.length > 0 ? alert.hull : [alert.center], MARGIN_M);
}

/** The northernmost point of its outline: there the sign hides no report. */
function top(alert: AlertView): [number, number] {
  return ring(alert).reduce((best, point) => (point[1] > best[1] ? point : best), alert.center);
}

function areas(alerts: readonly AlertView[], chosen: number | null): FeatureCollection {
  return {
    type: "FeatureCollection",
    features: alerts.map((alert) => ({
      type: "Feature",
      geometry: {
        type: "Polygon",
        coordinates: [ring(alert)],
      },
      properties: {
        id: alert.id,
        colour: SEVERITY[alert.severity] ?? SEVERITY[1],
        answered: alert.acknowledged !== null,
        fading: alert.state !== "open",
        chosen: alert.id === chosen,
      },
    })),
  };
}
