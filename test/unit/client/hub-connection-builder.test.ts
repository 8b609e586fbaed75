/** The builder: what each method accepts, refuses and passes on. */
import { InvalidArgumentError, InvalidStateError } from "../../../src/errors/call-errors.js";
import type { LogLevel } from "../../../src/logging/log-level.js";
import { HubConnectionState } from "../../../src/client/states.js";
import { HttpTransportType } from "../../../src/transports/transport.js";
import { HubConnectionBuilder, type IHubProtocol, JsonHubProtocol, type ILogger } from "../../../src/index.js";
import { MemoryHub } from "./memory-hub.js";

const url = "http://hub/chat";

/** Passes something that the types forbid, as JavaScript does. */
const untyped = (value: unknown): never => value as never;

describe("withUrl", () => {
  it.each([undefined, null, "", "  ", 5])("refuses %p", (wrong) => {
    expect(() => new HubConnectionBuilder().withUrl(untyped(wrong))).toThrow(InvalidArgumentError);
  });

  it.each(["/chat", "ftp://hub/chat", "hub"])("refuses %p at build(), because this runtime cannot use it", (wrong) => {
    expect(() => new HubConnectionBuilder().withUrl(wrong).build()).toThrow(InvalidArgumentError);
  });

  it("must have been called before build()", () => {
    expect(() => new HubConnectionBuilder().build()).toThrow(InvalidStateError);
  });

  it("takes transports in the place of options", async () => {
    const hub = new MemoryHub();
    const connection = hub.builder().withUrl(url, HttpTransportType.LongPolling).build();
    await expect(connection.start()).rejects.toMatchObject({ attempts: [{ code: "transport-skipped" }] });
  });

  it("merges the options of several calls and leaves the user's objects alone", async () => {
    const hub = new MemoryHub();
    const first = Object.freeze({ headers: Object.freeze({ a: "1" }), accessTokenFactory: () => "t" });
    const second = Object.freeze({ headers: Object.freeze({ b: "2" }) });
    const connection = hub.builder().withUrl("http://other/hub", first).withUrl(url, second).build();
    await connection.start();
    expect(hub.socket.target.url).toMatch(/^ws:\/\/hub\/chat\?/);
    expect(hub.socket.target.headers).toMatchObject({ b: "2", Authorization: "Bearer t" });
    expect(hub.socket.target.headers).not.toHaveProperty("a");
    await connection.stop();
  });

  it("refuses wrong options at build()", () => {
    const builder = new HubConnectionBuilder().withUrl(url, { withCredentials: untyped("yes") });
    expect(() => builder.build()).toThrow(InvalidArgumentError);
  });

  it("needs WebSockets and nothing else for skipNegotiation", async () => {
    const hub = new MemoryHub();
    await expect(hub.builder({ skipNegotiation: true }).build().start()).rejects.toThrow(InvalidArgumentError);
    const transport = HttpTransportType.WebSockets;
    const connection = hub.builder({ skipNegotiation: true, transport }).build();
    await connection.start();
    expect(hub.negotiations).toBe(0);
    expect(connection.connectionId).toBeNull();
    expect(hub.socket.target.url).toBe("ws://hub/chat");
    await connection.stop();
  });
});

describe("configureLogging", () => {
  it.each([undefined, null, "loud", {}, true])("refuses %p", (wrong) => {
    expect(() => new HubConnectionBuilder().configureLogging(untyped(wrong))).toThrow(InvalidArgumentError);
  });

  it.each(["trace", "DEBUG", "Info", "information", "warn", "warning", "error", "critical", "none"])(
    "takes the name %p",
    (name) => {
      const builder = new HubConnectionBuilder();
      expect(builder.configureLogging(name)).toBe(builder);
    },
  );

  it("sends everything to the logger, that of the connection included", async () => {
    const logged: [LogLevel, string][] = [];
    const logger: ILogger = { log: (level, message) => void logged.push([level, message]) };
    const hub = new MemoryHub();
    const connection = hub.builder().configureLogging(logger).build();
    await connection.start();
    hub.socket.receiveText('{"type":1,"target":"Nobody","arguments":[]}\u001e');
    await connection.stop();
    const text = logged.map(([, message]) => message).join("\n");
    expect(text).toContain("Connected to http://hub/chat");
    expect(text).toContain("Nobody");
    expect(hub.logged).toEqual([]);
  });

  it("is silent below warnings when it was not called", async () => {
    const spies = (["log", "info", "warn", "error"] as const).map((method) => {
      return jest.spyOn(console, method).mockImplementation(() => undefined);
    });
    try {
      const hub = new MemoryHub();
      const connection = hub.plainBuilder().withUrl(url).build();
      await connection.start();
      expect(spies.flatMap((spy) => spy.mock.calls)).toEqual([]);
      hub.socket.receiveText('{"type":1,"target":"Nobody","arguments":[]}\u001e');
      expect(spies[2]?.mock.calls).toHaveLength(1);
      await connection.stop();
    } finally {
      for (const spy of spies) spy.mockRestore();
    }
  });
});

describe("withHubProtocol", () => {
  it.each([undefined, null, {}, { name: "x" }])("refuses %p", (wrong) => {
    expect(() => new HubConnectionBuilder().withHubProtocol(untyped(wrong))).toThrow(InvalidArgumentError);
  });

  it("takes a protocol of the official shape", async () => {
    const json = new JsonHubProtocol();
    const custom: IHubProtocol = {
      name: "shouting",
      version: 1,
      transferFormat: json.transferFormat,
      parseMessages: (input, logger) => json.parseMessages(input, logger),
      writeMessage: (message) => json.writeMessage(message),
    };
    const hub = new MemoryHub();
    const connection = hub.builder().withHubProtocol(custom).build();
    await connection.start();
    expect(hub.socket.sent[0]).toBe('{"protocol":"shouting","version":1}\u001e');
    const answer = connection.invoke("M", 1);
    await hub.clock.settle();
    hub.socket.receiveText('{"type":3,"invocationId":"0","result":"yes"}\u001e');
    await expect(answer).resolves.toBe("yes");
    await connection.stop();
  });

  // Nothing of the application's asked for these messages, so nobody could catch what they throw.
  it.each([6, 7])("survives one that fails to write a message of type %p", async (type) => {
    const json = new JsonHubProtocol();
    const hub = new MemoryHub();
    const connection = hub
      .builder()
      .withHubProtocol({
        name: "json",
        version: 1,
        transferFormat: json.transferFormat,
        parseMessages: (input, logger) => json.parseMessages(input, logger),
        writeMessage(message) {
          if (message.type === type) throw new Error("cannot write that");
          return json.writeMessage(message);
        },
      })
      .build();
    const closed = jest.fn();
    connection.onclose(closed);
    await connection.start();
    await hub.clock.advanceAsync(16_000);
    await connection.stop();
    expect(hub.logged.join("\n")).toContain("cannot write that");
    expect(connection.state).toBe(HubConnectionState.Disconnected);
    expect(closed).toHaveBeenCalledTimes(1);
    await hub.clock.settle();
    expect(hub.clock.pendingTimers).toBe(0);
    expect(hub.socket.isOpen).toBe(false);
  });
});

describe("withAutomaticReconnect", () => {
  it("may be called once", () => {
    const builder = new HubConnectionBuilder().withAutomaticReconnect();
    expect(() => builder.withAutomaticReconnect([1])).toThrow(InvalidStateError);
    const empty = new HubConnectionBuilder().withAutomaticReconnect([]);
    expect(() => empty.withAutomaticReconnect()).toThrow(InvalidStateError);
  });

  it.each([[[-1]], [[NaN]], [["1"]], ["soon"], [5], [{ nextRetryDelay: () => 5 }], [true]])("refuses %p", (wrong) => {
    expect(() => new HubConnectionBuilder().withAutomaticReconnect(untyped(wrong))).toThrow(InvalidArgumentError);
  });

  it.each([[undefined], [null]])("waits 0, 2, 10 and 30 s when it is given %p", async (none) => {
    const hub = new MemoryHub();
    const connection = hub.builder().withAutomaticReconnect(untyped(none)).build();
    await connection.start();
    const lostAt = hub.clock.now();
    const attempts: number[] = [];
    const { negotiate } = hub;
    hub.negotiate = (n) => {
      attempts.push(hub.clock.now() - lostAt);
      return Promise.reject(new Error(String(n)));
    };
    hub.socket.drop();
    await hub.clock.advanceAsync(60_000);
    expect(attempts).toEqual([0, 2_000, 12_000, 42_000]);
    expect(connection.state).toBe(HubConnectionState.Disconnected);
    hub.negotiate = negotiate;
  });

  it("does not notice when the list is changed later", async () => {
    const hub = new MemoryHub();
    const delays = [5];
    const connection = hub.builder().withAutomaticReconnect(delays).build();
    delays.length = 0;
    await connection.start();
    hub.socket.drop();
    expect(connection.state).toBe(HubConnectionState.Reconnecting);
    await connection.stop();
  });
});

describe.each([
  ["withServerTimeout", "serverTimeoutInMilliseconds", 30_000],
  ["withKeepAliveInterval", "keepAliveIntervalInMilliseconds", 15_000],
] as const)("%s", (method, property, byDefault) => {
  it("sets the property of the connection", () => {
    expect(new HubConnectionBuilder().withUrl(url).build()[property]).toBe(byDefault);
    expect(new HubConnectionBuilder().withUrl(url)[method](7).build()[property]).toBe(7);
  });

  it.each([undefined, null, 0, -1, NaN, "5"])("refuses %p", (wrong) => {
    expect(() => new HubConnectionBuilder()[method](untyped(wrong))).toThrow(InvalidArgumentError);
  });
});

describe("withHandshakeTimeout", () => {
  it("is 15 s by default", async () => {
    const hub = new MemoryHub();
    hub.handshake = () => undefined;
    const starting = hub
      .builder()
      .build()
      .start()
      .catch((thrown: unknown) => thrown);
    await hub.clock.advanceAsync(14_999);
    expect(hub.socket.isOpen).toBe(true);
    await hub.clock.advanceAsync(1);
    expect(await starting).toMatchObject({ code: "handshake-timeout" });
  });

  it.each([undefined, 0, -1, NaN])("refuses %p", (wrong) => {
    expect(() => new HubConnectionBuilder().withHandshakeTimeout(untyped(wrong))).toThrow(InvalidArgumentError);
  });
});

describe("build", () => {
  it("makes a connection of its own each time, in the state Disconnected", async () => {
    const hub = new MemoryHub();
    const builder = hub.builder();
    const [first, second] = [builder.build(), builder.build()];
    expect(first.state).toBe(HubConnectionState.Disconnected);
    await first.start();
    expect(second.state).toBe(HubConnectionState.Disconnected);
    await first.stop();
  });
});
