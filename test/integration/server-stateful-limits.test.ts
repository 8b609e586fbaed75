/** The limits of stateful reconnect on the server (HUB_PROTOCOL §9). */
import { send, stopAll } from "../support/hub-server.js";
import { ack, answer, ASK, call, comeBack, frame, PATH, startStateful, take, visit } from "../support/stateful-hub.js";
import { nextTurn } from "../support/witness.js";

afterEach(stopAll);

describe("limits", () => {
  test("who is away has a place all the same", async () => {
    const site = await startStateful({ maximumConnections: 1 });
    const visitor = await visit(site);
    visitor.client.socket.terminate();
    await site.untilAllGone();
    expect((await send(site.port, "POST", `${PATH}/negotiate?${ASK}`)).status).toBe(503);
    await site.pass(16);
    await site.seen.end.promise;
    await nextTurn();
    expect((await send(site.port, "POST", `${PATH}/negotiate?${ASK}`)).status).toBe(200);
  });

  test("the buffer's size is that of the server, unless the hub has its own", async () => {
    for (const [serverWide, own, taken] of [
      [1_000, undefined, 2],
      [1_000, 2_000, 4],
    ] as const) {
      const options = own === undefined ? {} : { statefulReconnectBufferSize: own };
      const site = await startStateful(options, { statefulReconnectBufferSize: serverWide });
      const { client } = await visit(site);
      client.sendText(frame(call("1", "fill", 10, 600)));
      for (const message of await take(client, taken)) expect(message).toMatchObject({ target: "Filling" });
      await site.pass(1); // the method waits: the next message is not its
      expect(await client.next()).toEqual(ack(1));
      client.sendText(frame(ack(taken)));
      expect(await client.next()).toMatchObject({ target: "Filling" });
    }
  });

  test("a client that says goodbye while its buffer is full is gone at once, and nobody waits for it", async () => {
    const site = await startStateful({}, { statefulReconnectBufferSize: 1_000 });
    const { client } = await visit(site);
    client.sendText(frame(call("1", "fill", 10, 1_000), { type: 7 }));
    expect(await client.next()).toMatchObject({ target: "Filling" });
    client.socket.terminate();
    expect(await site.seen.end.promise).toBeUndefined();
    await site.hubs.hub(site.hubClass).clients.all.send("Large", "x".repeat(2_000));
  });

  test("a client that acknowledges nothing is given up after five seconds, though it may be its network; who is away has longer", async () => {
    const site = await startStateful({}, { statefulReconnectBufferSize: 1_000 });
    const [silent, away] = [await visit(site), await visit(site)];
    for (const { client } of [silent, away]) {
      client.sendText(frame(call("1", "fill", 10, 2_000)));
      expect(await client.next()).toMatchObject({ target: "Filling" });
    }
    away.client.socket.terminate();
    await site.pass(4);
    expect(site.seen.ends).toEqual([]);
    await site.pass(2);
    expect(site.seen.ends).toEqual([expect.objectContaining({ name: "TimeoutError" })]);
    await expect(comeBack(site, silent)).rejects.toThrow("404");
    await site.pass(6);
    const back = await comeBack(site, away);
    expect(await take(back, 4)).toContainEqual(expect.objectContaining({ target: "Filling" }));
  });

  test("a client that comes back with its buffer full has its five seconds anew, but not again and again", async () => {
    const site = await startStateful({}, { statefulReconnectBufferSize: 1_000 });
    const visitor = await visit(site);
    visitor.client.sendText(frame(call("1", "fill", 10, 2_000)));
    expect(await visitor.client.next()).toMatchObject({ target: "Filling" });
    await site.pass(4);
    await comeBack(site, visitor);
    await site.pass(4);
    expect(site.seen.ends).toEqual([]);
    const last = await comeBack(site, visitor);
    await site.pass(2);
    expect(site.seen.ends).toEqual([expect.objectContaining({ name: "TimeoutError" })]);
    last.socket.terminate();
  });

  test("acknowledgements are read although the hub takes nothing else", async () => {
    const site = await startStateful({ streamBufferCapacity: 2 }, { statefulReconnectBufferSize: 1_000 });
    const { client } = await visit(site);
    const items = Array.from({ length: 50 }, () => ({ type: 2, invocationId: "u", item: 1 }));
    client.sendText(frame({ ...call("1", "read"), streamIds: ["u"] }, ...items));
    const all = site.hubs.hub(site.hubClass).clients.all;
    const sent = all.send("Large", "x".repeat(2_000));
    expect(await client.next()).toMatchObject({ target: "Large" });
    client.sendText(frame(ack(1)));
    await sent;
    site.seen.gate.resolve();
    client.sendText(frame({ type: 3, invocationId: "u" }));
    expect(await client.next()).toEqual(answer("1", 50));
  });
});
