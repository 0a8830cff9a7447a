// What the page asks of the server (docs/access.md).

import type {
  AccountsView,
  AccountView,
  AuditCheck,
  AuditPage as Page,
  AuditRow,
  DevicesView,
  NewAccountView,
  NewTokenView,
  Role,
  SessionRow,
  SessionsView,
  TokensView,
  TokenView,
} from "../contract/openapi";
import { act, ask } from "../core/persist";

/** What of an account can be set. */
export interface Person {
  display: string;
  agency: string;
  role: Role;
}

/** An entry of the audit log, as its line has it. */
export interface AuditEntry {
  number: number;
  at: string;
  who: { kind: "open" | "person" | "device" | "operator" | "nobody"; name?: string; agency?: string; role?: string };
  address: string | null;
  agent: string;
  deed: string;
  target: string;
  before?: unknown;
  after?: unknown;
  outcome: "done" | { refused: string };
}

/** Entries, newest first, with what the contract leaves open: what a line has. */
export interface AuditPage extends Page {
  entries: (AuditRow & { entry: AuditEntry })[];
}

/** From one instant to before another, RFC 3339. */
export interface Period {
  from: string;
  to: string;
}

export async function accounts(): Promise<AccountView[]> {
  return (await ask<AccountsView>("/api/v1/accounts")).accounts;
}

/** Makes an account; its password is told once. */
export function addAccount(name: string, person: Person): Promise<NewAccountView> {
  return act("POST", "/api/v1/accounts", { name, ...person });
}

export function changeAccount(id: number, change: Partial<Person> & { disabled?: boolean }): Promise<AccountView> {
  return act("PATCH", `/api/v1/accounts/${id}`, change);
}

/** Gives an account another password, told once. */
export function resetPassword(id: number): Promise<NewAccountView> {
  return act("POST", `/api/v1/accounts/${id}/password`);
}

/** Takes the second factor of an account off, whose owner has lost it. */
export function resetFactor(id: number): Promise<AccountView> {
  return act("DELETE", `/api/v1/accounts/${id}/factor`);
}

export async function tokens(): Promise<TokenView[]> {
  return (await ask<TokensView>("/api/v1/tokens")).tokens;
}

/** Makes a token; its secret is told once. */
export function addToken(token: { name: string; agency: string; scopes: string[]; ends_at?: string }): Promise<NewTokenView> {
  return act("POST", "/api/v1/tokens", token);
}

export function revokeToken(id: number): Promise<void> {
  return act("DELETE", `/api/v1/tokens/${id}`);
}

/** Units and senders with something refused or not believed. */
export function devices(): Promise<DevicesView> {
  return ask("/api/v1/devices");
}

export async function sessions(): Promise<SessionRow[]> {
  return (await ask<SessionsView>("/api/v1/sessions")).sessions;
}

export function endSession(id: number): Promise<void> {
  return act("DELETE", `/api/v1/sessions/${id}`);
}

export function audit(period: Period, before: number | null): Promise<AuditPage> {
  const asked = new URLSearchParams({ ...period, ...(before === null ? {} : { before: String(before) }) });
  return ask(`/api/v1/audit?${asked}`);
}

/** Whether the chain of the audit log holds. */
export function verify(): Promise<AuditCheck> {
  return ask("/api/v1/audit/verify");
}

/** Where the entries of a period are to be had as a file. */
export function exportAddress(period: Period): string {
  return `/api/v1/audit/export?${new URLSearchParams({ ...period })}`;
}
