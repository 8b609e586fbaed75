/** The WebSocket transport: what it connects to, with which headers, and how it fails. */
import { AbortError, HttpError } from "../../../src/errors/http-errors.js";
import { AccessToken } from "../../../src/http/access-token.js";
import { TransferFormat } from "../../../src/protocol/messages.js";
import type { SocketContext } from "../../../src/transports/transport-context.js";
import { webSockets } from "../../../src/transports/websocket.js";
import { FakeClock } from "../../support/fake-clock.js";
import { ScriptedHttpClient } from "../http/scripted-http-client.js";
import { memorySockets } from "./memory-socket.js";
import { RecordingListener } from "./recording-listener.js";

function setUp(token = new AccessToken(undefined)) {
  const clock = new FakeClock();
  const http = new ScriptedHttpClient();
  const requests = { http, headers: { "User-Agent": "ua", Authorization: "Basic own" } };
  const { sockets, openSocket } = memorySockets(requests, clock);
  const context: SocketContext = { clock, token, openSocket };
  const listener = new RecordingListener();
  const controller = new AbortController();
  const connect = (url = "http://h/chat?id=1") =>
    webSockets.connect(context, { url, transferFormat: TransferFormat.Text, listener, signal: controller.signal });
  return { clock, context, http, sockets, listener, controller, connect };
}

describe("webSockets", () => {
  it("connects to the ws URL, with the token in a header, where there can be headers", async () => {
    const { clock, connect, listener, sockets } = setUp(new AccessToken(() => Promise.resolve("t")));
    const connecting = connect("https://h/http?id=1");
    await clock.settle();
    expect(sockets[0]?.target).toEqual({
      url: "wss://h/http?id=1",
      headers: { "User-Agent": "ua", Authorization: "Bearer t" },
    });
    sockets[0]?.open();
    const connection = await connecting;
    expect(connection.listener).toBe(listener);
  });

  it("leaves query and headers alone without a token", async () => {
    const node = setUp();
    void node.connect();
    await node.clock.settle();
    expect(node.sockets[0]?.target.headers).toEqual({ "User-Agent": "ua", Authorization: "Basic own" });
  });

  it("sends the cookies that the HTTP client has for the hub", async () => {
    const { clock, connect, http, sockets } = setUp();
    http.getCookieString = (url) => `for=${url}`;
    void connect();
    await clock.settle();
    expect(sockets[0]?.target.headers).toMatchObject({ Cookie: "for=http://h/chat?id=1" });
  });

  it("loses nothing that arrives right behind the opening", async () => {
    const { clock, connect, listener, sockets } = setUp();
    const connecting = connect();
    await clock.settle();
    sockets[0]?.open();
    sockets[0]?.listener.onMessage("early");
    await connecting;
    expect(listener.chunks).toEqual(["early"]);
  });

  it("rejects with the cause when the socket does not open, and the listener hears nothing", async () => {
    const { clock, connect, listener, sockets } = setUp();
    const connecting = connect();
    await clock.settle();
    const cause = new Error("refused");
    sockets[0]?.listener.onClose(1006, "", cause);
    await expect(connecting).rejects.toBe(cause);
    expect(listener.ends).toEqual([]);

    const unexplained = connect();
    await clock.settle();
    sockets[1]?.listener.onClose(1006, "");
    await expect(unexplained).rejects.toMatchObject({ closeCode: 1006 });
  });

  it("rejects when the runtime refuses even to try, or has none", async () => {
    const failure = new Error("insecure");
    const { context } = setUp();
    const refusing = () => {
      throw failure;
    };
    const { signal } = new AbortController();
    const request = {
      url: "http://h/",
      transferFormat: TransferFormat.Text,
      listener: new RecordingListener(),
      signal,
    };
    await expect(webSockets.connect({ ...context, openSocket: refusing }, request)).rejects.toBe(failure);
    const connecting = webSockets.connect({ ...context, openSocket: undefined }, request);
    await expect(connecting).rejects.toMatchObject({ code: "transport-skipped" });
  });

  it("drops the socket when the signal fires, and leaves nothing behind", async () => {
    const { clock, connect, controller, listener, sockets } = setUp();
    const connecting = connect();
    await clock.settle();
    controller.abort();
    await expect(connecting).rejects.toBeInstanceOf(AbortError);
    expect(sockets[0]?.terminated).toBe(1);
    sockets[0]?.listener.onClose(1006, "");
    expect(listener.ends).toEqual([]);
    expect(clock.pendingTimers).toBe(0);
  });

  it("forgets the signal once it is connected", async () => {
    const { clock, connect, controller, sockets } = setUp();
    const connecting = connect();
    await clock.settle();
    sockets[0]?.open();
    await connecting;
    controller.abort();
    expect(sockets[0]?.terminated).toBe(0);
  });

  const refused = new HttpError("Unauthorized", 401);

  it("asks for another token and tries once more when its own is refused", async () => {
    let asked = 0;
    const factory = jest.fn(() => `t${++asked}`);
    const { clock, connect, listener, sockets } = setUp(new AccessToken(factory));
    const connecting = connect();
    await clock.settle();
    sockets[0]?.listener.onClose(1006, "", refused);
    await clock.settle();
    sockets[1]?.open();
    expect((await connecting).listener).toBe(listener);
    expect(sockets.map(({ target }) => target.headers?.["Authorization"])).toEqual(["Bearer t1", "Bearer t2"]);
    const url = "http://h/chat"; // the secret in the query is nobody's business
    expect(factory.mock.calls).toEqual([[{ reason: "connect", url }], [{ reason: "unauthorized", url }]]);
  });

  it("fails with the status when the second one is refused too, or there is none", async () => {
    for (const [token, attempts] of [
      [new AccessToken(() => "t"), 2],
      [new AccessToken(undefined), 1],
    ] as const) {
      const { clock, connect, sockets } = setUp(token);
      const connecting = connect();
      connecting.catch(() => undefined);
      for (let attempt = 0; attempt < attempts; attempt++) {
        await clock.settle();
        sockets[attempt]?.listener.onClose(1006, "", refused);
      }
      await expect(connecting).rejects.toBe(refused);
      expect(sockets).toHaveLength(attempts);
    }
  });

  it("opens no socket when the attempt was given up while the token factory thought", async () => {
    let answer!: (token: string) => void;
    const token = new AccessToken(() => new Promise<string>((resolve) => (answer = resolve)));
    const { connect, controller, sockets } = setUp(token);
    const connecting = connect();
    controller.abort();
    answer("t");
    await expect(connecting).rejects.toBeInstanceOf(AbortError);
    expect(sockets).toEqual([]);
  });

  it("drops a silent peer a second after close", async () => {
    const { clock, connect, sockets } = setUp();
    const connecting = connect();
    await clock.settle();
    sockets[0]?.open();
    const closed = (await connecting).close();
    clock.advance(1_000);
    await closed;
    expect(sockets[0]).toMatchObject({ closes: [1000], terminated: 1 });
  });
});
