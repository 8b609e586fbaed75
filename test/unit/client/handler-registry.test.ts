/** Handlers: names, order, removal, and the rules for what they return. */
import { HandlerRegistry } from "../../../src/client/handler-registry.js";
import { LogLevel } from "../../../src/logging/log-level.js";
import { Log } from "../../../src/logging/logger.js";
import { MessageType, type InvocationMessage } from "../../../src/protocol/messages.js";

function setUp() {
  const logged: [LogLevel, string][] = [];
  const log = new Log({ log: (level, message) => void logged.push([level, message]) });
  return { logged, registry: new HandlerRegistry({ log }, self) };
}

const self = { baseUrl: "http://hub", connectionId: "id", transport: "test" };

/** A call of the hub. */
function call(target: string, args: unknown[]): InvocationMessage {
  return { type: MessageType.Invocation, target, arguments: args };
}

describe("names", () => {
  it("match without regard to case, and once found are found again in any spelling", () => {
    const { registry } = setUp();
    const handler = jest.fn();
    registry.add("ReceiveMessage", handler);
    for (const name of ["receivemessage", "RECEIVEMESSAGE", "ReceiveMessage", "receivemessage"]) {
      registry.notify(call(name, [name]));
    }
    expect(handler).toHaveBeenCalledTimes(4);
  });

  it.each(["constructor", "__proto__", "toString", "hasOwnProperty"])("like %p are nothing special", async (name) => {
    const { logged, registry } = setUp();
    registry.notify(call(name, []));
    await expect(registry.ask(call(name, []))).resolves.toEqual({
      error: "Client didn't provide a result.",
    });
    expect(logged.every(([level]) => level === LogLevel.Warning)).toBe(true);
    registry.add(name, () => 5);
    await expect(registry.ask(call(name, []))).resolves.toEqual({ result: 5 });
  });

  it("that nobody handles are logged, shortened", () => {
    const { logged, registry } = setUp();
    registry.notify(call("n".repeat(5_000), []));
    expect(logged).toHaveLength(1);
    expect(logged[0]?.[1].length).toBeLessThan(200);
  });

  // A hostile server must not fill the memory with spellings.
  it("in more spellings than are remembered still work", () => {
    const { registry } = setUp();
    const handler = jest.fn();
    const name = "abcdefghijklm";
    registry.add(name, handler);
    for (let bits = 0; bits < 3_000; bits++) {
      const spelling = [...name].map((char, i) => ((bits >> i) & 1 ? char.toUpperCase() : char)).join("");
      registry.notify(call(spelling, []));
    }
    expect(handler).toHaveBeenCalledTimes(3_000);
    registry.remove(name);
    registry.notify(call(name.toUpperCase(), []));
    expect(handler).toHaveBeenCalledTimes(3_000);
  });
});

describe("handlers", () => {
  it("are called in their order, with the connection as this and all arguments", () => {
    const { registry } = setUp();
    const calls: unknown[] = [];
    registry.add("m", function (this: unknown, ...args) {
      calls.push(["first", this, args]);
    });
    registry.add("M", (...args) => calls.push(["second", args]));
    registry.notify(call("m", [1, "two", null]));
    expect(calls).toEqual([
      ["first", self, [1, "two", null]],
      ["second", [1, "two", null]],
    ]);
  });

  it("are added to a name only once", () => {
    const { registry } = setUp();
    const handler = jest.fn();
    registry.add("m", handler);
    registry.add("M", handler);
    registry.add("other", handler);
    registry.notify(call("m", []));
    expect(handler).toHaveBeenCalledTimes(1);
    registry.notify(call("other", []));
    expect(handler).toHaveBeenCalledTimes(2);
  });

  it("are removed by their disposer, by name, or both", () => {
    const { registry } = setUp();
    const [a, b, c] = [jest.fn(), jest.fn(), jest.fn()];
    const dispose = registry.add("m", a);
    registry.add("m", b);
    registry.add("m", c);
    dispose();
    dispose();
    registry.remove("M", b);
    registry.notify(call("m", []));
    expect([a, b, c].map((handler) => handler.mock.calls.length)).toEqual([0, 0, 1]);
    registry.remove("m");
    registry.notify(call("m", []));
    expect(c).toHaveBeenCalledTimes(1);
    registry.remove("unknown");
  });

  it("are not removed by the disposer of an earlier registration", () => {
    const { registry } = setUp();
    const handler = jest.fn();
    const stale = registry.add("m", handler);
    registry.remove("m");
    registry.add("m", handler);
    stale();
    registry.notify(call("m", []));
    expect(handler).toHaveBeenCalledTimes(1);
  });

  it("that are removed or added while they run do not disturb the dispatch", () => {
    const { registry } = setUp();
    const calls: string[] = [];
    const second = () => calls.push("second");
    registry.add("m", () => {
      calls.push("first");
      registry.remove("m", second);
      registry.add("m", () => calls.push("late"));
    });
    registry.add("m", second);
    registry.notify(call("m", []));
    expect(calls).toEqual(["first", "second"]);
    registry.notify(call("m", []));
    expect(calls).toEqual(["first", "second", "first", "late"]);
  });

  it("that throw or reject are logged and disturb nobody", async () => {
    const { logged, registry } = setUp();
    const last = jest.fn();
    registry.add("m", () => {
      throw new Error("thrown");
    });
    registry.add("m", async () => Promise.reject(new Error("rejected")));
    registry.add("m", last);
    registry.notify(call("m", []));
    await new Promise((resolve) => setImmediate(resolve));
    expect(last).toHaveBeenCalledTimes(1);
    expect(logged).toEqual([
      [LogLevel.Error, expect.stringContaining("thrown")],
      [LogLevel.Error, expect.stringContaining("rejected")],
    ]);
  });

  it("that are asynchronous are not waited for by notify", () => {
    const { registry } = setUp();
    const calls: string[] = [];
    registry.add("m", async () => new Promise(() => undefined));
    registry.add("m", () => calls.push("next"));
    registry.notify(call("m", []));
    expect(calls).toEqual(["next"]);
  });
});

describe("ask", () => {
  it.each([[5], [0], [""], [false], [null], [{ a: 1 }]])("answers with the result %p", async (result) => {
    const { registry } = setUp();
    registry.add("m", () => result);
    await expect(registry.ask(call("m", []))).resolves.toEqual({ result });
  });

  it("passes the arguments and the connection, and waits for promises", async () => {
    const { registry } = setUp();
    registry.add("m", async function (this: unknown, a, b) {
      await Promise.resolve();
      return [this === self, a, b];
    });
    await expect(registry.ask(call("m", [1, 2]))).resolves.toEqual({ result: [true, 1, 2] });
  });

  it("runs the handlers one after the other", async () => {
    const { registry } = setUp();
    const calls: string[] = [];
    registry.add("m", async () => {
      calls.push("first starts");
      await new Promise((resolve) => setImmediate(resolve));
      calls.push("first ends");
    });
    registry.add("m", () => {
      calls.push("second");
      return 1;
    });
    await expect(registry.ask(call("m", []))).resolves.toEqual({ result: 1 });
    expect(calls).toEqual(["first starts", "first ends", "second"]);
  });

  it("has an error for nobody, and for nothing returned", async () => {
    const { registry } = setUp();
    const none = { error: "Client didn't provide a result." };
    await expect(registry.ask(call("m", []))).resolves.toEqual(none);
    registry.add("m", () => undefined);
    registry.add("m", async () => undefined);
    await expect(registry.ask(call("m", []))).resolves.toEqual(none);
  });

  it.each([
    [1, 0],
    [null, false],
    ["a", "a"],
  ])("has an error for two results, %p and %p", async (first, second) => {
    const { registry } = setUp();
    registry.add("m", () => first);
    registry.add("m", () => second);
    await expect(registry.ask(call("m", []))).resolves.toEqual({
      error: "Client provided multiple results.",
    });
  });

  it("answers with what a handler threw: just the message", async () => {
    const { logged, registry } = setUp();
    registry.add("m", () => {
      throw new Error("exact text");
    });
    registry.add("m", () => undefined);
    await expect(registry.ask(call("m", []))).resolves.toEqual({ error: "exact text" });
    expect(logged).toEqual([[LogLevel.Error, expect.stringContaining("exact text")]]);
  });

  it("takes the one result although another handler returned nothing, or failed", async () => {
    const { registry } = setUp();
    registry.add("m", () => "result");
    registry.add("m", () => undefined);
    registry.add("m", () => Promise.reject(new Error("failed")));
    await expect(registry.ask(call("m", []))).resolves.toEqual({ result: "result" });
  });
});
