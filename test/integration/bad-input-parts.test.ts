/** Objects that a user brings, of the right shape and with the wrong behaviour: what comes of it has a name, and mended they work. */
import {
  DefaultHttpClient,
  HttpClient,
  HubwireError,
  JsonHubProtocol,
  LogLevel,
  MessageType,
  type HttpRequest,
  type HttpResponse,
  type HubMessage,
  type IHubProtocol,
  type ITransport,
} from "../../src/index.js";
import { TcpProxy } from "../support/tcp-proxy.js";
import { HubSite } from "./hub-site.js";
import { RoomHub, RoomState } from "./room-hub.js";
import { failureOf, nextCall } from "../support/witness.js";

const running = HubSite.forTests({
  map: (hubs) => hubs.mapHub("/hub", RoomHub, { createHub: () => new RoomHub(new RoomState()) }),
});

function fail(thrown: unknown): never {
  throw thrown;
}

const failures: readonly (readonly [string, () => unknown])[] = [
  ["throws", () => fail(new Error("broken"))],
  ["throws nothing", () => fail(undefined)],
  ["rejects with a text", () => Promise.reject("broken")],
  ["gives nothing", () => undefined],
  ["gives a number", () => Promise.resolve(5)],
  ["gives an empty object", () => Promise.resolve({})],
  ["never settles", () => new Promise(() => undefined)],
];

/** How long to wait for what may be faulty: what never settles has to be given up, and all else may take its time on a busy machine. */
function patienceWith(fault: string): number {
  return fault === "never settles" ? 2_000 : 15_000;
}

describe("an HTTP client", () => {
  class Faulty extends HttpClient {
    readonly #good = new DefaultHttpClient();
    fault: (() => unknown) | undefined;

    override send(request: HttpRequest): Promise<HttpResponse> {
      return this.fault ? (this.fault() as Promise<HttpResponse>) : this.#good.send(request);
    }
  }

  test.each(failures)("whose send %s", async (what, fault) => {
    const httpClient = new Faulty();
    const connectTimeout = patienceWith(what);
    const connection = running.site.build(running.site.builder("/hub", { httpClient, connectTimeout }));
    httpClient.fault = fault;
    expect(await failureOf(connection.start())).toBeInstanceOf(HubwireError);
    httpClient.fault = undefined;
    await connection.start();
    await expect(connection.invoke("Add", 20, 22)).resolves.toBe(42);
  });
});

describe("a transport", () => {
  class Faulty implements ITransport {
    onreceive: ITransport["onreceive"] = null;
    onclose: ITransport["onclose"] = null;
    fault: (() => unknown) | undefined;
    sendFault: (() => unknown) | undefined;
    stopFault: (() => unknown) | undefined;

    connect(): Promise<void> {
      return this.fault ? (this.fault() as Promise<void>) : Promise.resolve();
    }
    send(data: string): Promise<void> {
      if (this.sendFault) return this.sendFault() as Promise<void>;
      for (const record of data.split("\u001e").slice(0, -1)) {
        const { type, invocationId, protocol } = JSON.parse(record) as Record<string, unknown>;
        const answer = protocol ? {} : { type: MessageType.Completion, invocationId, result: 42 };
        if (protocol ?? type === 1) queueMicrotask(() => this.onreceive?.(`${JSON.stringify(answer)}\u001e`));
      }
      return Promise.resolve();
    }
    stop(): Promise<void> {
      return this.stopFault ? (this.stopFault() as Promise<void>) : Promise.resolve();
    }
  }

  const build = (transport: ITransport, connectTimeout = 15_000) =>
    running.site.build(running.site.builder("/hub", { transport, connectTimeout }).withHandshakeTimeout(15_000));

  test.each(failures.filter(([what]) => /throws|rejects|never/.test(what)))("whose connect %s", async (what, fault) => {
    const transport = new Faulty();
    const connection = build(transport, patienceWith(what));
    transport.fault = fault;
    expect(await failureOf(connection.start())).toBeInstanceOf(Error);
    transport.fault = undefined;
    await connection.start();
    await expect(connection.invoke("Add", 20, 22)).resolves.toBe(42);
  });

  test("whose methods give no promise works all the same", async () => {
    const transport = new Faulty();
    transport.fault = transport.stopFault = () => undefined;
    const connection = build(transport);
    await connection.start();
    await expect(connection.invoke("Add", 20, 22)).resolves.toBe(42);
    await connection.stop();
  });

  test.each(failures.filter(([what]) => /throws|rejects/.test(what)))("whose send %s", async (_what, fault) => {
    const transport = new Faulty();
    const connection = build(transport);
    transport.sendFault = fault;
    expect(await failureOf(connection.start())).toBeInstanceOf(Error);
    transport.sendFault = undefined;
    await connection.start();
    transport.sendFault = fault;
    expect(await failureOf(connection.invoke("Add", 1, 1))).toBeInstanceOf(Error);
    transport.sendFault = undefined;
    await expect(connection.invoke("Add", 20, 22)).resolves.toBe(42);
  });

  test.each(failures.filter(([what]) => /throws|rejects/.test(what)))("whose stop %s", async (_what, fault) => {
    const transport = new Faulty();
    const connection = build(transport);
    transport.stopFault = fault;
    await connection.start();
    await connection.stop();
    await connection.start();
    await expect(connection.invoke("Add", 20, 22)).resolves.toBe(42);
  });
});

describe("an encoding", () => {
  class Faulty implements IHubProtocol {
    readonly #good = new JsonHubProtocol();
    readonly name = "json";
    readonly version = 1;
    readonly transferFormat = this.#good.transferFormat;
    writeFault: (() => unknown) | undefined;
    readFault: (() => unknown) | undefined;

    parseMessages(input: string): HubMessage[] {
      return this.readFault ? (this.readFault() as HubMessage[]) : this.#good.parseMessages(input, null);
    }
    writeMessage(message: HubMessage): string {
      return this.writeFault ? (this.writeFault() as string) : this.#good.writeMessage(message);
    }
  }

  test.each<[string, () => unknown]>([
    ["throws", () => fail(new Error("broken"))],
    ["throws nothing", () => fail(undefined)],
    ["gives nothing", () => undefined],
    ["gives null", () => null],
    ["gives a number", () => 5],
    ["gives a promise", () => Promise.resolve("")],
  ])("whose writeMessage %s fails the call", async (_what, fault) => {
    const protocol = new Faulty();
    const connection = await running.site.connect(running.site.builder().withHubProtocol(protocol));
    protocol.writeFault = fault;
    expect(await failureOf(connection.invoke("Add", 1, 1))).toMatchObject({ code: "not-serializable" });
    expect(await failureOf(connection.send("Nothing"))).toMatchObject({ code: "not-serializable" });
    protocol.writeFault = undefined;
    await expect(connection.invoke("Add", 20, 22)).resolves.toBe(42);
  });

  test.each<[string, () => unknown]>([
    ["throws", () => fail(new Error("broken"))],
    ["throws nothing", () => fail(undefined)],
    ["gives nothing", () => undefined],
    ["gives a number", () => 5],
    ["gives nothing in a list", () => [null]],
  ])("whose parseMessages %s ends the connection", async (_what, fault) => {
    const protocol = new Faulty();
    const connection = await running.site.connect(running.site.builder().withHubProtocol(protocol));
    const closed = nextCall((callback) => connection.onclose(callback));
    protocol.readFault = fault;
    expect(await failureOf(connection.invoke("Add", 1, 1))).toBeInstanceOf(HubwireError);
    expect(await closed).toMatchObject({ code: "protocol-error" });
    protocol.readFault = undefined;
    await connection.start();
    await expect(connection.invoke("Add", 20, 22)).resolves.toBe(42);
  });
});

describe("a logger", () => {
  test.each(["log", "isEnabled"])("whose %s throws changes nothing", async (method) => {
    const logger = { log: () => undefined, isEnabled: () => true, [method]: () => fail(new Error("broken")) };
    const connection = await running.site.connect(running.site.builder("/hub", { logger }));
    await expect(connection.invoke("Add", 20, 22)).resolves.toBe(42);
  });
});

describe("a retry policy", () => {
  test.each<[string, () => unknown]>([
    ["throws", () => fail(new Error("broken"))],
    ["gives nothing", () => undefined],
    ["gives NaN", () => NaN],
    ["gives less than nothing", () => -1],
    ["gives a text", () => "1000"],
  ])("that %s gives up, and the log says why", async (_what, answer) => {
    const lines: string[] = [];
    const logger = { log: (level: LogLevel, line: string) => void (level === LogLevel.Error && lines.push(line)) };
    const policy = { nextRetryDelayInMilliseconds: answer as () => number };
    const proxy = await TcpProxy.start(running.site.url);
    const builder = running.site.builder("/hub", { logger }).withUrl(`${proxy.url}/hub`).withAutomaticReconnect(policy);
    const connection = await running.site.connect(builder);
    const closed = nextCall((callback) => connection.onclose(callback));
    proxy.strike("reset");
    expect(await closed).toMatchObject({ code: "connection-lost" });
    expect(lines.join()).toContain("The retry policy ");
    await connection.start();
    await expect(connection.invoke("Add", 20, 22)).resolves.toBe(42);
    await connection.stop();
    await proxy.stop();
  });
});
