import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { audit } from "./driver/axe.ts";
import { launch } from "./driver/browser.ts";
import { Server } from "./driver/server.ts";

const PEOPLE = {
  li: { preferred_username: "li", name: "李伟", agency: "310118", role: "officer" },
  far: { preferred_username: "far", name: "远", role: "officer" },
};

let folder: string;
let provider: ChildProcess;
let issuer: string;
let server: Server;
let browser: Browser;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "pilin-e2e-"));
  const secret = join(folder, "secret");
  writeFileSync(secret, "of-a-test");
  server = await Server.flagged(async (url) => {
    const script = resolve(import.meta.dirname, "../../tests/clients/provider.mjs");
    const told = ["pilin", "of-a-test", `${url}/api/v1/session/oidc/callback`, JSON.stringify(PEOPLE)];
    provider = spawn(process.execPath, [script, ...told], { stdio: ["ignore", "pipe", "ignore"] });
    issuer = String((await once(provider.stdout!, "data"))[0]).trim();
    return [
      "--oidc-issuer", issuer, "--oidc-client-id", "pilin", "--oidc-client-secret-file", secret,
      "--oidc-base", url, "--oidc-scope", "profile,pilin",
    ];
  });
  const key = new URL(server.setUp).searchParams.get("key");
  await server.send("POST", "setup", { key, name: "root", agency: "310000", password: "Delta-2026-x" });
  browser = await launch();
});
afterAll(async () => {
  await browser?.close();
  await server?.close();
  provider?.kill();
  rmSync(folder, { recursive: true, force: true });
});

async function door(who: string): Promise<Page> {
  await fetch(`${issuer}/next/${who}`, { method: "PUT" });
  const page = await (await browser.newContext({ locale: "zh-CN" })).newPage();
  await page.goto(`${server.url}/desk`);
  await page.getByRole("link", { name: "统一身份认证登录" }).waitFor();
  return page;
}

test("single sign-on leads through the provider and back to the desk", async () => {
  const page = await door("li");
  expect(await audit(page)).toEqual([]);
  await page.getByRole("link", { name: "统一身份认证登录" }).click();
  await page.waitForURL(`${server.url}/desk`);
  await page.locator(".filters").waitFor({ timeout: 30_000 });
  expect(new URL(page.url()).pathname).toBe("/desk");
  await page.goto(`${server.url}/sign-in`);
  await page.getByText("李伟").waitFor();
});

test("whom single sign-on does not place is told so at the door", async () => {
  const page = await door("far");
  await page.getByRole("link", { name: "统一身份认证登录" }).click();
  await page.getByRole("alert").filter({ hasText: "无可用账号" }).waitFor();
  expect(await audit(page)).toEqual([]);
});
