// Which texts of the catalogue the pages show.

/** The texts of the catalogue by their paths, as in `alerts.title`. */
export function paths(tree) {
  const found = [];
  const gather = (object, prefix) => {
    for (const { key, value } of object.properties) {
      const path = [...prefix, key.name ?? String(key.value)];
      const inner = value.type === "TSAsExpression" ? value.expression : value;
      if (inner.type === "ObjectExpression") gather(inner, path);
      else found.push(path.join("."));
    }
  };
  for (const { declaration } of tree.body) {
    const [made] = declaration?.declarations ?? [];
    if (made?.id.name === "zh") gather(made.init, []);
  }
  return found;
}

/** The uses of the catalogue in the sources that were read. */
export class Uses {
  #paths = new Set();

  /** Takes in what a source shows; a local name for a part of the catalogue counts. */
  read(tree) {
    const names = new Map();
    // Names first: a component may stand above the one whose name it shares.
    each(tree, (node) => {
      if (node.type !== "VariableDeclarator" || !node.init) return;
      const path = this.#path(node.init, names);
      if (path === undefined) return;
      if (node.id.type === "Identifier") names.set(node.id.name, [...(names.get(node.id.name) ?? []), ...path]);
      if (node.id.type !== "ObjectPattern") return;
      for (const { key, value } of node.id.properties) {
        const inner = path.map((one) => join(one, key.name));
        for (const one of inner) this.#paths.add(one);
        names.set(value.name, [...(names.get(value.name) ?? []), ...inner]);
      }
    });
    each(tree, (node) => {
      if (node.type !== "MemberExpression") return;
      for (const path of this.#path(node, names) ?? []) this.#paths.add(path);
    });
  }

  /** Whether a text is shown, by its name or by one found out at run time. */
  has(path) {
    return this.#paths.has(path) || this.#paths.has(`${path.split(".").slice(0, -1).join(".")}.*`);
  }

  /** The places in the catalogue that an expression may name; `undefined` when none. */
  #path(node, names) {
    if (node.type === "Identifier") return names.get(node.name);
    if (node.type === "CallExpression" && node.callee.type === "MemberExpression" && node.callee.property.name === "peek") {
      return isTexts(node.callee.object) ? [""] : undefined;
    }
    if (node.type !== "MemberExpression") return undefined;
    if (isTexts(node.object) && node.property.name === "value") return [""];
    const of = this.#path(node.object, names);
    return of?.map((one) => join(one, node.computed ? "*" : node.property.name));
  }
}

const isTexts = (node) => node.type === "Identifier" && node.name === "texts";
const join = (path, name) => (path ? `${path}.${name}` : name);

function each(node, visit) {
  if (!node || typeof node !== "object") return;
  if (Array.isArray(node)) return node.forEach((one) => each(one, visit));
  if (node.type) visit(node);
  for (const [key, value] of Object.entries(node)) if (key !== "parent") each(value, visit);
}
