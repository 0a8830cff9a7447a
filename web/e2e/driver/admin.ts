// The admin's page as an admin works it.

import { readFileSync } from "node:fs";
import type { Browser, Page } from "playwright-core";
import { Watch } from "./browser.ts";
import type { Server } from "./server.ts";

export class Admin {
  readonly watch: Watch;

  private constructor(
    readonly page: Page,
    private readonly server: Server,
  ) {
    this.watch = new Watch(page, server.url);
  }

  /** Makes the first account, an admin's, and opens the page. */
  static async begin(browser: Browser, server: Server, agency: string, password: string): Promise<Admin> {
    const context = await browser.newContext({ viewport: { width: 1920, height: 1080 }, locale: "zh-CN" });
    const admin = new Admin(await context.newPage(), server);
    await admin.page.goto(server.setUp);
    await admin.page.getByLabel("用户名").fill("root");
    await admin.page.getByLabel("执法机构").selectOption(agency);
    await admin.page.getByLabel("密码").fill(password);
    await admin.page.getByRole("button", { name: "新建账号" }).click();
    await admin.page.getByRole("link", { name: "系统管理" }).click();
    await admin.row("root").waitFor();
    return admin;
  }

  /** Goes to a section by its name. */
  async go(section: string): Promise<void> {
    await this.page.getByRole("navigation").getByRole("link", { name: section }).click();
    await this.page.getByRole("heading", { level: 2, name: section }).waitFor();
    await this.page.locator("table").first().waitFor();
  }

  /** The row of an account, a token or a session. */
  row(name: string) {
    return this.page.getByRole("row").filter({ has: this.page.getByRole("rowheader", { name, exact: true }) });
  }

  /** Presses a button that asks back, twice. */
  async sure(name: string, act: string): Promise<void> {
    await this.row(name).getByRole("button", { name: act }).click();
    await this.row(name).getByRole("button", { name: act }).click();
  }

  /** What is shown once, and is gone when it was put away. */
  async secret(close: string): Promise<string> {
    const shown = this.page.locator(".once input");
    await shown.waitFor();
    const text = await shown.inputValue();
    await this.page.getByRole("button", { name: close }).click();
    await shown.waitFor({ state: "detached" });
    return text;
  }

  /** The lines of the file behind a link. */
  async download(link: string): Promise<unknown[]> {
    const coming = this.page.waitForEvent("download");
    await this.page.getByRole("link", { name: link }).click();
    const path = await (await coming).path();
    return readFileSync(path, "utf8").trim().split("\n").map((line) => JSON.parse(line));
  }

  /** Asks the server by a token. */
  async byToken(path: string, secret: string): Promise<number> {
    return (await fetch(`${this.server.url}${path}`, { headers: { authorization: `Bearer ${secret}` } })).status;
  }
}
