// Prints what the benchmarks wrote to target/bench/*.json as one Markdown table.
import { readdirSync, readFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";

const folder = new URL("../target/bench/", import.meta.url);
let files = [];
try {
  files = readdirSync(folder).filter((name) => name.endsWith(".json")).sort();
} catch {
  // No folder, no figures.
}
if (files.length === 0) {
  console.error("pilin: bench: no figures were written");
  process.exit(1);
}

const cell = (text) => String(text ?? "").replaceAll("|", "\\|");
const number = (value) =>
  typeof value === "number"
    ? new Intl.NumberFormat("en", { maximumSignificantDigits: 3 }).format(value)
    : cell(value);

console.log(`\n${cpus().length} × ${cpus()[0].model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB\n`);
console.log("| bench | what | figure | goal | peer | ratio |");
console.log("|---|---|---:|---:|---|---:|");
for (const file of files) {
  const rows = JSON.parse(readFileSync(new URL(file, folder), "utf8"));
  const bench = file.replace(/\.json$/, "");
  for (const { what, figure, unit, goal, peer, ratio } of rows) {
    const times = typeof ratio === "number" ? `${number(ratio)}×` : cell(ratio);
    const told = `${number(figure)} ${cell(unit)}`.trim();
    console.log(`| ${bench} | ${cell(what)} | ${told} | ${cell(goal)} | ${cell(peer)} | ${times} |`);
  }
}
