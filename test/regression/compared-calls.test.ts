/** Calls and streams, by hubwire's client and by the official one: what that one gets wrong, and what stays as it is. */
import { compare, fateOf } from "../support/both-clients.js";
import { pass, settle, type ScriptedHub, type WireMessage } from "../support/scripted-hub.js";

const subscriber = { next: () => undefined, complete: () => undefined, error: () => undefined };
const ids = (messages: readonly WireMessage[]) => messages.map(({ type, invocationId }) => [type, invocationId]);

compare(
  "streams next to each other are all recognised (GAPS 1)",
  async (hub) => {
    const connection = await hub.connect();
    void connection.send("M", "a", new hub.client.Subject(), new hub.client.Subject(), "b");
    await settle();
    return [hub.socket.calls[0]?.["arguments"], (hub.socket.calls[0]?.["streamIds"] as unknown[]).length];
  },
  { hubwire: [["a", "b"], 2], official: [["a", { observers: [] }, "b"], 1] },
);

compare(
  "no call goes out behind the handshake request of a reconnect (GAPS 12)",
  async (hub) => {
    const connection = await hub.connect(hub.builder().withAutomaticReconnect([0]));
    hub.handshake = () => undefined;
    hub.socket.drop();
    await pass(1);
    const { state } = connection;
    const fate = fateOf(connection.send("M"));
    await settle();
    return [state, fate.state, hub.socket.calls.length];
  },
  { hubwire: ["Reconnecting", "rejected", 0], official: ["Reconnecting", "fulfilled", 1] },
);

compare(
  "dispose cancels once, and not at all behind the end of a stream (GAPS 13)",
  async (hub) => {
    const connection = await hub.connect();
    const [open, ended] = ["Open", "Ended"].map((name) => connection.stream(name).subscribe(subscriber));
    await settle();
    hub.socket.receive({ type: 3, invocationId: "1" });
    for (let i = 0; i < 2; i++) {
      open?.dispose();
      ended?.dispose();
    }
    await settle();
    return ids(hub.socket.calls.slice(2)).map(([, id]) => id).sort(); // prettier-ignore
  },
  { hubwire: ["0"], official: ["0", "0", "1", "1"] },
);

compare(
  "an upload ends when the server has answered the call (GAPS 14)",
  async (hub) => {
    const connection = await hub.connect();
    const subject = new hub.client.Subject<number>();
    const call = connection.invoke("M", subject);
    await settle();
    const { invocationId } = hub.socket.calls[0] ?? {};
    hub.socket.receive({ type: 3, invocationId, result: 1 });
    await call;
    subject.next(2);
    await settle();
    return hub.socket.calls.length;
  },
  { hubwire: 1, official: 2 },
);

compare(
  "a Subject keeps what comes before the call, and ends for good (GAPS 15)",
  async (hub) => {
    const connection = await hub.connect();
    const subject = new hub.client.Subject<number>();
    subject.next(1);
    void connection.send("M", subject);
    subject.complete();
    subject.next(2);
    await settle();
    return hub.socket.calls.slice(1).map(({ type, item }) => (type === 2 ? item : "end"));
  },
  { hubwire: [1, "end"], official: ["end", 2] },
);

/** What an `invoke` and the connection come to when it is answered so. */
async function answeredWith(hub: ScriptedHub, answer: string): Promise<unknown> {
  const connection = await hub.connect();
  const fate = fateOf(connection.invoke("M"));
  hub.socket.receiveText(`{"type":3,"invocationId":"0",${answer}}\u001e`);
  await settle();
  return [fate.state, connection.state];
}

compare(
  "a Completion with a falsy result and an error breaks the protocol (GAPS 19)",
  (hub) => answeredWith(hub, '"result":0,"error":"x"'),
  { hubwire: ["rejected", "Disconnected"], official: ["rejected", "Connected"] },
);

compare("a Completion whose error is an empty text is a failure (GAPS 19)", (hub) => answeredWith(hub, '"error":""'), {
  hubwire: ["rejected", "Connected"],
  official: ["fulfilled", "Connected"],
});

/** What is answered when the server asks for a result. */
async function answerOf(hub: ScriptedHub, ...handlers: (() => unknown)[]): Promise<unknown> {
  const connection = await hub.connect();
  for (const handler of handlers) connection.on("M", handler);
  hub.socket.receive({ type: 1, invocationId: "s1", target: "M", arguments: [] });
  await settle();
  const { error, result } = hub.socket.calls[0] ?? {};
  return error ?? { result };
}
const failing = (): never => {
  throw new Error("text");
};

compare(
  "two results are noticed, falsy ones too (GAPS 20)",
  (hub) => answerOf(hub, () => 1, () => 0), // prettier-ignore
  { hubwire: "Client provided multiple results.", official: { result: 0 } },
);

compare(
  "a handler that returns nothing does not hide the result of another (GAPS 20b)",
  (hub) => answerOf(hub, () => 5, () => undefined), // prettier-ignore
  { hubwire: { result: 5 }, official: "Client didn't provide a result." },
);

compare(
  "a handler that returns nothing does not hide the failure of another (GAPS 20b)",
  (hub) => answerOf(hub, failing, () => undefined),
  { hubwire: "text", official: "Client didn't provide a result." },
);

compare(
  "the error of a client result is the message alone, as .NET has it (GAPS 21)",
  (hub) => answerOf(hub, failing),
  {
    hubwire: "text",
    official: "Error: text",
  },
);

compare(
  "an Invocation may have an id that is null (GAPS 35)",
  async (hub) => {
    const connection = await hub.connect();
    const told: unknown[] = [];
    connection.on("M", (value) => void told.push(value));
    hub.socket.receiveText('{"type":1,"invocationId":null,"target":"M","arguments":[1]}\u001e');
    return [told, connection.state];
  },
  { hubwire: [[1], "Connected"], official: [[], "Disconnected"] },
);

compare(
  "an Invocation without arguments breaks the protocol (GAPS 35)",
  async (hub) => {
    await hub.connect();
    hub.socket.receiveText('{"type":1,"target":"M"}\u001e');
    await settle();
    return hub.told.map(([, error]) => String((error as Error).name));
  },
  { hubwire: ["ProtocolError"], official: [] },
);

compare(
  "what cannot be parsed ends the connection, with an error that says whose fault it is (GAPS 36)",
  async (hub) => {
    const connection = await hub.connect();
    hub.socket.receiveText("no JSON\u001e");
    await settle();
    return [connection.state, hub.told.map(([name, error]) => [name, (error as Error).name])];
  },
  {
    hubwire: ["Disconnected", [["onclose", "ProtocolError"]]],
    official: ["Disconnected", [["onclose", "SyntaxError"]]],
  },
);
