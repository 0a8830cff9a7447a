// Prints what the benchmarks wrote to target/bench/*.json as one Markdown table.
import { readdirSync, readFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';

const folder = new URL('../target/bench/', import.meta.url);
const files = readdirSync(folder).filter((name) => name.endsWith('.json')).sort();
if (files.length === 0) {
  console.error('pilin: bench: no figures were written');
  process.exit(1);
}

const number = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 });
const rows = files.flatMap((file) => JSON.parse(readFileSync(new URL(file, folder), 'utf8')));
console.log(`\n${cpus().length} × ${cpus()[0].model}, ${Math.round(totalmem() / 2 ** 30)} GiB\n`);
console.log('| figure | value | goal | remark |\n|---|---:|---:|---|');
for (const { name, value, unit, goal, note } of rows) {
  console.log(`| ${name} | ${number.format(value)} ${unit} | ${goal ?? ''} | ${note ?? ''} |`);
}
