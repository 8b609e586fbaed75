/** Stateful reconnect on the client: when the server is asked for it, and what the options may be. */
import type { PlatformHubConnectionBuilder } from "../../../src/client/hub-connection-builder.js";
import { HubConnectionState } from "../../../src/client/states.js";
import { InvalidArgumentError } from "../../../src/errors/call-errors.js";
import {
  HttpTransportType,
  HubConnectionBuilder,
  JsonHubProtocol,
  type IHubProtocol,
  type StatefulReconnectOptions,
} from "../../../src/index.js";
import { MemoryHub } from "./memory-hub.js";

const { Connected, Reconnecting } = HubConnectionState;
const url = "http://hub/chat";

/** A hub that says yes to whoever asks. */
function willingHub(): MemoryHub {
  const hub = new MemoryHub();
  const plain = hub.negotiate;
  hub.negotiate = (n) => {
    const isAsked = hub.negotiated.at(-1)?.includes("useStatefulReconnect=true");
    return { ...(plain(n) as object), ...(isAsked && { useStatefulReconnect: true }) };
  };
  return hub;
}

async function start(hub: MemoryHub, configure: (builder: PlatformHubConnectionBuilder) => unknown) {
  const builder = hub.builder().withAutomaticReconnect();
  configure(builder);
  const connection = builder.build();
  await connection.start();
  return connection;
}

const isAsked = (hub: MemoryHub) => hub.negotiated[0]?.includes("useStatefulReconnect");

describe("withStatefulReconnect", () => {
  it.each<StatefulReconnectOptions>([
    { bufferSize: 0 },
    { bufferSize: NaN },
    { bufferSize: "1" as never },
    { resumeTimeout: -1 },
    { resumeTimeout: Infinity },
  ])("refuses %p", (options) => {
    expect(() => new HubConnectionBuilder().withStatefulReconnect(options)).toThrow(InvalidArgumentError);
  });

  it("may come before or after withUrl, and returns the builder", async () => {
    const before = willingHub();
    before.plainBuilder().withStatefulReconnect({}).withUrl(url);
    const connection = before.plainBuilder().withStatefulReconnect().withUrl(url).build();
    await connection.start();
    const after = willingHub();
    await start(after, (builder) => builder.withStatefulReconnect({ bufferSize: undefined as never }));
    expect([before, after].map(isAsked)).toEqual([true, true]);
  });

  it("lets senders wait when as much as its buffer holds is not acknowledged", async () => {
    const hub = willingHub();
    const connection = await start(hub, (builder) => builder.withStatefulReconnect({ bufferSize: 1_000 }));
    await connection.send("Small");
    let isOver = false;
    const sent = connection.send("Large", "x".repeat(1_000)).then(() => (isOver = true));
    await hub.clock.settle();
    expect(isOver).toBe(false);
    hub.socket.receive({ type: 8, sequenceId: 2 });
    await sent;
    await connection.stop();
  });
});

describe("asking for it", () => {
  it("is done in the negotiation; the grant makes the handshake version 2", async () => {
    const hub = willingHub();
    await start(hub, (builder) => builder.withStatefulReconnect());
    expect(hub.negotiated).toEqual([`${url}/negotiate?negotiateVersion=1&useStatefulReconnect=true`]);
    expect(hub.socket.sent[0]).toContain('"version":2');
  });

  it("may be in vain: the connection is an ordinary one", async () => {
    const hub = new MemoryHub();
    const connection = await start(hub, (builder) => builder.withStatefulReconnect());
    expect(isAsked(hub)).toBe(true);
    expect(hub.socket.sent[0]).toContain('"version":1');
    hub.socket.drop();
    expect(connection.state).toBe(Reconnecting);
    await connection.stop();
  });

  it.each<[string, (builder: PlatformHubConnectionBuilder) => unknown]>([
    ["nobody wants it", () => undefined],
    [
      "WebSockets are not negotiated",
      (builder) =>
        builder
          .withStatefulReconnect()
          .withUrl(url, { skipNegotiation: true, transport: HttpTransportType.WebSockets }),
    ],
    ["the URL says no", (builder) => builder.withStatefulReconnect().withUrl(`${url}?useStatefulReconnect=false`)],
    [
      "the encoding does not know the messages",
      (builder) => builder.withStatefulReconnect().withHubProtocol(oldJson()),
    ],
  ])("is not done when %s", async (_when, configure) => {
    const hub = willingHub();
    const connection = await start(hub, configure);
    expect(hub.negotiated.join()).not.toContain("useStatefulReconnect=true");
    expect(hub.socket.sent[0]).toContain('"version":1');
    hub.socket.drop();
    expect(connection.state).toBe(Reconnecting);
    await connection.stop();
  });

  it.each([
    ["WebSockets are not allowed", { transport: HttpTransportType.ServerSentEvents | HttpTransportType.LongPolling }],
    ["the transport is the user's own", { transport: silentTransport() }],
  ])("is not done when %s", async (_when, options) => {
    const hub = willingHub();
    const connection = hub.builder(options).withStatefulReconnect().build();
    const starting = connection.start().catch(() => undefined);
    await hub.clock.settle();
    expect(isAsked(hub)).toBe(false);
    await connection.stop();
    await starting;
  });

  it("can be done by the URL alone", async () => {
    const hub = willingHub();
    const connection = await start(hub, (builder) => builder.withUrl(`${url}?useStatefulReconnect=true`));
    expect(hub.negotiated).toEqual([`${url}/negotiate?useStatefulReconnect=true&negotiateVersion=1`]);
    hub.socket.drop();
    expect(connection.state).toBe(Connected);
    await connection.stop();
  });
});

/** An encoding as it was before version 2. */
function oldJson(): IHubProtocol {
  const json = new JsonHubProtocol();
  return {
    name: json.name,
    version: 1,
    transferFormat: json.transferFormat,
    parseMessages: (input, logger) => json.parseMessages(input, logger),
    writeMessage: (message) => json.writeMessage(message),
  };
}

function silentTransport() {
  return {
    connect: () => Promise.resolve(),
    send: () => Promise.resolve(),
    stop: () => Promise.resolve(),
    onreceive: null,
    onclose: null,
  };
}
