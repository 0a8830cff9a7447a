// The wall as somebody in front of it sees it.

import type { Browser, ElementHandle, Page } from "playwright-core";
import { Watch } from "./browser.ts";
import type { Server } from "./server.ts";

export interface Screen {
  width: number;
  height: number;
}

/** Where nobody looks at the picture: a quarter of the pixels to draw. */
const SMALL: Screen = { width: 960, height: 540 };

/** How a wall is opened, where it is not as usual. */
export interface Opening {
  screen?: Screen;
  /** What is done to the page before it is loaded. */
  prepare?: (page: Page) => Promise<unknown>;
  /** Without motion a picture is the same every time, and 4K is drawn once, not always. */
  still?: boolean;
  path?: string;
  /** The server's address, if it is another than its own. */
  url?: string;
}

export class Wall {
  readonly watch: Watch;

  private constructor(
    readonly page: Page,
    url: string,
  ) {
    this.watch = new Watch(page, url);
  }

  static async open(browser: Browser, server: Server, opening: Opening = {}): Promise<Wall> {
    const { screen = SMALL, prepare, still = false, path = "/wall", url = server.url } = opening;
    const motion = still ? { reducedMotion: "reduce" as const } : {};
    const page = await browser.newPage({ viewport: screen, locale: "zh-CN", ...motion });
    const wall = new Wall(page, url);
    await prepare?.(page);
    await page.goto(`${url}${path}`);
    await page.locator(".wall.live").waitFor({ timeout: 60_000 });
    return wall;
  }

  /** Waits until the map stands still, and all of it is drawn. */
  async drawn(timeout = 150_000): Promise<void> {
    await this.page.locator(".map[data-drawn=all]").waitFor({ timeout });
  }

  /** Waits until the page was told of so many incidents. */
  async knows(incidents: number): Promise<void> {
    await this.page.waitForFunction((least) => (window as any).pilin.counts().incidents >= least, incidents, { timeout: 10_000 });
  }

  async badge(): Promise<string> {
    return (await this.page.locator(".badge").innerText()).trim();
  }

  /** Waits until the badge has one of the line's states. */
  async becomes(state: "live" | "late" | "stopped", timeout = 45_000): Promise<void> {
    await this.page.locator(`.badge.${state}`).waitFor({ timeout });
  }

  /** The alerts in the list: their places and reasons. */
  async alerts(): Promise<{ place: string; reason: string }[]> {
    return this.page.locator(".card").evaluateAll((cards) =>
      cards.map((card) => ({
        place: card.querySelector("h3")!.textContent!.trim(),
        reason: card.querySelector(".reason")!.textContent!.trim(),
      })),
    );
  }

  /** Waits until so many alerts are listed. */
  async lists(count: number, timeout = 10_000): Promise<void> {
    await this.page.locator(".card").nth(count - 1).waitFor({ timeout });
  }

  /** How many places wait and how many stand, as the tiles say. */
  async tiles(): Promise<string[]> {
    return (await this.page.locator(".tiles dd:not(.words)").allInnerTexts()).map((text) => text.replace(/\s/g, ""));
  }

  /** What the page holds, as `pilin.counts()` tells it. */
  async counts(): Promise<{ incidents: number; units: number; alerts: number; told: number }> {
    return this.page.evaluate(() => (window as any).pilin.counts());
  }

  /** The map's canvas. */
  async canvas(): Promise<ElementHandle> {
    const canvas = this.page.locator("canvas.maplibregl-canvas");
    await canvas.waitFor({ state: "attached" });
    return (await canvas.elementHandle())!;
  }

  /**
   * Waits until this canvas is gone and another has taken its place, with the alerts'
   * signs on it. Lets go of both: a handle that is kept holds the whole map.
   */
  async hasAnotherMapThan(before: ElementHandle, timeout = 15_000): Promise<void> {
    const found = await this.page.waitForFunction(
      (old) => {
        const now = document.querySelector("canvas.maplibregl-canvas");
        return now !== null && now !== old && !old!.isConnected && document.querySelector(".sign") !== null;
      },
      before,
      { timeout },
    );
    await found.dispose();
    await before.dispose();
  }

  async figure(name: "today" | "units"): Promise<string> {
    const at = name === "today" ? ".figures .headline:not(.units) .big" : ".figures .units .big";
    return this.page.locator(at).innerText();
  }

  /** Text that is cut off or runs over its neighbour: none is what we want. */
  async clipped(): Promise<string[]> {
    return this.page.evaluate(() => {
      const cut = (element: Element) =>
        element.scrollWidth > element.clientWidth + 1 && getComputedStyle(element).overflow !== "visible";
      const seen = document.querySelectorAll(".figures *, .alerts *, .top *, .caption *");
      return [...seen].filter((one) => one.children.length === 0 && cut(one)).map((one) => one.textContent ?? "");
    });
  }

  async close(): Promise<void> {
    await this.page.close();
  }
}
