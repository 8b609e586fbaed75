/** What every error class promises: a stable name and code, the facts to branch on, and the cause. */
import {
  ClientResultError,
  HubError,
  InvalidArgumentError,
  InvalidStateError,
  LimitError,
  ProtocolError,
} from "../../../src/errors/call-errors.js";
import {
  ConnectFailedError,
  ConnectionError,
  HandshakeError,
  NegotiationError,
  TransportError,
} from "../../../src/errors/connection-errors.js";
import { AbortError, HttpError, TimeoutError } from "../../../src/errors/http-errors.js";
import { HubwireError } from "../../../src/errors/hubwire-error.js";

const cause = new Error("underneath");

describe("every error", () => {
  test.each([
    [new HubError("text"), "HubError", "hub-error", "text"],
    [new ClientResultError("text"), "ClientResultError", "client-result-failed", "text"],
    [new ProtocolError("text"), "ProtocolError", "protocol-error", "text"],
    [new LimitError("option", "text"), "LimitError", "limit-exceeded", "text"],
    [new InvalidStateError("text"), "InvalidStateError", "invalid-state", "text"],
    [new InvalidArgumentError("text"), "InvalidArgumentError", "invalid-argument", "text"],
    [new InvalidArgumentError("text", "not-serializable"), "InvalidArgumentError", "not-serializable", "text"],
    [new ConnectionError("connection-lost", "text"), "ConnectionError", "connection-lost", "text"],
    [new ConnectionError("server-closed", "text"), "ConnectionError", "server-closed", "text"],
    [new NegotiationError("text"), "NegotiationError", "negotiate-failed", "text"],
    [new HandshakeError("text"), "HandshakeError", "handshake-failed", "text"],
    [new TransportError("transport-failed", "WebSockets", "text"), "TransportError", "transport-failed", "text"],
    [new TransportError("transport-skipped", "WebSockets", "text"), "TransportError", "transport-skipped", "text"],
    [new ConnectFailedError("text"), "ConnectFailedError", "connect-failed", "text"],
    [new HttpError("text", 404), "HttpError", "http-status", "text: Status code '404'"],
    [new TimeoutError("text"), "TimeoutError", "timeout", "text"],
    [new TimeoutError(), "TimeoutError", "timeout", "A timeout occurred."],
    [new TimeoutError("text", "server-timeout"), "TimeoutError", "server-timeout", "text"],
    [new AbortError("text"), "AbortError", "aborted", "text"],
    [new AbortError(), "AbortError", "aborted", "An abort occurred."],
  ])("%s: name %s, code %s", (error, name, code, message) => {
    expect(error).toBeInstanceOf(HubwireError);
    expect(error).toBeInstanceOf(Error);
    expect(error.name).toBe(name);
    expect(error.constructor.name).toBe(name);
    expect(error.code).toBe(code);
    expect(error.message).toBe(message);
    expect(String(error)).toBe(`${name}: ${message}`);
    expect(error.stack).toContain("error-classes.test");
  });

  test.each([
    new ClientResultError("text", cause),
    new ProtocolError("text", cause),
    new InvalidArgumentError("text", "not-serializable", cause),
    new ConnectionError("connection-lost", "text", { cause }),
    new NegotiationError("text", cause),
    new HandshakeError("text", cause),
    new TransportError("transport-failed", "WebSockets", "text", cause),
    new AbortError("text", cause),
  ])("$name keeps its cause", (error) => {
    expect(error.cause).toBe(cause);
  });

  test("has no cause member where there is none", () => {
    expect(Object.hasOwn(new ProtocolError("text"), "cause")).toBe(false);
    expect(Object.hasOwn(new HubError("text"), "cause")).toBe(false);
  });

  test("keeps a cause that is falsy", () => {
    expect(new AbortError("text", null).cause).toBeNull();
    expect(new AbortError("text", 0).cause).toBe(0);
  });
});

describe("facts to branch on", () => {
  test("LimitError names the option", () => {
    expect(new LimitError("maximumReceiveMessageSize", "text").limit).toBe("maximumReceiveMessageSize");
  });

  test("HttpError has the status code", () => {
    expect(new HttpError("Not Found", 404).statusCode).toBe(404);
  });

  test.each([
    ["120", 120_000],
    ["0", 0],
    [new Date(1_000_000_005_000).toUTCString(), 5_000],
    [new Date(999_999_999_000).toUTCString(), undefined],
    ["soon", undefined],
    ["", undefined],
    [null, undefined],
  ])("HttpError has the milliseconds that Retry-After %p asks for", (header, ms) => {
    const now = jest.spyOn(Date, "now").mockReturnValue(1_000_000_000_000);
    expect(new HttpError("Busy", 503, header).retryAfter).toBe(ms);
    now.mockRestore();
  });

  test("ConnectionError has the close code, if there was one", () => {
    expect(new ConnectionError("connection-lost", "text", { closeCode: 1006 }).closeCode).toBe(1006);
    expect(new ConnectionError("connection-lost", "text").closeCode).toBeUndefined();
  });

  test("TransportError names the transport", () => {
    expect(new TransportError("transport-failed", "LongPolling", "text").transport).toBe("LongPolling");
  });

  test("ConnectFailedError lists its attempts and tells them in its message", () => {
    const attempts = [
      new TransportError("transport-failed", "WebSockets", "WebSockets failed."),
      new TransportError("transport-skipped", "LongPolling", "LongPolling was skipped."),
    ];
    const error = new ConnectFailedError("Unable to connect.", attempts);
    expect(error.attempts).toEqual(attempts);
    expect(error.message).toBe("Unable to connect. WebSockets failed. LongPolling was skipped.");
    expect(new ConnectFailedError("Unable to connect.").attempts).toEqual([]);
  });
});
