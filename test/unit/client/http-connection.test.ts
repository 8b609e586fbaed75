/** Opening connections: the whole way with everything real, and every step of it when the peer is silent. */
import { HttpConnectionFactory } from "../../../src/client/http-connection.js";
import type { HttpConnectionOptions } from "../../../src/client/options.js";
import { negotiationOver } from "../../../src/client/negotiation.js";
import { InvalidArgumentError } from "../../../src/errors/call-errors.js";
import { AbortError, HttpError } from "../../../src/errors/http-errors.js";
import { HttpResponse } from "../../../src/http/http-client.js";
import type { LogLevel } from "../../../src/logging/log-level.js";
import type { Platform } from "../../../src/platform/platform.js";
import { requestsOf } from "../../../src/http/http-context.js";
import { TransferFormat } from "../../../src/protocol/messages.js";
import { HttpTransportType, type CustomTransport } from "../../../src/transports/transport.js";
import { FakeClock } from "../../support/fake-clock.js";
import { ScriptedHttpClient, type Answer } from "../http/scripted-http-client.js";
import { memorySockets } from "../transports/memory-socket.js";
import { RecordingListener } from "../transports/recording-listener.js";
import { answer, optionsOf, url } from "./http-connection-setting.js";

const platformOf = (clock: FakeClock): Platform => ({
  clock,
  resolveUrl: (given) => given,
  createNetwork: () => ({ openSocket: undefined }),
});

function setUp(options: HttpConnectionOptions = {}, ...answers: Answer[]) {
  const clock = new FakeClock();
  const http = new ScriptedHttpClient(...answers, answer);
  const requests = requestsOf(http, { "User-Agent": "ua" }, options);
  const { sockets, openSocket } = memorySockets(requests, clock);
  const disposed = jest.fn();
  const route = negotiationOver(() => ({ ...requests, openSocket, dispose: disposed }));
  const factory = new HttpConnectionFactory(optionsOf(options, platformOf(clock)), route);
  const listener = new RecordingListener();
  const controller = new AbortController();
  const open = (transferFormat = TransferFormat.Text) =>
    factory.open({ url, transferFormat, listener, signal: controller.signal });
  return { clock, controller, disposed, factory, http, listener, open, requests, sockets };
}

/** Lets the attempt get to its first socket, and opens that. */
async function accept({ clock, sockets }: ReturnType<typeof setUp>): Promise<void> {
  await clock.settle();
  sockets[0]?.open();
}

describe("HttpConnectionFactory", () => {
  it("negotiates and connects, with hubwire's headers and the user's above them", async () => {
    const tokens = ["t1", "t2"];
    const headers = { "user-agent": "mine", "X-B": "2" };
    const set = setUp({ headers, timeout: 7, withCredentials: false, accessTokenFactory: () => tokens.shift() ?? "" });
    const opening = set.open();
    await accept(set);
    await expect(opening).resolves.toMatchObject({ connectionId: "public", transport: "WebSockets" });
    const common = { "X-Requested-With": "XMLHttpRequest", "user-agent": "mine", "X-B": "2" };
    expect(set.http.requests).toEqual([
      expect.objectContaining({
        headers: { ...common, Authorization: "Bearer t1" },
        timeout: 7,
        withCredentials: false,
      }),
    ]);
    expect(set.sockets[0]?.target).toEqual({
      url: "ws://h/chat?key=hidden&id=s%2Fcret",
      headers: { ...common, Authorization: "Bearer t2" },
    });
    expect(set.clock.pendingTimers).toBe(0);
  });

  it("calls the token factory as a method of the options", async () => {
    const options = {
      prefix: "mine",
      accessTokenFactory() {
        return `${this.prefix}!`;
      },
    };
    const set = setUp(options);
    const opening = set.open();
    await accept(set);
    await opening;
    expect(set.http.requests[0]?.headers).toMatchObject({ Authorization: "Bearer mine!" });
  });

  it("prefers the user's HTTP client", async () => {
    const httpClient = new ScriptedHttpClient(answer);
    const set = setUp({ httpClient });
    const opening = set.open();
    await accept(set);
    await opening;
    expect([httpClient.requests.length, set.http.requests.length]).toEqual([1, 0]);
  });

  it("starts every attempt with the original URL and the user's token, after a redirect too", async () => {
    const redirect = { url: "http://other/hub", accessToken: "theirs" };
    const set = setUp({ accessTokenFactory: () => "mine" }, redirect, answer, answer);
    for (const attempt of [0, 1]) {
      const opening = set.open();
      await set.clock.settle();
      set.sockets[attempt]?.open();
      await opening;
    }
    expect(set.sockets.map(({ target }) => [target.url.split("?")[0], target.headers?.["Authorization"]])).toEqual([
      ["ws://other/hub", "Bearer theirs"],
      ["ws://h/chat", "Bearer mine"],
    ]);
  });

  it("skips the negotiation for WebSockets alone", async () => {
    const set = setUp({ skipNegotiation: true, transport: HttpTransportType.WebSockets });
    const opening = set.open();
    await accept(set);
    const opened = await opening;
    expect([opened.transport, opened.connectionId, opened.access]).toEqual(["WebSockets", undefined, undefined]);
    expect(set.http.requests).toEqual([]);
    expect(set.sockets[0]?.target.url).toBe("ws://h/chat?key=hidden");
  });

  it.each([undefined, HttpTransportType.None, HttpTransportType.WebSockets | HttpTransportType.LongPolling])(
    "does not skip it with transport %p",
    async (transport) => {
      const { open, sockets } = setUp({ skipNegotiation: true, ...(transport !== undefined && { transport }) });
      await expect(open()).rejects.toBeInstanceOf(InvalidArgumentError);
      expect(sockets).toEqual([]);
    },
  );

  it("connects a transport of the user's, after the negotiation", async () => {
    const transport: CustomTransport = {
      connect: jest.fn(() => Promise.resolve()),
      send: () => Promise.resolve(),
      stop: () => Promise.resolve(),
      onreceive: null,
      onclose: null,
    };
    const { listener, open } = setUp({ transport });
    await expect(open(TransferFormat.Binary)).resolves.toMatchObject({ connectionId: "public", transport: "custom" });
    expect(transport.connect).toHaveBeenCalledWith("http://h/chat?key=hidden&id=s%2Fcret", TransferFormat.Binary);
    transport.onreceive?.("a");
    expect(listener.chunks).toEqual(["a"]);
  });

  it("reads events with the injected EventSource, and with nothing where the runtime cannot", async () => {
    const offer = { ...answer, availableTransports: [{ transport: "ServerSentEvents", transferFormats: ["Text"] }] };
    const without = setUp({}, offer);
    await expect(without.open()).rejects.toMatchObject({ attempts: [{ code: "transport-skipped" }] });
    const urls: string[] = [];
    class Source {
      onopen: (() => void) | null = null;
      onmessage = null;
      onerror = null;
      close = jest.fn();
      constructor(url: string) {
        urls.push(url);
        void Promise.resolve().then(() => this.onopen?.());
      }
    }
    const { open } = setUp({ EventSource: Source, accessTokenFactory: () => "token" }, offer);
    await expect(open()).resolves.toMatchObject({ transport: "ServerSentEvents" });
    expect(urls).toEqual([`${url}&id=s%2Fcret&access_token=token`]);
  });

  it("takes the transports in the server's order", async () => {
    const names = ["LongPolling", "WebSockets"];
    const offer = {
      ...answer,
      availableTransports: names.map((transport) => ({ transport, transferFormats: ["Text"] })),
    };
    const never = () => new Promise(() => undefined);
    const set = setUp({}, offer, new HttpResponse(200), never);
    await expect(set.open()).resolves.toMatchObject({ transport: "LongPolling" });
    expect(set.http.requests[1]).toMatchObject({ method: "GET", url: `${url}&id=s%2Fcret&_=0` });
  });

  it("knows no WebSockets where the runtime has none", async () => {
    const { clock, listener, requests } = setUp();
    const route = negotiationOver(() => ({ ...requests, openSocket: undefined }));
    const factory = new HttpConnectionFactory(optionsOf({}, platformOf(clock)), route);
    await expect(factory.open({ url, transferFormat: TransferFormat.Text, listener })).rejects.toMatchObject({
      attempts: [{ code: "transport-skipped", transport: "WebSockets" }],
    });
  });

  it("closes the connections of requests once a WebSocket is open", async () => {
    const set = setUp();
    const opening = set.open();
    await accept(set);
    await opening;
    expect(set.disposed).toHaveBeenCalledTimes(1);
    set.factory.dispose();
    expect(set.disposed).toHaveBeenCalledTimes(1);
  });

  it("closes them when told to, and can be used again", async () => {
    const set = setUp({}, new HttpResponse(500));
    await expect(set.open()).rejects.toThrow(HttpError);
    expect(set.disposed).not.toHaveBeenCalled();
    set.factory.dispose();
    expect(set.disposed).toHaveBeenCalledTimes(1);
    const opening = set.open();
    await accept(set);
    await expect(opening).resolves.toMatchObject({ transport: "WebSockets" });
  });
});

describe("logs", () => {
  it("show neither query nor tokens", async () => {
    const lines: string[] = [];
    const logger = { log: (_level: LogLevel, message: string) => lines.push(message) };
    const set = setUp({ logger, accessTokenFactory: () => "bearer" });
    const opening = set.open();
    await accept(set);
    const { connection } = await opening;
    void connection.send("payload");
    set.sockets[0]?.listener.onMessage("answer");
    expect(lines).toContain("Connected to http://h/chat with WebSockets.");
    expect(lines.join()).not.toMatch(/hidden|cret|bearer|payload|answer/);
    expect(lines).toContain("Sending 7 characters");
  });

  it("show content when that is wanted", async () => {
    const lines: string[] = [];
    const set = setUp({ logger: { log: (_level, message) => lines.push(message) }, logMessageContent: true });
    const opening = set.open();
    await accept(set);
    await opening;
    set.sockets[0]?.listener.onMessage("answer");
    expect(lines).toContain("Received 6 characters: answer");
  });

  it("that throw harm nothing (GAPS 46b)", async () => {
    const logger = {
      log: () => {
        throw new Error("disk full");
      },
    };
    const set = setUp({ logger });
    const opening = set.open();
    await accept(set);
    await expect(opening).resolves.toBeDefined();
  });
});

describe("a silent peer", () => {
  const never = () => new Promise<never>(() => undefined);
  const cases: [string, HttpConnectionOptions, Answer[]][] = [
    ["negotiation", { httpClient: new ScriptedHttpClient(never) }, []],
    ["token factory", { accessTokenFactory: never }, []],
    ["upgrade", {}, []],
    [
      "token factory of the upgrade",
      { accessTokenFactory: jest.fn().mockReturnValueOnce("t").mockImplementation(never) as () => string },
      [],
    ],
    [
      "transport of the user's",
      { transport: { connect: never, send: never, stop: never, onreceive: null, onclose: null } },
      [],
    ],
  ];

  it.each(cases)("in the %s is given up after connectTimeout", async (_step, options, answers) => {
    const { clock, listener, open, sockets } = setUp({ ...options, connectTimeout: 5_000 }, ...answers);
    const opening = open();
    const outcome = expect(opening).rejects.toMatchObject({ name: "TimeoutError", code: "connect-timeout" });
    await clock.advanceAsync(4_999);
    await clock.advanceAsync(1);
    await outcome;
    await clock.advanceAsync(4_000); // the time that a user's transport gets to stop
    expect(clock.pendingTimers).toBe(0);
    for (const socket of sockets) expect(socket.terminated).toBe(1);
    expect(listener.ends).toEqual([]);
  });

  it.each(cases)("in the %s is given up when the signal fires", async (_step, options, answers) => {
    const { clock, controller, listener, open, sockets } = setUp(options, ...answers);
    const opening = open();
    await clock.settle();
    const reason = new Error("changed my mind");
    controller.abort(reason);
    await expect(opening).rejects.toBeInstanceOf(AbortError);
    await expect(opening).rejects.toMatchObject({ cause: reason });
    await clock.advanceAsync(4_000);
    expect(clock.pendingTimers).toBe(0);
    for (const socket of sockets) expect(socket.terminated).toBe(1);
    expect(listener.ends).toEqual([]);
  });

  it("that wakes up too late finds the connection closed", async () => {
    const set = setUp({ connectTimeout: 100 });
    const opening = set.open();
    await set.clock.settle();
    set.sockets[0]?.open();
    set.controller.abort();
    const closed = opening.then(
      ({ connection }) => connection.close(),
      () => undefined,
    );
    await set.clock.advanceAsync(1_000); // the time that a socket gets to close
    await closed;
    expect(set.sockets[0]?.closes).toEqual([1000]);
  });
});
