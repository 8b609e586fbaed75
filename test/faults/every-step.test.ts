/**
 * `stop()`, the start's signal, a second `start()` and the timeouts at every step that a client awaits while it connects, for the first
 * time and again: everything settles, nothing is left, and the connection can be used afterwards. {@link STEPS} names the places in
 * src where each step is awaited. The steps of resuming are in `every-resume-step`.
 */
import { HttpTransportType } from "../../src/index.js";
import { GatedHub, lookUpGatedHubs, type Script } from "./gated-hub.js";
import { outcomeOf, timersLeft } from "./faulty-hub.js";
import { ABORTED, expectUsable, inTime, NOT_NOW, STOP_MS } from "./settling.js";

type TransportName = "WebSockets" | "ServerSentEvents" | "LongPolling";

/** A step, and the code that awaits it. */
interface Step extends Script {
  readonly awaited: string;
  /** The transports that have it. Default: all. */
  readonly of?: readonly TransportName[];
  /** Whether WebSockets are tried first. */
  readonly fallsBack?: true;
  /** Which timeout bounds it. Default: that of connecting. */
  readonly timeout?: "handshake-timeout";
  /** Whether the start fails by itself in the end. */
  readonly fails?: true;
}

const ALL: readonly TransportName[] = ["WebSockets", "ServerSentEvents", "LongPolling"];
const POSTING: readonly TransportName[] = ["ServerSentEvents", "LongPolling"];
const [UNAUTHORIZED, BAD_REQUEST] = [401, 400];

/** In the order in which they come. */
const STEPS: Readonly<Record<string, Step>> = {
  "the token for the negotiation": {
    awaited: "client/negotiator: token.renew",
    holds: [{ at: "token" }],
  },
  "the address of the host": {
    awaited: "platform/node/http-exchange: exchange, before there is a connection",
    holds: [{ at: "lookup" }],
  },
  "the negotiate request": {
    awaited: "client/negotiator: sendRequest",
    holds: [{ at: "negotiate" }],
  },
  "the rest of the negotiate answer": {
    awaited: "platform/node/http-exchange: readWhole",
    holds: [{ at: "negotiate", behindWrites: 1 }],
  },
  "the token after a 401 to the negotiation": {
    awaited: "http/access-token: authorized, token.renew",
    refusals: [{ at: "negotiate", status: UNAUTHORIZED }],
    holds: [{ at: "token", nth: 2 }],
  },
  "the negotiate request after a 401": {
    awaited: "http/access-token: authorized, send",
    refusals: [{ at: "negotiate", status: UNAUTHORIZED }],
    holds: [{ at: "negotiate", nth: 2 }],
  },
  "the token after a redirect": {
    awaited: "client/negotiator: token.renew, in the second round",
    redirects: true,
    holds: [{ at: "token", nth: 2 }],
  },
  "the negotiate request after a redirect": {
    awaited: "client/negotiator: sendRequest, in the second round",
    redirects: true,
    holds: [{ at: "negotiate", nth: 2 }],
  },
  "the negotiate request for the next transport": {
    of: POSTING,
    fallsBack: true,
    awaited: "client/transport-selector: negotiate",
    refusals: [{ at: "upgrade", status: BAD_REQUEST }],
    holds: [{ at: "negotiate", nth: 2 }],
  },
  "the token for the WebSocket": {
    of: ["WebSockets"],
    awaited: "transports/websocket: token.renew",
    holds: [{ at: "token", nth: 2 }],
  },
  "the upgrade": {
    of: ["WebSockets"],
    awaited: "transports/websocket: connect",
    holds: [{ at: "upgrade" }],
  },
  "the token after a 401 to the upgrade": {
    of: ["WebSockets"],
    awaited: "http/access-token: authorized, token.renew",
    refusals: [{ at: "upgrade", status: UNAUTHORIZED }],
    holds: [{ at: "token", nth: 3 }],
  },
  "the upgrade after a 401": {
    of: ["WebSockets"],
    awaited: "http/access-token: authorized, send",
    refusals: [{ at: "upgrade", status: UNAUTHORIZED }],
    holds: [{ at: "upgrade", nth: 2 }],
  },
  "the head of the stream": {
    of: ["ServerSentEvents"],
    awaited: "transports/server-sent-events: openEvents",
    holds: [{ at: "stream" }],
  },
  "the first bytes of the stream": {
    of: ["ServerSentEvents"],
    awaited: "platform/node/response-stream: readStream",
    holds: [{ at: "stream", behindWrites: 0 }],
  },
  "the token after a 401 to the stream": {
    of: ["ServerSentEvents"],
    awaited: "http/access-token: authorized, token.renew",
    refusals: [{ at: "stream", status: UNAUTHORIZED }],
    holds: [{ at: "token", nth: 2 }],
  },
  "the first poll": {
    of: ["LongPolling"],
    awaited: "transports/long-polling: poll",
    holds: [{ at: "poll" }],
  },
  "the token after a 401 to the first poll": {
    of: ["LongPolling"],
    awaited: "http/access-token: authorized, token.renew",
    refusals: [{ at: "poll", status: UNAUTHORIZED }],
    holds: [{ at: "token", nth: 2 }],
  },
  "the request with the handshake": {
    of: POSTING,
    awaited: "client/client-handshake: delivered",
    timeout: "handshake-timeout",
    holds: [{ at: "post" }],
  },
  "the token after a 401 to the handshake": {
    of: POSTING,
    awaited: "http/access-token: authorized, token.renew",
    timeout: "handshake-timeout",
    refusals: [{ at: "post", status: UNAUTHORIZED }],
    holds: [{ at: "token", nth: 2 }],
  },
  "the server's last word on a handshake that it refused": {
    of: POSTING,
    awaited: "transports/post-connection: pause",
    timeout: "handshake-timeout",
    fails: true,
    refusals: [{ at: "post", status: BAD_REQUEST, isLast: true }],
  },
  "the answer to the handshake": {
    awaited: "client/client-handshake: answered",
    timeout: "handshake-timeout",
    holds: [
      { at: "upgrade", behindWrites: 1 },
      { at: "stream", behindWrites: 1 },
      { at: "poll", nth: 2 },
    ],
  },
  "the goodbye of a start that was given up": {
    of: ["LongPolling"],
    awaited: "client/client-session: openSession, connection.close",
    timeout: "handshake-timeout",
    holds: [{ at: "poll", nth: 2 }, { at: "delete" }],
  },
};

/** Timeouts of connections that are not meant to reach them, and of those that are. */
const [PATIENT_MS, SHORT_MS] = [60_000, 250];
const LONG_MS = 60_000;

lookUpGatedHubs();
afterAll(() => GatedHub.stopAll());

/** @param short Which timeout is to be reached; without it none is. */
function open(transport: TransportName, step: Step, short?: Step["timeout"] | "connect-timeout"): Promise<GatedHub> {
  const flags = HttpTransportType[transport] | (step.fallsBack ? HttpTransportType.WebSockets : 0);
  const connectTimeout = short === "connect-timeout" ? SHORT_MS : PATIENT_MS;
  return GatedHub.start({ transport: flags, connectTimeout }, (builder) => {
    builder
      .withHandshakeTimeout(short === "handshake-timeout" ? SHORT_MS : PATIENT_MS)
      .withAutomaticReconnect({ nextRetryDelayInMilliseconds: () => 0 });
  });
}

/** A step that ends by itself may be over when the test gets to it. */
function expectState({ connection }: GatedHub, { fails }: Step, state: string): void {
  if (!fails) expect(connection.state).toBe(state);
}

/** How a start ends that is given up at a step. */
function givenUp({ fails }: Step): unknown {
  return fails ? [false, expect.any(Error)] : ABORTED;
}

/** What can happen at a step of the first start. */
const duringStart = {
  async stop(transport: TransportName, step: Step): Promise<void> {
    const hub = await open(transport, step);
    const reached = hub.follow(step);
    const starting = outcomeOf(hub.connection.start());
    await inTime(reached);
    expectState(hub, step, "Connecting");
    await inTime(hub.connection.stop(), STOP_MS);
    expect(await inTime(starting)).toEqual(givenUp(step));
    await expectUsable(hub);
  },

  async signal(transport: TransportName, step: Step): Promise<void> {
    const hub = await open(transport, step);
    const reached = hub.follow(step);
    const controller = new AbortController();
    const starting = outcomeOf(hub.connection.start({ signal: controller.signal }));
    await inTime(reached);
    controller.abort();
    expect(await inTime(starting, STOP_MS)).toEqual(givenUp(step));
    await expectUsable(hub);
  },

  async startAgain(transport: TransportName, step: Step): Promise<void> {
    const hub = await open(transport, step);
    const reached = hub.follow(step);
    const starting = outcomeOf(hub.connection.start());
    await inTime(reached);
    if (!step.fails) expect(await inTime(outcomeOf(hub.connection.start()))).toEqual(NOT_NOW);
    expectState(hub, step, "Connecting");
    hub.release();
    expect(await inTime(starting)).toEqual(step.fails ? [false, expect.any(Error)] : [true, undefined]);
    await inTime(hub.connection.stop(), STOP_MS);
    await expectUsable(hub);
  },

  async timeout(transport: TransportName, step: Step): Promise<void> {
    const code = step.timeout ?? "connect-timeout";
    const hub = await open(transport, step, code);
    void hub.follow(step);
    const expected = [false, expect.objectContaining({ name: "TimeoutError", code })];
    expect(await inTime(outcomeOf(hub.connection.start()))).toEqual(expected);
    await inTime(hub.untilUnused());
    await inTime(hub.stop());
  },
};

/** What can happen at a step of a reconnect. */
const duringReconnect = {
  async stop(transport: TransportName, step: Step): Promise<void> {
    const hub = await openAgain(transport, step);
    const closed = new Promise((resolve) => hub.connection.onclose(resolve));
    await inTime(hub.connection.stop(), STOP_MS);
    await expect(inTime(closed)).resolves.toBeUndefined();
    await expectUsable(hub);
  },

  async startAgain(transport: TransportName, step: Step): Promise<void> {
    const hub = await openAgain(transport, step);
    expect(await inTime(outcomeOf(hub.connection.start()))).toEqual(NOT_NOW);
    expectState(hub, step, "Reconnecting");
    hub.release();
    if (hub.connection.state !== "Connected") {
      await inTime(new Promise((resolve) => hub.connection.onreconnected(resolve)));
    }
    await expect(inTime(hub.connection.invoke("Add", 1, 1))).resolves.toBe(2);
    await inTime(hub.connection.stop(), STOP_MS);
    await expectUsable(hub);
  },
};

/** Connects, loses the connection, and gets as far as this step again. */
async function openAgain(transport: TransportName, step: Step): Promise<GatedHub> {
  const hub = await open(transport, step);
  if (step.fallsBack) void hub.follow({ refusals: step.refusals ?? [] });
  await inTime(hub.connection.start());
  const reached = hub.follow(step);
  hub.cut();
  await inTime(reached);
  expectState(hub, step, "Reconnecting");
  return hub;
}

describe.each(ALL)("%s", (transport) => {
  const steps = Object.entries(STEPS).filter(([, { of = ALL }]) => of.includes(transport));

  // They wait much and do little: all at once they take as long as the slowest.
  test.concurrent.each(steps)(
    "a start can be given up at, and survives a second one at, %s",
    async (_name, step) => {
      await Promise.all(Object.values(duringStart).map((happening) => happening(transport, step)));
    },
    LONG_MS,
  );

  test.concurrent.each(steps)(
    "a reconnect can be given up at, and survives a start at, %s",
    async (_name, step) => {
      await Promise.all(Object.values(duringReconnect).map((happening) => happening(transport, step)));
    },
    LONG_MS,
  );

  test("and no timer is left of all that", async () => {
    expect(await timersLeft()).toEqual([]);
  });
});
