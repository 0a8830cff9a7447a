import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { audit } from "./driver/axe.ts";
import { shown } from "./driver/authenticator.ts";
import { launch } from "./driver/browser.ts";
import { Server } from "./driver/server.ts";

const PASSWORD = "Delta-2026-x";
const QINGPU_KUNSHAN: [number, number] = [121.13, 31.27];

let server: Server;
let browser: Browser;
let officer: Page;
let password: string;

beforeAll(async () => {
  server = await Server.start();
  const points = await server.acrossBorder(QINGPU_KUNSHAN, 6);
  await server.report(...points.map(([lon, lat]) => ({ matter: "spoil-dumping", lon, lat })));
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

test("an address with another key says that it is the key", async () => {
  const stranger = await (await visitor()).newPage();
  await stranger.goto(`${server.url}/setup?key=0123456789abcdef`);
  await stranger.getByLabel("用户名").fill("root");
  await stranger.getByLabel("执法机构").selectOption({ label: "310118 青浦区" });
  await stranger.getByLabel("密码").fill(PASSWORD);
  await stranger.getByRole("button", { name: "新建账号" }).click();
  expect(await stranger.getByRole("alert").innerText()).toContain("一次性密钥不正确");
});

test("the first account is made at the address in the log", async () => {
  const admin = await (await visitor()).newPage();
  await admin.goto(server.setUp);
  await admin.getByLabel("用户名").waitFor();
  expect(await audit(admin)).toEqual([]);
  await admin.getByLabel("用户名").fill("root");
  await admin.getByLabel("执法机构").selectOption("310000");
  await admin.getByLabel("密码").fill("short");
  await admin.getByRole("button", { name: "新建账号" }).click();
  await admin.getByRole("alert").filter({ hasText: "密码强度不够" }).waitFor();
  expect(await admin.getByLabel("密码").evaluate((field) => field === document.activeElement)).toBe(true);
  expect(await audit(admin)).toEqual([]);
  await admin.getByLabel("密码").fill(PASSWORD);
  await admin.getByRole("button", { name: "新建账号" }).click();
  // What an admin may not do, an officer must: the page says so.
  await admin.getByText("请先在系统管理中为值班员新建账号").waitFor();
  expect(await admin.getByRole("link", { name: "系统管理" }).getAttribute("href")).toBe("/admin");
  await admin.getByRole("link", { name: "值班台" }).click();
  await admin.waitForURL("**/desk");
  await admin.getByRole("link", { name: "系统管理" }).waitFor();

  // The admin makes an officer, by the same cookie.
  password = await admin.evaluate(async () => {
    const answer = await fetch("/api/v1/accounts", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ name: "li", agency: "310118", role: "officer" }),
    });
    return ((await answer.json()) as { password: string }).password;
  });

  // A desk that nobody looks at would draw its map all along.
  await admin.close();
});

test("an officer signs in, and answers by the own name without being asked for it", async () => {
  officer = await (await visitor()).newPage();
  await officer.goto(`${server.url}/desk`);
  await officer.waitForURL("**/sign-in?then=%2Fdesk");
  await signIn(officer, "li", "wrong");
  await officer.getByRole("alert").waitFor();
  expect(await officer.getByRole("alert").innerText()).toBe("用户名或密码不正确");
  expect(await audit(officer)).toEqual([]);
  await signIn(officer, "li", password);
  // Somebody else has given this password: the officer chooses another first.
  await officer.getByText("请先改为自己的密码").waitFor();
  expect(await audit(officer)).toEqual([]);
  await officer.getByLabel("当前密码").fill(password);
  await officer.getByLabel("新密码").fill(PASSWORD);
  await officer.getByRole("button", { name: "修改密码" }).click();
  await officer.waitForURL("**/desk");

  await officer.locator(".entry").first().waitFor();
  await officer.keyboard.press("ArrowDown");
  await officer.locator(".answer").waitFor();
  expect(await officer.locator(".answer input").count()).toBe(0);
  await officer.keyboard.press("a");
  await officer.locator(".answer textarea:focus").waitFor();
  await officer.keyboard.press("Control+Enter");
  await officer.locator(".acknowledged", { hasText: "li（青浦区） 已签收" }).waitFor({ timeout: 15_000 });

  await officer.getByRole("link", { name: "li", exact: true }).click();
  await officer.getByText("修改密码").first().click();
  await officer.getByLabel("当前密码").fill(PASSWORD);
  await officer.getByLabel("新密码").fill("hV7-kq2-Rm9w");
  await officer.getByRole("button", { name: "修改密码" }).click();
  await officer.getByText("密码已修改").waitFor();
  expect(await audit(officer)).toEqual([]);
});

test("a wall shows a code, and comes in when an officer types it", async () => {
  const wall = await (await visitor()).newPage();
  await wall.goto(`${server.url}/wall`);
  await wall.getByRole("button", { name: "这是大屏" }).click();
  const code = wall.locator(".code", { hasText: "-" });
  await code.waitFor();
  const shown = await code.innerText();
  await officer.getByLabel("大屏上的登录码").fill(shown);
  await officer.getByLabel("大屏名称").fill("hall-left");
  await officer.getByRole("button", { name: "查看这块大屏" }).click();
  await officer.getByText("127.0.0.1").waitFor();
  await officer.getByText("Mozilla/5.0").waitFor();
  expect(await audit(officer)).toEqual([]);
  await officer.getByRole("button", { name: "接入大屏" }).click();
  await officer.getByText("已接入：hall-left").waitFor();
  expect(await officer.getByLabel("大屏上的登录码").inputValue()).toBe("");
  await wall.waitForURL("**/wall");
  await wall.locator(".fresh, .live, canvas").first().waitFor();

  await officer.getByRole("button", { name: "退出登录" }).click();
  await officer.getByLabel("用户名").waitFor();
});

test("an officer turns a second factor on, and signs in by its codes or a recovery code", async () => {
  const secondPassword = "hV7-kq2-Rm9w";
  await signIn(officer, "li", secondPassword);
  await officer.waitForURL("**/desk");
  await officer.goto(`${server.url}/sign-in`);
  const section = officer.locator("details", { hasText: "二次认证" });
  await section.getByText("二次认证 未启用").click();
  await section.getByLabel("密码").fill(secondPassword);
  await section.getByRole("button", { name: "开始启用" }).click();
  await section.getByRole("img", { name: "二次认证二维码" }).waitFor();
  expect(await audit(officer)).toEqual([]);
  const secret = await section.locator("p code").innerText();
  const typed = section.getByLabel("动态验证码");
  expect(await typed.getAttribute("autocomplete")).toBe("one-time-code");
  expect(await typed.getAttribute("inputmode")).toBe("numeric");
  await typed.fill("000000");
  await section.getByRole("button", { name: "启用二次认证" }).click();
  await section.getByRole("alert").filter({ hasText: "验证码不符" }).waitFor();
  await typed.fill(shown(secret, 0));
  await section.getByRole("button", { name: "启用二次认证" }).click();
  await section.getByRole("list", { name: "恢复码" }).waitFor();
  const codes = await section.locator("li code").allInnerTexts();
  expect(codes).toHaveLength(10);
  expect(await audit(officer)).toEqual([]);
  await section.getByRole("button", { name: "已保存，关闭" }).click();
  await section.getByText("二次认证 已启用").waitFor();

  for (const useCode of [true, false]) {
    await officer.goto(`${server.url}/sign-in`);
    await officer.getByRole("button", { name: "退出登录" }).click();
    await signIn(officer, "li", secondPassword);
    await officer.getByText("还需二次认证").waitFor();
    expect(await audit(officer)).toEqual([]);
    if (useCode) {
      await officer.getByLabel("动态验证码").fill(shown(secret, 1));
    } else {
      await officer.getByRole("button", { name: "使用恢复码" }).click();
      await officer.getByLabel("恢复码").fill(codes[0]!);
    }
    await officer.getByRole("button", { name: "登录", exact: true }).click();
    await officer.waitForURL("**/desk");
  }
});
