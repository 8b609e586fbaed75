/** JSON with the application's own functions on both ends: Dates and BigInts pass as they are, through every kind of message. */
import { Hub } from "../../src/server/index.js";
import { JsonHubProtocol, Subject, type HubConnection, type JsonHubProtocolOptions } from "../../src/index.js";
import { HubSite } from "./hub-site.js";

/** Marks what JSON has no word for, so that both ends know it again. */
const options: JsonHubProtocolOptions = {
  replacer(key, value) {
    const held = this[key];
    if (held instanceof Date) return { $date: held.getTime() };
    return typeof value === "bigint" ? { $bigint: String(value) } : value;
  },
  reviver(_key, value) {
    if (typeof value !== "object" || value === null) return value;
    if ("$date" in value) return new Date(Number(value.$date));
    return "$bigint" in value ? BigInt(String(value.$bigint)) : value;
  },
};

interface Client {
  Ask(value: unknown): unknown;
  Told(value: unknown): void;
}

class ValueHub extends Hub<Client> {
  echo(value: unknown): unknown {
    return value;
  }

  kinds(...values: unknown[]): string[] {
    return values.map((value) => (value instanceof Date ? "Date" : typeof value));
  }

  async *twice(value: unknown): AsyncIterable<unknown> {
    yield value;
    yield [value];
  }

  async collect(items: AsyncIterable<unknown>): Promise<unknown[]> {
    const all: unknown[] = [];
    for await (const item of items) all.push(item);
    return all;
  }

  ask(value: unknown): Promise<unknown> {
    return this.clients.caller.invoke("Ask", value);
  }

  async tell(value: unknown): Promise<void> {
    await this.clients.all.send("Told", value);
  }
}

const date = new Date("2024-02-29T12:34:56.789Z");
const big = 2n ** 63n + 1n;

describe("a client and a hub that agree", () => {
  const held = HubSite.forTests({
    protocols: [new JsonHubProtocol(options)],
    enableDetailedErrors: true,
    map: (hubs) => hubs.mapHub("/hub", ValueHub),
  });

  function connect(protocol = new JsonHubProtocol(options)): Promise<HubConnection> {
    return held.site.connect(held.site.builder().withHubProtocol(protocol));
  }

  test.each([
    ["a Date", date],
    ["a BigInt", big],
    ["both, inside of others", { list: [date, { big: -big }], none: null }],
  ])("%s: calls, streams both ways, client results and messages to all", async (_what, value) => {
    const connection = await connect();
    connection.on("Ask", (question: unknown) => [question]);
    const told = new Promise((resolve) => connection.on("Told", resolve));
    await expect(connection.invoke("Echo", value)).resolves.toEqual(value);
    const items: unknown[] = [];
    for await (const item of connection.stream("Twice", value)) items.push(item);
    expect(items).toEqual([value, [value]]);
    const upload = new Subject<unknown>();
    const collected = connection.invoke("Collect", upload);
    upload.next(value);
    upload.complete();
    await expect(collected).resolves.toEqual([value]);
    await expect(connection.invoke("Ask", value)).resolves.toEqual([value]);
    await connection.send("Tell", value);
    await expect(told).resolves.toEqual(value);
  });

  test("the hub's methods get real Dates and BigInts", async () => {
    const connection = await connect();
    await expect(connection.invoke("Kinds", date, big, "text", 1)).resolves.toEqual([
      "Date",
      "bigint",
      "string",
      "number",
    ]);
  });

  test("a client without the functions sees what stands on the wire, and cannot send a BigInt", async () => {
    const connection = await connect(new JsonHubProtocol());
    await expect(connection.invoke("Echo", { $bigint: "7" })).resolves.toEqual({ $bigint: "7" });
    await expect(connection.invoke("Kinds", { $bigint: "7" })).resolves.toEqual(["bigint"]);
    await expect(connection.invoke("Echo", 7n)).rejects.toMatchObject({ code: "not-serializable" });
    await expect(connection.invoke("Echo", 7)).resolves.toBe(7);
  });

  test("what the hub's reviver throws ends that connection, and no other", async () => {
    const [good, bad] = [await connect(), await connect(new JsonHubProtocol())];
    const closed = new Promise<unknown>((resolve) => bad.onclose(resolve));
    const call = bad.invoke("Echo", { $bigint: "not a number" });
    await expect(call).rejects.toMatchObject({ name: "ConnectionError" });
    await expect(closed).resolves.toBeInstanceOf(Error);
    await expect(good.invoke("Echo", big)).resolves.toBe(big);
  });
});
