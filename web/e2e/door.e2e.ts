import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { audit } from "./driver/axe.ts";
import { launch } from "./driver/browser.ts";
import { Server } from "./driver/server.ts";

const PASSWORD = "Delta-2026-x";

let server: Server;
let browser: Browser;

beforeAll(async () => {
  server = await Server.start();
  browser = await launch();
});
afterAll(async () => {
  await browser?.close();
  await server?.close();
});

/** A browser of its own, with its own cookies. */
async function visitor(): Promise<BrowserContext> {
  return browser.newContext({ locale: "zh-CN" });
}

async function signIn(page: Page, name: string, password: string): Promise<void> {
  await page.getByLabel("用户名").fill(name);
  await page.getByLabel("密码").fill(password);
  await page.getByRole("button", { name: "登录", exact: true }).click();
}

test("the first account is made at the address in the log, and people and walls come in", async () => {
  const admin = await (await visitor()).newPage();
  await admin.goto(server.setUp);
  await admin.getByLabel("用户名").waitFor();
  expect(await audit(admin)).toEqual([]);
  await admin.getByLabel("用户名").fill("root");
  await admin.getByLabel("执法机构").fill("310000");
  await admin.getByLabel("密码").fill(PASSWORD);
  await admin.getByRole("button", { name: "建立账号" }).click();
  await admin.waitForURL("**/desk");
  await admin.getByText("账号").waitFor();

  // The admin makes an officer, by the same cookie.
  const password = await admin.evaluate(async () => {
    const answer = await fetch("/api/v1/accounts", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ name: "li", agency: "310118", role: "officer" }),
    });
    return ((await answer.json()) as { password: string }).password;
  });

  const officer = await (await visitor()).newPage();
  await officer.goto(`${server.url}/desk`);
  await officer.waitForURL("**/sign-in?then=%2Fdesk");
  await signIn(officer, "li", "wrong");
  await officer.getByRole("alert").waitFor();
  expect(await officer.getByRole("alert").innerText()).toBe("用户名或密码不正确");
  expect(await audit(officer)).toEqual([]);
  await signIn(officer, "li", password);
  await officer.waitForURL("**/desk");

  const wall = await (await visitor()).newPage();
  await wall.goto(`${server.url}/wall`);
  await wall.getByRole("button", { name: "这是大屏" }).click();
  const code = wall.locator(".code", { hasText: "-" });
  await code.waitFor();
  const shown = await code.innerText();

  await officer.getByText("账号").click();
  await officer.getByLabel("大屏上的登录码").fill(shown);
  await officer.getByLabel("大屏名称").fill("hall-left");
  await officer.getByRole("button", { name: "接入大屏" }).click();
  await officer.getByText("已接入：hall-left").waitFor();
  await wall.waitForURL("**/wall");
  await wall.locator(".fresh, .live, canvas").first().waitFor();

  await officer.getByRole("button", { name: "退出登录" }).click();
  await officer.getByLabel("用户名").waitFor();
});
