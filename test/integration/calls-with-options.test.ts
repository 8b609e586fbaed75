/** Calls with signals, times and headers between our client and our server, over every transport: what the hub method notices. */
import { HttpTransportType, Subject, type HubConnection } from "../../src/index.js";
import { Deferred } from "../../src/common/deferred.js";
import { MessagePackHubProtocol } from "../../src/msgpack.js";
import { JsonHubProtocol } from "../../src/protocol/json-hub-protocol.js";
import { Hub } from "../../src/server/index.js";
import { HubSite } from "./hub-site.js";
import { eventually, failureOf } from "../support/witness.js";

/** What the hub methods have to tell, in order. */
let told: string[];
let toldTwice: Deferred<void>;

function tell(text: string): void {
  told.push(text);
  if (told.length === 2) toldTwice.resolve();
}

class WatchedHub extends Hub {
  headersOf(): unknown {
    return this.headers;
  }

  async wait(): Promise<string> {
    tell("waiting");
    await new Promise<void>((resolve) => this.signal.addEventListener("abort", () => resolve()));
    tell("cancelled");
    return "late";
  }

  async read(items: AsyncIterable<number>): Promise<void> {
    try {
      for await (const item of items) tell(`item ${item}`);
      tell("completed");
    } catch (thrown) {
      tell(String(thrown));
    }
  }

  async *endless(): AsyncGenerator<number> {
    try {
      for (let value = 0; ; value++) {
        yield value;
        await new Promise((resolve) => setImmediate(resolve));
      }
    } finally {
      tell("stream ended");
      tell("-");
    }
  }
}

const { WebSockets, ServerSentEvents, LongPolling } = HttpTransportType;
const json = () => new JsonHubProtocol();
const msgpack = () => new MessagePackHubProtocol();

describe.each([
  ["WebSockets, JSON", WebSockets, json],
  ["WebSockets, MessagePack", WebSockets, msgpack],
  ["Server-Sent Events, JSON", ServerSentEvents, json],
  ["Long Polling, JSON", LongPolling, json],
  ["Long Polling, MessagePack", LongPolling, msgpack],
])("over %s", (_name, transport, createProtocol) => {
  const running = HubSite.forTests({
    protocols: [json(), msgpack()],
    map: (hubs) => hubs.mapHub("/hub", WatchedHub, { allowStatefulReconnects: true }),
  });
  let connection: HubConnection;
  let controller: AbortController;

  beforeEach(async () => {
    told = [];
    toldTwice = new Deferred();
    controller = new AbortController();
    const builder = running.site.builder("/hub", { transport }).withHubProtocol(createProtocol());
    connection = await running.site.connect(builder.withStatefulReconnect());
  });

  test("a call that is given up fires the signal of its hub method", async () => {
    const call = failureOf(connection.with({ signal: controller.signal }).invoke("wait"));
    await eventually(() => told.length > 0);
    controller.abort();
    expect(await call).toMatchObject({ code: "aborted" });
    await toldTwice.promise;
    expect(told).toEqual(["waiting", "cancelled"]);
    await expect(connection.invoke("headersOf")).resolves.toEqual({});
  });

  test("a call that takes too long does, too", async () => {
    expect(await failureOf(connection.with({ timeout: 200 }).invoke("wait"))).toMatchObject({ code: "call-timeout" });
    await toldTwice.promise;
    expect(told).toEqual(["waiting", "cancelled"]);
  });

  test.each(["invoke", "send"] as const)("the uploads of a given up %s end with an error", async (kind) => {
    const subject = new Subject<number>();
    const calls = connection.with({ signal: controller.signal });
    const call = kind === "send" ? calls.send("read", subject) : calls.invoke("read", subject);
    const outcome = Promise.allSettled([call]); // a send may be through already, over HTTP it waits for the answer
    subject.next(1);
    await eventually(() => told.length > 0);
    controller.abort();
    await outcome;
    await toldTwice.promise;
    expect(told).toEqual(["item 1", "HubError: Stream canceled by client."]);
  });

  test("a stream that is given up ends on the server", async () => {
    const stream = connection.with({ signal: controller.signal }).stream<number>("endless");
    const read = (async () => {
      for await (const item of stream) if (item === 2) controller.abort();
    })();
    expect(await failureOf(read)).toMatchObject({ code: "aborted" });
    await toldTwice.promise;
    expect(told).toEqual(["stream ended", "-"]);
  });

  test("headers reach the hub method", async () => {
    const headers = { tenant: "a", "": "empty name", name: "ü€😀", empty: "" };
    await expect(connection.with({ headers }).invoke("headersOf")).resolves.toEqual(headers);
    await expect(connection.invoke("headersOf")).resolves.toEqual({});
  });
});
