/** A hub with clients in memory: the tests of the server speak the hub protocol to it, without sockets and without real time. */
import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import { Log, type Logger } from "../../src/logging/logger.js";
import { LogLevel } from "../../src/logging/log-level.js";
import { JsonHubProtocol } from "../../src/protocol/json-hub-protocol.js";
import { MessageType, TransferFormat, type HubMessage } from "../../src/protocol/messages.js";
import { Audience } from "../../src/server/audience.js";
import { ClientConnection } from "../../src/server/client-connection.js";
import { Heartbeat } from "../../src/server/heartbeat.js";
import type { HubLike } from "../../src/server/hub.js";
import type { ClientIdentity } from "../../src/server/hub-context.js";
import { createHubRuntime, type HubRuntime } from "../../src/server/hub-runtime.js";
import { resolveHubOptions, type MapHubOptions } from "../../src/server/options.js";
import type { ServerConnection } from "../../src/server/server-connection.js";
import { WorkCounter } from "../../src/server/work-counter.js";
import type { TransportName } from "../../src/transports/transport.js";
import { MemoryConnection } from "./connection-pair.js";
import { FakeClock } from "./fake-clock.js";

const protocol = new JsonHubProtocol();
const HANDSHAKE = '{"protocol":"json","version":1}\u001e';

/** How one client is connected. */
export interface TestClientOptions extends Partial<ClientIdentity> {
  /** Formats of its transport. Default: both. */
  readonly transferFormats?: TransferFormat;
}

/** One client: what it has sent and received, and what the server did to its connection. */
export class TestClient implements ServerConnection {
  readonly connection = new MemoryConnection();
  readonly transport: TransportName = "WebSockets";
  readonly transferFormats: TransferFormat;
  readonly server: ClientConnection;
  /** Whether the server reads at the moment. */
  isPaused = false;
  isTerminated = false;
  /** Whether its life on the server is over, `onDisconnected` included. */
  isOver = false;
  readonly #clock: FakeClock;
  readonly #far = new MemoryConnection();
  #text = "";

  constructor(runtime: HubRuntime, clock: FakeClock, connectionId: string, options: TestClientOptions) {
    this.#clock = clock;
    this.transferFormats = options.transferFormats ?? TransferFormat.Text | TransferFormat.Binary;
    this.connection.connectTo(this.#far);
    this.#far.listener = {
      onData: (chunk) => void (this.#text += typeof chunk === "string" ? chunk : new TextDecoder().decode(chunk)),
      onClosed: () => undefined,
    };
    const request = new IncomingMessage(new Socket());
    const { transport } = this;
    const visitor = { user: undefined, userIdentifier: undefined, claimedExpiry: Infinity, expiry: Infinity };
    const identity = { ...visitor, connectionId, request, transport, isStateful: false };
    this.server = new ClientConnection(runtime, this, { ...identity, ...options }, () => (this.isOver = true));
  }

  /** Everything that has arrived since the handshake's answer. */
  get received(): HubMessage[] {
    const records = this.#text.split("\u001e").slice(1, -1);
    return records.map((record) => JSON.parse(record) as HubMessage);
  }

  /** The first record that arrived. */
  get handshakeAnswer(): unknown {
    const end = this.#text.indexOf("\u001e");
    return end < 0 ? undefined : JSON.parse(this.#text.slice(0, end));
  }

  /** The answers to calls, by id. */
  get answers(): Record<string, unknown> {
    const completions = this.received.filter((message) => message.type === MessageType.Completion);
    return Object.fromEntries(
      completions.map(({ invocationId, ...answer }) => [invocationId, "error" in answer ? answer.error : answer]),
    );
  }

  /** What the server called here: `[target, ...arguments]`. */
  get calls(): unknown[][] {
    const invocations = this.received.filter((message) => message.type === MessageType.Invocation);
    return invocations.map(({ target, arguments: args }) => [target, ...args]);
  }

  /** The Close message, if one arrived. */
  get closeMessage(): HubMessage | undefined {
    return this.received.find((message) => message.type === MessageType.Close);
  }

  /** Lets text arrive at the server. */
  async sendText(text: string): Promise<void> {
    this.connection.receive(text);
    await this.settle();
  }

  /** Performs the handshake. */
  handshake(): Promise<void> {
    return this.sendText(HANDSHAKE);
  }

  /** Sends messages, all in one chunk. */
  send(...messages: readonly HubMessage[]): Promise<void> {
    return this.sendText(messages.map((message) => protocol.encode(message)).join(""));
  }

  /** Calls a method under this id. */
  call(invocationId: string | undefined, target: string, ...args: unknown[]): Promise<void> {
    return this.send({ type: MessageType.Invocation, invocationId, target, arguments: args });
  }

  /** Calls a streaming method under this id. */
  stream(invocationId: string, target: string, ...args: unknown[]): Promise<void> {
    return this.send({ type: MessageType.StreamInvocation, invocationId, target, arguments: args });
  }

  /** The connection breaks, or ends cleanly. */
  async lose(error?: Error): Promise<void> {
    this.connection.lose(error);
    await this.settle();
  }

  /** Lets everything happen that does not need time. */
  async settle(): Promise<void> {
    await this.#clock.settle();
    expect(this.connection.faults).toEqual([]);
  }

  pause(): void {
    this.isPaused = true;
  }

  resume(): void {
    this.isPaused = false;
  }

  terminate(): void {
    this.isTerminated = true;
  }
}

/** A hub without a server. */
export class HubHarness {
  readonly clock = new FakeClock();
  readonly heartbeat = new Heartbeat(this.clock);
  readonly work = new WorkCounter();
  readonly runtime: HubRuntime;
  /** Errors that were logged. */
  readonly errors: string[] = [];
  #clients = 0;

  constructor(hubClass: new () => HubLike, options: MapHubOptions = {}) {
    const logger: Logger = {
      log: (_level, message) => void this.errors.push(message.split("\n", 1)[0] ?? ""),
      isEnabled: (level) => level >= LogLevel.Error,
    };
    const log = new Log(logger);
    const services = { clock: this.clock, log, heartbeat: this.heartbeat, work: this.work };
    const resolved = resolveHubOptions({}, options);
    this.runtime = createHubRuntime(services, hubClass, options.createHub, new Audience(log), resolved);
  }

  /** A connection before its handshake. Its id is `client-1` and so on. */
  accept(options: TestClientOptions = {}): TestClient {
    return new TestClient(this.runtime, this.clock, `client-${++this.#clients}`, options);
  }

  /** A connected client. */
  async connect(options: TestClientOptions = {}): Promise<TestClient> {
    const client = this.accept(options);
    await client.handshake();
    return client;
  }

  /** Lets time pass. */
  advance(ms: number): Promise<void> {
    return this.clock.advanceAsync(ms);
  }
}
