/** Reconnect options against a real server that is not there yet, goes away for good, comes back, or says that it is busy. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { HubConnectionBuilder, type AutomaticReconnectOptions, type HubConnection } from "../../src/index.js";
import type { HubServer } from "../../src/server/index.js";
import { HubSite } from "./hub-site.js";
import { RoomHub, RoomState } from "./room-hub.js";
import { eventually, failureOf, nextCall } from "../support/witness.js";

const state = new RoomState();
const map = (hubs: HubServer) => {
  hubs.mapHub("/hub", RoomHub, { createHub: () => new RoomHub(state) });
};

/** Options that leave the verdict to the default, and a list of the errors that they were asked about. */
function counting(options: AutomaticReconnectOptions) {
  const met: unknown[] = [];
  const shouldRetry = (error: Error): undefined => {
    met.push(error);
  };
  return { met, options: { ...options, shouldRetry } };
}

async function end(site: HubSite): Promise<void> {
  await site.hubs.close();
  await new Promise((resolve) => {
    site.server.close(resolve);
    site.server.closeAllConnections();
  });
}

const connections: HubConnection[] = [];
function build(url: string, options: AutomaticReconnectOptions): HubConnection {
  const connection = new HubConnectionBuilder()
    .withUrl(url, { logger: null })
    .withAutomaticReconnect(options)
    .withWaitingCalls()
    .build();
  connections.push(connection);
  return connection;
}

afterEach(async () => {
  await Promise.all(connections.splice(0).map((connection) => connection.stop()));
});

test("retryStart: a client that is earlier than its server gets there, and so do the calls that it made meanwhile", async () => {
  const before = await HubSite.start({ map });
  const { port, url } = before;
  await end(before);
  const { met, options } = counting({ delays: [20], maxRetries: 500, retryStart: true });
  const connection = build(`${url}/hub`, options);
  const starting = connection.start();
  const sum = connection.invoke("Add", 2, 3);
  await eventually(() => met.length > 2);
  expect(connection.state).toBe("Connecting");
  const after = await HubSite.start({ map, port });
  await starting;
  expect(await sum).toBe(5);
  await connection.stop();
  await after.stop();
});

test("maxRetries: a server that stays away is given up with the error of the last attempt", async () => {
  const site = await HubSite.start({ map });
  const { met, options } = counting({ delays: [0], maxRetries: 4 });
  const connection = build(`${site.url}/hub`, options);
  await connection.start();
  const closed = nextCall<Error>((callback) => connection.onclose(callback));
  await end(site);
  const error = await closed;
  expect(error).toMatchObject({ code: "negotiate-failed" });
  // The loss, and the failures behind which there was another attempt.
  expect(met).toHaveLength(4);
});

test("calls that were made while the server was away are carried out in their order when it is back", async () => {
  const before = await HubSite.start({ map });
  const { port, url } = before;
  const connection = build(`${url}/hub`, { delays: [20], maxRetries: 500 });
  await connection.start();
  const reconnecting = nextCall((callback) => connection.onreconnecting(callback));
  await end(before);
  await reconnecting;
  const answers: unknown[] = [];
  const calls = [1, 2, 3].map((number) =>
    connection.invoke<number>("Add", number, 0).then((answer) => answers.push(answer)),
  );
  const after = await HubSite.start({ map, port });
  await Promise.all(calls);
  expect(answers).toEqual([1, 2, 3]);
  await connection.stop();
  await after.stop();
});

test("a server that says 503 with Retry-After is not asked before its time; one that says 404 not again", async () => {
  const asked: number[] = [];
  const server = createServer((request, response) => {
    if (!request.url?.startsWith("/busy")) return void response.writeHead(404).end();
    asked.push(performance.now());
    response.writeHead(503, { "Retry-After": "1" }).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const options = { delays: [0], retryStart: true };
  expect(await failureOf(build(`${url}/busy`, options).start())).toMatchObject({ statusCode: 503, retryAfter: 1_000 });
  const [first = 0, second = 0, ...more] = asked;
  expect(second - first).toBeGreaterThan(900);
  expect(more).toEqual([]);
  const refused = counting({ ...options, maxRetries: 500 });
  expect(await failureOf(build(`${url}/nothing`, refused.options).start())).toMatchObject({ statusCode: 404 });
  expect(refused.met).toHaveLength(1);
  await new Promise((resolve) => {
    server.close(resolve);
    server.closeAllConnections();
  });
});
