#!/usr/bin/env bash
# What the product is made of, and whether anything in it is known to be bad: a list
# (CycloneDX), licences, sources and advisories of crates, advisories of packages.
set -euo pipefail
cd "$(dirname "$0")/.."
step() { printf '\n== %s\n' "$*"; }

step "list of components: target/sbom.cdx.json"
mkdir -p target
node scripts/sbom.mjs >target/sbom.cdx.json
node -e 'const { components } = JSON.parse(require("fs").readFileSync("target/sbom.cdx.json", "utf8"));
  const bare = components.filter(({ licenses }) => !licenses).map(({ purl }) => purl);
  console.log(`${components.length} components, ${bare.length} without a licence ${bare.join(" ")}`);
  if (components.length < 100 || bare.length > 0) process.exit(1);'

step "crates: licences, sources, advisories (cargo deny)"
cargo deny --version >/dev/null 2>&1 || cargo install --locked cargo-deny
cargo deny check licenses bans sources
# The advisories are a repository of their own, which not every machine reaches.
cargo deny check advisories || {
  [ $? -eq 1 ] && [ -d "${CARGO_HOME:-$HOME/.cargo}/advisory-dbs" ] && exit 1
  echo "pilin: audit: the advisories of crates could not be read" >&2
}

step "packages: advisories (npm audit)"
for folder in web web/tools/contract; do
  said=$(cd "$folder" && npm audit --json --omit=dev) || true
  node -e 'const told = JSON.parse(process.argv[1] || "{}");
    if (!told.metadata) { console.error("pilin: audit: the advisories of packages could not be read"); process.exit(0); }
    const { high, critical } = told.metadata.vulnerabilities;
    console.log(`${process.argv[2]}: ${high} high, ${critical} critical`);
    process.exit(high + critical > 0 ? 1 : 0);' "$said" "$folder"
done

step "all held"
