// Writes what the product is made of as CycloneDX 1.5 (JSON): every crate that the release
// is built from, and every package that is built into its pages. By Cargo.lock and
// web/package-lock.json; a network is asked for nothing but crates that are not here yet.
//
//   node scripts/sbom.mjs > target/sbom.cdx.json

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";

const root = resolve(import.meta.dirname, "..");

/** Crates by the graph of the product itself, without what only builds or tests it. */
function crates() {
  const flags = ["metadata", "--format-version", "1", "--locked", "--filter-platform", "x86_64-unknown-linux-gnu"];
  const told = JSON.parse(execFileSync("cargo", flags, { cwd: root, maxBuffer: 1 << 28 }));
  const nodes = new Map(told.resolve.nodes.map((node) => [node.id, node]));
  const packages = new Map(told.packages.map((one) => [one.id, one]));
  const product = told.packages.find(({ name, source }) => name === "pilin" && source === null);
  const reached = new Set();
  const waiting = [product.id];
  while (waiting.length > 0) {
    const id = waiting.pop();
    if (reached.has(id)) continue;
    reached.add(id);
    for (const { pkg, dep_kinds } of nodes.get(id).deps) {
      if (dep_kinds.some(({ kind }) => kind === null)) waiting.push(pkg);
    }
  }
  reached.delete(product.id);
  const all = [...reached].map((id) => packages.get(id)).map(({ name, version, license }) => ({
    type: "library", name, version, purl: `pkg:cargo/${name}@${version}`, ...licensed(license),
  }));
  return { product, all };
}

/** Packages of the pages, without those that only build or test them. */
function pages() {
  const lock = JSON.parse(readFileSync(resolve(root, "web/package-lock.json"), "utf8"));
  return Object.entries(lock.packages)
    .filter(([path, { dev, devOptional }]) => path !== "" && !dev && !devOptional)
    .map(([path, { version, license, integrity }]) => {
      const name = path.replace(/^.*node_modules\//, "");
      const [kind, hash] = integrity?.split("-") ?? [];
      const hashes = kind === "sha512" ? [{ alg: "SHA-512", content: Buffer.from(hash, "base64").toString("hex") }] : [];
      return { type: "library", name, version, purl: `pkg:npm/${name.replace("@", "%40")}@${version}`, hashes, ...licensed(license) };
    });
}

function licensed(license) {
  // Crates of before SPDX part alternatives by a stroke.
  return license ? { licenses: [{ expression: license.replaceAll("/", " OR ") }] } : {};
}

const { product, all } = crates();
const components = [...all, ...pages()].sort((a, b) => a.purl.localeCompare(b.purl));
const component = { type: "application", name: product.name, version: product.version, purl: `pkg:cargo/${product.name}@${product.version}`, ...licensed(product.license) };
process.stdout.write(`${JSON.stringify({ bomFormat: "CycloneDX", specVersion: "1.5", version: 1, metadata: { component }, components }, null, 1)}\n`);
