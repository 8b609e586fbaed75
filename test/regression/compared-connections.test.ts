/** The life of a connection, with hubwire's client and with the official one: what that one gets wrong, and what stays as it is. */
import { compare, fateOf } from "../support/both-clients.js";
import { pass, settle, type ScriptedHub } from "../support/scripted-hub.js";

const never = (): Promise<never> => new Promise(() => undefined);

compare(
  "the handshake has 15 s of its own, as documented (GAPS 9)",
  async (hub) => {
    hub.handshake = () => undefined;
    const start = fateOf(hub.builder().build().start());
    await pass(15_100);
    return start.state;
  },
  { hubwire: "rejected", official: "pending" },
);

compare(
  "after the last failed attempt onclose gets its error (GAPS 10)",
  async (hub) => {
    await hub.connect(hub.builder().withAutomaticReconnect([0]));
    hub.negotiate = () => new hub.client.HttpResponse(503, "no");
    hub.socket.drop();
    await pass(1_000);
    return hub.told.at(-1);
  },
  { hubwire: ["onclose", expect.objectContaining({ statusCode: 503 })], official: ["onclose", undefined] },
);

compare(
  "a stop() during a reconnect calls onclose without an error: documented, so it stays (GAPS 11)",
  async (hub) => {
    const connection = await hub.connect(hub.builder().withAutomaticReconnect([1_000]));
    hub.socket.drop();
    await settle();
    await connection.stop();
    await settle();
    return hub.told.at(-1);
  },
  { hubwire: ["onclose", undefined] },
);

compare(
  "pings go out although the server is silent (GAPS 17)",
  async (hub) => {
    const connection = await hub.connect();
    const before = hub.socket.pings;
    connection.serverTimeoutInMilliseconds = 1_000_000;
    hub.socket.receive({ type: 6 });
    for (let times = 0; times < 7; times++) await pass(15_000);
    return hub.socket.pings - before > 1;
  },
  { hubwire: true, official: false },
);

compare(
  "a callback that throws does not keep the next from being called (GAPS 23)",
  async (hub) => {
    const connection = hub.builder().build();
    connection.onclose(() => {
      throw new Error("x");
    });
    hub.watch(connection);
    await connection.start();
    await settle();
    hub.socket.drop();
    await settle();
    return hub.told.length;
  },
  { hubwire: 1, official: 0 },
);

compare(
  "callbacks can be removed (GAPS 24)",
  async (hub) => {
    const connection = hub.builder().build();
    return (["onclose", "onreconnecting", "onreconnected"] as const).map((name) => typeof connection[name](() => undefined)); // prettier-ignore
  },
  { hubwire: ["function", "function", "function"], official: ["undefined", "undefined", "undefined"] },
);

compare(
  "a send on a socket that is closing does not reject with a string (GAPS 31)",
  async (hub) => {
    const connection = await hub.connect();
    hub.socket.readyState = 2;
    const sent = fateOf(connection.send("M"));
    await settle();
    return typeof sent.value;
  },
  // It is handed over, as to a socket that breaks a moment later: the loss shows as the end of the connection.
  { hubwire: "undefined", official: "string" },
);

compare(
  "a socket that refuses a message has lost it, and so is the connection (GAPS 31)",
  async (hub) => {
    const connection = await hub.connect();
    hub.socket.send = () => {
      throw new Error("The socket is closing.");
    };
    const call = fateOf(connection.invoke("M"));
    await settle();
    return [call.state, connection.state];
  },
  { hubwire: ["rejected", "Disconnected"], official: ["rejected", "Connected"] },
);

compare(
  "a retry policy that answers nonsense gives up, instead of trying without a pause (GAPS 42)",
  async (hub) => {
    const policy = { nextRetryDelayInMilliseconds: () => undefined as unknown as number };
    await hub.connect(hub.builder().withAutomaticReconnect(policy));
    hub.negotiate = (n) => (n < 20 ? new hub.client.HttpResponse(503) : never());
    hub.socket.drop();
    await pass(100);
    return hub.negotiations;
  },
  { hubwire: 1, official: 20 },
);

compare(
  "a second start() does not keep stop() from ending the first one (GAPS 43)",
  async (hub) => {
    hub.handshake = () => undefined;
    const connection = hub.builder().build();
    const first = fateOf(connection.start());
    await settle();
    const second = fateOf(connection.start());
    await settle();
    const stop = fateOf(connection.stop().then(() => first.state));
    await pass(1_000);
    return [second.state, stop.value, first.state, connection.state];
  },
  {
    hubwire: ["rejected", "rejected", "rejected", "Disconnected"],
    official: ["rejected", "pending", "rejected", "Disconnected"],
  },
);

compare(
  "the first start is not retried: documented, so it stays (GAPS 45)",
  async (hub) => {
    hub.negotiate = () => new hub.client.HttpResponse(503);
    const start = fateOf(hub.builder().withAutomaticReconnect([0, 0]).build().start());
    await pass(100_000);
    return [start.state, hub.negotiations, hub.told];
  },
  { hubwire: ["rejected", 1, []] },
);

const silences: Record<string, (hub: ScriptedHub) => void> = {
  negotiation: (hub) => (hub.negotiate = never),
  upgrade: (hub) => (hub.upgrade = () => undefined),
};

describe.each(Object.keys(silences))("an unanswered %s", (step) => {
  compare(
    "does not leave start() pending (GAPS 46d)",
    async (hub) => {
      silences[step]?.(hub);
      const start = fateOf(hub.builder().build().start());
      await pass(200_000);
      return start.state;
    },
    { hubwire: "rejected", official: "pending" },
  );

  compare(
    "does not end the retry loop (GAPS 46h)",
    async (hub) => {
      const connection = await hub.connect(hub.builder().withAutomaticReconnect([0, 0]));
      const { negotiate, upgrade } = hub;
      silences[step]?.(hub);
      hub.socket.drop();
      await pass(1_000);
      Object.assign(hub, { negotiate, upgrade });
      await pass(200_000);
      return connection.state;
    },
    { hubwire: "Connected", official: "Reconnecting" },
  );
});

compare(
  "an unanswered upgrade does not hold up stop() (GAPS 46d)",
  async (hub) => {
    hub.upgrade = () => undefined;
    const connection = hub.builder().build();
    const start = fateOf(connection.start());
    await settle();
    const stop = fateOf(connection.stop());
    await pass(10_000);
    return [start.state, stop.state];
  },
  { hubwire: ["rejected", "fulfilled"], official: ["pending", "pending"] },
);

compare(
  "a stop() during an attempt that hangs in its upgrade settles (GAPS 46h)",
  async (hub) => {
    const connection = await hub.connect(hub.builder().withAutomaticReconnect([0]));
    hub.upgrade = () => undefined;
    hub.socket.drop();
    await pass(1);
    const stop = fateOf(connection.stop());
    await pass(10_000);
    return stop.state;
  },
  { hubwire: "fulfilled", official: "pending" },
);

compare(
  "after a stop() on a dead peer its socket is not left to wait (GAPS 46h)",
  async (hub) => {
    const connection = await hub.connect();
    hub.socket.close = () => undefined; // the closing handshake is never answered
    const stop = fateOf(connection.stop());
    await pass(10_000);
    return [stop.state, hub.socket.isTerminated];
  },
  { hubwire: ["fulfilled", true], official: ["fulfilled", false] },
);
