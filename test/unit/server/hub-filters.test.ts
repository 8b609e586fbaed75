/** Filters around hub methods, and the headers of messages as hub methods see them. */
import { HubError, InvalidArgumentError } from "../../../src/errors/call-errors.js";
import { MessageType } from "../../../src/protocol/messages.js";
import { Hub } from "../../../src/server/hub.js";
import type { HubFilter, HubInvocation } from "../../../src/server/hub-filters.js";
import { resolveHubOptions } from "../../../src/server/options.js";
import { HubHarness } from "../../support/hub-harness.js";

const untyped = (value: unknown): never => value as never;

const hooks: unknown[] = [];

class TestHub extends Hub {
  override onConnected(): void {
    hooks.push(this.headers);
  }

  override onDisconnected(): void {
    hooks.push(this.headers);
  }

  add(left: number, right: number): number {
    return left + right;
  }

  tenant(): unknown {
    return this.headers;
  }

  fail(): never {
    throw new HubError("no");
  }

  async *count(to: number): AsyncGenerator<number> {
    for (let value = 1; value <= to; value++) yield value;
  }

  async sum(items: AsyncIterable<number>): Promise<number> {
    let sum = 0;
    for await (const item of items) sum += item;
    return sum;
  }
}

beforeEach(() => {
  hooks.length = 0;
});

describe("headers", () => {
  test("are those of the message that called, and none in the hooks", async () => {
    const hub = new HubHarness(TestHub);
    const client = await hub.connect();
    const call = { type: MessageType.Invocation, target: "Tenant", arguments: [] } as const;
    await client.send({ ...call, arguments: [], invocationId: "1", headers: { tenant: "a" } });
    await client.send({ ...call, arguments: [], invocationId: "2" });
    await client.lose();
    expect(client.answers).toEqual({
      "1": { type: MessageType.Completion, result: { tenant: "a" } },
      "2": { type: MessageType.Completion, result: {} },
    });
    expect(hooks).toEqual([{}, {}]);
  });
});

describe("filters", () => {
  const order: string[] = [];
  const tracer = (name: string): HubFilter => ({
    invokeMethod: async (invocation, next) => {
      order.push(`${name} > ${invocation.method}`);
      const result = await next(invocation);
      order.push(`${name} < ${invocation.method}`);
      return result;
    },
  });

  beforeEach(() => {
    order.length = 0;
  });

  test("see the call and may change its arguments and its result", async () => {
    const seen: HubInvocation[] = [];
    const filter: HubFilter = {
      invokeMethod: async (invocation, next) => {
        seen.push(invocation);
        return Number(await next({ ...invocation, args: [...invocation.args, 5] })) * 10;
      },
    };
    const hub = new HubHarness(TestHub, { filters: [filter] });
    const client = await hub.connect();
    const headers = { tenant: "a" };
    await client.send({ type: MessageType.Invocation, invocationId: "1", target: "ADD", arguments: [1, 1], headers });
    expect(client.answers).toEqual({ "1": { type: MessageType.Completion, result: 20 } });
    expect(seen).toHaveLength(1);
    expect(seen[0]).toMatchObject({ method: "add", args: [1, 1], headers });
    expect(seen[0]?.hub).toBeInstanceOf(TestHub);
    expect(seen[0]?.context.connectionId).toBe("client-1");
  });

  test("those of the server are around those of the hub, the first outermost", async () => {
    const { filters } = resolveHubOptions({ filters: [tracer("a"), tracer("b")] }, { filters: [tracer("c")] });
    const hub = new HubHarness(TestHub, { filters });
    const client = await hub.connect();
    await client.call("1", "add", 1, 2);
    expect(order).toEqual(["a > add", "b > add", "c > add", "c < add", "b < add", "a < add"]);
    expect(client.answers).toEqual({ "1": { type: MessageType.Completion, result: 3 } });
  });

  test("are around streams in both directions too", async () => {
    const hub = new HubHarness(TestHub, { filters: [tracer("a")] });
    const client = await hub.connect();
    await client.stream("1", "count", 2);
    await client.send(
      { type: MessageType.Invocation, invocationId: "2", target: "sum", arguments: [], streamIds: ["u"] },
      { type: MessageType.StreamItem, invocationId: "u", item: 4 },
      { type: MessageType.StreamItem, invocationId: "u", item: 5 },
      { type: MessageType.Completion, invocationId: "u" },
    );
    expect(order).toEqual(["a > count", "a < count", "a > sum", "a < sum"]);
    const items = client.received.filter(({ type }) => type === MessageType.StreamItem);
    expect(items).toMatchObject([{ item: 1 }, { item: 2 }]);
    expect(client.answers["2"]).toMatchObject({ result: 9 });
  });

  test("see failures, and their own are failures of the call", async () => {
    const seen: unknown[] = [];
    const filter: HubFilter = {
      invokeMethod: async (invocation, next) => {
        if (invocation.method === "add") throw new HubError("not allowed");
        return next(invocation).catch((thrown: unknown) => {
          seen.push(thrown);
          throw thrown;
        });
      },
    };
    const hub = new HubHarness(TestHub, { filters: [filter] });
    const client = await hub.connect();
    await client.call("1", "fail");
    await client.call("2", "add", 1, 2);
    expect(client.answers).toEqual({
      "1": "An unexpected error occurred invoking 'fail' on the server. HubException: no",
      "2": "An unexpected error occurred invoking 'add' on the server. HubException: not allowed",
    });
    expect(seen).toEqual([new HubError("no")]);
  });

  test("may throw at once and return plain values", async () => {
    const filter: HubFilter = {
      invokeMethod: (invocation) => {
        if (invocation.method === "fail") throw new HubError("at once");
        return "plain";
      },
    };
    const hub = new HubHarness(TestHub, { filters: [filter] });
    const client = await hub.connect();
    await client.call("1", "fail");
    await client.call("2", "add", 1, 2);
    expect(client.answers).toMatchObject({
      "1": "An unexpected error occurred invoking 'fail' on the server. HubException: at once",
      "2": { result: "plain" },
    });
  });

  test.each([5, {}, [undefined], [{}], [{ invokeMethod: 5 }]])("%p are refused", (filters) => {
    expect(() => resolveHubOptions({}, { filters: untyped(filters) })).toThrow(InvalidArgumentError);
    expect(() => resolveHubOptions({ filters: untyped(filters) }, {})).toThrow(InvalidArgumentError);
  });
});
