/** Projects of people who use the package, in the TypeScript settings that they have: the cases compiled by the language service. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { annotate, parse, type Note, type Query } from "./annotations.js";
import { APPLICATION_OPTIONS } from "../support/compiler-options.js";

const root = join(__dirname, "../..");
const folder = join(__dirname, "cases");

/** The names of the cases. */
export const cases: readonly string[] = readdirSync(folder).filter((name) => name.endsWith(".ts"));

/** The text of a case. */
export function textOf(name: string): string {
  return read(join(folder, name)) ?? "";
}

const common: ts.CompilerOptions = {
  ...APPLICATION_OPTIONS,
  typeRoots: [join(root, "node_modules/@types")],
  strict: true,
};

const installed = join(folder, "node_modules/hubwire");

/** A project's TypeScript settings. */
export interface Setting {
  readonly options: ts.CompilerOptions;
  /** Which cases say something there. Default: all. */
  readonly cases?: readonly string[];
  /** Types are written in other words there, so only the places of the notes are compared. */
  readonly wording?: "other";
}

/** Settings by name. All but the first see the package as it is published. */
export const settings: Readonly<Record<string, Setting>> = {
  "the sources": {
    options: {
      ...common,
      paths: { hubwire: [join(root, "src/index.ts")], "hubwire/server": [join(root, "src/server/index.ts")] },
    },
  },
  "a bundler's project": { options: common },
  "a project with every strict option": {
    options: {
      ...common,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      noPropertyAccessFromIndexSignature: true,
    },
  },
  "a project that is not strict": {
    options: { ...common, strict: false },
    cases: cases.filter((name) => name !== "strict.ts"),
    wording: "other",
  },
  "a Node project": {
    options: { ...common, module: ts.ModuleKind.Node16, moduleResolution: ts.ModuleResolutionKind.Node16 },
  },
  "a project with the old resolution": {
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- many projects still have it
    options: { ...common, moduleResolution: ts.ModuleResolutionKind.Node10, ignoreDeprecations: "6.0" },
  },
  // Not every runtime's types have ReadableStream; what is unknown must not make a stream of everything.
  "a project without web types": {
    options: { ...common, lib: ["lib.es2022.d.ts", "lib.esnext.disposable.d.ts"], types: [] },
    cases: ["assignability.ts", "calls.ts", "loose.ts", "strict.ts"],
  },
};

/** Parsed once for all projects. */
const documents = ts.createDocumentRegistry();

/** The package as an application has it installed is this repository. */
function real(file: string): string {
  return file.startsWith(installed) ? root + file.slice(installed.length) : file;
}

const texts = new Map<string, string | undefined>();

function read(file: string): string | undefined {
  if (!texts.has(file)) texts.set(file, ts.sys.readFile(real(file)));
  return texts.get(file);
}

/** One project. */
export class Project {
  readonly #service: ts.LanguageService;

  constructor(options: ts.CompilerOptions) {
    if (!existsSync(join(root, "dist/types"))) throw new Error("There are no built types: npm run build.");
    this.#service = ts.createLanguageService(hostFor(options), documents);
  }

  /** The case as it would have to be written. */
  annotated(name: string): string {
    const { code, queries } = parse(textOf(name));
    const file = join(folder, name);
    const source = this.#service.getProgram()?.getSourceFile(file);
    if (source === undefined) throw new Error(`There is no case ${name}.`);
    const answers = queries.map(({ line, column, query }) => {
      const text = answer(this.#service, file, source.getPositionOfLineAndCharacter(line, column), query);
      return { line, column, mark: query, text };
    });
    return annotate(code, [...this.#errors(file), ...answers]);
  }

  #errors(file: string): Note[] {
    const found = [...this.#service.getSyntacticDiagnostics(file), ...this.#service.getSemanticDiagnostics(file)];
    return found.map((diagnostic) => {
      const { file: source, start = 0, length = 0 } = diagnostic;
      const { line, character: column } = source?.getLineAndCharacterOfPosition(start) ?? { line: 0, character: 0 };
      const text = firstLine(diagnostic.messageText);
      return { line, column, mark: "~".repeat(length), text };
    });
  }
}

function hostFor(options: ts.CompilerOptions): ts.LanguageServiceHost {
  const files = cases.map((name) => join(folder, name));
  const codes = new Map(files.map((file) => [file, parse(read(file) ?? "").code]));
  return {
    getCompilationSettings: () => options,
    getCurrentDirectory: () => folder,
    getDefaultLibFileName: ts.getDefaultLibFilePath,
    getScriptFileNames: () => files,
    getScriptVersion: () => "1",
    getScriptSnapshot(file) {
      const text = codes.get(file) ?? read(file);
      return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text);
    },
    fileExists: (file) => ts.sys.fileExists(real(file)),
    directoryExists: (name) => ts.sys.directoryExists(real(name)) || installed.startsWith(name),
    readFile: read,
  };
}

/** The compiler lists the members of a union in the order in which it met them first, anywhere. */
function firstLine(message: string | ts.DiagnosticMessageChain): string {
  const text = typeof message === "string" ? message : message.messageText;
  return text.replace(/"\w*"( \| "\w*")+/g, (names) => names.split(" | ").sort().join(" | "));
}

function answer(service: ts.LanguageService, file: string, position: number, query: Query): string {
  if (query === "^?") {
    const parts = service.getQuickInfoAtPosition(file, position)?.displayParts;
    return ts.displayPartsToString(parts).replace(/\s+/g, " ");
  }
  if (query === "^|") {
    const entries = service.getCompletionsAtPosition(file, position, undefined)?.entries ?? [];
    return entries
      .map(({ name }) => name)
      .sort()
      .join(", ");
  }
  const help = service.getSignatureHelpItems(file, position, undefined);
  return (help?.items ?? []).map((item) => signature(item, help?.argumentIndex)).join(" / ");
}

function signature(item: ts.SignatureHelpItem, current: number | undefined): string {
  const parameters = item.parameters.map(({ displayParts }, index) => {
    const text = ts.displayPartsToString(displayParts);
    return index === current ? `«${text}»` : text;
  });
  const [prefix, suffix] = [item.prefixDisplayParts, item.suffixDisplayParts].map((parts) =>
    ts.displayPartsToString(parts),
  );
  return `${prefix}${parameters.join(", ")}${suffix}`;
}
