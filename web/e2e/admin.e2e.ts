import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Admin } from "./driver/admin.ts";
import { audit } from "./driver/axe.ts";
import { launch } from "./driver/browser.ts";
import { Server } from "./driver/server.ts";

const PASSWORD = "Delta-2026-x";

let server: Server;
let browser: Browser;
let admin: Admin;
let secret: string;

beforeAll(async () => {
  server = await Server.start();
  browser = await launch();
  admin = await Admin.begin(browser, server, "310000", PASSWORD);
});
afterAll(async () => {
  await browser?.close();
  await server?.close();
});

async function signIn(name: string, password: string): Promise<number> {
  const body = JSON.stringify({ name, password });
  const headers = { "content-type": "application/json" };
  return (await fetch(`${server.url}/api/v1/session`, { method: "POST", headers, body })).status;
}

test("an account is made, changed, given another password and disabled", async () => {
  const { page } = admin;
  await page.getByLabel("用户名").fill("li");
  await page.getByLabel("显示名称").fill("李伟");
  await page.getByLabel("执法机构").selectOption("310118");
  await page.getByRole("button", { name: "新建" }).click();
  const first = await admin.secret("已保存，关闭");
  await admin.row("li").getByText("青浦区").waitFor();
  expect(await signIn("li", first)).toBe(200);

  await admin.row("li").getByRole("button", { name: "修改" }).click();
  const form = page.getByRole("form", { name: "修改 li" });
  await form.getByLabel("角色").selectOption("commander");
  await form.getByRole("button", { name: "保存" }).click();
  await admin.row("li").getByText("指挥长").waitFor();

  await admin.sure("li", "重置密码");
  const second = await admin.secret("已保存，关闭");
  expect(await signIn("li", first)).toBe(401);
  expect(await signIn("li", second)).toBe(200);
  expect(await page.content()).not.toContain(second);

  await admin.sure("li", "停用");
  await admin.row("li").getByText("已停用").waitFor();
  expect(await signIn("li", second)).toBe(401);
  await page.getByLabel("用户名").fill("li");
  await page.getByRole("button", { name: "新建" }).click();
  await page.getByRole("alert").getByText("名称已被使用").waitFor();
  expect(await audit(page)).toEqual([]);
  // Nobody takes their own rights away.
  expect(await admin.row("root").getByRole("button").allInnerTexts()).toEqual(["修改"]);
});

test("a token's secret is shown once, works, and works no more once it is revoked", async () => {
  const { page } = admin;
  await page.getByRole("link", { name: "令牌" }).click();
  await page.getByText("暂无令牌").waitFor();
  await page.getByLabel("令牌名称").fill("bus");
  await page.getByRole("button", { name: "新建" }).click();
  await page.getByRole("alert").getByText("权限范围").waitFor();
  await page.getByLabel("读取预警").check();
  await page.getByRole("button", { name: "新建" }).click();
  secret = await admin.secret("已保存，关闭");
  expect(secret).toMatch(/^pilin_[0-9a-f]{64}$/);
  expect(await admin.byToken("/api/v1/alerts", secret)).toBe(200);
  expect(await admin.byToken("/api/v1/incidents", secret)).toBe(403);
  await page.reload();
  await admin.row("bus").getByText("读取预警").waitFor();
  expect(await page.content()).not.toContain(secret);
  expect(await audit(page)).toEqual([]);

  await admin.sure("bus", "吊销");
  await admin.row("bus").getByText("已吊销").waitFor();
  expect(await admin.byToken("/api/v1/alerts", secret)).toBe(401);
});

test("who is signed in is seen, and shut out", async () => {
  const { page } = admin;
  const { account, password } = await page.evaluate(async () => {
    const body = JSON.stringify({ name: "wang", agency: "310114", role: "analyst" });
    const headers = { "content-type": "application/json" };
    return (await fetch("/api/v1/accounts", { method: "POST", headers, body })).json();
  });
  expect(account.name).toBe("wang");
  expect(await signIn("wang", password)).toBe(200);
  await admin.go("会话与大屏");
  await page.getByText("暂无已登录的大屏").waitFor();
  await admin.row("root").getByText("当前会话").waitFor();
  await admin.sure("wang", "结束");
  await admin.row("wang").waitFor({ state: "detached" });
  expect(await audit(page)).toEqual([]);
});

test("the audit log has told all of it, holds, and is taken out as a file", async () => {
  const { page } = admin;
  await admin.go("审计日志");
  for (const [deed, target] of [
    ["新建首个账号", "root"], ["新建账号", "li"], ["修改账号", "li"], ["新建令牌", "bus"], ["吊销令牌", "bus"], ["结束会话", "wang"],
  ] as const) {
    await page.getByRole("row").filter({ hasText: deed }).filter({ hasText: target }).first().waitFor();
  }
  expect(await page.locator("table").innerText()).not.toContain(secret);
  await page.getByText("变更内容").nth(1).click();
  await page.getByRole("button", { name: "校验" }).click();
  await page.getByText(/校验通过：\d+条记录/).waitFor();
  expect(await audit(page)).toEqual([]);
  const lines = (await admin.download("导出")) as { link: string; entry: { deed: string } }[];
  expect(lines[0]!.entry.deed).toBe("set-up");
  expect(lines.at(-1)!.entry.deed).toBe("export");
  // A period without a day in it has nothing.
  await page.getByLabel("结束日期").fill("2026-01-02");
  await page.getByLabel("开始日期").fill("2026-01-01");
  await page.getByRole("button", { name: "查询" }).click();
  await page.getByText("该时段无记录").waitFor();
});

test("the page speaks English too, section by section, without a word in the console", async () => {
  const { page } = admin;
  await page.getByRole("button", { name: "Switch to English" }).click();
  for (const section of ["Accounts", "Tokens", "Sessions and walls", "Audit log"]) {
    await admin.go(section);
    const text = await page.locator("body").innerText();
    const han = text.split("\n").filter((line) => /\p{Script=Han}/u.test(line) && !/李伟|中文/.test(line));
    expect(han, section).toEqual([]);
    expect(await audit(page)).toEqual([]);
  }
  // What the server refused on purpose is all that was said.
  expect(admin.watch.errors.filter((error) => !/40[09]/.test(error))).toEqual([]);
  expect(admin.watch.outside).toEqual([]);
});

test("all of it is reached by the keyboard, and nobody else gets in", async () => {
  const { page } = admin;
  await admin.go("Accounts");
  const reached = new Set<string>();
  await page.evaluate(() => (document.activeElement as HTMLElement).blur());
  for (let at = 0; at < 24; at++) {
    await page.keyboard.press("Tab");
    reached.add(await page.evaluate(() => document.activeElement!.textContent!.trim() || document.activeElement!.getAttribute("name")!));
  }
  expect([...reached]).toEqual(expect.arrayContaining(["Audit log", "name", "Create", "Change", "Reset password", "Enable"]));

  const stranger = await (await browser.newContext()).newPage();
  await stranger.goto(`${server.url}/admin`);
  await stranger.waitForURL("**/sign-in?then=/admin");
  expect(await signIn("root", PASSWORD)).toBe(200);
  await stranger.getByLabel("用户名").fill("root");
  await stranger.getByLabel("密码").fill(PASSWORD);
  await stranger.getByRole("button", { name: "登录", exact: true }).click();
  await stranger.waitForURL("**/admin");
  await stranger.getByRole("heading", { level: 2, name: "账号" }).waitFor();
});
