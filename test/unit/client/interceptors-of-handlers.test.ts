/** `connection.use(…)` around handlers: what interceptors see and may do, and how they fail. */
import type { InterceptedCall } from "../../../src/client/interceptors.js";
import { MessageType, type InvocationMessage } from "../../../src/protocol/messages.js";
import { observed, order, tracer } from "./intercepted-connection.js";

describe("around handlers", () => {
  const message = (invocationId?: string, headers?: Record<string, string>): InvocationMessage => ({
    type: MessageType.Invocation,
    invocationId,
    target: "M",
    arguments: [1],
    headers,
  });
  const answers = () => observed.hub.socket.calls.filter(({ type }) => type === MessageType.Completion);

  it("see the message and its headers, in the order of registration", async () => {
    const { connection, hub } = observed;
    const seen: InterceptedCall[] = [];
    connection.use(tracer("a"));
    connection.use({ receive: (call, next) => (seen.push(call), next(call)) });
    connection.on("m", (...args) => void order.push(`handler ${args.join()}`));
    hub.socket.receive(message(undefined, { tenant: "t" }));
    await hub.clock.settle();
    expect(seen).toHaveLength(1);
    expect(seen[0]).toMatchObject({ method: "M", args: [1], headers: { tenant: "t" } });
    expect(seen[0]?.connection).toBe(connection);
    expect(order).toEqual(["a > M", "handler 1", "a < M"]);
    expect(answers()).toEqual([]);
  });

  it("may change what handlers get and what is answered, or keep it from them", async () => {
    const { connection, hub } = observed;
    connection.use({
      receive: async (call, next) => {
        if (call.headers["drop"]) return "dropped";
        return `${String(await next({ ...call, args: [10] }))}!`;
      },
    });
    const handler = jest.fn((value: number) => value + 1);
    connection.on("M", handler);
    hub.socket.receive(message("s1"), message("s2", { drop: "1" }));
    await hub.clock.settle();
    expect(handler.mock.calls).toEqual([[10]]);
    expect(answers()).toMatchObject([
      { invocationId: "s2", result: "dropped" },
      { invocationId: "s1", result: "11!" },
    ]);
  });

  it("wait for all handlers, and learn what one threw", async () => {
    const { connection, hub } = observed;
    const seen: unknown[] = [];
    connection.use({
      receive: (call, next) =>
        next(call).catch((thrown: unknown) => {
          seen.push(thrown);
          throw thrown;
        }),
    });
    const error = new Error("handler");
    connection.on("M", () => Promise.reject(error));
    connection.on("M", () => void order.push("second"));
    hub.socket.receive(message(), message("s1"));
    await hub.clock.settle();
    expect(order).toEqual(["second", "second"]);
    expect(seen).toEqual([error, error]);
    expect(hub.logged.filter((line) => line.includes("threw"))).toEqual([
      `A handler of "M" threw: handler`,
      `A handler of "M" threw: handler`,
    ]);
    expect(answers()).toMatchObject([{ invocationId: "s1", error: "handler" }]);
  });

  it("learn that there is no result, or more than one, where one is wanted", async () => {
    const { connection, hub } = observed;
    const seen: unknown[] = [];
    connection.use({ receive: (call, next) => next(call).catch((thrown: Error) => seen.push(thrown.message)) });
    hub.socket.receive(message(), message("s1"));
    await hub.clock.settle();
    connection.on("M", () => 1);
    connection.on("M", () => 2);
    hub.socket.receive(message("s2"));
    await hub.clock.settle();
    expect(seen).toEqual(["Client didn't provide a result.", "Client provided multiple results."]);
  });

  it("that throw or return nothing are logged, and an error to a hub that waits", async () => {
    const { connection, hub } = observed;
    connection.on("M", () => 1);
    const throws = connection.use({
      receive: () => {
        throw new Error("boom");
      },
    });
    hub.socket.receive(message(), message("s1"));
    await hub.clock.settle();
    throws();
    connection.use({ receive: async (call, next) => void (await next(call)) });
    hub.socket.receive(message("s2"));
    await hub.clock.settle();
    expect(hub.logged.filter((line) => line.includes("threw"))).toEqual([
      `An interceptor of "M" threw: boom`,
      `An interceptor of "M" threw: boom`,
    ]);
    expect(answers()).toMatchObject([
      { invocationId: "s1", error: "boom" },
      { invocationId: "s2", error: "Client didn't provide a result." },
    ]);
    expect(connection.state).toBe("Connected");
  });
});
