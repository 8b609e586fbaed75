/** The real server behind a proxy that breaks connections, and the questions that every fault test asks afterwards. */
import { createHook } from "node:async_hooks";
import {
  HttpTransportType,
  HubConnectionBuilder,
  type HubConnection,
  type IHttpConnectionOptions,
} from "../../src/index.js";
import { RealHub } from "../support/real-hub.js";
import { TcpProxy, type Direction, type Fault, type Trigger } from "../support/tcp-proxy.js";
import { nextTurn } from "../support/witness.js";
import { BUILD_AND_START_MS } from "../support/aspnetcore-server.js";

const { WebSockets } = HttpTransportType;

/** The connect and handshake timeouts of {@link FaultyHub.builder}: far above what a healthy connection takes. */
export const TIMEOUT_MS = 800;

/** The requests of a connection that can go unanswered, and when a fault has to strike for that. */
export const STEPS: Readonly<Record<"negotiate" | "upgrade" | "handshake", Trigger>> = {
  negotiate: { direction: "up", pattern: /^POST / },
  upgrade: { direction: "up", pattern: /^GET [^]*upgrade: websocket/i },
  handshake: { direction: "down", pattern: /^HTTP\/1.1 101 /, passing: true },
};

/** Name of a step. */
export type Step = keyof typeof STEPS;

/** The requests of the transports that send by POST. */
export const REQUESTS: Readonly<Record<"stream" | "poll" | "post" | "delete", Trigger>> = {
  stream: { direction: "up", pattern: /^GET [^]*text\/event-stream/i },
  poll: { direction: "up", pattern: /^GET [^ ]*[?&]_=/ },
  post: { direction: "up", pattern: /^POST [^ ]*[?&]id=/ },
  delete: { direction: "up", pattern: /^DELETE / },
};

/** One server for the tests of a file; each test has a proxy of its own in front of it. */
export class FaultyHub extends RealHub {
  #proxy: TcpProxy | undefined;

  /** Registers the hooks. Call it inside `describeWhen("dotnet", …)`. */
  constructor() {
    super();
    beforeAll(async () => {
      // A server's first connections are slow, and the timeouts of these tests are short.
      for (const path of ["/hub", "/quick", "/parallel", "/large"]) {
        const connection = new HubConnectionBuilder().withUrl(this.server.url + path).build();
        await connection.start();
        await connection.invoke("Nothing");
        await connection.stop();
      }
    }, BUILD_AND_START_MS);
    beforeEach(async () => {
      this.#proxy = await TcpProxy.start(this.server.url);
    });
    // Behind the hook that stops the connections.
    afterEach(() => this.#proxy?.stop());
  }

  get proxy(): TcpProxy {
    if (this.#proxy === undefined) throw new Error("the proxy was not started");
    return this.#proxy;
  }

  /** A builder for a hub behind the proxy, with short timeouts, over WebSockets unless the options say otherwise. */
  override builder(path = "/hub", options: IHttpConnectionOptions = {}): HubConnectionBuilder {
    return new HubConnectionBuilder()
      .withUrl(this.proxy.url + path, { connectTimeout: TIMEOUT_MS, transport: WebSockets, ...options })
      .withHandshakeTimeout(TIMEOUT_MS)
      .configureLogging({ log: (_level, message) => void this.logged.push(message) });
  }

  /** Lets a fault strike when a connection is made and this step of it is due. */
  strikeAt(step: Step, fault: Fault): Promise<void> {
    return this.proxy.strikeWhen(STEPS[step], fault);
  }

  /**
   * Cuts one connection after another, each `step` bytes further on than the one before, until one is over before its cut: wherever it
   * breaks, `start` settles; and when it had succeeded, the loss is told.
   * @returns how many were cut, and how many of these still answered a call.
   */
  async cutEverywhere(
    direction: Direction,
    step: number,
    builder: () => HubConnectionBuilder = () => this.builder(),
  ): Promise<{ cuts: number; survived: number }> {
    let [cuts, survived] = [0, 0];
    for (let bytes = 1; ; bytes += step, cuts++) {
      let struck = false;
      void this.proxy.strikeWhen({ direction, bytes }, "reset").then(() => (struck = true));
      const connection = this.build(builder());
      const closed = new Promise<void>((resolve) => connection.onclose(() => resolve()));
      const [started] = await outcomeOf(connection.start());
      const [answered] = await outcomeOf(connection.invoke("Echo", "x".repeat(100)));
      if (answered) {
        await connection.stop();
        if (!struck) return { cuts, survived };
        survived++;
      } else if (started) {
        await closed;
      }
      await this.expectNothingLeft(connection);
    }
  }

  /** Fails if anything of a connection is still there: a socket at the proxy, or a timer that keeps this process alive. */
  async expectNothingLeft(connection: HubConnection): Promise<void> {
    expect(connection.state).toBe("Disconnected");
    expect(connection.connectionId).toBeNull();
    this.proxy.resume(); // a stalled proxy would not see that the client is gone
    // A frozen server answers no end.
    await (this.server.isPaused ? this.proxy.untilUnused() : this.proxy.untilOpen(0));
    // What the proxy has seen the client may yet have to hear.
    expect(await timersLeft()).toEqual([]);
  }
}

// The test runner has timers too; those of the client are told by where they were made.
const timers = new Map<number, string>();
createHook({
  init(id, type) {
    if (type !== "Timeout") return;
    const stack = new Error().stack ?? "";
    if (stack.includes("utcDate")) return; // Node keeps the time of the Date header for a second
    if (/[\\/]src[\\/]|[\\/]node_modules[\\/]ws[\\/]/.test(stack)) timers.set(id, stack);
  },
  destroy: (id) => void timers.delete(id),
}).enable();

/** The timers of the client that are still there after some turns of the event loop: where each was made. */
export async function timersLeft(): Promise<string[]> {
  for (let turn = 0; turn < 20 && timers.size > 0; turn++) await nextTurn();
  return [...timers.values()];
}

/** How a promise ends: `[true, value]` or `[false, error]`. Never rejects. */
export function outcomeOf<T>(promise: Promise<T>): Promise<[boolean, unknown]> {
  return promise.then(
    (value) => [true, value],
    (thrown: unknown) => [false, thrown],
  );
}

/** How long a promise takes, in milliseconds. */
export async function timeOf(promise: Promise<unknown>): Promise<number> {
  const start = performance.now();
  await promise;
  return performance.now() - start;
}
