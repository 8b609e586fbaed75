/** What the official client gets wrong about Server-Sent Events and Long Polling. The numbers are those of the project's list of gaps, section A. */
import { HttpTransportType, HubConnectionBuilder, type HubConnection } from "../../src/index.js";
import { TimeoutError } from "../../src/errors/http-errors.js";
import { TransferFormat } from "../../src/protocol/messages.js";
import { longPolling } from "../../src/transports/long-polling.js";
import { LocalServer } from "../unit/platform/local-server.js";
import { RecordingListener } from "../unit/transports/recording-listener.js";
import { scriptedContext } from "../unit/transports/scripted-context.js";

const url = "http://h/chat?id=1";

async function polling() {
  const set = scriptedContext();
  const listener = new RecordingListener();
  const { signal } = new AbortController();
  const request = { url, transferFormat: TransferFormat.Text, listener, signal };
  const connecting = longPolling.connect(set.context, request);
  set.http.last("GET").answer();
  return { ...set, listener, connection: await connecting };
}

/** A hub that takes everything and sends an event stream that the test goes on with. */
async function eventStream(connection: (url: string) => HubConnection) {
  const seen: { url: string; authorization: string | undefined }[] = [];
  let write: (text: string) => void = () => undefined;
  let breakOff: () => void = () => undefined;
  const server = await LocalServer.start((request, response) => {
    seen.push({ url: request.url ?? "", authorization: request.headers.authorization });
    request.resume();
    if (request.url?.includes("/negotiate")) {
      const availableTransports = [{ transport: "ServerSentEvents", transferFormats: ["Text"] }];
      response.end(
        JSON.stringify({ negotiateVersion: 1, connectionId: "i", connectionToken: "t+/=", availableTransports }),
      );
    } else if (request.method === "GET") {
      response.writeHead(200, { "Content-Type": "text/event-stream" }).write(":\n\n");
      write = (text) => void response.write(text);
      breakOff = () => void response.destroy();
    } else {
      response.end();
      write("data: {}\u001e\n\n");
    }
  });
  const made = connection(server.url("/hub"));
  await made.start();
  return { breakOff: () => breakOff(), connection: made, seen, server };
}

test("Long Polling notices a dead network: it does not poll for ever and say that it is connected (GAPS 18, 46c)", async () => {
  const { clock, http, listener } = await polling();
  http.last("GET").fail(new TimeoutError());
  await clock.settle();
  http.last("POST").fail(new TimeoutError());
  await clock.settle();
  expect(listener.ends).toEqual([expect.any(TimeoutError)]);
});

test("the Close message goes before the DELETE, and neither holds stop() up (GAPS 32, 46c)", async () => {
  const { clock, connection, http } = await polling();
  void connection.send("close")?.catch(() => undefined);
  let closed = false;
  void connection.close().then(() => (closed = true));
  await clock.settle();
  expect(http.of("DELETE")).toHaveLength(0);
  await clock.advanceAsync(1_000);
  expect(http.of("DELETE")).toHaveLength(1);
  await clock.advanceAsync(1_000);
  expect(closed).toBe(true);
  expect(clock.pendingTimers).toBe(0);
});

test("the token of an event stream is in a header, the connection token is encoded and not logged, and a break has a reason (GAPS 28, 29, 30, 46a)", async () => {
  const logged: string[] = [];
  const { breakOff, connection, seen, server } = await eventStream((hubUrl) =>
    new HubConnectionBuilder()
      .withUrl(hubUrl, { transport: HttpTransportType.ServerSentEvents, accessTokenFactory: () => "secret" })
      .configureLogging({ log: (_level, message) => void logged.push(message) })
      .build(),
  );
  const [, stream] = seen;
  expect(stream).toEqual({ url: "/hub?id=t%2B%2F%3D", authorization: "Bearer secret" });
  expect(logged.join("\n")).not.toMatch(/t\+|%2B|secret/);
  const closed = new Promise<unknown>((resolve) => connection.onclose(resolve));
  breakOff();
  expect(await closed).toMatchObject({ name: "ConnectionError", code: "connection-lost" });
  await server.close();
});

test("a send after the end rejects with an Error, not with a string (GAPS 31)", async () => {
  const { connection, http, listener } = await polling();
  http.last("GET").answer(204);
  await listener.until(({ ends }) => ends.length > 0);
  await expect(connection.send("a")).rejects.toMatchObject({ name: "ConnectionError", code: "connection-lost" });
});
