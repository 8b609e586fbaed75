/** The port to the runtime. The composition roots choose an implementation; nothing below them asks where it runs. */
import type { Clock } from "../common/clock.js";
import type { RequestOptions, Requests } from "../http/http-context.js";
import type { NodeOptions } from "../http/node-options.js";
import type { OpenStream } from "../http/open-stream.js";
import type { EventSourceConstructor } from "../transports/event-source.js";
import type { OpenSocket } from "../transports/socket.js";
import type { WebSocketConstructor } from "../transports/web-socket-like.js";

/** What users may put in the place of the runtime's own, how Node's is set up, and what goes along. */
export interface NetworkOptions extends Readonly<NodeOptions>, RequestOptions {
  /** Used for HTTP requests. */
  readonly fetch?: typeof fetch | undefined;
  /** Used to open WebSockets. */
  readonly WebSocket?: WebSocketConstructor | undefined;
  /** Used to open event streams. */
  readonly EventSource?: EventSourceConstructor | undefined;
}

/** The way to the network that one hub connection uses. */
export interface Network {
  /** Opens WebSockets; missing where the runtime has none. */
  readonly openSocket: OpenSocket | undefined;
  /** Closes idle connections. The network can still be used afterwards. */
  dispose?(): void;
}

/** One that sends requests, too. */
export interface HttpNetwork extends Network, Requests {
  /** Opens event streams, where the HTTP client can; elsewhere `fetch` does. */
  readonly openStream?: OpenStream;
}

/** Tells when a network that was away may be back. */
export interface WakeSource {
  /** Whether the runtime says that there is no network. It may be wrong in both directions. */
  readonly isOffline: boolean;
  /** Calls back at each such moment. @returns a function that ends it. */
  listen(callback: () => void): () => void;
}

/** What the client needs of the runtime it runs in. */
export interface Platform {
  /** Time. */
  readonly clock: Clock;
  /** Missing where the runtime tells nothing of the kind. */
  readonly wakeSource?: WakeSource;
  /**
   * Makes a hub's URL absolute.
   * @throws InvalidArgumentError when it is not an http(s) URL.
   */
  resolveUrl(url: string): string;
  /** Checks the options that only this platform knows. @throws InvalidArgumentError that names the option. */
  checkOptions?(options: NetworkOptions): void;
  /** Makes the network of one hub connection. One that is made later with the same object of options has the cookies of the first. */
  readonly createNetwork: (options: NetworkOptions) => Network | Promise<Network>;
}
