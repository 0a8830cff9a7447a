// No text of the pages stands outside the catalogue in src/texts: reads every other
// source and page, and names each literal that a person would read.
//   node tools/words.mjs

import { readdirSync, readFileSync } from "node:fs";
import { parseAst } from "vite";

const READ_ALOUD = new Set(["title", "alt", "placeholder", "label", "aria-label", "aria-description"]);
const HAN = /\p{Script=Han}/u;
const WORD = /\p{L}{2}/u;
// Names of fonts are not texts; the product's own name is the same in every language.
const EXEMPT = [/Noto Sans CJK/, /^Pilin$/];

const faults = [];
const blame = (file, text) => {
  if (!EXEMPT.some((one) => one.test(text.trim()))) faults.push(`${file}: ${JSON.stringify(text.trim())}`);
};

function walk(node, file, parent) {
  if (!node || typeof node !== "object") return;
  if (Array.isArray(node)) return node.forEach((one) => walk(one, file, parent));
  if (node.type === "JSXText" && (WORD.test(node.value) || HAN.test(node.value))) blame(file, node.value);
  if (node.type === "JSXAttribute" && READ_ALOUD.has(node.name.name)) {
    const value = node.value?.type === "JSXExpressionContainer" ? node.value.expression : node.value;
    if (value?.type === "Literal" && WORD.test(String(value.value))) blame(file, value.value);
  }
  // A literal child, as in <p>{"words"}</p>.
  if (node.type === "JSXExpressionContainer" && parent?.type === "JSXElement") {
    const { expression } = node;
    if (expression.type === "Literal" && WORD.test(String(expression.value))) blame(file, expression.value);
  }
  if (node.type === "Literal" && typeof node.value === "string" && HAN.test(node.value)) blame(file, node.value);
  if (node.type === "TemplateElement" && HAN.test(node.value.raw)) blame(file, node.value.raw);
  for (const [key, value] of Object.entries(node)) if (key !== "parent") walk(value, file, node);
}

let read = 0;
for (const entry of readdirSync("src", { recursive: true })) {
  const file = `src/${entry}`;
  if (!/\.tsx?$/.test(file) || /\.test\.ts$|^src\/(texts|contract)\/|samples\.ts$/.test(file)) continue;
  read++;
  walk(parseAst(readFileSync(file, "utf8"), { lang: file.endsWith("x") ? "tsx" : "ts" }), file);
}
for (const file of readdirSync(".").filter((name) => name.endsWith(".html"))) {
  read++;
  const bare = readFileSync(file, "utf8").replace(/<!--.*?-->|<(script|style)\b.*?<\/\1>|<[^>]*>/gs, "\n");
  for (const line of bare.split("\n")) if (WORD.test(line)) blame(file, line);
}

if (faults.length > 0) {
  console.error(`Texts outside the catalogue (src/texts):\n  ${faults.join("\n  ")}`);
  process.exit(1);
}
console.log(`${read} files read, no text outside the catalogue`);
