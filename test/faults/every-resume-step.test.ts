/**
 * `stop()`, a `start()`, another break and the end of the time at every step that a client awaits while it resumes a connection
 * (stateful reconnect): everything settles, nothing is left, and the connection can be used afterwards. {@link STEPS} names the places
 * in src where each step is awaited.
 */
import { HttpTransportType, type HubConnection } from "../../src/index.js";
import { GatedHub, lookUpGatedHubs, type Script } from "./gated-hub.js";
import { outcomeOf, timersLeft } from "./faulty-hub.js";
import { expectUsable, inTime, NOT_NOW, STOP_MS } from "./settling.js";

/** A step, and the code that awaits it. */
interface Step extends Script {
  readonly awaited: string;
  /** Whether it ends by itself, in less time than there is for resuming. */
  readonly passes?: true;
}

const [UNAUTHORIZED, UNAVAILABLE] = [401, 503];

/** In the order in which they come. */
const STEPS: Readonly<Record<string, Step>> = {
  "the token for the WebSocket": {
    awaited: "transports/websocket: token.renew",
    holds: [{ at: "token" }],
  },
  "the address of the host": {
    awaited: "platform/node/ws-sockets: open, before there is a connection",
    holds: [{ at: "lookup" }],
  },
  "the upgrade": {
    awaited: "transports/websocket: connect",
    holds: [{ at: "upgrade" }],
  },
  "the token after a 401": {
    awaited: "http/access-token: authorized, token.renew",
    refusals: [{ at: "upgrade", status: UNAUTHORIZED }],
    holds: [{ at: "token", nth: 2 }],
  },
  "the upgrade after a 401": {
    awaited: "http/access-token: authorized, send",
    refusals: [{ at: "upgrade", status: UNAUTHORIZED }],
    holds: [{ at: "upgrade", nth: 2 }],
  },
  "the delay before the next attempt": {
    awaited: "client/resuming-channel: resume, sleep",
    passes: true,
    refusals: [{ at: "upgrade", status: UNAVAILABLE, isLast: true }],
  },
  "the token for the next attempt": {
    awaited: "transports/websocket: token.renew",
    refusals: [{ at: "upgrade", status: UNAVAILABLE }],
    holds: [{ at: "token", nth: 2 }],
  },
  "the server's Sequence": {
    awaited: "client/resuming-channel: connect, answered",
    holds: [{ at: "upgrade", behindWrites: 1 }],
  },
  "the trial of a connection to a server that counts wrongly": {
    awaited: "client/resuming-channel: try, sleep",
    countsWrongly: true,
    passes: true,
    holds: [{ at: "upgrade", behindWrites: 2, passes: true }],
  },
};

/** Times for resuming that are not meant to be over, and that are. */
const [PATIENT_MS, SHORT_MS] = [60_000, 400];
const LONG_MS = 60_000;

lookUpGatedHubs();
afterAll(() => GatedHub.stopAll());

/** A connection that is held at a step of its resuming. */
interface Held {
  readonly hub: GatedHub;
  readonly connection: HubConnection;
  /** Was made while there was no connection. */
  readonly call: Promise<[boolean, unknown]>;
  /** Waits for room in the buffer. */
  readonly waiting: Promise<[boolean, unknown]>;
  /** What `onclose` gets. */
  readonly closed: Promise<unknown>;
}

/** Connects, loses the connection, and gets as far as this step of resuming it. */
async function hold(step: Step, resumeTimeout = PATIENT_MS): Promise<Held> {
  const hub = await GatedHub.start({ transport: HttpTransportType.WebSockets, connectTimeout: PATIENT_MS }, (builder) =>
    builder.withHandshakeTimeout(PATIENT_MS).withStatefulReconnect({ bufferSize: 10, resumeTimeout }),
  );
  const { connection } = hub;
  void hub.follow(step.countsWrongly ? { countsWrongly: true } : {});
  await inTime(connection.start());
  await expect(inTime(connection.invoke("Add", 1, 1))).resolves.toBe(2);
  const closed = new Promise<unknown>((resolve) => connection.onclose(resolve));
  const reached = hub.follow(step);
  hub.cut();
  await inTime(reached);
  const call = outcomeOf(connection.invoke("Add", 2, 2));
  const waiting = outcomeOf(connection.send("Add", 3, 3));
  return { hub, connection, call, waiting, closed };
}

async function expectResumed({ hub, connection, call, waiting }: Held): Promise<void> {
  hub.release();
  expect(await inTime(call)).toEqual([true, 4]);
  expect(await inTime(waiting)).toEqual([true, undefined]);
  await expect(inTime(connection.invoke("Add", 4, 4))).resolves.toBe(8);
  await inTime(connection.stop(), STOP_MS);
  await expectUsable(hub);
}

/** Whoever waits learns that the connection is over. */
async function expectLost({ call, waiting }: Held): Promise<void> {
  const lost = [false, expect.objectContaining({ name: "ConnectionError", code: "connection-lost" })];
  expect(await inTime(call)).toEqual(lost);
  expect(await inTime(waiting)).toEqual(lost);
}

/** What can happen at a step. */
const happenings = {
  async stop(step: Step): Promise<void> {
    const held = await hold(step);
    expect(held.connection.state).toBe("Connected");
    await inTime(held.connection.stop(), STOP_MS);
    await expect(inTime(held.closed)).resolves.toBeUndefined();
    await expectLost(held);
    await expectUsable(held.hub);
  },

  async start(step: Step): Promise<void> {
    const held = await hold(step);
    expect(await inTime(outcomeOf(held.connection.start()))).toEqual(NOT_NOW);
    expect(held.connection.state).toBe("Connected");
    await expectResumed(held);
  },

  async secondBreak(step: Step): Promise<void> {
    const held = await hold(step);
    held.hub.cut();
    await expectResumed(held);
  },

  async timeout(step: Step): Promise<void> {
    const held = await hold(step, SHORT_MS);
    if (step.passes) return expectResumed(held);
    // With the error that the connection was lost with.
    await expect(inTime(held.closed)).resolves.toMatchObject({ name: "ConnectionError", code: "connection-lost" });
    await expectLost(held);
    await expectUsable(held.hub);
  },
};

describe.each(Object.keys(happenings) as (keyof typeof happenings)[])("%s at", (happening) => {
  test.concurrent.each(Object.entries(STEPS))("%s", (_name, step) => happenings[happening](step), LONG_MS);
});

test("no timer is left of all that", async () => {
  expect(await timersLeft()).toEqual([]);
});
