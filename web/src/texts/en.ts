// Every text of the pages, in English.

import type { Facts } from "./facts";
import type { Texts } from "./zh";

const list = (parts: readonly string[]) =>
  parts.length < 2 ? parts.join("") : `${parts.slice(0, -1).join(", ")} and ${parts.at(-1)}`;

/** “Wujiang District” is Wujiang where its province stands beside it. */
const short = (name: string) => name.replace(/ (?:District|(?:Autonomous )?County|City|New Area)$/, "");

/** The count is the whole side's; in brackets stands only where most of it is. */
const side = ({ name, place, members }: Facts["sides"][number]) =>
  `${members} in ${place ? `${name} (${short(place)})` : name}`;

const near = (m: number) => (m < 50 ? "right at the border" : `${Math.round(m / 10) * 10} m from the border`);

export const en: Texts = {
  product: "Pilin",
  language: "中文",
  languageLabel: "切换为中文",
  wallTitle: "Pilin · Wall",
  deskTitle: "Pilin · Desk",
  loading: "Connecting…",
  noServer: "The server is not there yet; trying again",
  link: {
    waiting: "Connecting",
    live: "Live",
    late: "Data is late",
    stopped: (time) => `Data stopped at ${time}`,
  },
  provenance: { simulated: "Demonstration data", replay: "Replay of historical data" },
  figures: {
    title: "Key figures",
    today: "Incidents today",
    byParty: "By jurisdiction",
    byMatter: "By matter",
    units: "Units on duty",
    none: "None today",
    rest: "Other",
  },
  alerts: {
    title: "Border alerts",
    open: "Open",
    unacknowledged: "Unacknowledged",
    oldest: "Longest waiting",
    all: "All acknowledged",
    none: "All quiet along the borders",
    rest: (count) => `${count} more`,
    page: (at, of) => `${at} / ${of}`,
    acknowledgedBy: (by) => `Acknowledged by ${by}`,
    notAcknowledged: "Waiting",
    raised: (time) => `Raised ${time}`,
    fading: "Fading",
    lastDay: (count) => `${count} in a day`,
    rising: "Rising",
    falling: "Falling",
    steady: "Steady",
    number: (id) => `No. ${id}`,
  },
  severity: { 1: "Minor", 2: "Moderate", 3: "Serious", 4: "Major" },
  state: { open: "Open", fading: "Fading", cleared: "Cleared", merged: "Merged" },
  step: {
    raised: "Raised",
    updated: "Updated",
    acknowledged: "Acknowledged",
    faded: "Began to fade",
    recovered: "Gathered again",
    cleared: "Cleared",
    reopened: "Reopened",
    merged: "Merged",
    split: "Split",
  },
  kind: { car: "Car", foot: "Foot team", boat: "Boat", drone: "Drone" },
  zoneKind: {
    interprovincial_border_area: "Border area",
    demonstration_zone: "Demonstration zone",
    pilot_startup_area: "Pilot start-up area",
    event_perimeter: "Event perimeter",
  },
  reason(facts) {
    const matter = facts.matters.slice(0, 2).map((name) => `“${name}”`).join(" and ");
    const more = facts.matters.length > 2 ? ` and ${facts.matters.length - 2} more` : "";
    const sides = list(facts.sides.map(side));
    return `${matter}${more}: ${sides}, ${near(facts.distance_m)}, within ${facts.hours} h.`;
  },
  between: (names) => names.join(" – "),
  ago({ days, hours, minutes }) {
    if (days > 0) return `${days} d ${hours} h`;
    return hours > 0 ? `${hours} h ${minutes} min` : `${minutes} min`;
  },
  seen({ days, hours, minutes }) {
    if (days + hours + minutes === 0) return "just now";
    return `${days > 0 ? `${days} d` : hours > 0 ? `${hours} h` : `${minutes} min`} ago`;
  },
  refused: {
    silent: "the server does not answer",
    forbidden: "no right to do so",
    unknown: "this alert is no longer there",
    over: "this alert is over",
    tooMuch: "too many requests, try again in a moment",
    wrong: "what was filled in is not right",
    trouble: "the server is in trouble, try again in a moment",
  },
  tour: {
    overview: "The whole region",
    alert: "Border alert",
    standing: (count) => (count === 0 ? "no alerts" : `${count} open`),
  },
  map: {
    label: "Map",
    approximate: "Township lines are approximate",
  },
  desk: {
    inbox: "Alerts",
    filters: "Filters",
    matter: "Matter",
    party: "Jurisdiction",
    time: "Time",
    state: "State",
    any: "All",
    standing: "Standing",
    ended: "Ended",
    within: (hours) => `Last ${hours} h`,
    window: "Whole window",
    reset: "Clear filters",
    by: "Duty officer",
    byLabel: "Acknowledged by",
    acknowledge: "Acknowledge",
    acknowledging: "Acknowledging…",
    failed: (why) => `Not acknowledged: ${why}`,
    mayNot: "This account may not acknowledge; an officer or commander can",
    note: "Remark (optional)",
    close: "Close",
    members: "Members",
    sides: "Sides",
    history: "History",
    near: "Units nearby",
    reports: (count) => `${count} reports`,
    nobody: "No units on duty nearby",
    distance: (m) => (m < 1000 ? `${Math.round(m / 10) * 10} m` : `${(m / 1000).toFixed(1)} km`),
    border: "Border",
    rule: "Rule",
    zones: "Zones",
    trend: "Last day / day before",
    choose: "Choose an alert on the left to see its members, sides and history",
    matching: (shown, of) => `${shown} / ${of}`,
    nothing: "No alert matches",
    keys: "↑ ↓ choose · A acknowledge · Esc close",
    loading: "Loading…",
    unavailable: "The particulars cannot be had just now",
    wall: "Wall",
  },
  door: {
    title: "Pilin · Sign in",
    open: "This service has no account yet and asks nobody to sign in. Make the first at the address in its log, or by pilin account add on the server.",
    first: "Make the first account, an admin’s. From then on every door asks who you are.",
    make: "Make the account",
    name: "Name",
    password: "Password",
    passwordHint: "10 characters or more; below 16 of three kinds: capitals, small letters, digits, others",
    agency: "Agency",
    agencyHint: "An admin has the accounts and tokens of that jurisdiction and below",
    signIn: "Sign in",
    signOut: "Sign out",
    changePassword: "Change password",
    oldPassword: "Present password",
    newPassword: "New password",
    passwordChanged: "Changed; other sessions have ended",
    isWall: "This is a wall: show a code",
    typeCode: (address) => `Have an officer open ${address}, sign in and type this code`,
    admit: "Let a wall in",
    code: "Code on the wall",
    wallName: "Name of the wall",
    admitted: (name) => `Let in: ${name}`,
    desk: "Desk",
    account: "Account",
    wrong: "The name or the password is wrong",
    slower: "Too many attempts; try again in a while",
    noCode: "There is no such code, or it is over",
    taken: "The name is taken, or there is an account already",
    weak: "Something does not meet what is asked of it",
  },
};
