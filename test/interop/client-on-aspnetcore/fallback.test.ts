/** Falling back from one transport to the next with the real server behind proxies that let less and less through. */
import { ConnectFailedError, HttpTransportType, type ITransport } from "../../../src/index.js";
import { HttpProxy } from "../../support/http-proxy.js";
import { describeWhen } from "../../support/requirements.js";
import { RealHub } from "../../support/real-hub.js";
import { failureOf, nextCall } from "../../support/witness.js";

describeWhen("dotnet", "fallback on ASP.NET Core", () => {
  const hub = new RealHub();
  let proxy: HttpProxy;

  beforeEach(async () => {
    proxy = await HttpProxy.start(hub.server.url);
  });
  afterEach(() => proxy.stop());

  const builder = (options = {}) => hub.builder().withUrl(`${proxy.url}/hub`, options);

  test("a way that lets everything through: WebSockets, at the first try", async () => {
    const connection = await hub.connect(builder());
    expect(connection.transport).toBe("WebSockets");
    await expect(connection.invoke("Add", 1, 1)).resolves.toBe(2);
    expect(proxy.seen).toEqual(["negotiate", "upgrade"]);
  });

  test("upgrades are refused: Server-Sent Events, with a negotiation of their own", async () => {
    proxy.rules = { upgrade: 403 };
    const connection = await hub.connect(builder());
    expect(connection.transport).toBe("ServerSentEvents");
    expect(proxy.seen).toEqual(["negotiate", "upgrade", "negotiate", "stream"]);
    await expect(connection.invoke("MyConnectionId")).resolves.toBe(connection.connectionId);
    expect(hub.logged).toContainEqual(expect.stringMatching(/^'WebSockets' failed: .*403/));
  });

  test("streams are refused too: Long Polling", async () => {
    proxy.rules = { upgrade: 403, stream: 502 };
    const connection = await hub.connect(builder());
    expect(connection.transport).toBe("LongPolling");
    expect(proxy.seen).toEqual(["negotiate", "upgrade", "negotiate", "stream", "negotiate", "poll"]);
    await expect(connection.invoke("MyConnectionId")).resolves.toBe(connection.connectionId);
  });

  test.each(["buffer", "silence"] as const)(
    "an event stream whose beginning never comes (%s): Long Polling",
    async (stream) => {
      proxy.rules = { upgrade: 403, stream };
      const connection = await hub.connect(builder({ connectTimeout: 1_500 }));
      expect(connection.transport).toBe("LongPolling");
      await expect(connection.invoke("Add", 1, 1)).resolves.toBe(2);
    },
  );

  test("an upgrade that is never answered costs a third of the time only", async () => {
    proxy.rules = { upgrade: "silence" };
    const connection = await hub.connect(builder({ connectTimeout: 1_500 }));
    expect(connection.transport).toBe("ServerSentEvents");
  });

  test("nothing gets through: the error lists every attempt and why, in order", async () => {
    proxy.rules = { upgrade: 403, stream: 502, poll: 404 };
    const error = await failureOf(hub.build(builder()).start());
    expect(error).toBeInstanceOf(ConnectFailedError);
    const { attempts, message } = error as ConnectFailedError;
    expect(attempts.map(({ transport, code, cause }) => [transport, code, cause])).toEqual([
      ["WebSockets", "transport-failed", expect.objectContaining({ name: "HttpError", statusCode: 403 })],
      ["ServerSentEvents", "transport-failed", expect.objectContaining({ name: "HttpError", statusCode: 502 })],
      ["LongPolling", "transport-failed", expect.objectContaining({ name: "HttpError", statusCode: 404 })],
    ]);
    for (const attempt of attempts) expect(message).toContain(attempt.message);
    expect(proxy.seen.filter((request) => request === "negotiate")).toHaveLength(3);
  });

  test("the option is a mask: what it leaves out is skipped, and does not cost a negotiation", async () => {
    proxy.rules = { upgrade: 403 };
    const transport = HttpTransportType.WebSockets | HttpTransportType.LongPolling;
    const connection = await hub.connect(builder({ transport }));
    expect(connection.transport).toBe("LongPolling");
    expect(proxy.seen).toEqual(["negotiate", "upgrade", "negotiate", "poll"]);
  });

  test("a hub without WebSockets", async () => {
    const connection = await hub.connect(hub.builder("/no-websockets"));
    expect(connection.transport).toBe("ServerSentEvents");
  });

  test("every reconnect begins with the best transport again", async () => {
    proxy.rules = { upgrade: 403 };
    const connection = await hub.connect(builder().withAutomaticReconnect([0, 0]));
    expect(connection.transport).toBe("ServerSentEvents");
    proxy.rules = {};
    const reconnected = nextCall<string>((callback) => connection.onreconnected(callback));
    await hub.server.drop(connection.connectionId as string, "reset");
    await reconnected;
    expect(connection.transport).toBe("WebSockets");
  });

  test("a transport of the user's is given the negotiated URL, and used", async () => {
    const { WebSocket } = await import("ws");
    class Own implements ITransport {
      onreceive: ITransport["onreceive"] = null;
      onclose: ITransport["onclose"] = null;
      #socket: InstanceType<typeof WebSocket> | undefined;
      connect(url: string): Promise<void> {
        const socket = new WebSocket(url.replace(/^http/, "ws"));
        this.#socket = socket;
        socket.on("message", (data: Buffer) => this.onreceive?.(data.toString()));
        socket.on("close", () => this.onclose?.());
        return new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
      }
      async send(data: string | ArrayBuffer): Promise<void> {
        this.#socket?.send(data);
      }
      async stop(): Promise<void> {
        this.#socket?.close();
      }
    }
    const connection = await hub.connect(builder({ transport: new Own() }));
    await expect(connection.invoke("Add", 1, 1)).resolves.toBe(2);
  });
});
