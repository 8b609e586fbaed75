/** Code that was written for the types of the official packages compiles with hubwire's: every export, every member, both ways. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { CompilerOptions } from "typescript";
import { complaintsAbout, exportsOf, packagePairs, programOf, type PackagePair } from "../support/official-types.js";

jest.setTimeout(60_000); // the compiler reads both packages again for each test

/** What differs on purpose. Each name is explained in docs/migrating.md, in the part about types. */
const deliberate = {
  /** Whatever holds a value of hubwire's type where the official one is named. */
  toOfficial: {
    IHttpConnectionOptions: "`logger` may be `null`, which the official client takes without saying so",
    IStatefulReconnectOptions: "`bufferSize` has a default, so it may be left out",
  },
  /** Members that cannot be assigned to, and can there. */
  readonly: ["HttpError.statusCode", "NullLogger.instance", "AbortSignal.aborted", "IStreamSubscriber.next"],
  /** Members that are `any` there and have a type here, because applications only ever give them. */
  typed: ["ITransport.send", "MessagePackOptions.extensionCodec", "MessagePackOptions.context", "Subject.error"],
};

/**
 * What applications make themselves and give to the client, or take from another library: an official value fits. Everything else
 * they only get, so that there hubwire's has to fit.
 */
const given = [
  "AbortSignal",
  "HttpClient",
  "HttpRequest",
  "HttpResponse",
  "HttpTransportType",
  "HubConnectionState",
  "IHttpConnectionOptions",
  "IStatefulReconnectOptions",
  "IHubProtocol",
  "ILogger",
  "IRetryPolicy",
  "RetryContext",
  "IStreamResult",
  "IStreamSubscriber",
  "ISubscription",
  "ITransport",
  "LogLevel",
  "MessageType",
  "TransferFormat",
  "MessageHeaders",
  "HubMessage",
  "HubMessageBase",
  "HubInvocationMessage",
  "InvocationMessage",
  "StreamInvocationMessage",
  "StreamItemMessage",
  "CompletionMessage",
  "CancelInvocationMessage",
  "PingMessage",
  "CloseMessage",
  "AckMessage",
  "SequenceMessage",
  "MessagePackOptions",
];

/** The strictest that an application may have: what it gives has to fit there too. */
const pedantic: CompilerOptions = { exactOptionalPropertyTypes: true };

const { program } = programOf("export {};");

describe.each(packagePairs)("$hubwire for $official", (pair: PackagePair) => {
  const official = exportsOf(program, pair.officialFile);
  const ours = exportsOf(program, pair.hubwireFile);
  const imports = `import * as O from "${pair.official}"; import * as H from "${pair.hubwire}";\n`;
  const typed = [...official].filter(([, { isType }]) => isType);
  const sample = (name: string) => ((official.get(name)?.typeParameters ?? 0) > 0 ? `${name}<number>` : name);

  /** Which of the assignments fail, with what the compiler says. */
  function failures(
    assignments: readonly (readonly [name: string, code: string])[],
    more?: CompilerOptions,
  ): Record<string, string> {
    const complaints = complaintsAbout(imports + assignments.map(([, code]) => code).join("\n"), more);
    return Object.fromEntries([...complaints].map(([line, text]) => [assignments[line - 1]?.[0] ?? "imports", text]));
  }

  test("every name is exported, as a value and as a type", () => {
    const missing = [...official].filter(([name, { isValue, isType }]) => {
      const own = ours.get(name);
      return !own || own.isValue < isValue || own.isType < isType;
    });
    expect(missing.map(([name]) => name)).toEqual([]);
  });

  test("every member is there", () => {
    const missing = [...official].flatMap(([name, { members, statics }]) => [
      ...[...members.keys()]
        .filter((member) => !ours.get(name)?.members.has(member))
        .map((member) => `${name}.${member}`),
      ...[...statics.keys()]
        .filter((member) => !ours.get(name)?.statics.has(member))
        .map((member) => `${name}.${member}`),
    ]);
    expect(missing).toEqual([]);
  });

  // The calls of a connection are any where no interface is named: that is compiled below.
  test("what is any stays any", () => {
    const values = [...official].filter(([name]) => name !== "HubConnection");
    const stricter = values.flatMap(([name, { members }]) =>
      [...members].filter(([member, text]) => /\bany\b/.test(text) && !/\bany\b/.test(ours.get(name)?.members.get(member) ?? "any")).map(([member]) => `${name}.${member}`),
    ); // prettier-ignore
    const expected = deliberate.typed.filter((member) => official.has(member.split(".")[0] ?? ""));
    expect(stricter.sort()).toEqual(expected.sort());
  });

  test("what can be assigned to stays so", () => {
    const lines = typed.flatMap(([name, { members, statics }]) => {
      const of = (module: string, member: string, target: string) =>
        [`${module} ${name}.${member}`, `export const _ = (value: ${target}) => { value.${member} = value.${member}; };`] as const;
      return ["O", "H"].flatMap((module) => [
        ...[...members.keys()].map((member) => of(module, member, `${module}.${sample(name)}`)),
        ...[...statics.keys()].map((member) => of(module, member, `typeof ${module}.${name}`)),
      ]);
    }); // prettier-ignore
    const code = lines.map(([title, text], index) => [title, text.replace("_", `_${index}`)] as const);
    const failed = Object.keys(failures(code));
    const stricter = failed.filter((title) => title.startsWith("H ") && !failed.includes(title.replace("H ", "O ")));
    const expected = deliberate.readonly.filter((member) => official.has(member.split(".")[0] ?? ""));
    expect(stricter.map((title) => title.slice(2)).sort()).toEqual(expected.sort());
  });

  test("what the client gives fits where the official type is named", () => {
    const failed = failures(
      typed.map(([name]) => [name, `export const ${name} = (value: H.${sample(name)}): O.${sample(name)} => value;`]),
    );
    const expected = Object.keys(deliberate.toOfficial).filter((name) => official.has(name));
    expect(failed).toEqual(Object.fromEntries(expected.map((name) => [name, expect.any(String)])));
  });

  test("what applications give fits where hubwire's type is named", () => {
    const names = typed.map(([name]) => name).filter((name) => given.includes(name));
    const failed = failures(
      names.map((name) => [name, `export const ${name} = (value: O.${sample(name)}): H.${sample(name)} => value;`]),
      pedantic,
    );
    expect(failed).toEqual({});
  });

  test("classes are constructed with the same arguments, and extended", () => {
    const constructed = typed.filter(
      ([name, { isClass }]) => isClass && !["HubConnection", "NullLogger"].includes(name),
    );
    const code = constructed.flatMap(([name, { typeParameters }]) => {
      const parameters = typeParameters > 0 ? "<number>" : "";
      return [
        [`typeof ${name}`, `export const ${name}: ${name === "HttpClient" ? "abstract " : ""}new (...args: ConstructorParameters<typeof O.${name}>) => O.${name}${parameters} = H.${name};`],
        [`extends ${name}`, `export ${name === "HttpClient" ? "abstract " : ""}class Own${name} extends H.${name}${parameters} {}`],
      ] as const;
    }); // prettier-ignore
    expect(failures(code)).toEqual({});
  });
});

test("values of the official packages can be given to hubwire's client", () => {
  const code = `
    import * as O from "@microsoft/signalr"; import * as H from "hubwire";
    import { MessagePackHubProtocol } from "@microsoft/signalr-protocol-msgpack";
    const builder = new H.HubConnectionBuilder()
      .withUrl("/hub", { httpClient: new O.DefaultHttpClient(O.NullLogger.instance), transport: O.HttpTransportType.WebSockets, logger: O.LogLevel.Error })
      .withUrl("/hub", O.HttpTransportType.LongPolling)
      .withHubProtocol(new O.JsonHubProtocol()).withHubProtocol(new MessagePackHubProtocol())
      .configureLogging(O.NullLogger.instance).configureLogging(O.LogLevel.None)
      .withAutomaticReconnect({ nextRetryDelayInMilliseconds: (context: O.RetryContext) => context.previousRetryCount });
    const connection = builder.build();
    export const state: boolean = connection.state === H.HubConnectionState.Connected;
    void connection.invoke("Upload", new O.Subject<number>());
    const subscriber: O.IStreamSubscriber<number> = { next: () => {}, error: () => {}, complete: () => {} };
    export const subscription: O.ISubscription<number> = connection.stream<number>("Count").subscribe(subscriber);
  `;
  expect([...complaintsAbout(code, pedantic)]).toEqual([]);
});

test("code of applications compiles", () => {
  const code = `
    import * as signalR from "hubwire";
    class OwnLogger implements signalR.ILogger { log(level: signalR.LogLevel, message: string) { void [level, message]; } }
    class OwnPolicy implements signalR.IRetryPolicy {
      nextRetryDelayInMilliseconds({ elapsedMilliseconds }: signalR.RetryContext): number | null { return elapsedMilliseconds < 1 ? 0 : null; }
    }
    class OwnClient extends signalR.HttpClient {
      send(request: signalR.HttpRequest): Promise<signalR.HttpResponse> {
        const { abortSignal } = request;
        if (abortSignal) { abortSignal.onabort = () => {}; stop(abortSignal); }
        return Promise.resolve(new signalR.HttpResponse(200, "OK", ""));
      }
    }
    function stop(signal: signalR.AbortSignal): void { signal.onabort?.(); }
    class OwnProtocol implements signalR.IHubProtocol {
      readonly name = "own"; readonly version = 1; readonly transferFormat = signalR.TransferFormat.Text;
      parseMessages(_input: string | ArrayBuffer, _logger: signalR.ILogger): signalR.HubMessage[] { return []; }
      writeMessage(message: signalR.HubMessage): string {
        return message.type === signalR.MessageType.Invocation ? message.arguments[0].text : "";
      }
    }
    class OwnJson extends signalR.JsonHubProtocol {
      readonly name = "own-json";
      parseMessages(input: string, logger: signalR.ILogger): signalR.HubMessage[] { return super.parseMessages(input, logger); }
    }
    class OwnStream implements signalR.IStreamResult<number> {
      subscribe(subscriber: signalR.IStreamSubscriber<number>): signalR.ISubscription<number> { subscriber.next(1); return { dispose() {} }; }
    }
    class OwnTransport implements signalR.ITransport {
      onreceive: ((data: string | ArrayBuffer) => void) | null = null;
      onclose: ((error?: Error) => void) | null = null;
      async connect(_url: string, _format: signalR.TransferFormat): Promise<void> {}
      async send(data: any): Promise<void> { void data; }
      async stop(): Promise<void> {}
    }
    const options: signalR.IHttpConnectionOptions = { httpClient: new OwnClient(), transport: new OwnTransport(), accessTokenFactory: async () => "" };
    const connection: signalR.HubConnection = new signalR.HubConnectionBuilder().withUrl("/hub", options)
      .withHubProtocol(new OwnProtocol()).withHubProtocol(new OwnJson()).withAutomaticReconnect(new OwnPolicy()).configureLogging(new OwnLogger()).build();
    let text: string = "";
    let subscription: signalR.ISubscription<any> = connection.stream("Count").subscribe({ next: (item) => { text = item; }, error: (error) => { text = error; }, complete: () => {} });
    subscription = new OwnStream().subscribe({ next() {}, error: (error) => { text = error.message; }, complete() {} });
    const upload: signalR.Subject<string> = new signalR.Subject();
    connection.on("Told", (user: string, count: number) => { text = user + count; });
    connection.onclose(async (error) => { text = error ? error.message : ""; });
    connection.onreconnected((connectionId?: string) => { text = connectionId ?? ""; });
    const handler = (...args: any[]) => { text = args[0]; };
    connection.on("Any", handler); connection.off("Any", handler); connection.off("Any");
    export const answer: Promise<number> = connection.invoke<number>("Add", 1, upload);
    export const any: Promise<any> = connection.invoke("Add");
    export { subscription, text };
  `;
  expect([...complaintsAbout(code)]).toEqual([]);
});

test("what differs on purpose is in the documentation", () => {
  const page = readFileSync(join(__dirname, "../../docs/migrating.md"), "utf8");
  const names = [...Object.keys(deliberate.toOfficial), ...deliberate.readonly, ...deliberate.typed];
  expect(names.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
});
