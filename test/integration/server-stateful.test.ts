/** Stateful reconnect on the server, byte by byte (HUB_PROTOCOL §9, DOTNET11 "useStatefulReconnect"). */
import { negotiate, RawClient, refused, send, stopAll } from "../support/hub-server.js";
import {
  ack,
  answer,
  ASK,
  authenticate,
  call,
  comeBack,
  frame,
  PATH,
  startStateful,
  type StatefulSite,
  take,
  visit,
  type Visitor,
} from "../support/stateful-hub.js";

afterEach(stopAll);

const sequence = (sequenceId: number) => ({ type: 9, sequenceId });

const status = async ({ port }: StatefulSite, { token }: Visitor, headers = {}) =>
  (await refused(port, `${PATH}?id=${token}`, headers)).status;

describe("the negotiation", () => {
  test.each(["useStatefulReconnect=true", "USESTATEFULRECONNECT=True", "useStatefulReconnect=%20TRUE"])(
    "grants it, in front of everything else: %s",
    async (query) => {
      const { port } = await startStateful();
      const { body } = await send(port, "POST", `${PATH}/negotiate?negotiateVersion=1&${query}`);
      expect(body).toMatch(/^\{"useStatefulReconnect":true,"countsEveryMessage":true,"negotiateVersion":1,/);
    },
  );

  test.each(["negotiateVersion=1", "negotiateVersion=1&useStatefulReconnect=1", "useStatefulReconnect=true"])(
    "does not for %s: not asked for, or without a secret token",
    async (query) => {
      const { port } = await startStateful();
      expect(await negotiate(port, PATH, query)).not.toHaveProperty("useStatefulReconnect");
    },
  );

  test.each([{ allowStatefulReconnects: false }, { transports: ["LongPolling"] as const }])(
    "does not where the hub has %j",
    async (options) => {
      const { port } = await startStateful(options);
      expect(await negotiate(port, PATH, ASK)).not.toHaveProperty("useStatefulReconnect");
    },
  );
});

describe("a client that comes back", () => {
  test("gets what it has not acknowledged, and what was sent while it was away, and is still the same", async () => {
    const site = await startStateful();
    const visitor = await visit(site, { headers: { "x-number": "first" } });
    visitor.client.sendText(frame(call("1", "echo", "a"), call("2", "echo", "b")));
    expect(await take(visitor.client, 2)).toEqual([answer("1", "a"), answer("2", "b")]);
    visitor.client.sendText(frame(ack(1)));
    visitor.client.socket.terminate();
    await site.untilAllGone();
    await site.hubs.hub(site.hubClass).clients.group("all").send("Missed", 1);
    const client = await comeBack(site, visitor, { "x-number": "second" });
    expect(await take(client, 5)).toEqual([
      ack(2), // at once, so that the client need not send that again
      sequence(2),
      ack(2), // again, because some clients take nothing in front of the Sequence
      answer("2", "b"),
      { type: 1, target: "Missed", arguments: [1] },
    ]);
    client.sendText(frame(sequence(3), call("3", "who")));
    expect(await client.next()).toEqual(answer("3", [site.seen.connected[0], "first", null]));
    expect([site.seen.connected.length, site.seen.ends]).toEqual([1, []]);
  });

  test("gets a Sequence also when there is nothing to send again", async () => {
    const site = await startStateful();
    const visitor = await visit(site);
    visitor.client.socket.terminate();
    const client = await comeBack(site, visitor);
    expect(await client.next()).toEqual(sequence(1));
  });

  test("may send again what had arrived: that is done once", async () => {
    const site = await startStateful();
    const visitor = await visit(site);
    visitor.client.sendText(frame(call("1", "note", 1), call("2", "note", 2)));
    await take(visitor.client, 2);
    visitor.client.socket.terminate();
    const client = await comeBack(site, visitor);
    await take(client, 5);
    client.sendText(frame(sequence(1), call("1", "note", 1), call("2", "note", 2), call("3", "note", 3)));
    expect(await client.next()).toEqual(answer("3", null));
    expect(site.seen.noted).toEqual([1, 2, 3]);
    await site.pass(1);
    expect(await client.next()).toEqual(ack(3));
  });

  test("is not believed when messages are missing", async () => {
    const site = await startStateful();
    const visitor = await visit(site);
    visitor.client.socket.terminate();
    const client = await comeBack(site, visitor);
    client.sendText(frame(sequence(2)));
    expect(await client.rest()).toEqual([
      sequence(1),
      { type: 7, error: "Connection closed with an error.", allowReconnect: true },
    ]);
    expect(await site.seen.end.promise).toMatchObject({ name: "ProtocolError" });
  });

  test("finds nothing of a message that was torn", async () => {
    const site = await startStateful();
    const visitor = await visit(site);
    visitor.client.sendText(frame(call("1", "note", 1)) + frame(call("2", "note", 2)).slice(0, 20));
    await visitor.client.next();
    visitor.client.socket.terminate();
    const client = await comeBack(site, visitor);
    await take(client, 4);
    client.sendText(frame(sequence(2), call("2", "note", 2)));
    expect(await client.next()).toEqual(answer("2", null));
    expect(site.seen.noted).toEqual([1, 2]);
  });

  test("takes the place of a socket that the server still believes in, at once", async () => {
    const site = await startStateful();
    const visitor = await visit(site);
    const client = await comeBack(site, visitor);
    expect(await client.next()).toEqual(sequence(1));
    expect(await visitor.client.closed).toMatchObject({ code: 1006 }); // without a goodbye: it would mean the end
    client.sendText(frame(sequence(1), call("1", "echo", 1)));
    expect(await client.next()).toEqual(answer("1", 1));
    expect(site.seen.ends).toEqual([]);
  });

  test("gets the answer of a call that went on, and answers a question of the hub", async () => {
    const site = await startStateful({ maximumParallelInvocationsPerClient: 2 });
    const visitor = await visit(site);
    visitor.client.sendText(frame(call("1", "wait"), call("2", "ask")));
    const question = await visitor.client.next();
    const id = question !== undefined && "invocationId" in question ? (question.invocationId ?? "") : "";
    visitor.client.socket.terminate();
    await site.untilAllGone();
    site.seen.gate.resolve();
    const client = await comeBack(site, visitor);
    expect(await take(client, 5)).toEqual([ack(2), sequence(1), ack(2), question, answer("1", "waited")]);
    client.sendText(frame(sequence(3), answer(id, "yes")));
    expect(await client.next()).toEqual(answer("2", "yes"));
  });

  test("is asked for its identity again, and has to be the same", async () => {
    const site = await startStateful({ authenticate });
    const as = (name: string) => ({ authorization: `Bearer ${name}` });
    const visitor = await visit(site, { headers: as("ada") });
    visitor.client.socket.terminate();
    expect(await status(site, visitor)).toBe(401);
    expect(await status(site, visitor, as("eve"))).toBe(403);
    const client = await comeBack(site, visitor, as("ada"));
    expect(await client.next()).toEqual(sequence(1));
  });

  test("may have closed its socket without a code, as browsers do that want to drop it", async () => {
    const site = await startStateful();
    const visitor = await visit(site);
    visitor.client.socket.close();
    await site.untilAllGone();
    const client = await comeBack(site, visitor);
    expect(await client.next()).toEqual(sequence(1));
    client.socket.close();
    await site.untilAllGone();
    await site.pass(16);
    expect(await site.seen.end.promise).toBeUndefined();
  });

  test("was silent for too long, and goes on all the same", async () => {
    const site = await startStateful({ clientTimeoutInterval: 4_000 });
    const visitor = await visit(site);
    await site.pass(6);
    expect(await visitor.client.closed).toMatchObject({ code: 1006 });
    const client = await comeBack(site, visitor);
    expect(await client.next()).toEqual(sequence(1));
    expect(site.seen.ends).toEqual([]);
  });
});

// Other clients are not: some never ping (HUB_PROTOCOL §3).
test("a client is watched over before its first ping, which may be lost on the way", async () => {
  const site = await startStateful({ clientTimeoutInterval: 4_000 });
  const visitor = await visit(site, { first: "" });
  await site.pass(6);
  expect(await visitor.client.closed).toMatchObject({ code: 1006 });
});

describe("there is no way back", () => {
  test("to a connection that nobody knows", async () => {
    const site = await startStateful();
    expect((await refused(site.port, `${PATH}?id=unknown`)).status).toBe(404);
  });

  test("behind the client's goodbye, the hub's abort, or a clean end", async () => {
    for (const end of [
      ({ client }: Visitor) => client.sendText(frame({ type: 7 })),
      ({ client }: Visitor) => client.sendText(frame(call("1", "abort"))),
      ({ client }: Visitor) => client.socket.close(1000),
    ]) {
      const site = await startStateful();
      const visitor = await visit(site);
      end(visitor);
      expect(await site.seen.end.promise).toBeUndefined();
      expect(await status(site, visitor)).toBe(404);
    }
  });

  test("behind a frame that was too large: it would only come again", async () => {
    const site = await startStateful({ webSockets: { maximumFrameSize: 1_000 } });
    const visitor = await visit(site);
    visitor.client.sendText("x".repeat(2_000));
    expect(await site.seen.end.promise).toMatchObject({ name: "LimitError" });
    expect(await status(site, visitor)).toBe(404);
  });

  test("when the client was away for too long", async () => {
    const site = await startStateful();
    const visitor = await visit(site);
    visitor.client.socket.terminate();
    await site.untilAllGone();
    await site.pass(13);
    expect(site.seen.ends).toEqual([]);
    await site.pass(3);
    expect(await site.seen.end.promise).toMatchObject({ name: "ConnectionError", closeCode: 1006 });
    expect(await status(site, visitor)).toBe(404);
  });

  test("during the first handshake, and to a connection without stateful reconnect", async () => {
    const site = await startStateful();
    const { connectionToken: token } = await negotiate(site.port, PATH, ASK);
    const client = await RawClient.open(site.port, `${PATH}?id=${token}`);
    expect(await status(site, { client, token })).toBe(409);
    client.sendText(frame({ protocol: "json", version: 1 }));
    await client.next();
    expect(await status(site, { client, token })).toBe(409);
    client.socket.terminate();
    expect(await site.seen.end.promise).toMatchObject({ closeCode: 1006 });
  });

  test("to a server that is closing, and who is away is not waited for", async () => {
    const site = await startStateful({ disconnectTimeout: 60_000 }, { shutdownTimeout: 60_000 });
    const visitor = await visit(site);
    visitor.client.socket.terminate();
    await site.untilAllGone();
    await site.hubs.close();
    expect(site.seen.ends).toEqual([expect.objectContaining({ closeCode: 1006 })]);
  });
});

test("a server that is closing tells who comes back that there is nothing left to wait for", async () => {
  const site = await startStateful();
  const busy = await visit(site);
  busy.client.sendText(frame(call("1", "wait")));
  const away = await visit(site);
  const closed = site.hubs.close();
  expect(await status(site, away)).toBe(404);
  expect((await refused(site.port, PATH)).status).toBe(503);
  site.seen.gate.resolve();
  await closed;
});
