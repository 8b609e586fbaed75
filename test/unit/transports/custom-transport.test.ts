/** Transport objects that users bring. */
import { AbortError } from "../../../src/errors/http-errors.js";
import { TransferFormat } from "../../../src/protocol/messages.js";
import { connectCustomTransport, isCustomTransport } from "../../../src/transports/custom-transport.js";
import type { CustomTransport } from "../../../src/transports/transport.js";
import { FakeClock } from "../../support/fake-clock.js";
import { RecordingListener } from "./recording-listener.js";

class UserTransport implements CustomTransport {
  readonly connect = jest.fn((_url: string, _format: TransferFormat) => Promise.resolve());
  readonly send = jest.fn((_data: string | ArrayBuffer) => Promise.resolve());
  readonly stop = jest.fn(() => Promise.resolve());
  onreceive: CustomTransport["onreceive"] = null;
  onclose: CustomTransport["onclose"] = null;
}

function setUp() {
  const clock = new FakeClock();
  const transport = new UserTransport();
  const listener = new RecordingListener();
  const controller = new AbortController();
  const request = { url: "http://h/?id=1", transferFormat: TransferFormat.Binary, listener, signal: controller.signal };
  return { clock, transport, listener, controller, connect: () => connectCustomTransport(transport, request, clock) };
}

describe("connectCustomTransport", () => {
  it("hands over the URL and the format, and delivers what arrives", async () => {
    const { connect, listener, transport } = setUp();
    await connect();
    expect(transport.connect).toHaveBeenCalledWith("http://h/?id=1", TransferFormat.Binary);
    transport.onreceive?.("a");
    expect(listener.chunks).toEqual(["a"]);
  });

  it("sends strings as they are and bytes as a buffer of their own", async () => {
    const { connect, transport } = setUp();
    const connection = await connect();
    await connection.send("a");
    await connection.send(new Uint8Array([0, 1, 2, 3]).subarray(1, 3));
    expect(transport.send.mock.calls).toEqual([["a"], [new Uint8Array([1, 2]).buffer]]);
  });

  it("rejects a send that the transport throws on", async () => {
    const { connect, transport } = setUp();
    const connection = await connect();
    transport.send.mockImplementation(() => {
      throw new Error("full");
    });
    await expect(connection.send("a")).rejects.toThrow("full");
  });

  it("reports the end once", async () => {
    const { connect, listener, transport } = setUp();
    await connect();
    const error = new Error("gone");
    transport.onclose?.(error);
    transport.onclose?.();
    transport.onreceive?.("late");
    expect(listener).toMatchObject({ ends: [error], chunks: [] });
  });

  it("stops silently, whatever stop throws", async () => {
    const { clock, connect, listener, transport } = setUp();
    const connection = await connect();
    transport.stop.mockRejectedValue(new Error("x"));
    await connection.close();
    transport.onclose?.(new Error("late"));
    expect(listener.ends).toEqual([]);
    expect(clock.pendingTimers).toBe(0);
  });

  it("does not wait for ever for stop", async () => {
    const { clock, connect, transport } = setUp();
    const connection = await connect();
    transport.stop.mockReturnValue(new Promise(() => undefined));
    const closed = connection.close();
    clock.advance(4_000);
    await closed;
  });

  it("rejects with the transport's own error", async () => {
    const { connect, transport } = setUp();
    const failure = new Error("no");
    transport.connect.mockRejectedValue(failure);
    await expect(connect()).rejects.toBe(failure);
  });

  it("gives up on a transport that never connects, and stops it", async () => {
    const { connect, controller, transport } = setUp();
    transport.connect.mockReturnValue(new Promise(() => undefined));
    const connecting = connect();
    controller.abort();
    await expect(connecting).rejects.toBeInstanceOf(AbortError);
    expect(transport.stop).toHaveBeenCalledTimes(1);
  });
});

describe("isCustomTransport", () => {
  it("tells objects with connect from everything else", () => {
    expect(isCustomTransport(new UserTransport())).toBe(true);
    for (const other of [1, 0, null, undefined, "connect", {}]) expect(isCustomTransport(other)).toBe(false);
  });
});
