/** A hub that a test plays by hand, behind a platform without network or real time; for unit tests of whole client connections. */
import { builderDefaults, PlatformHubConnectionBuilder } from "../../../src/client/hub-connection-builder.js";
import type { HttpConnectionOptions } from "../../../src/client/options.js";
import { negotiationOver } from "../../../src/client/negotiation.js";
import { withAbort } from "../../../src/common/abort-scope.js";
import { HttpClient, HttpResponse, type HttpRequest } from "../../../src/http/http-client.js";
import type { LogLevel } from "../../../src/logging/log-level.js";
import { Log } from "../../../src/logging/logger.js";
import { requestsOf } from "../../../src/http/http-context.js";
import type { HttpNetwork, NetworkOptions, Platform } from "../../../src/platform/platform.js";
import type { Encoded } from "../../../src/protocol/hub-protocol.js";
import { JsonHubProtocol } from "../../../src/protocol/json-hub-protocol.js";
import { MessageType, type HubMessage } from "../../../src/protocol/messages.js";
import { longPolling } from "../../../src/transports/long-polling.js";
import { webSockets } from "../../../src/transports/websocket.js";
import { FakeClock } from "../../support/fake-clock.js";
import { FakeWakeSource } from "../../support/fake-wake-source.js";
import {
  MemoryConnection,
  upgradeTo,
  type Socket,
  type SocketListener,
  type Upgrade,
} from "../transports/memory-socket.js";

const protocol = new JsonHubProtocol();

/** The client's socket, with the hub's hand on its other end. */
export class HubSocket implements Socket {
  /** What the client closed it with. */
  readonly closes: number[] = [];
  /** Whether the client dropped it without the closing handshake. */
  terminated = false;
  /** Whether the hub takes part in the closing handshake. */
  answersClose = true;
  /** Every chunk that the client sent; the handshake first, unless the socket resumes. */
  readonly sent: Encoded[] = [];
  #over = false;

  constructor(
    readonly target: Upgrade,
    readonly open: () => void,
    readonly listener: SocketListener,
    /** Missing for a socket that resumes: nothing is asked there. */
    readonly onHandshake: ((socket: HubSocket) => void) | undefined,
  ) {}

  /** Whether neither end has closed it. */
  get isOpen(): boolean {
    return !this.#over && this.closes.length === 0;
  }

  /** The hub messages that the client sent. */
  get messages(): HubMessage[] {
    const messages: HubMessage[] = [];
    const decoder = protocol.createDecoder({ maximumMessageSize: Infinity, log: new Log({ log: () => undefined }) });
    for (const chunk of this.sent.slice(this.onHandshake ? 1 : 0))
      decoder.decode(chunk, (message) => messages.push(message));
    return messages;
  }

  /** The same without pings. */
  get calls(): HubMessage[] {
    return this.messages.filter((message) => message.type !== MessageType.Ping);
  }

  /** Lets text arrive at the client. */
  receiveText(text: string): void {
    if (!this.#over) this.listener.onMessage(text);
  }

  /** Lets messages arrive, all in one chunk. */
  receive(...messages: readonly HubMessage[]): void {
    this.receiveText(messages.map((message) => protocol.encode(message)).join(""));
  }

  /** Ends the socket from the hub's side, by default as a lost network does. @param cause What the runtime tells. */
  drop(code = 1006, cause?: unknown): void {
    if (this.#over) return;
    this.#over = true;
    this.listener.onClose(code, "", cause);
  }

  send(data: Encoded): Promise<void> | undefined {
    this.sent.push(data);
    if (this.sent.length === 1) void Promise.resolve().then(() => this.onHandshake?.(this));
    return undefined;
  }

  close(code: number): void {
    this.closes.push(code);
    if (this.answersClose) void Promise.resolve().then(() => this.drop(1000));
  }

  terminate(): void {
    this.terminated = true;
    this.#over = true;
  }
}

/** Answers the negotiate requests, and those for a refresh; gives up like every client of a platform when it is told to. */
class NegotiateClient extends HttpClient {
  readonly #answer: (request: HttpRequest) => unknown;

  constructor(answer: (request: HttpRequest) => unknown) {
    super();
    this.#answer = answer;
  }

  async send(request: HttpRequest): Promise<HttpResponse> {
    const { abortSignal } = request;
    const answer = Promise.resolve(this.#answer(request));
    const value = await (abortSignal ? withAbort(answer, abortSignal) : answer);
    return value instanceof HttpResponse ? value : new HttpResponse(200, "OK", JSON.stringify(value));
  }
}

class TestBuilder extends PlatformHubConnectionBuilder {
  constructor(platform: Platform, createNetwork: (options: NetworkOptions) => HttpNetwork) {
    super(builderDefaults(platform, [webSockets, longPolling], negotiationOver(createNetwork)));
  }
}

/** Accepts every connection unless a test changes one of its steps. */
export class MemoryHub {
  readonly clock = new FakeClock();
  /** What wakes the client. */
  readonly wakeSource = new FakeWakeSource();
  readonly sockets: HubSocket[] = [];
  readonly logged: string[] = [];
  negotiations = 0;
  /** The URL of every negotiation. */
  readonly negotiated: string[] = [];
  /** Every request for a refresh. */
  readonly refreshes: HttpRequest[] = [];
  /** The answer of the n-th refresh, or a promise for it. */
  refresh: (n: number) => unknown = () => ({});
  /** How often the client gave its network back. */
  disposals = 0;
  /** The answer of the n-th negotiation, or a promise for it. */
  negotiate: (n: number) => unknown = (n) => ({
    negotiateVersion: 1,
    connectionId: `id-${n}`,
    connectionToken: `token-${n}`,
    availableTransports: [{ transport: "WebSockets", transferFormats: ["Text", "Binary"] }],
  });
  /** What happens to a socket that is being opened. */
  upgrade: (socket: HubSocket) => void = (socket) => socket.open();
  /** What the hub does when the handshake request arrived. */
  handshake: (socket: HubSocket) => void = (socket) => socket.receiveText("{}\u001e");

  /** The newest socket. */
  get socket(): HubSocket {
    const socket = this.sockets.at(-1);
    if (socket === undefined) throw new Error("no socket was opened yet");
    return socket;
  }

  /** A builder for connections to this hub. */
  builder(options: HttpConnectionOptions = {}, url = "http://hub/chat"): PlatformHubConnectionBuilder {
    const log = (_level: LogLevel, message: string): void => void this.logged.push(message);
    return this.plainBuilder().withUrl(url, options).configureLogging({ log });
  }

  /** A builder on which nothing was called yet. */
  plainBuilder(): PlatformHubConnectionBuilder {
    const createNetwork = (options: NetworkOptions) => this.#createNetwork(options);
    const { clock, wakeSource } = this;
    return new TestBuilder({ clock, wakeSource, resolveUrl: (url) => url, createNetwork }, createNetwork);
  }

  #createNetwork(options: NetworkOptions): HttpNetwork {
    const client = new NegotiateClient((request) => {
      const { url = "" } = request;
      if (url.includes("/refresh?")) return this.refresh(this.refreshes.push(request));
      this.negotiated.push(url);
      return this.negotiate(++this.negotiations);
    });
    const requests = requestsOf(client, { "User-Agent": "test" }, options);
    return {
      ...requests,
      openSocket: (target, onOpen, listener) => {
        const upgrade = upgradeTo(target, requests);
        const resumes = upgrade.url.includes("id=") && this.sockets.some((other) => other.target.url === upgrade.url);
        const onHandshake = resumes ? undefined : (one: HubSocket) => this.handshake(one);
        const attach = (events: SocketListener) => new HubSocket(upgrade, onOpen, events, onHandshake);
        const connection = new MemoryConnection(attach, listener, this.clock);
        const { socket } = connection;
        this.sockets.push(socket);
        void Promise.resolve().then(() => this.upgrade(socket));
        return connection;
      },
      dispose: () => this.disposals++,
    };
  }
}
