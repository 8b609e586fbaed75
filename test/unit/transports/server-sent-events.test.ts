/** Server-Sent Events: over a stream of bytes, and over an `EventSource` that the user injects. */
import { onAbort, abortError } from "../../../src/common/abort-scope.js";
import { HttpError } from "../../../src/errors/http-errors.js";
import type { OpenStream, StreamListener, StreamRequest } from "../../../src/http/open-stream.js";
import { TransferFormat } from "../../../src/protocol/messages.js";
import { streamedEvents, type EventSourceConstructor } from "../../../src/transports/event-source.js";
import { serverSentEventsOver } from "../../../src/transports/server-sent-events.js";
import { RecordingListener } from "./recording-listener.js";
import { scriptedContext } from "./scripted-context.js";

const url = "http://h/chat?a=b&id=1";
const bytes = (text: string) => new TextEncoder().encode(text);

function setUp(openStream: OpenStream | undefined, EventSource?: EventSourceConstructor) {
  const set = scriptedContext(() => "fresh");
  set.context.token.value = "secret";
  const listener = new RecordingListener();
  const controller = new AbortController();
  const request = { url, transferFormat: TransferFormat.Text, listener, signal: controller.signal };
  const connecting = serverSentEventsOver(() => openStream).connect({ ...set.context, EventSource }, request);
  connecting.catch(() => undefined);
  return { ...set, connecting, controller, listener };
}

/** A stream that a test opens, feeds and ends. */
function byteStream() {
  const opened: {
    request: StreamRequest;
    listener: StreamListener;
    resolve: () => void;
    reject: (error: Error) => void;
  }[] = [];
  const close = jest.fn();
  const openStream: OpenStream = (request, listener) =>
    new Promise((resolve, reject) => {
      opened.push({ request, listener, resolve: () => resolve(close), reject });
      onAbort(request.signal, () => reject(abortError(request.signal)));
    });
  return { opened, close, ...setUp(openStream) };
}

async function openByteStream() {
  const set = byteStream();
  const [stream] = set.opened;
  if (!stream) throw new Error("nothing was opened");
  stream.resolve();
  return { ...set, stream: stream.listener, connection: await set.connecting };
}

describe("over a stream of bytes", () => {
  it("asks for events with headers, cookies and the token in headers", async () => {
    const { opened } = byteStream();
    expect(opened[0]?.request).toMatchObject({
      url,
      withCredentials: true,
      headers: { Accept: "text/event-stream", "X-A": "1", Authorization: "Bearer secret" },
    });
  });

  it("asks for events even when the user's headers ask for something else", () => {
    const { context, http } = scriptedContext();
    const opened: StreamRequest[] = [];
    const openEvents = streamedEvents((request) => {
      opened.push(request);
      return new Promise(() => undefined);
    });
    http.cookies = "a=b";
    const listener = { onEvent: jest.fn(), onEnd: jest.fn() };
    const { signal } = new AbortController();
    void openEvents({ ...context, headers: { accept: "application/json" } }, url, signal, listener);
    expect(opened[0]?.headers).toEqual({ Accept: "text/event-stream", Cookie: "a=b" });
  });

  it("delivers events, posts what is sent and needs pings", async () => {
    const { connection, http, listener, stream } = await openByteStream();
    stream.onBytes(bytes(":\r\n\r\ndata: a\r\n"));
    expect(listener.chunks).toEqual([]);
    stream.onBytes(bytes("\r\ndata: b\r\n\r\n"));
    expect(listener.chunks).toEqual(["a", "b"]);
    const sent = connection.send("c");
    http.last("POST").answer();
    await sent;
    expect(http.last("POST")).toMatchObject({ url, content: "c", headers: { Authorization: "Bearer secret" } });
    expect(connection.inherentKeepAlive).toBe(false);
    expect(connection.confirmsSends).toBe(true);
  });

  it("asks for the token once more when it is refused, and only once", async () => {
    const { clock, connecting, opened } = byteStream();
    opened[0]?.reject(new HttpError("No", 401));
    await clock.settle();
    expect(opened[1]?.request.headers).toMatchObject({ Authorization: "Bearer fresh" });
    opened[1]?.reject(new HttpError("No", 401));
    await expect(connecting).rejects.toMatchObject({ statusCode: 401 });
    expect(opened).toHaveLength(2);
  });

  it("is given up with the signal", async () => {
    const { connecting, controller } = byteStream();
    controller.abort();
    await expect(connecting).rejects.toMatchObject({ name: "AbortError" });
  });

  it("ends cleanly with the stream", async () => {
    const { listener, stream } = await openByteStream();
    stream.onEnd();
    expect(listener.ends).toStrictEqual([undefined]);
  });

  it("ends with an error when the stream breaks", async () => {
    const { listener, stream } = await openByteStream();
    stream.onEnd(new Error("ECONNRESET"));
    expect(listener.ends).toEqual([expect.objectContaining({ name: "ConnectionError", code: "connection-lost" })]);
  });

  it("ends with an error when the stream is none, and closes it", async () => {
    const { close, listener, stream } = await openByteStream();
    stream.onBytes(Uint8Array.of(0xff, 10));
    expect(listener.ends).toEqual([expect.objectContaining({ name: "ProtocolError" })]);
    expect(close).toHaveBeenCalled();
    stream.onBytes(bytes("data: late\n\n"));
    expect(listener.chunks).toEqual([]);
  });

  it("closes a stream that was no good before it was said to be open", async () => {
    const { close, connecting, listener, opened } = byteStream();
    opened[0]?.listener.onBytes(Uint8Array.of(0xff, 10));
    opened[0]?.resolve();
    await connecting;
    expect(close).toHaveBeenCalled();
    expect(listener.ends).toHaveLength(1);
  });

  it("closes the stream when it is closed, without a DELETE, and says nothing more", async () => {
    const { clock, close, connection, http, listener, stream } = await openByteStream();
    await connection.close();
    expect(close).toHaveBeenCalledTimes(1);
    expect(http.requests).toEqual([]);
    stream.onBytes(bytes("data: late\n\n"));
    stream.onEnd(new Error("aborted"));
    expect(listener.chunks).toEqual([]);
    expect(listener.ends).toHaveLength(0);
    expect(clock.pendingTimers).toBe(0);
  });
});

/** An `EventSource` that a test drives. */
class TestSource {
  static last: TestSource | undefined;
  onopen: ((event: never) => void) | null = null;
  onmessage: ((event: never) => void) | null = null;
  onerror: ((event: never) => void) | null = null;
  readonly close = jest.fn();
  readonly url: string;
  readonly init: unknown;

  constructor(url: string, init?: unknown) {
    this.url = url;
    this.init = init;
    TestSource.last = this;
  }

  emit(name: "onopen" | "onmessage" | "onerror", event: object = {}): void {
    this[name]?.(event as never);
  }
}

function eventSource() {
  const set = setUp(undefined, TestSource);
  const source = TestSource.last;
  if (!source) throw new Error("nothing was opened");
  return { ...set, source };
}

describe("over an injected EventSource", () => {
  it("puts the token into the query, because it may know no headers", () => {
    const { source } = eventSource();
    expect(source.url).toBe(`${url}&access_token=secret`);
    expect(source.init).toEqual({ withCredentials: true, headers: { "X-A": "1" } });
  });

  it("delivers messages", async () => {
    const { connecting, listener, source } = eventSource();
    source.emit("onopen");
    await connecting;
    source.emit("onmessage", { data: "a" });
    expect(listener.chunks).toEqual(["a"]);
  });

  it("fails when there is an error before it is open, and is closed", async () => {
    const { connecting, listener, source } = eventSource();
    source.emit("onerror");
    await expect(connecting).rejects.toThrow("EventSource");
    expect(source.close).toHaveBeenCalled();
    expect(listener.ends).toHaveLength(0);
  });

  it("ends cleanly with any error later, and is closed so that it does not connect again", async () => {
    const { connecting, listener, source } = eventSource();
    source.emit("onopen");
    await connecting;
    source.emit("onerror");
    expect(listener.ends).toStrictEqual([undefined]);
    expect(source.close).toHaveBeenCalled();
  });

  it("is given up with the signal", async () => {
    const { connecting, controller, source } = eventSource();
    controller.abort();
    await expect(connecting).rejects.toMatchObject({ name: "AbortError" });
    expect(source.close).toHaveBeenCalled();
  });

  it("is closed with the connection", async () => {
    const { connecting, source } = eventSource();
    source.emit("onopen");
    await (await connecting).close();
    expect(source.close).toHaveBeenCalledTimes(1);
  });
});

it("is skipped where the runtime can read no stream", async () => {
  await expect(setUp(undefined).connecting).rejects.toMatchObject({ code: "transport-skipped" });
});
