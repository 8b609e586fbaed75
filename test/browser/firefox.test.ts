/** The script-tag files in Firefox, over every transport and encoding, on our own server. */
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type * as browserClient from "../../src/index.browser.js";
import { JsonHubProtocol } from "../../src/index.js";
import * as msgpack from "../../src/msgpack.js";
import { createHubServer, Hub, type HubServer } from "../../src/server/index.js";
import { Firefox } from "../support/firefox.js";
import { describeWhen } from "../support/requirements.js";

declare const signalR: typeof browserClient & { protocols: { msgpack: typeof msgpack } };

const scriptFolder = join(__dirname, "../../dist/browser");
const scripts = ["signalr.min.js", "signalr-protocol-msgpack.min.js"];

type TransportName = "WebSockets" | "ServerSentEvents" | "LongPolling";

class TestHub extends Hub {
  echo(text: string): string {
    return text;
  }

  async *countTo(end: number): AsyncGenerator<number> {
    for (let number = 1; number <= end; number++) yield number;
  }

  async sum(numbers: AsyncIterable<number>): Promise<number> {
    let sum = 0;
    for await (const number of numbers) sum += number;
    await this.clients.caller.send("summed", sum);
    return sum;
  }

  cut(): void {
    this.context.request.socket.destroy();
  }
}

/** What the page did. */
interface Report {
  readonly transport: string | null;
  readonly echo: string;
  readonly items: number[];
  readonly sum: number;
  readonly told: number[];
  readonly states: string[];
}

describeWhen("firefox", "Firefox", () => {
  let hubs: HubServer;
  let address: string;
  let firefox: Firefox;
  let cleanUp: () => void = () => undefined;

  beforeAll(async () => {
    const protocols = [new JsonHubProtocol(), new msgpack.MessagePackHubProtocol()];
    hubs = createHubServer({ logger: null, protocols, shutdownTimeout: 1_000 });
    hubs.mapHub("/hub", TestHub, { allowStatefulReconnects: true });
    const server = createServer((request, response) => {
      const script = scripts.find((name) => request.url === `/${name}`);
      response.setHeader("Content-Type", script ? "text/javascript" : "text/html");
      const tags = scripts.map((name) => `<script src="${name}"></script>`);
      response.end(script ? readFileSync(join(scriptFolder, script)) : `<!doctype html>${tags.join("")}`);
    });
    hubs.attach(server).listen(0, "127.0.0.1");
    await once(server, "listening");
    cleanUp = () => {
      server.close();
      server.closeAllConnections();
    };
    address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    firefox = await Firefox.launch();
    await firefox.open(address);
  }, 90_000);

  afterAll(async () => {
    await firefox?.close();
    await hubs?.close();
    cleanUp();
  }, 30_000);

  test.each([
    ["WebSockets", "json"],
    ["WebSockets", "messagepack"],
    ["ServerSentEvents", "json"],
    ["LongPolling", "json"],
    ["LongPolling", "messagepack"],
  ] as const)("%s with %s carries calls and streams both ways, and closes", async (transport, protocol) => {
    const text = "ä\r\n\u2028😀".repeat(1_000);
    expect(await firefox.run(converse, { transport, protocol, text })).toEqual({
      transport,
      echo: text,
      items: Array.from({ length: 1_000 }, (_, index) => index + 1),
      sum: 6,
      told: [6],
      states: ["Connecting", "Connected", "Disconnecting", "Disconnected"],
    });
  });

  test("a WebSocket that is cut is resumed by the same connection, and the call that was under way is answered", async () => {
    const { idBefore, idAfter, answer, recovered } = await firefox.run(loseSocket, undefined);
    expect(answer).toBe("still here");
    expect(recovered).toBe(true);
    expect(idAfter).toBe(idBefore);
  });
});

/** Runs in the page. */
async function converse(what: { transport: TransportName; protocol: string; text: string }): Promise<Report> {
  const builder = new signalR.HubConnectionBuilder().withUrl("hub", signalR.HttpTransportType[what.transport]);
  if (what.protocol === "messagepack") builder.withHubProtocol(new signalR.protocols.msgpack.MessagePackHubProtocol());
  const connection = builder.build();
  const states: string[] = [];
  const told: number[] = [];
  connection.onStateChange(({ current }) => void states.push(current));
  connection.on("summed", (sum: number) => void told.push(sum));
  await connection.start();
  const { transport } = connection;
  const echo = await connection.invoke<string>("echo", what.text);
  const items: number[] = [];
  for await (const item of connection.stream<number>("countTo", 1_000)) items.push(item);
  const sum = await connection.invoke<number>(
    "sum",
    (async function* () {
      yield* [1, 2, 3];
    })(),
  );
  await connection.stop();
  return { transport, echo, items, sum, told, states };
}

/** Runs in the page. */
async function loseSocket() {
  const connection = new signalR.HubConnectionBuilder().withUrl("hub").withStatefulReconnect().build();
  await connection.start();
  const idBefore = connection.connectionId;
  const resumed = new Promise<boolean>((resolve) =>
    connection.onStateChange(({ recovered = false }) => resolve(recovered)),
  );
  void connection.send("cut");
  const answer = await connection.invoke<string>("echo", "still here");
  const recovered = await resumed;
  const idAfter = connection.connectionId;
  await connection.stop();
  return { idBefore, idAfter, answer, recovered };
}
