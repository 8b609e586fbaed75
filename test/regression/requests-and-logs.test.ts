/** What the official client gets wrong about requests, tokens and logging. The numbers are those of the project's list of gaps, section A. */
import {
  ConnectFailedError,
  HttpResponse,
  HttpTransportType,
  NegotiationError,
  TransportError,
} from "../../src/index.js";
import { MemoryHub } from "../unit/client/memory-hub.js";

test("a 401 asks for a fresh token once before it fails (GAPS 25)", async () => {
  const hub = new MemoryHub();
  const { negotiate } = hub;
  hub.negotiate = (n) => (n === 1 ? new HttpResponse(401) : negotiate(n));
  const accessTokenFactory = jest.fn(() => "token");
  const connection = hub.builder({ accessTokenFactory }).build();
  await connection.start();
  expect(hub.negotiations).toBe(2);
  await connection.stop();

  hub.negotiate = () => new HttpResponse(401);
  await expect(connection.start()).rejects.toMatchObject({ name: "HttpError", statusCode: 401 });
  expect(hub.negotiations).toBe(4);
});

test("the upgrade has the X-Requested-With header too (GAPS 27)", async () => {
  const hub = new MemoryHub();
  const connection = hub.builder().build();
  await connection.start();
  expect(hub.socket.target.headers).toMatchObject({ "X-Requested-With": "XMLHttpRequest" });
  await connection.stop();
});

test("the connection token is percent-encoded in the URL (GAPS 29)", async () => {
  const hub = new MemoryHub();
  const { negotiate } = hub;
  hub.negotiate = (n) => ({ ...Object(negotiate(n)), connectionToken: "a+b=c&d/e" });
  const connection = hub.builder().build();
  await connection.start();
  expect(hub.socket.target.url).toBe("ws://hub/chat?id=a%2Bb%3Dc%26d%2Fe");
  await connection.stop();
});

test("a builder without logging prints warnings and errors only, those of the connection included (GAPS 37)", async () => {
  const methods = (["log", "info", "warn", "error"] as const).map((method) => {
    return jest.spyOn(console, method).mockImplementation(() => undefined);
  });
  try {
    const hub = new MemoryHub();
    const connection = hub.plainBuilder().withUrl("http://hub/chat").build();
    await connection.start();
    await connection.stop();
    for (const method of methods) expect(method).not.toHaveBeenCalled();
  } finally {
    for (const method of methods) method.mockRestore();
  }
});

test("every error class is exported, and its name tells it (GAPS 38)", async () => {
  const hub = new MemoryHub();
  const transport = HttpTransportType.LongPolling;
  const skipped: unknown = await hub.builder({ transport }).build().start().catch((error: unknown) => error); // prettier-ignore
  expect(skipped).toBeInstanceOf(ConnectFailedError);
  expect(skipped).toMatchObject({ name: "ConnectFailedError" });
  const { attempts } = skipped as ConnectFailedError;
  expect(attempts[0]).toBeInstanceOf(TransportError);
  expect(attempts[0]).toMatchObject({ name: "TransportError", transport: "WebSockets" });
  hub.negotiate = () => ({ error: "no" });
  const refused: unknown = await hub.builder().build().start().catch((error: unknown) => error); // prettier-ignore
  expect(refused).toBeInstanceOf(NegotiationError);
  expect(refused).toMatchObject({ name: "NegotiationError", message: "no" });
});

// Documented behaviour that stays, so that each request has a fresh token
test("the token factory is asked for the negotiation and again for the WebSocket (GAPS 41)", async () => {
  const hub = new MemoryHub();
  const accessTokenFactory = jest.fn(() => "token");
  const connection = hub.builder({ accessTokenFactory }).build();
  await connection.start();
  expect(accessTokenFactory).toHaveBeenCalledTimes(2);
  await connection.stop();
});

// Documented behaviour that stays
test("the transport None means any (GAPS 44)", async () => {
  const hub = new MemoryHub();
  const connection = hub.builder({ transport: HttpTransportType.None }).build();
  await connection.start();
  expect(connection.transport).toBe("WebSockets");
  await connection.stop();
});

test("any 2xx answers a negotiation (GAPS 46)", async () => {
  const hub = new MemoryHub();
  const { negotiate } = hub;
  hub.negotiate = (n) => new HttpResponse(201, "Created", JSON.stringify(negotiate(n)));
  const connection = hub.builder().build();
  await connection.start();
  await connection.stop();
});

test("no log shows the connection token, the access token or the query (GAPS 46a)", async () => {
  const hub = new MemoryHub();
  const options = { accessTokenFactory: () => "TOPSECRET", logMessageContent: true };
  const connection = hub.builder(options, "http://hub/chat?key=QUERYSECRET").withAutomaticReconnect([0]).build();
  await connection.start();
  hub.socket.drop();
  await hub.clock.advanceAsync(0);
  await connection.stop();
  const text = hub.logged.join("\n");
  expect(text).toContain("http://hub/chat");
  expect(text).not.toMatch(/token-|TOPSECRET|QUERYSECRET/);
});

test("a logger that throws harms nobody (GAPS 46b)", async () => {
  const hub = new MemoryHub();
  const fail = (): never => {
    throw new Error("the disk is full");
  };
  const connection = hub.builder().configureLogging({ log: fail, isEnabled: fail }).build();
  await connection.start();
  hub.socket.receiveText('{"type":1,"target":"Nobody","arguments":[]}\u001e');
  expect(connection.state).toBe("Connected");
  await connection.stop();
  const other = hub.builder().configureLogging({ log: fail }).build();
  await other.start();
  await other.stop();
});
