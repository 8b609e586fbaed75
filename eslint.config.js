// Lint rules for the whole repository. Formatting is prettier's; the layer rule is scripts/eslint/layers.mjs.
import { fileURLToPath } from "node:url";
import js from "@eslint/js";
import { defineConfig, globalIgnores } from "eslint/config";
import { createNodeResolver, importX } from "eslint-plugin-import-x";
import jsdoc from "eslint-plugin-jsdoc";
import globals from "globals";
import tseslint from "typescript-eslint";
import { fileCommentRule } from "./scripts/eslint/file-comment.mjs";
import { layersRule } from "./scripts/eslint/layers.mjs";

const hubwire = { rules: { layers: layersRule, "file-comment": fileCommentRule } };

/** Whatever its language and place. */
const everywhere = {
  plugins: { hubwire, "import-x": importX },
  linterOptions: { reportUnusedDisableDirectives: "error" },
  settings: {
    // A relative import names the `.js` file that its source becomes.
    "import-x/resolver-next": [createNodeResolver({ extensionAlias: { ".js": [".ts", ".tsx", ".js"] } })],
    "import-x/parsers": { "@typescript-eslint/parser": [".ts", ".tsx"] },
    "import-x/extensions": [".ts", ".tsx", ".js", ".mjs", ".cjs"],
  },
  rules: {
    "hubwire/file-comment": "error",
    "import-x/no-cycle": "error",
    "import-x/no-duplicates": ["error", { "prefer-inline": true }],
    eqeqeq: ["error", "always", { null: "ignore" }],
    "no-var": "error",
    "prefer-const": "error",
    "object-shorthand": "error",
  },
};

const typescript = {
  files: ["**/*.{ts,tsx}"],
  extends: [tseslint.configs.recommendedTypeChecked],
  languageOptions: {
    parserOptions: { projectService: true, tsconfigRootDir: fileURLToPath(new URL(".", import.meta.url)) },
  },
  rules: {
    "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
    "@typescript-eslint/no-floating-promises": "error",
    "@typescript-eslint/no-explicit-any": "error",
    "@typescript-eslint/no-deprecated": "error",
    "@typescript-eslint/consistent-type-imports": ["error", { fixStyle: "inline-type-imports" }],
    "@typescript-eslint/consistent-type-exports": "error",
    "@typescript-eslint/no-import-type-side-effects": "error",
    "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
    // Numbers print as anybody expects.
    "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
    // Whatever users throw or pass is put into texts as it prints.
    "@typescript-eslint/no-base-to-string": "off",
    // An async method without an await still turns what it throws into a rejection.
    "@typescript-eslint/require-await": "off",
    // An empty body says it all in a method that is there for its type, such as the null logger's.
    "@typescript-eslint/no-empty-function": "off",
  },
};

/** Whatever is exported has a doc comment; what a class implements is documented with the interface. */
function documented(...more) {
  const exported = (declaration) => `ExportNamedDeclaration > ${declaration}`;
  const member = (kind) => exported(`ClassDeclaration[implements.length=0] > ClassBody > ${kind}`);
  return {
    publicOnly: true,
    checkConstructors: false,
    require: { ClassDeclaration: true, FunctionDeclaration: true },
    contexts: [
      exported("VariableDeclaration"),
      exported("TSInterfaceDeclaration"),
      exported("TSTypeAliasDeclaration"),
      exported("TSEnumDeclaration"),
      exported("TSEnumDeclaration TSEnumMember"),
      exported("TSInterfaceDeclaration TSMethodSignature"),
      member("PropertyDefinition[key.type='Identifier']"),
      member("TSAbstractMethodDefinition[key.type='Identifier']"),
      // Of a method with overloads the signatures are documented, of an accessor pair the getter.
      member(
        "MethodDefinition[kind=/get|method/][key.type='Identifier']" +
          ":not([value.type='TSEmptyBodyFunctionExpression'] + MethodDefinition) > FunctionExpression",
      ),
      ...more.map(exported),
    ],
  };
}

/** What ships. */
const source = {
  files: ["src/**/*.ts"],
  plugins: { jsdoc },
  settings: { jsdoc: { tagNamePreference: { template: "typeParam" } } },
  rules: {
    "hubwire/layers": "error",
    "@typescript-eslint/no-non-null-assertion": "error",
    "@typescript-eslint/explicit-module-boundary-types": "error",
    "@typescript-eslint/prefer-readonly": "error",
    "@typescript-eslint/naming-convention": [
      "error",
      { selector: "interface", format: ["PascalCase"], custom: { regex: "^I[A-Z]", match: false } },
    ],
    "no-restricted-syntax": [
      "error",
      { selector: "PropertyDefinition[accessibility='private']", message: "Use #private." },
      { selector: "MethodDefinition[kind!='constructor'][accessibility='private']", message: "Use #private." },
      { selector: "TSParameterProperty", message: "Declare the field and assign it." },
      { selector: "ExportDefaultDeclaration", message: "Exports have names." },
    ],
    "no-console": "error",
    complexity: ["error", { max: 15, variant: "modified" }],
    "max-depth": ["error", 4],
    "max-params": ["error", 5],
    "max-lines": ["error", 320],
    "max-lines-per-function": ["error", { max: 60, skipComments: true }],
    "jsdoc/require-jsdoc": ["error", documented()],
    "jsdoc/check-tag-names": "error",
  },
};

/** What users set: each option is documented with its unit and default, but not again in its resolved form. */
const options = {
  files: ["src/**/options.ts"],
  rules: {
    "jsdoc/require-jsdoc": ["error", documented("TSInterfaceDeclaration[id.name!=/^Resolved/] TSPropertySignature")],
  },
};

/** Layers that run in every runtime: what only some have comes through the platform's port. */
const isomorphic = {
  files: ["src/{errors,logging,common,protocol,session,http,transports,client,tracing}/**/*.ts"],
  rules: {
    "no-restricted-globals": [
      "error",
      ...[
        "process",
        "Buffer",
        "global",
        "require",
        "setImmediate",
        "window",
        "document",
        "navigator",
        "self",
        "location",
      ],
    ],
  },
};

const tests = {
  files: ["test/**/*.ts", "demo/**/*.ts"],
  rules: {
    // An untyped connection returns `any`, as the official one does; tests use it that way.
    "@typescript-eslint/no-unsafe-argument": "off",
    "@typescript-eslint/no-unsafe-assignment": "off",
    "@typescript-eslint/no-unsafe-call": "off",
    "@typescript-eslint/no-unsafe-member-access": "off",
    "@typescript-eslint/no-unsafe-return": "off",
    "@typescript-eslint/no-unsafe-enum-comparison": "off",
    "@typescript-eslint/only-throw-error": "off",
    "@typescript-eslint/prefer-promise-reject-errors": "off",
    "@typescript-eslint/unbound-method": "off",
    "max-lines": ["error", 500],
  },
};

export default defineConfig(
  globalIgnores([
    "dist/",
    "coverage/",
    "test/interop/**/bin/",
    "test/interop/**/obj/",
    "test/package/consumers/",
    "test/types/cases/",
  ]),
  js.configs.recommended,
  everywhere,
  typescript,
  source,
  options,
  isomorphic,
  { files: ["src/logging/console-logger.ts"], rules: { "no-console": "off" } },
  tests,
  { files: ["**/*.{js,mjs,cjs}"], languageOptions: { globals: globals.nodeBuiltin } },
  { files: ["**/*.cjs"], languageOptions: { sourceType: "commonjs", globals: globals.node } },
  {
    files: ["test/docs-snippets/snippets/*.js"],
    languageOptions: {
      globals: { ...globals["shared-node-browser"], signalR: "readonly", signalRMsgPack: "readonly" },
    },
  },
  {
    files: ["demo/**/public/**/*.js", "demo/page/**/*.js"],
    languageOptions: { globals: { ...globals.browser, signalR: "readonly" } },
  },
);
