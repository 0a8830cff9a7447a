// A real Chromium, drawing in software where there is no graphics card.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { chromium, type Browser, type Page } from "playwright-core";

const FLAGS = [
  "--no-sandbox",
  "--use-angle=swiftshader",
  "--enable-unsafe-swiftshader",
  "--ignore-gpu-blocklist",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-first-run",
  "--disable-quic",
];

export async function launch(more: string[] = []): Promise<Browser> {
  const executablePath = process.env["CHROMIUM"] ?? "/usr/bin/chromium";
  if (!existsSync(executablePath)) throw new Error(`no browser at ${executablePath}: install chromium`);
  return chromium.launch({ executablePath, args: [...FLAGS, ...more] });
}

/** The processes below one, of Linux. */
function below(root: number): number[] {
  const parents = readdirSync("/proc").filter((name) => /^\d+$/.test(name)).flatMap((name) => {
    try {
      // The name of a process is in brackets and may hold anything; its parent is the second word after.
      const parent = Number(readFileSync(`/proc/${name}/stat`, "utf8").replace(/^.*\) /s, "").split(" ")[1]);
      return [[Number(name), parent] as const];
    } catch {
      return []; // it ended meanwhile
    }
  });
  const found = [root];
  for (const one of found) found.push(...parents.filter(([, parent]) => parent === one).map(([id]) => id));
  return found.slice(1);
}

function name(id: number): string {
  try {
    return readFileSync(`/proc/${id}/comm`, "utf8");
  } catch {
    return "";
  }
}

/** The browsers of this process sleep, as their machine would. */
export async function sleep(ms: number): Promise<void> {
  const browsers = below(process.pid).filter((id) => name(id).startsWith("chrom"));
  if (browsers.length === 0) throw new Error("there is no browser to sleep");
  const all = (signal: NodeJS.Signals) => {
    for (const id of browsers) {
      try {
        process.kill(id, signal);
      } catch {
        // It ended meanwhile.
      }
    }
  };
  all("SIGSTOP");
  await new Promise((done) => setTimeout(done, ms));
  all("SIGCONT");
}

/** What a page said or asked that it should not have. */
export class Watch {
  readonly errors: string[] = [];
  readonly outside: string[] = [];

  constructor(page: Page, home: string) {
    page.on("console", (message) => {
      if (message.type() === "error") this.errors.push(message.text());
    });
    page.on("pageerror", (error) => this.errors.push(error.message));
    page.on("request", (request) => {
      const url = request.url();
      if (!url.startsWith(home) && !/^(data|blob):/.test(url)) this.outside.push(url);
    });
  }
}
