// The desk as the duty officer works it: by keyboard.

import type { Browser, Page } from "playwright-core";
import { Watch } from "./browser.ts";
import type { Server } from "./server.ts";

export class Desk {
  readonly watch: Watch;

  private constructor(
    readonly page: Page,
    server: Server,
  ) {
    this.watch = new Watch(page, server.url);
  }

  static async open(browser: Browser, server: Server): Promise<Desk> {
    const page = await browser.newPage({ viewport: { width: 1920, height: 1080 }, locale: "zh-CN" });
    const desk = new Desk(page, server);
    // Tones are counted, whether or not the machine can play them.
    await page.addInitScript(() => {
      const counted = window as unknown as { tones: number };
      counted.tones = 0;
      const start = OscillatorNode.prototype.start;
      OscillatorNode.prototype.start = function (when?: number) {
        counted.tones++;
        start.call(this, when);
      };
    });
    await page.goto(`${server.url}/desk`);
    await page.locator(".desk.live").waitFor({ timeout: 60_000 });
    return desk;
  }

  async press(...keys: string[]): Promise<void> {
    for (const key of keys) await this.page.keyboard.press(key);
  }

  async inbox(): Promise<string[]> {
    return this.page.locator(".entry .head b").allInnerTexts();
  }

  /** How many places wait, as the head says. */
  async waiting(): Promise<string> {
    return (await this.page.locator(".brief li").last().innerText()).replace(/\s|待签收/g, "");
  }

  /** The open alert's drawer. */
  get detail() {
    return this.page.locator(".detail");
  }

  async choose(label: string, option: string): Promise<void> {
    await this.page.getByLabel(label, { exact: true }).selectOption({ label: option });
  }
}
