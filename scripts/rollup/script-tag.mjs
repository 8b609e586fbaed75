// Turns the bundle for a script tag into what browsers of 2020 understand; used by rollup.config.mjs.
// Lowering `#members` to WeakMaps, as compilers do, makes the file 18 % larger and every access slower. They become
// plain members here: `#name` is renamed to `_name`, of the same length, so that the source map stays true.
import { transform } from "esbuild";

/** A class and its base can use the same private name, so there have to be two. */
const PREFIXES = ["_", "$"];

/** The rollup output plugin. `minify` writes the smallest form. */
export function scriptTag({ minify }) {
  return {
    name: "script-tag",
    async renderChunk(code) {
      const plain = plainMembers(code, this.parse(code));
      const result = await transform(plain.code, {
        // Only read as TypeScript does esbuild assign class fields, which is shorter than defining them.
        loader: "ts",
        tsconfigRaw: { compilerOptions: { useDefineForClassFields: false } },
        target: "es2020",
        ...(minify && { minify, ...shortNames(plain) }),
        sourcemap: true,
      });
      return { code: result.code, map: result.map };
    },
  };
}

/** Options for esbuild that shorten the members that were private; the most used get the shortest names. */
function shortNames({ uses, plainNames }) {
  const free = Array.from({ length: 2 * uses.size + plainNames.size }, (_, index) => `_${index.toString(36)}`).filter(
    (name) => !uses.has(name) && !plainNames.has(name),
  );
  const names = [...uses.keys()].sort((a, b) => uses.get(b) - uses.get(a));
  return {
    mangleProps: new RegExp(`^(${names.join("|").replaceAll("$", "\\$")})$`),
    mangleCache: Object.fromEntries(names.map((name, index) => [name, free[index]])),
  };
}

/**
 * Replaces the private members of a bundle by plain ones. Throws where that would change what the code does.
 * Returns the code, how often each of the new names is used, and the names of members that were plain before.
 */
export function plainMembers(code, ast) {
  const { classes, found, plainNames } = survey(ast);
  const uses = new Map();
  let renamed = "";
  let end = 0;
  for (const { start, owner, name } of found.sort((a, b) => a.start - b.start)) {
    const plain = plainName(owner, name, classes);
    if (plainNames.has(plain)) throw new Error(`#${name} would become ${plain}, which exists: rename one of them`);
    uses.set(plain, (uses.get(plain) ?? 0) + 1);
    renamed += code.slice(end, start) + plain;
    end = start + plain.length;
  }
  return { code: renamed + code.slice(end), uses, plainNames };
}

/** Finds the classes by name, every use of a private name with the class that declares it, and the names of plain members. */
function survey(ast) {
  const classes = new Map();
  const found = [];
  const plainNames = new Set();
  const visit = (node, scopes) => {
    if (node.type === "ClassDeclaration" || node.type === "ClassExpression") {
      const members = node.body.body.map(({ key }) => key).filter((key) => key?.type === "PrivateIdentifier");
      const declared = new Set(members.map(({ name }) => name));
      const scope = { declared, base: node.superClass?.name };
      if (node.id) classes.set(node.id.name, scope);
      scopes = [scope, ...scopes];
    } else if (node.type === "PrivateIdentifier") {
      found.push({ start: node.start, name: node.name, owner: scopes.find(({ declared }) => declared.has(node.name)) });
    } else if (node.type === "BinaryExpression" && node.left.type === "PrivateIdentifier") {
      throw new Error(`"#${node.left.name} in object" cannot be told from a plain member: use instanceof`);
    }
    const property = node.computed ? undefined : node.type === "MemberExpression" ? node.property : node.key;
    if (property?.type === "Identifier") plainNames.add(property.name);
    for (const child of Object.values(node).flat()) if (typeof child?.type === "string") visit(child, scopes);
  };
  visit(ast, []);
  return { classes, found, plainNames };
}

function plainName(owner, name, classes) {
  const taken = [];
  for (let base = classes.get(owner.base); base !== undefined; base = classes.get(base.base)) {
    if (base.declared.has(name)) taken.push(plainName(base, name, classes));
  }
  const free = PREFIXES.map((prefix) => prefix + name).find((candidate) => !taken.includes(candidate));
  if (free === undefined) throw new Error(`#${name} is declared by more than two classes of one line: rename one`);
  return free;
}
