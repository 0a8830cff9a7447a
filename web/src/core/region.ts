// The region by name: what a code, matter, rule or zone is called, and which
// jurisdiction of which level holds which.

import type {
  ClassView,
  JurisdictionView,
  Level,
  MatterView,
  RegionView,
  RuleView,
  ZoneView,
} from "../contract/openapi";
import { Colours } from "./colours";

/** Anything with a name in the region's language and in English. */
export interface Named {
  name: string;
  name_en: string;
}

/** Which of the two names. */
export type Language = "zh" | "en";

/** The levels, the widest first. */
export const LEVELS: readonly Level[] = ["province", "city", "county", "township"];

/** What the rules change in a view. */
const RULED = ["rules", "rules_revision", "window_ms"];

function sameLand(a: RegionView, b: RegionView): boolean {
  const land = (view: RegionView) => JSON.stringify(view, (key, value) => (RULED.includes(key) ? undefined : value));
  return land(a) === land(b);
}

/** A region, indexed. */
export class Region {
  /** Itself, or an earlier one that other rules held for: a map of that one still holds. */
  readonly land: Region;
  private readonly byCode: Map<string, JurisdictionView>;
  private readonly classes: Map<string, ClassView>;
  private readonly matters: Map<string, MatterView>;
  private readonly rules: Map<string, RuleView>;
  private readonly zones: Map<string, ZoneView>;
  /** The jurisdictions of the region's own level, by code: they have colours. */
  readonly parties: readonly JurisdictionView[];
  private readonly partyIndex: Map<string, number>;
  private readonly colours: Colours;

  constructor(readonly view: RegionView, before?: Region) {
    this.land = before && sameLand(before.view, view) ? before.land : this;
    this.byCode = new Map(view.jurisdictions.map((one) => [one.code, one]));
    this.classes = new Map(view.classes.map((one) => [one.code, one]));
    this.matters = new Map(view.matters.map((one) => [one.code, one]));
    this.rules = new Map(view.rules.map((one) => [one.id, one]));
    this.zones = new Map(view.zones.map((one) => [one.code, one]));
    this.parties = view.jurisdictions
      .filter((one) => one.level === view.level)
      .sort((a, b) => a.code.localeCompare(b.code));
    this.partyIndex = new Map(this.parties.map((one, index) => [one.code, index]));
    this.colours = this.land === this ? new Colours(this.parties.length) : this.land.colours;
  }

  jurisdiction(code: string): JurisdictionView | undefined {
    return this.byCode.get(code);
  }

  class(code: string): ClassView | undefined {
    return this.classes.get(code);
  }

  matter(code: string): MatterView | undefined {
    return this.matters.get(code);
  }

  rule(id: string): RuleView | undefined {
    return this.rules.get(id);
  }

  zone(code: string): ZoneView | undefined {
    return this.zones.get(code);
  }

  /** The jurisdiction of a level that holds `code`, itself included. */
  at(code: string, level: Level): JurisdictionView | undefined {
    let one = this.byCode.get(code);
    while (one && one.level !== level) {
      if (LEVELS.indexOf(one.level) < LEVELS.indexOf(level) || !one.parent) return undefined;
      one = this.byCode.get(one.parent);
    }
    return one;
  }

  /** The number of the colour of `code`'s party; -1 when it has none. */
  colour(code: string): number {
    return this.colours.at(this.party(code));
  }

  /** Gives the parties of these codes a colour each; says whether any changed. */
  part(codes: readonly string[]): boolean {
    return this.colours.part(codes.map((code) => this.party(code)).filter((party) => party >= 0));
  }

  /** The place of `code`'s party in {@link parties}; -1 when it has none. */
  private party(code: string): number {
    const one = this.at(code, this.view.level);
    return one ? (this.partyIndex.get(one.code) ?? -1) : -1;
  }
}

/** The name of something in a language; its key where it has none. */
export function nameOf(one: Named | undefined, language: Language, key = ""): string {
  if (!one) return key;
  return (language === "en" ? one.name_en || one.name : one.name) || key;
}
