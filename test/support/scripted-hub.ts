/** A hub that a test plays by hand through the public options `httpClient` and `WebSocket`, for hubwire's client and for the official one alike. */
import type * as hubwire from "../../src/index.js";

/** What both client packages export. The official one is cast to it: what it lacks is only named where hubwire is under test. */
export type ClientPackage = Pick<
  typeof hubwire,
  | "HttpClient"
  | "HttpError"
  | "HttpResponse"
  | "HttpTransportType"
  | "HubConnectionBuilder"
  | "Subject"
  | "TimeoutError"
  | "AbortError"
>;

/** A hub message as it stands on the wire. */
export type WireMessage = Readonly<Record<string, unknown>>;

const RECORD_END = "\u001e";
const OPEN = 1;
const CLOSED = 3;

/** The hub's hand on a client's WebSocket. */
export class ScriptedSocket {
  readonly url: string;
  readonly bufferedAmount = 0;
  binaryType = "";
  readyState = 0;
  /** Whether the client dropped it without the closing handshake. */
  isTerminated = false;
  onopen: ((event: object) => void) | null = null;
  onmessage: ((event: object) => void) | null = null;
  onerror: ((event: object) => void) | null = null;
  onclose: ((event: object) => void) | null = null;
  /** Everything that the client sent, one entry for each record. */
  readonly sent: WireMessage[] = [];
  readonly #hub: ScriptedHub;

  constructor(hub: ScriptedHub, url: string) {
    this.#hub = hub;
    this.url = url;
  }

  /** The hub messages among what was sent; pings left out. */
  get calls(): WireMessage[] {
    return this.sent.filter((message) => "type" in message && message["type"] !== 6);
  }

  /** How many pings were sent. */
  get pings(): number {
    return this.sent.filter((message) => message["type"] === 6).length;
  }

  /** Answers the upgrade. */
  open(): void {
    this.readyState = OPEN;
    this.onopen?.({});
  }

  /** Lets messages arrive in one frame. */
  receive(...messages: readonly WireMessage[]): void {
    this.receiveText(messages.map((message) => JSON.stringify(message) + RECORD_END).join(""));
  }

  /** Lets text arrive. */
  receiveText(data: string): void {
    if (this.readyState !== CLOSED) this.onmessage?.({ data });
  }

  /** Ends the socket from the hub's side, by default as a lost network does. */
  drop(code = 1006): void {
    if (this.readyState === CLOSED) return;
    this.readyState = CLOSED;
    if (code !== 1000) this.onerror?.({});
    this.onclose?.({ code, reason: "", wasClean: code === 1000 });
  }

  /** Called by the client. */
  send(data: unknown): void {
    const records = String(data).split(RECORD_END).slice(0, -1);
    for (const record of records) {
      const message = JSON.parse(record) as WireMessage;
      this.sent.push(message);
      queueMicrotask(() => ("protocol" in message ? this.#hub.handshake(this) : this.#hub.hear(message, this)));
    }
  }

  /** Called by the client. */
  close(): void {
    queueMicrotask(() => this.drop(1000));
  }

  /** Called by a client that knows it. */
  terminate(): void {
    this.isTerminated = true;
    this.readyState = CLOSED;
  }
}

/** A request of the client. */
export interface ScriptedRequest {
  readonly method: string;
  readonly url: string;
  readonly content: string;
}

/** Accepts every connection unless a test changes one of its steps. */
export class ScriptedHub {
  readonly client: ClientPackage;
  readonly sockets: ScriptedSocket[] = [];
  readonly requests: ScriptedRequest[] = [];
  readonly logged: string[] = [];
  /** Every call of onclose, onreconnecting and onreconnected, by name. */
  readonly told: [name: string, argument: unknown][] = [];
  /** The answer of the n-th negotiation: what goes into JSON, an HttpResponse, or a promise for one of them. */
  negotiate: (n: number) => unknown = (n) => this.negotiated(n);
  /** The answer to any other request: a promise, or a status and a body. */
  answer: (request: ScriptedRequest) => unknown = () => new Promise(() => undefined);
  /** What happens to a WebSocket that is being opened. */
  upgrade: (socket: ScriptedSocket) => void = (socket) => socket.open();
  /** What the hub does when the handshake request arrived. */
  handshake: (socket: ScriptedSocket) => void = (socket) => socket.receive({});
  /** Called with every hub message, a moment after it was sent. */
  hear: (message: WireMessage, socket: ScriptedSocket) => void = () => undefined;
  #negotiations = 0;

  constructor(client: ClientPackage) {
    this.client = client;
  }

  /** What a hub answers the n-th negotiation. */
  negotiated(n: number, more: object = {}): object {
    const transport = (name: string) => ({ transport: name, transferFormats: ["Text"] });
    const availableTransports = [transport("WebSockets"), transport("LongPolling")];
    return {
      negotiateVersion: 1,
      connectionId: `id-${n}`,
      connectionToken: `token-${n}`,
      availableTransports,
      ...more,
    };
  }

  /** How often the client negotiated. */
  get negotiations(): number {
    return this.#negotiations;
  }

  /** The newest WebSocket. */
  get socket(): ScriptedSocket {
    const socket = this.sockets.at(-1);
    if (socket === undefined) throw new Error("no socket was opened yet");
    return socket;
  }

  /** A builder for connections to this hub. */
  builder(options: hubwire.IHttpConnectionOptions = {}): hubwire.HubConnectionBuilder {
    return this.unloggedBuilder({ logger: { log: (_level, message) => void this.logged.push(message) }, ...options });
  }

  /** The same without a logger. */
  unloggedBuilder(options: hubwire.IHttpConnectionOptions = {}): hubwire.HubConnectionBuilder {
    const upgrade = (url: string) => this.#upgrade(url);
    const WebSocket = function (url: string) {
      return upgrade(url);
    } as unknown as NonNullable<hubwire.IHttpConnectionOptions["WebSocket"]>;
    Object.assign(WebSocket, { OPEN });
    return new this.client.HubConnectionBuilder().withUrl("http://hub/chat", {
      httpClient: this.#http(),
      WebSocket,
      ...options,
    });
  }

  /** A started connection whose end and reconnects are written down. */
  async connect(builder = this.builder()): Promise<hubwire.HubConnection> {
    const connection = this.watch(builder.build());
    await connection.start();
    await settle();
    return connection;
  }

  /** Writes down what becomes of a connection. */
  watch(connection: hubwire.HubConnection): hubwire.HubConnection {
    for (const name of ["onclose", "onreconnecting", "onreconnected"] as const) {
      connection[name]((argument) => void this.told.push([name, argument]));
    }
    return connection;
  }

  #upgrade(url: string): ScriptedSocket {
    const socket = new ScriptedSocket(this, url);
    this.sockets.push(socket);
    queueMicrotask(() => this.upgrade(socket));
    return socket;
  }

  #http(): hubwire.HttpClient {
    const { HttpClient, HttpResponse, AbortError } = this.client;
    const respond = (request: ScriptedRequest): unknown => {
      this.requests.push(request);
      return request.url.includes("/negotiate") ? this.negotiate(++this.#negotiations) : this.answer(request);
    };
    return new (class extends HttpClient {
      async send({ method = "", url = "", content = "", abortSignal }: hubwire.HttpRequest) {
        const aborted = new Promise<never>((_, reject) => {
          const abort = () => reject(new AbortError());
          if (abortSignal instanceof AbortSignal) abortSignal.addEventListener("abort", abort);
          else if (abortSignal) abortSignal.onabort = abort;
        });
        const answer = Promise.resolve(respond({ method, url, content: String(content) }));
        const value = await Promise.race([answer, aborted]);
        return value instanceof HttpResponse ? value : new HttpResponse(200, "OK", JSON.stringify(value));
      }
    })();
  }
}

/** Lets all pending promise continuations run, and turns of the event loop end. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 6; turn++) await new Promise((resolve) => setImmediate(resolve));
}

/** Lets fake time pass. */
export async function pass(ms: number): Promise<void> {
  await settle();
  await jest.advanceTimersByTimeAsync(ms);
  await settle();
}
