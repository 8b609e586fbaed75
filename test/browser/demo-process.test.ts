/** The demo as its users start and end it: what it prints, its hub, its bot, and its end. */
import { once } from "node:events";
import { cpSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { HubConnectionBuilder, JsonHubProtocol, type HubConnection } from "../../src/index.js";
import { MessagePackHubProtocol } from "../../src/msgpack.js";
import { createHubServer, Hub } from "../../src/server/index.js";
import { DemoProcess } from "../support/demo-process.js";

const ROOT = join(__dirname, "../..");
const started: DemoProcess[] = [];
const cleanUps: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
  await Promise.all(started.splice(0).map((demo) => demo.stop()));
}, 20_000);

describe("the live room", () => {
  test("the bot shows a call, a stream and a reconnect, stays, and Ctrl+C ends it all in time", async () => {
    const demo = run("--port", "0");
    await demo.printed(/joined the room, and stays/);
    const ids = /its id is (\S+)[^]*its new id is (\S+)/.exec(demo.output);
    expect(ids?.[1]).not.toBe(ids?.[2]);
    const expected = [
      /open at http:\/\/localhost:\d+/,
      /connected over WebSockets with json/,
      /invoked “limits”/,
      /streamed five numbers: (\d+(\.\d)?, ){4}\d/,
      /cut its connection/,
      /lost its connection/,
      /is connected again/,
      /joined the room/,
    ];
    const places = expected.map((pattern) => demo.output.search(pattern));
    expect(places).not.toContain(-1);
    expect(places).toEqual([...places].sort((a, b) => a - b));

    const interruptedAt = performance.now();
    demo.interrupt();
    expect(await demo.ended).toEqual({ code: 0, signal: null });
    expect(performance.now() - interruptedAt).toBeLessThan(2_000);
    expect(demo.output).toMatch(/Closed\.\s*$/);
  });

  test.each([
    ["ServerSentEvents", "json"],
    ["LongPolling", "messagepack"],
  ])("the bot does it all over %s with %s, too", async (transport, protocol) => {
    const demo = run("--port", "0", "--transport", transport, "--protocol", protocol);
    await demo.printed(/joined the room, and stays/);
    expect(demo.output).toContain(`connected over ${transport} with ${protocol}`);
    expect(demo.output).toMatch(
      /streamed five numbers: (\d+(\.\d)?, ){4}\d[^]*lost its connection[^]*is connected again/,
    );
    const connection = await enter(await demo.address());
    const answer = new Promise((resolve) => {
      connection.on("happened", ({ event, who, text }: { event: string; who: { isBot: boolean }; text: string }) => {
        if (event === "said" && who.isBot && text === "pong") resolve(text);
      });
    });
    await connection.invoke("say", "ping");
    await answer;
  });

  test("Ctrl+C tells those who are connected, streams or not, and they may come back", async () => {
    const demo = run("--port", "0");
    const connection = await enter(await demo.address());
    const reconnecting = new Promise<Error | undefined>((resolve) => connection.onreconnecting(resolve));
    const numbers = connection.stream<[number, number]>("pulse", 50);
    const streamEnd = new Promise((resolve) =>
      numbers.subscribe({ next: () => undefined, complete: () => resolve("complete"), error: resolve }),
    );
    const interruptedAt = performance.now();
    demo.interrupt();
    expect(await demo.ended).toEqual({ code: 0, signal: null });
    expect(performance.now() - interruptedAt).toBeLessThan(2_000);
    expect(await reconnecting).toBeUndefined(); // it was told, not cut off
    await streamEnd;
  });

  test("the page is served on while a build replaces its files", async () => {
    const root = mkdtempSync(join(tmpdir(), "hubwire-demo-"));
    cleanUps.push(() => rmSync(root, { recursive: true }));
    for (const name of ["demo", "dist", "package.json"])
      cpSync(join(ROOT, name), join(root, name), { recursive: true });
    symlinkSync(join(ROOT, "node_modules"), join(root, "node_modules"), "junction");
    const demo = new DemoProcess(["--port", "0"], root);
    started.push(demo);
    const address = await demo.address();
    rmSync(join(root, "dist/browser"), { recursive: true });
    const response = await fetch(`${address}/signalr.min.js`);
    expect(await response.text()).toContain("HubConnectionBuilder");
    demo.expectRunning();
  });

  test("a port that was asked for and is taken is an error", async () => {
    const port = await takePort();
    const demo = run("--port", String(port));
    expect(await demo.ended).toMatchObject({ code: 1 });
    expect(demo.output.trim()).toBe(`Port ${port} is taken. Choose another one with --port.`);
  });

  test("the usual port, when it is taken, is replaced by another one", async () => {
    // If somebody else has it already, so much the better.
    await takePort(5080).catch(() => undefined);
    const demo = run();
    await demo.printed(/Port 5080 is taken, so the demo uses another one/);
    expect(await demo.address()).not.toContain("5080");
  });
});

describe("the hub of the room", () => {
  let demo: DemoProcess;
  let address: string;

  beforeAll(async () => {
    demo = new DemoProcess(["--port", "0"]);
    address = await demo.address();
  });

  afterAll(() => demo.stop(), 20_000);

  test.each([
    ["a name that is too long", "join", { name: "x".repeat(25) }, "A name may have up to 24 characters."],
    ["no name", "join", { name: " \n " }, "A name must not be empty."],
    ["a secret that is no text", "join", { name: "Ada", secret: 7 }, "A secret must be text."],
    ["a name that is no text", "join", { name: 7 }, "A name must be text."],
    ["a text that is too long", "say", "x".repeat(501), "A message may have up to 500 characters."],
    ["an empty text", "say", "", "A message must not be empty."],
  ])("the hub refuses %s", async (_what, method, argument, refusal) => {
    const connection = await enter(address, method === "say");
    await expect(connection.invoke(method, argument)).rejects.toThrow(refusal);
  });

  test("the hub lets nobody talk who has not come in, and stops an upload that is too large", async () => {
    const connection = await enter(address, false);
    await expect(connection.invoke("say", "hello")).rejects.toThrow("Join the room first.");
    await connection.invoke("join", { name: "Ada" });
    const piece = Buffer.alloc(20_000).toString("base64");
    let sent = 0;
    const endless = (async function* () {
      for (;;) {
        sent++;
        yield piece;
      }
    })();
    const upload = connection.invoke("upload", { id: 1, name: "endless" }, endless);
    await expect(upload).rejects.toThrow("Files may have up to 8388608 bytes.");
    expect(sent).toBeGreaterThan(8_388_608 / 20_000);
  });

  test("whoever comes back with their secret takes their own place, and nobody else can", async () => {
    const join = async (secret: string): Promise<[HubConnection, string]> => {
      const connection = await enter(address, false);
      const { me } = await connection.invoke("join", { name: "Emmy", secret });
      return [connection, me.name];
    };
    const [before] = await join("emmy's own");
    const [, stranger] = await join("somebody else's");
    expect(stranger).toBe("Emmy 2");
    await before.invoke("say", "I am here");
    const [after, name] = await join("emmy's own");
    expect(name).toBe("Emmy");
    await after.invoke("say", "I am back");
    await expect(before.invoke("say", "I was here")).rejects.toThrow("Join the room first.");
  });

  test("a name that is taken gets a number, and the last 50 messages are remembered", async () => {
    const first = await enter(address, false);
    const second = await enter(address, false);
    expect((await first.invoke("join", { name: "Ada" })).me.name).toBe("Ada");
    expect((await second.invoke("join", { name: "ada" })).me.name).toBe("ada 2");
    for (let i = 1; i <= 60; i++) await first.invoke("say", `text ${i}`);
    const third = await enter(address, false);
    const { messages } = await third.invoke("join", { name: "Grace" });
    expect(messages).toHaveLength(50);
    expect(messages[49]).toMatchObject({ event: "joined", who: { name: "Grace" } });
    expect(messages.map(({ text }: { text: string }) => text)).toContain("text 60");
  });
});

describe("the bot in somebody's own hub", () => {
  class ChatHub extends Hub {
    async sendMessage(user: string, text: string): Promise<void> {
      await this.clients.all.send("ReceiveMessage", user, text);
    }
  }

  test("it waits for a hub that is not there yet, says hello, and repeats what it hears", async () => {
    const port = await freePort();
    const wire = ["--transport", "LongPolling", "--protocol", "messagepack"];
    const demo = run("--url", `http://127.0.0.1:${port}/chat`, ...wire);
    await demo.printed(/cannot connect: .*ECONNREFUSED.*; tries again in \d+ s/);

    const address = await startChat(port);
    await demo.printed(/is connected over LongPolling with messagepack/);
    await demo.printed(/SendMessage: Hello!/);
    const connection = await connect(`${address}/chat`);
    const heard = new Promise((resolve) => {
      connection.on("ReceiveMessage", (user: string, text: string) => {
        if (user === "hubwire bot") resolve(text);
      });
    });
    await connection.invoke("SendMessage", "Ada", "good morning");
    expect(await heard).toBe("Ada said: good morning");

    demo.interrupt();
    expect(await demo.ended).toEqual({ code: 0, signal: null });
  });

  test("an address without a hub is told as it is", async () => {
    const server = createServer((_request, response) => response.writeHead(404).end());
    const port = await listen(server);
    const demo = run("--url", `http://127.0.0.1:${port}/chat`);
    await demo.printed(/cannot connect: .*404/);
    demo.interrupt();
    expect(await demo.ended).toEqual({ code: 0, signal: null });
  });

  async function startChat(port: number): Promise<string> {
    const hubs = createHubServer({
      logger: null,
      shutdownTimeout: 1_000,
      protocols: [new JsonHubProtocol(), new MessagePackHubProtocol()],
    });
    hubs.mapHub("/chat", ChatHub);
    await listen(hubs.attach(createServer()), port);
    cleanUps.push(() => hubs.close());
    return `http://127.0.0.1:${port}`;
  }
});

function run(...args: readonly string[]): DemoProcess {
  const demo = new DemoProcess(args);
  started.push(demo);
  return demo;
}

async function enter(address: string, isJoining = true): Promise<HubConnection> {
  const connection = await connect(`${address}/room`);
  if (isJoining) await connection.invoke("join", { name: "Ada" });
  return connection;
}

async function connect(url: string): Promise<HubConnection> {
  const connection = new HubConnectionBuilder().withUrl(url).withAutomaticReconnect().configureLogging("none").build();
  await connection.start();
  cleanUps.push(() => connection.stop());
  return connection;
}

async function listen(server: Server, port = 0): Promise<number> {
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  cleanUps.push(() => {
    server.close();
    server.closeAllConnections();
  });
  return (server.address() as AddressInfo).port;
}

function takePort(port = 0): Promise<number> {
  return listen(createServer(), port);
}

/** A port that nobody listens on, for a server that is to come later. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
