/** The type declarations of the official packages and of hubwire, side by side in one program of the compiler; used by the drop-in tests. */
import { join } from "node:path";
import ts from "typescript";
import { APPLICATION_OPTIONS } from "./compiler-options.js";

const root = join(__dirname, "../..");

/** A package and what takes its place. */
export interface PackagePair {
  /** What applications import. */
  readonly official: string;
  readonly hubwire: string;
  readonly officialFile: string;
  readonly hubwireFile: string;
}

/** The client, and its add-on for MessagePack. */
export const packagePairs: readonly PackagePair[] = [
  {
    official: "@microsoft/signalr",
    hubwire: "hubwire",
    officialFile: join(root, "node_modules/@microsoft/signalr/dist/esm/index.d.ts"),
    hubwireFile: join(root, "src/index.ts"),
  },
  {
    official: "@microsoft/signalr-protocol-msgpack",
    hubwire: "hubwire/msgpack",
    officialFile: join(root, "node_modules/@microsoft/signalr-protocol-msgpack/dist/esm/index.d.ts"),
    hubwireFile: join(root, "src/msgpack.ts"),
  },
];

const options: ts.CompilerOptions = {
  ...APPLICATION_OPTIONS,
  strict: true,
  paths: Object.fromEntries(packagePairs.map(({ hubwire, hubwireFile }) => [hubwire, [hubwireFile]])),
};

/** A member that is not private to its class would be compared by name only. */
const privateMember = /^\s*private (?!constructor).*;$/gm;

/** Compiles code, strictly and with what `more` asks for, and with the private members of the official classes left out: with them a class is only assignable to itself. */
export function programOf(
  code: string,
  more: ts.CompilerOptions = {},
): { readonly program: ts.Program; readonly file: ts.SourceFile } {
  const name = join(root, "test/drop-in/given.ts");
  const host = ts.createCompilerHost({ ...options, ...more });
  const { getSourceFile, fileExists, readFile } = host;
  host.fileExists = (path) => path === name || fileExists.call(host, path);
  host.getSourceFile = (path, ...rest) => {
    if (path === name) return ts.createSourceFile(path, code, ts.ScriptTarget.ES2022, true);
    if (!path.includes("@microsoft/signalr")) return getSourceFile.call(host, path, ...rest);
    const text = readFile.call(host, path)?.replace(privateMember, "") ?? "";
    return ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true);
  };
  const program = ts.createProgram([name, ...packagePairs.flatMap((pair) => [pair.officialFile, pair.hubwireFile])], { ...options, ...more }, host); // prettier-ignore
  const file = program.getSourceFile(name);
  if (file === undefined) throw new Error("the code is not part of the program");
  return { program, file };
}

/** What the compiler says about code, by line (from 0). See {@link programOf}. */
export function complaintsAbout(code: string, more?: ts.CompilerOptions): Map<number, string> {
  const { program, file } = programOf(code, more);
  const found = [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)];
  return new Map(
    found.map(({ start = 0, messageText }) => [
      file.getLineAndCharacterOfPosition(start).line,
      ts.flattenDiagnosticMessageText(messageText, "\n"),
    ]),
  );
}

/** One export of a package. */
export interface Declared {
  readonly symbol: ts.Symbol;
  readonly isValue: boolean;
  readonly isClass: boolean;
  readonly isType: boolean;
  /** How many type parameters it has. */
  readonly typeParameters: number;
  /** Public members of its instances, with the text of their types. */
  readonly members: ReadonlyMap<string, string>;
  /** The same of the class itself. */
  readonly statics: ReadonlyMap<string, string>;
}

/** All exports of a package, by name. */
export function exportsOf(program: ts.Program, fileName: string): Map<string, Declared> {
  const checker = program.getTypeChecker();
  const module = checker.getSymbolAtLocation(program.getSourceFile(fileName) as ts.Node);
  if (module === undefined) throw new Error(`${fileName} is no module`);
  const declared = checker.getExportsOfModule(module).map((symbol): [string, Declared] => {
    const own = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
    const has = (flags: ts.SymbolFlags) => (own.flags & flags) !== 0;
    const isType = has(ts.SymbolFlags.Type);
    const isClass = has(ts.SymbolFlags.Class);
    const type = isType ? checker.getDeclaredTypeOfSymbol(own) : undefined;
    const parameters = (type?.aliasTypeArguments ?? (type as ts.InterfaceType | undefined)?.typeParameters ?? [])
      .length;
    return [
      symbol.name,
      {
        symbol: own,
        isValue: has(ts.SymbolFlags.Value),
        isClass,
        isType,
        typeParameters: parameters,
        members: membersOf(checker, type),
        statics: membersOf(checker, isClass ? checker.getTypeOfSymbol(own) : undefined),
      },
    ];
  });
  return new Map(declared);
}

function membersOf(checker: ts.TypeChecker, type: ts.Type | undefined): Map<string, string> {
  const members = type?.isUnion() ? [] : (type?.getProperties() ?? []);
  return new Map(
    members
      .filter(({ name }) => !name.startsWith("__@") && !name.startsWith("__#"))
      .map((member) => [
        member.name,
        checker.typeToString(checker.getTypeOfSymbol(member), undefined, ts.TypeFormatFlags.NoTruncation),
      ]),
  );
}
