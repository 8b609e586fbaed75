/** What the contract suite is written against: a client, a server and a combination of transport and encoding, whoever made them. */
import type { Contract } from "./contract-site.js";

/* eslint-disable @typescript-eslint/no-explicit-any -- the calls of both packages are untyped: hubwire's is a drop-in replacement */

/** A stream's reader. */
export interface ContractSubscriber<T> {
  next(item: T): void;
  error(error: any): void;
  complete(): void;
}

/** A stream of the hub. Only hubwire's can be iterated. */
export interface ContractStream<T> {
  subscribe(subscriber: ContractSubscriber<T>): { dispose(): void };
  [Symbol.asyncIterator]?(): AsyncIterator<T>;
}

/** A hub connection: what those of both packages have. */
export interface ContractConnection {
  readonly state: string;
  readonly connectionId: string | null;
  start(): Promise<void>;
  stop(): Promise<void>;
  invoke<T = any>(method: string, ...args: any[]): Promise<T>;
  send(method: string, ...args: any[]): Promise<void>;
  stream<T = any>(method: string, ...args: any[]): ContractStream<T>;
  on(method: string, handler: (...args: any[]) => any): unknown;
  off(method: string, handler?: (...args: any[]) => any): void;
  onclose(callback: (error?: Error) => void): unknown;
  onreconnecting(callback: (error?: Error) => void): unknown;
  onreconnected(callback: (connectionId?: string) => void): unknown;
}

/** A source that is pushed to. */
export interface ContractSubject<T> {
  next(item: T): void;
  error(error: Error): void;
  complete(): void;
}

/** How a connection is made. */
export interface ConnectOptions {
  /** Names of transports. */
  readonly transports: readonly Transport[];
  readonly encoding: Encoding;
  /** Asks for stateful reconnect. */
  readonly resumes?: true | undefined;
  readonly token?: string;
  /** Default: none, so that a loss is final. */
  readonly reconnectDelaysMs?: readonly number[];
  readonly serverTimeoutMs?: number;
}

/** A client package. */
export interface ContractClient {
  /** What it has beyond the official JavaScript client; see {@link Feature.needs}. */
  readonly abilities: ReadonlySet<Ability>;
  /** Makes a connection. */
  build(url: string, options: ConnectOptions): ContractConnection;
  /** Makes a `Subject`. */
  subject<T>(): ContractSubject<T>;
}

/** A message from outside of any hub. */
export interface ServerPush {
  readonly target: "all" | "group" | "user" | "connection";
  readonly name?: string;
  readonly method: string;
  readonly arguments: readonly unknown[];
}

/** A server with the hub of test/interop/dotnet-client/README.md. */
export interface ContractServer {
  /** Address of the hub. */
  readonly url: string;
  /** Calls clients from outside of the hub. */
  push(order: ServerPush): Promise<void>;
  stop(): Promise<void>;
}

/** A transport by its name on the wire. */
export type Transport = "WebSockets" | "ServerSentEvents" | "LongPolling";

/** An encoding by its name on the wire. */
export type Encoding = "json" | "messagepack";

/** One column of the matrix. */
export interface Combination {
  readonly transport: Transport;
  readonly encoding: Encoding;
  /** With stateful reconnect. */
  readonly resumes?: true;
}

/** What not every client can do, or does right: where it is missing, the features that need it are left out. */
export type Ability =
  /** 64-bit integers are exact. */
  | "exact-integers"
  /** `for await`, and uploads from iterables and streams. */
  | "iterables"
  /** `on` gives back how to undo it. */
  | "disposers"
  /** Two streams side by side are both found among the arguments (GAPS 1). */
  | "adjacent-uploads"
  /** What a handler throws reaches the hub as its message (GAPS 21). */
  | "plain-handler-errors"
  /** A loss has an error on every transport (GAPS 30). */
  | "named-losses";

/** Something that works with every transport and encoding, or with those named. */
export interface Feature {
  readonly name: string;
  readonly needs?: Ability;
  /** Default: in all of them. */
  readonly appliesTo?: (combination: Combination) => boolean;
  run(contract: Contract): Promise<void>;
}

/** Features that belong together. */
export interface Area {
  readonly name: string;
  readonly features: readonly Feature[];
}

/** For `appliesTo`. */
export const withMessagePack = ({ encoding }: Combination): boolean => encoding === "messagepack";
/** For `appliesTo`. */
export const withoutResume = ({ resumes }: Combination): boolean => resumes !== true;
/** For `appliesTo`. */
export const withResume = ({ resumes }: Combination): boolean => resumes === true;
/** For `appliesTo`. */
export const withJson = ({ encoding }: Combination): boolean => encoding === "json";
