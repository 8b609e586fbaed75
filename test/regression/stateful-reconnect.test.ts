/** Weaknesses that stateful reconnect had elsewhere, named by what must not happen here (DOTNET11, "2026 security fixes"). */
import { refused, stopAll, type RawClient } from "../support/hub-server.js";
import {
  call,
  comeBack,
  frame,
  PATH,
  startStateful,
  visit,
  type StatefulSite,
  type Visitor,
} from "../support/stateful-hub.js";
import { nextTurn } from "../support/witness.js";

afterEach(stopAll);

/** Counts what arrives until nothing does any more. */
async function drain(client: RawClient): Promise<number> {
  let bytes = 0;
  client.socket.on("message", (data: Buffer) => (bytes += data.length));
  for (let quiet = 0, before = -1; quiet < 50; quiet = before === bytes ? quiet + 1 : 0, before = bytes)
    await nextTurn();
  return bytes;
}

// A sender that waits for acknowledgements which never come was ended neither by the end of the connection nor by time, so that
// crafted messages could fill the buffer and keep everything that waited for it.
describe("CVE-2026-26130: a client that acknowledges nothing", () => {
  test("is sent no more than the buffer holds, however much it asks for, and is given up after five seconds", async () => {
    const site = await startStateful();
    const { client } = await visit(site);
    const text = "x".repeat(10_000);
    for (let number = 0; number < 100; number++) client.sendText(frame(call(`${number}`, "echo", text)));
    expect(await drain(client)).toBeLessThan(200_000); // of a million
    await site.pass(4);
    expect(site.seen.ends).toEqual([]);
    await site.pass(3);
    expect(await site.seen.end.promise).toMatchObject({ name: "TimeoutError" });
    expect(await client.closed).toMatchObject({ code: 1000 });
  });

  test("does not keep a hub method waiting longer than that, nor when its connection ends", async () => {
    for (const end of [
      async (site: StatefulSite) => site.pass(7),
      async (_site: StatefulSite, { client }: Visitor) => client.sendText(frame({ type: 7 })),
    ]) {
      const site = await startStateful();
      const visitor = await visit(site);
      visitor.client.sendText(frame(call("1", "fill", 1_000, 1_000)));
      await drain(visitor.client);
      await end(site, visitor);
      await site.seen.end.promise;
      await site.seen.filled.promise;
    }
  });
});

// Clients that nobody knew could make a server spend without limit, by taking connections up again and again.
describe("CVE-2026-56170: a client that comes back again and again", () => {
  async function comeBackUntilRefused(site: StatefulSite, visitor: Visitor, most: number): Promise<number[]> {
    const received: number[] = [];
    for (let times = 0; times < most; times++) {
      const client = await comeBack(site, visitor).catch(() => undefined);
      if (client === undefined) break;
      received.push(await drain(client));
    }
    return received;
  }

  test("does not get a full buffer more than a few times", async () => {
    const site = await startStateful();
    const visitor = await visit(site);
    visitor.client.sendText(frame(call("1", "fill", 1_000, 1_000)));
    await drain(visitor.client);
    const received = await comeBackUntilRefused(site, visitor, 30);
    expect(received.length).toBeGreaterThan(5);
    expect(received.length).toBeLessThan(12);
    expect(await refused(site.port, `${PATH}?id=${visitor.token}`)).toMatchObject({
      status: 429,
      headers: { "retry-after": "1" },
    });
    await site.pass(2);
    expect((await comeBackUntilRefused(site, visitor, 30)).length).toBeLessThan(3);
  });

  test("may do so often when it costs nothing, but not without end", async () => {
    const site = await startStateful();
    const visitor = await visit(site);
    let times = 0;
    for (; times < 200; times++) {
      const client = await comeBack(site, visitor).catch(() => undefined);
      if (client === undefined) break;
      client.socket.terminate();
    }
    expect(times).toBeGreaterThan(50);
    expect(times).toBeLessThan(120);
  });

  test("does not gather what others send meanwhile: who never acknowledges it is not kept", async () => {
    const site = await startStateful();
    const visitor = await visit(site);
    const everybody = site.hubs.hub(site.hubClass).clients.all;
    const text = "x".repeat(100_000);
    // 20 MB, without waiting for anybody: an application that is not careful.
    for (let times = 0; times < 20; times++) {
      const client = await comeBack(site, visitor).catch(() => undefined);
      client?.socket.terminate();
      for (let number = 0; number < 10; number++) void everybody.send("Broadcast", text);
    }
    expect(await site.seen.end.promise).toMatchObject({ name: "LimitError" });
  });
});
