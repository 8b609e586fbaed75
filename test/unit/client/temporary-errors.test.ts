/** Which failures another attempt may mend, and how long a server asked to wait. */
import { isTemporary, retryAfterOf } from "../../../src/client/temporary-errors.js";
import { InvalidArgumentError } from "../../../src/errors/call-errors.js";
import {
  ConnectFailedError,
  ConnectionError,
  HandshakeError,
  NegotiationError,
  TransportError,
} from "../../../src/errors/connection-errors.js";
import { HttpError, TimeoutError } from "../../../src/errors/http-errors.js";

const skipped = new TransportError("transport-skipped", "LongPolling", "not available here");
const failed = (cause: unknown) => new TransportError("transport-failed", "WebSockets", "failed", cause);

test.each([
  [new ConnectionError("connection-lost", "lost")],
  [new TimeoutError()],
  [new NegotiationError("no answer")],
  [new Error("getaddrinfo ENOTFOUND")],
  [new ConnectFailedError("none", [skipped, failed(new HttpError("busy", 503))])],
  [new ConnectFailedError("none", [failed(new HttpError("no", 401)), failed(new Error("reset"))])],
  ...[408, 425, 429, 500, 502, 503, 504].map((status): [Error] => [new HttpError("status", status)]),
])("%s may pass", (error) => {
  expect(isTemporary(error)).toBe(true);
});

test.each([
  [new InvalidArgumentError("wrong")],
  [new HandshakeError("unknown encoding")],
  [new ConnectFailedError("nothing on offer")],
  [new ConnectFailedError("none", [skipped])],
  [new ConnectFailedError("none", [skipped, failed(new HttpError("no", 403))])],
  ...[302, 400, 401, 403, 404, 405, 410].map((status): [Error] => [new HttpError("status", status)]),
])("%s stays", (error) => {
  expect(isTemporary(error)).toBe(false);
});

test.each([
  [new HttpError("busy", 503, "7"), 7_000],
  [new HttpError("busy", 503), 0],
  [new HttpError("busy", 503, "86400"), 300_000],
  [new ConnectFailedError("none", [skipped, failed(new HttpError("busy", 429, "3")), failed(new Error())]), 3_000],
  [new ConnectFailedError("none"), 0],
  [new Error("lost"), 0],
])("%s asks to wait", (error, ms) => {
  expect(retryAfterOf(error)).toBe(ms);
});
