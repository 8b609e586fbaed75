/** The choice of a transport: order, reasons for skipping, falling back (TRANSPORTS §6). */
import { selectTransport } from "../../../src/client/transport-selector.js";
import { abortError, onAbort } from "../../../src/common/abort-scope.js";
import { ConnectFailedError, NegotiationError, TransportError } from "../../../src/errors/connection-errors.js";
import { AbortError, HttpError } from "../../../src/errors/http-errors.js";
import { AccessToken } from "../../../src/http/access-token.js";
import { Log } from "../../../src/logging/logger.js";
import { TransferFormat } from "../../../src/protocol/messages.js";
import type { Connection } from "../../../src/session/connection.js";
import type { ConnectRequest, Transport, TransportName } from "../../../src/transports/transport.js";
import { FakeClock } from "../../support/fake-clock.js";
import { ScriptedHttpClient, type Answer } from "../http/scripted-http-client.js";
import { RecordingListener } from "../transports/recording-listener.js";

const both = ["Text", "Binary"];
/** Connects for ever, until the signal fires. */
const silent = ({ signal }: ConnectRequest) => {
  return new Promise<never>((_resolve, reject) => onAbort(signal, () => reject(abortError(signal))));
};

function transport<Name extends TransportName>(
  name: Name,
  connect: (request: ConnectRequest) => Promise<Connection>,
  transferFormats = 3,
) {
  return { name, transferFormats, connect: jest.fn((_context: object, request: ConnectRequest) => connect(request)) };
}

function connected(): Connection {
  return {
    listener: new RecordingListener(),
    inherentKeepAlive: false,
    confirmsSends: false,
    send: () => undefined,
    close: () => Promise.resolve(),
  };
}

interface Setting {
  transports: readonly Transport[];
  offered: readonly (readonly [string, readonly string[]])[];
  allowed?: readonly Transport[];
  transferFormat?: TransferFormat;
  answers?: Answer[];
  tokenLifetimeSeconds?: number;
}

function select({ transports, offered, allowed = transports, transferFormat = TransferFormat.Text, ...rest }: Setting) {
  const { answers = [{}], tokenLifetimeSeconds } = rest;
  const clock = new FakeClock();
  const controller = new AbortController();
  const http = new ScriptedHttpClient(...answers);
  const logged: string[] = [];
  const availableTransports = offered.map(([name, transferFormats]) => ({ transport: name, transferFormats }));
  const ids = { connectionId: "id1", connectionToken: "t/1" };
  const first = { url: "http://h/chat?a=1", ...ids, availableTransports, tokenLifetimeSeconds };
  const request = { url: first.url, transferFormat, listener: new RecordingListener(), signal: controller.signal };
  const log = new Log({ log: (_level, message) => logged.push(message) });
  const token = new AccessToken(undefined);
  const context = { clock, http, headers: {}, token, timeout: 1_000, withCredentials: true, openSocket: undefined };
  const selected = selectTransport(first, request, context, allowed, { transports, connectTimeout: 30_000, log });
  return { clock, controller, http, logged, selected };
}

describe("selectTransport", () => {
  it("connects the first that the server offers, with the token encoded", async () => {
    const connection = connected();
    const webSockets = transport("WebSockets", () => Promise.resolve(connection));
    const polling = transport("LongPolling", silent);
    const { http, selected } = select({
      transports: [polling, webSockets],
      offered: [
        ["WebSockets", both],
        ["LongPolling", both],
      ],
    });
    await expect(selected).resolves.toMatchObject({
      connection,
      negotiation: { connectionId: "id1" },
      transport: "WebSockets",
    });
    expect(webSockets.connect.mock.calls[0]?.[1]).toMatchObject({ url: "http://h/chat?a=1&id=t%2F1" });
    expect(http.requests).toEqual([]);
  });

  it("says why it skipped each, and does not negotiate for that", async () => {
    const webSockets = transport("WebSockets", silent);
    const events = transport("ServerSentEvents", silent, TransferFormat.Text);
    const { http, logged, selected } = select({
      transports: [webSockets, events, transport("LongPolling", silent)],
      allowed: [webSockets, events],
      transferFormat: TransferFormat.Binary,
      offered: [
        ["Pigeons", both],
        ["LongPolling", both],
        ["WebSockets", ["Text"]],
        ["ServerSentEvents", both],
      ],
    });
    const error: unknown = await selected.catch((thrown) => thrown);
    expect(error).toBeInstanceOf(ConnectFailedError);
    const { attempts, message } = error as ConnectFailedError;
    expect(attempts.map((attempt) => [attempt.code, attempt.transport, attempt.message])).toEqual([
      ["transport-skipped", "Pigeons", "'Pigeons' skipped: not available here."],
      ["transport-skipped", "LongPolling", "'LongPolling' skipped: disabled by the client."],
      ["transport-skipped", "WebSockets", "'WebSockets' skipped: no Binary format."],
      ["transport-skipped", "ServerSentEvents", "'ServerSentEvents' skipped: no Binary format."],
    ]);
    for (const line of attempts.map((attempt) => attempt.message)) {
      expect(message).toContain(line);
      expect(logged).toContain(line);
    }
    expect(http.requests).toEqual([]);
  });

  it("neither negotiates nor keeps time for one that the runtime cannot carry", async () => {
    const missing = { ...transport("WebSockets", silent), isAvailable: () => false };
    const events = { ...transport("ServerSentEvents", silent), isAvailable: () => true };
    const polling = { ...transport("LongPolling", silent), isAvailable: () => false };
    const { clock, controller, http, logged, selected } = select({
      transports: [missing, events, polling],
      offered: [
        ["WebSockets", both],
        ["ServerSentEvents", both],
        ["LongPolling", both],
      ],
    });
    expect([events.connect.mock.calls.length, clock.pendingTimers]).toEqual([1, 0]);
    expect(http.requests).toEqual([]);
    expect(logged).toEqual(["'WebSockets' skipped: not available here."]);
    controller.abort();
    await expect(selected).rejects.toBeInstanceOf(AbortError);
    expect([missing.connect, polling.connect].flatMap(({ mock }) => mock.calls)).toEqual([]);
  });

  it("fails when nothing is offered", async () => {
    await expect(select({ transports: [], offered: [] }).selected).rejects.toMatchObject({
      code: "connect-failed",
      attempts: [],
    });
  });

  it("negotiates again, at the same URL, for the next candidate", async () => {
    const failing = transport("WebSockets", () => Promise.reject(new HttpError("Not Found", 404)));
    const polling = transport("LongPolling", () => Promise.resolve(connected()));
    const again = { negotiateVersion: 1, connectionId: "id2", connectionToken: "t2", availableTransports: [] };
    const { http, selected } = select({
      transports: [failing, polling],
      offered: [
        ["WebSockets", both],
        ["LongPolling", both],
      ],
      answers: [again],
    });
    await expect(selected).resolves.toMatchObject({ negotiation: { connectionId: "id2" }, transport: "LongPolling" });
    expect(polling.connect.mock.calls[0]?.[1]).toMatchObject({ url: "http://h/chat?a=1&id=t2" });
    expect(http.requests.map(({ url }) => url)).toEqual(["http://h/chat/negotiate?a=1&negotiateVersion=1"]);
  });

  it("remembers what the first negotiation told about the token, which a service behind a redirect does not know", async () => {
    const failing = transport("WebSockets", () => Promise.reject(new HttpError("Not Found", 404)));
    const polling = transport("LongPolling", () => Promise.resolve(connected()));
    const again = { negotiateVersion: 1, connectionId: "id2", connectionToken: "t2", availableTransports: [] };
    const offered = [
      ["WebSockets", both],
      ["LongPolling", both],
    ] as const;
    const { selected } = select({
      transports: [failing, polling],
      offered,
      answers: [again],
      tokenLifetimeSeconds: 60,
    });
    const { negotiation } = await selected;
    expect(negotiation).toMatchObject({ connectionToken: "t2", tokenLifetimeSeconds: 60 });
  });

  it("ends when negotiating again fails", async () => {
    const failing = transport("WebSockets", () => Promise.reject(new Error("x")));
    const { selected } = select({
      transports: [failing, transport("LongPolling", silent)],
      offered: [
        ["WebSockets", both],
        ["LongPolling", both],
      ],
      answers: [{ error: "full" }],
    });
    await expect(selected).rejects.toEqual(new NegotiationError("full"));
  });

  it("tells why each one failed", async () => {
    const cause = new HttpError("Forbidden", 403);
    const { selected } = select({
      transports: [transport("WebSockets", () => Promise.reject(cause))],
      offered: [["WebSockets", both]],
    });
    const error: unknown = await selected.catch((thrown) => thrown);
    const [attempt] = (error as ConnectFailedError).attempts;
    expect(attempt).toBeInstanceOf(TransportError);
    expect(attempt).toMatchObject({ code: "transport-failed", transport: "WebSockets", cause });
    expect(attempt?.message).toBe("'WebSockets' failed: Forbidden: Status code '403'");
  });

  it("gives a silent candidate only its share of the time when others follow", async () => {
    const first = transport("WebSockets", silent);
    const polling = transport("LongPolling", () => Promise.resolve(connected()));
    const again = { connectionId: "id2", availableTransports: [] };
    const { clock, selected } = select({
      transports: [first, polling],
      offered: [
        ["Pigeons", both],
        ["WebSockets", both],
        ["LongPolling", both],
      ],
      answers: [again],
    });
    await clock.advanceAsync(14_999);
    expect(polling.connect).not.toHaveBeenCalled();
    await clock.advanceAsync(1);
    await expect(selected).resolves.toMatchObject({ transport: "LongPolling" });
    expect(first.connect.mock.calls[0]?.[1].signal.aborted).toBe(true);
    expect(clock.pendingTimers).toBe(0);
  });

  it("leaves the last candidate all the time, until the signal fires", async () => {
    const { clock, controller, selected } = select({
      transports: [transport("WebSockets", silent)],
      offered: [["WebSockets", both]],
    });
    expect(clock.pendingTimers).toBe(0);
    controller.abort();
    await expect(selected).rejects.toBeInstanceOf(AbortError);
  });

  it("tries nothing more once the signal has fired", async () => {
    const polling = transport("LongPolling", silent);
    const { controller, selected } = select({
      transports: [transport("WebSockets", silent), polling],
      offered: [
        ["WebSockets", both],
        ["LongPolling", both],
      ],
    });
    controller.abort();
    await expect(selected).rejects.toBeInstanceOf(AbortError);
    expect(polling.connect).not.toHaveBeenCalled();
  });
});
