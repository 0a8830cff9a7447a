// Builds the pages into dist, and leaves alone there what has not changed: cargo
// embeds the files anew, and compiles for minutes, whenever one is written.
//   node tools/build.mjs

import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { build } from "vite";

const DIST = "dist";

const { output } = await build({ logLevel: "warn", build: { write: false } });
const built = new Map(output.map((file) => [file.fileName, Buffer.from(file.type === "chunk" ? file.code : file.source)]));

const before = existsSync(DIST) ? readdirSync(DIST, { recursive: true, withFileTypes: true }) : [];
const stale = before
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name))
  .filter((path) => !built.has(path.slice(DIST.length + 1)));
for (const path of stale) rmSync(path);

let written = 0;
for (const [name, bytes] of built) {
  const path = join(DIST, name);
  if (existsSync(path) && bytes.equals(readFileSync(path))) continue;
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, bytes);
  written++;
}
console.log(`${built.size} files of the pages: ${written} written, ${stale.length} taken away`);
