/** The options that only the client for Node understands. Their types are structural, so that pages need no types of Node. */

/** The part of a cookie jar that hubwire uses; that of `tough-cookie` is one. */
export interface CookieJarLike {
  /** The value of the `Cookie` header for a URL. */
  getCookieString(url: string): string | Promise<string>;
  /** The same at once, for an injected `WebSocket` or `EventSource`, which cannot wait. */
  getCookieStringSync?(url: string): string;
  /** Takes the value of a `Set-Cookie` header. */
  setCookie(cookie: string, url: string, options?: { ignoreError?: boolean }): unknown;
}

/** The part of an `http.Agent` or `https.Agent` by which one is known. */
export interface HttpAgentLike {
  /** How many connections there may be to one host. */
  readonly maxSockets: number;
  /** Closes its connections; hubwire never calls it. */
  destroy(): void;
}

/** Certificates or keys: text (PEM) or bytes, one or several. */
export type TlsData = string | Uint8Array | readonly (string | Uint8Array)[];

/** The TLS settings of `node:tls` that matter to a client; whatever else `tls.connect` knows is passed on too. */
export interface TlsOptions {
  /** Certificates of the authorities to trust, in the place of those that Node brings. */
  ca?: TlsData;
  /** The client's certificate, with those between it and its authority. */
  cert?: TlsData;
  /** The private key of {@link cert}. */
  key?: TlsData;
  /** Certificate and private key together (PKCS #12). */
  pfx?: TlsData;
  /** What the private key is encrypted with. */
  passphrase?: string;
  /** Whether a server with a certificate that cannot be trusted is refused. Default: `true`. */
  rejectUnauthorized?: boolean;
  /** The name that is asked for and checked in the place of the URL's host. */
  servername?: string;
  /** The oldest version of TLS. Default: Node's. */
  minVersion?: "TLSv1" | "TLSv1.1" | "TLSv1.2" | "TLSv1.3";
  /** The newest version of TLS. Default: Node's. */
  maxVersion?: "TLSv1" | "TLSv1.1" | "TLSv1.2" | "TLSv1.3";
  /** The cipher suites, as OpenSSL names them. Default: Node's. */
  ciphers?: string;
  /** Checks the server's certificate in the place of Node. @returns what is wrong with it. */
  checkServerIdentity?(host: string, certificate: never): Error | undefined;
}

/** Settings of the `ws` package that make sense for a hub; whatever else its `WebSocket` knows is passed on too. */
export interface NodeWebSocketOptions {
  /** Offers to compress messages, or how. Default: `false`; it costs much time and memory. */
  perMessageDeflate?: boolean | Readonly<Record<string, unknown>>;
  /** The largest message that is taken, in bytes. Default: 134,217,728. */
  maxPayload?: number;
  /** Milliseconds for the upgrade alone. Default: no limit of its own; `connectTimeout` counts. */
  handshakeTimeout?: number;
  /** The `Origin` header of the upgrade. Default: none. */
  origin?: string;
  /** Whether to trust that texts are valid UTF-8. Default: `false`. */
  skipUTF8Validation?: boolean;
}

/** Options of the client for Node. All others ignore them. */
export interface NodeOptions {
  /** Holds the cookies, and can be shared by several connections. Default: each connection has one of its own. */
  cookieJar?: CookieJarLike;
  /**
   * Makes the network connections of all requests and of the WebSocket, instead of hubwire's own pool and of proxies; an
   * `http.Agent` or `https.Agent`, or a function that gives one for a URL. It is never destroyed.
   */
  httpAgent?: HttpAgentLike | ((url: string) => HttpAgentLike);
  /**
   * The URL of a forward proxy, `http:` or `https:`, with user name and password if it wants them; `false`: none. Default: what
   * `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY` in the environment say.
   */
  proxy?: string | false;
  /** TLS settings of all requests and of the WebSocket: own authorities, client certificates. Default: Node's. */
  tls?: TlsOptions;
  /** More settings of the WebSocket. Default: none. */
  webSocketOptions?: NodeWebSocketOptions;
}
