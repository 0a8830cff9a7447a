// No text of the pages stands outside the catalogue in src/texts, and none in it is
// unused: reads every other source and page, names each literal that a person could
// read, and each text that nobody shows.
//   node tools/words.mjs

import { readdirSync, readFileSync } from "node:fs";
import { parseAst } from "vite";
import { Uses, paths } from "./uses.mjs";

const HAN = /\p{Script=Han}/u;
const WORD = /\p{L}{2}/u;
/** A literal with a space or a capital could be meant for people. */
const SPOKEN = /\p{L}\s|\s\p{L}|\p{Lu}/u;

/** Attributes that are no words. */
const SILENT = new Set(["aria-keyshortcuts", "class", "d", "viewBox", "style", "href", "src", "stroke", "fill"]);
/** What is said to these, or compared, is said to the machine. */
const MACHINES = /^(console\.\w+|.*\.(querySelector(All)?|matches|closest|setAttribute|removeAttribute|getUniformLocation|getAttribLocation|addEventListener)|addEventListener|matchMedia|gl\.\w+)$/;
/** Literals that are no texts although they look like it. */
const EXEMPT = [
  /Noto Sans|Source Han Sans|PingFang|YaHei/, // names of fonts
  /^#version \d+/, /^Pilin$/,
  /^(POST|PUT|PATCH|DELETE|Feature|FeatureCollection|Point|Polygon|MultiPolygon|LineString)$/, // HTTP, GeoJSON
  /^(numeric|long|2-digit|zh-CN|en-GB|en-US)$/, // Intl
  /^\/?api\/|^\/connection/, /^[MLHVCZ\d\s.-]+$/i, // addresses, drawings
];

const faults = [];
const uses = new Uses();

function name(node) {
  if (node?.type === "Identifier") return node.name;
  if (node?.type === "MemberExpression" && !node.computed) return `${name(node.object)}.${node.property.name}`;
  return "";
}

function check(file, text, always = false) {
  const bare = text.trim();
  if (!WORD.test(bare) && !HAN.test(bare)) return;
  if (!(always || HAN.test(bare) || SPOKEN.test(bare)) || EXEMPT.some((one) => one.test(bare))) return;
  faults.push(`${file}: ${JSON.stringify(bare.length > 80 ? `${bare.slice(0, 80)}…` : bare)}`);
}

/** Walks the tree; `aloud` says that a person would read a literal here, whatever it looks like. */
function walk(node, file, aloud = false) {
  if (!node || typeof node !== "object") return;
  if (Array.isArray(node)) return node.forEach((one) => walk(one, file, aloud));
  switch (node.type) {
    case "ImportDeclaration": case "ExportAllDeclaration": case "TSLiteralType": case "TSTypeAliasDeclaration":
    case "TSInterfaceDeclaration": case "TSTypeAnnotation": case "TSImportType":
      return;
    case "JSXText": return check(file, node.value, true);
    case "JSXAttribute":
      if (SILENT.has(node.name.name)) return undefined;
      return walk(node.value, file, /^(title|alt|placeholder|label|aria-(label|description|placeholder|roledescription|valuetext))$/.test(node.name.name ?? ""));
    case "JSXElement": case "JSXFragment":
      for (const child of node.children) walk(child, file, true);
      return walk(node.openingElement?.attributes, file);
    case "CallExpression": case "NewExpression":
      // Errors that are thrown are for developers.
      if (node.type === "NewExpression" && /Error$/.test(name(node.callee))) return undefined;
      walk(node.callee, file);
      return MACHINES.test(name(node.callee)) ? walkCalls(node.arguments, file) : walk(node.arguments, file);
    case "BinaryExpression":
      if (/^[=!]==?$/.test(node.operator)) return [node.left, node.right].forEach((one) => one.type !== "Literal" && walk(one, file));
      break;
    case "SwitchCase": return walk(node.consequent, file);
    case "Property": case "PropertyDefinition":
      if (node.computed) walk(node.key, file);
      return walk(node.value, file);
    case "VariableDeclarator":
      // Shaders, and names by which the machine knows things, are written in capitals.
      if (/^(VERTEX|FRAGMENT|KEY|FIELDS)$/.test(node.id.name)) return undefined;
      break;
    case "AssignmentExpression":
      if (/\.(textContent|innerText|title|alt|ariaLabel|placeholder)$/.test(name(node.left))) return walk(node.right, file, true);
      if (/\.className$/.test(name(node.left))) return undefined;
      break;
    case "Literal": return typeof node.value === "string" ? check(file, node.value, aloud) : undefined;
    case "TemplateElement": return check(file, node.value.cooked ?? "", aloud);
    default:
  }
  for (const [key, value] of Object.entries(node)) if (key !== "parent") walk(value, file, aloud && key !== "test");
}

/** Of what a machine is told only functions can hold words for people. */
function walkCalls(args, file) {
  for (const arg of args) if (/Function/.test(arg.type)) walk(arg, file);
}

let read = 0;
for (const entry of readdirSync("src", { recursive: true })) {
  const file = `src/${entry}`;
  if (!/\.tsx?$/.test(file) || /\.test\.ts$|^src\/(texts|contract)\/|samples\.ts$/.test(file)) continue;
  read++;
  const tree = parseAst(readFileSync(file, "utf8"), { lang: file.endsWith("x") ? "tsx" : "ts" });
  walk(tree, file);
  uses.read(tree);
}
for (const file of readdirSync(".").filter((name) => name.endsWith(".html"))) {
  read++;
  const bare = readFileSync(file, "utf8").replace(/<!--.*?-->|<(script|style)\b.*?<\/\1>|<[^>]*>/gs, "\n");
  for (const line of bare.split("\n")) check(file, line, true);
}
const catalogue = paths(parseAst(readFileSync("src/texts/zh.ts", "utf8"), { lang: "ts" }));
const idle = catalogue.filter((path) => !uses.has(path));

if (faults.length > 0) console.error(`Texts outside the catalogue (src/texts):\n  ${faults.join("\n  ")}`);
if (idle.length > 0) console.error(`Texts that nobody shows:\n  ${idle.join("\n  ")}`);
if (faults.length + idle.length > 0) process.exit(1);
console.log(`${read} files read, no text outside the catalogue; each of its ${catalogue.length} is shown`);
