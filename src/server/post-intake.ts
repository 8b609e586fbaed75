/** Takes the POST requests that carry a client's data, one after the other; Server-Sent Events and Long Polling use it (TRANSPORTS §2). */
import type { IncomingMessage } from "node:http";
import { Deferred } from "../common/deferred.js";
import { Fifo } from "../common/fifo.js";
import type { HttpAnswer } from "./http-answer.js";
import type { Pausable } from "./read-gate.js";
import { noConnection } from "./refusal.js";

/** Gets what arrives. */
export interface PostReceiver {
  /** The body of a request, or, when it is a large one, its next part. May end or pause the intake. */
  onPosted(chunk: Uint8Array): void;
  /** A request broke off behind a part that was delivered: what other requests bring would be joined to half a message. */
  onTorn(): void;
}

/** Requests of one connection that may wait for their turn. Clients send one at a time. */
const MAXIMUM_WAITING = 32;

const ACCEPTED: HttpAnswer = { status: 200 };
const TOO_LATE = noConnection().answer;
const BROKEN_OFF: HttpAnswer = { status: 400, body: "The request broke off." };
const TOO_MANY: HttpAnswer = { status: 429, body: "Too many requests of this connection are waiting." };
const READ_ALREADY: HttpAnswer = {
  status: 500,
  body: "The body of the request was read before it came to the hub server: hubs go in front of body parsers.",
};

enum Phase {
  Reading,
  /** The application takes nothing at the moment. */
  Paused,
  Over,
}

/** One request. */
interface Post {
  readonly request: IncomingMessage;
  readonly answer: Deferred<HttpAnswer>;
  /** Whether it is being read. */
  hasBegun: boolean;
  /** Whether a part of its body was delivered already, because it is larger than what may be kept. */
  isSplit: boolean;
}

/** The requests of one connection. Bodies are delivered in one piece as long as they fit into the buffer. */
export class PostIntake implements Pausable {
  readonly #receiver: PostReceiver;
  readonly #maximumSize: number;
  /** The first one is being read. */
  readonly #posts = new Fifo<Post>();
  /** Whole bodies, and parts of large ones, that the application has not taken yet. */
  readonly #ready = new Fifo<Uint8Array>();
  /** What has arrived of the first request. */
  #body: Uint8Array[] = [];
  #size = 0;
  #phase = Phase.Reading;
  #isDelivering = false;

  /** @param maximumSize Bytes that are kept; beyond that, reading waits for the application. */
  constructor(receiver: PostReceiver, maximumSize: number) {
    this.#receiver = receiver;
    this.#maximumSize = maximumSize;
  }

  /** Takes a request in its turn. @returns its answer, once its body was taken: delivered, or kept while the application is paused. */
  receive(request: IncomingMessage): Promise<HttpAnswer> {
    if (this.#phase === Phase.Over) return Promise.resolve(TOO_LATE);
    if (this.#posts.size >= MAXIMUM_WAITING) return Promise.resolve(TOO_MANY);
    const post: Post = { request, answer: new Deferred(), hasBegun: false, isSplit: false };
    this.#posts.push(post);
    if (this.#posts.size === 1) this.#flow();
    return post.answer.promise;
  }

  /** Delivers nothing more for now. */
  pause(): void {
    if (this.#phase === Phase.Reading) this.#phase = Phase.Paused;
  }

  /** Delivers again. */
  resume(): void {
    if (this.#phase !== Phase.Paused) return;
    this.#phase = Phase.Reading;
    this.#flow();
  }

  /** The connection is over: nothing more is delivered, and what has not been read is refused. */
  end(): void {
    this.#phase = Phase.Over;
    this.#ready.takeAll();
    this.#body = [];
    for (const { hasBegun, answer } of this.#posts.takeAll()) answer.resolve(hasBegun ? ACCEPTED : TOO_LATE);
  }

  /** Delivers what may be delivered, and reads on if there is room. */
  #flow(): void {
    this.#deliver();
    const post = this.#posts.first;
    if (post === undefined) return;
    if (this.#phase === Phase.Reading && this.#size >= this.#maximumSize) {
      post.isSplit = true;
      this.#bodyIsReady();
      this.#deliver();
    }
    if (this.#posts.first !== post) return; // what was delivered has ended the connection
    if (this.#size >= this.#maximumSize) post.request.pause();
    else if (!post.hasBegun) this.#begin(post);
    else if (post.request.isPaused()) post.request.resume();
  }

  #deliver(): void {
    if (this.#isDelivering) return; // whoever takes a chunk may pause and resume
    this.#isDelivering = true;
    while (this.#phase === Phase.Reading) {
      const chunk = this.#ready.shift();
      if (chunk === undefined) break;
      this.#size -= chunk.length;
      this.#receiver.onPosted(chunk);
    }
    this.#isDelivering = false;
  }

  #begin(post: Post): void {
    const { request } = post;
    post.hasBegun = true;
    if (request.readableEnded) return this.#takeParsed(post);
    request.on("data", (chunk: Buffer) => this.#onData(post, chunk));
    request.on("end", () => this.#finish(post, ACCEPTED));
    request.on("close", () => this.#onClose(post));
    if (request.destroyed) this.#onClose(post);
  }

  // Body parsers in front of the hub server leave what they have read here.
  #takeParsed(post: Post): void {
    const { rawBody, body }: { rawBody?: unknown; body?: unknown } = post.request as object;
    const parsed = rawBody ?? body;
    if (typeof parsed === "string") this.#keep(Buffer.from(parsed));
    else if (parsed instanceof Uint8Array) this.#keep(parsed);
    else if (Number(post.request.headers["content-length"] ?? 1) > 0) return this.#finish(post, READ_ALREADY);
    this.#finish(post, ACCEPTED);
  }

  #onData(post: Post, chunk: Buffer): void {
    if (this.#posts.first !== post) return;
    this.#keep(chunk);
    if (this.#size >= this.#maximumSize) this.#flow();
  }

  #keep(chunk: Uint8Array): void {
    this.#body.push(chunk);
    this.#size += chunk.length;
  }

  #bodyIsReady(): void {
    const [first] = this.#body;
    if (first === undefined) return;
    this.#ready.push(this.#body.length === 1 ? first : Buffer.concat(this.#body));
    this.#body = [];
  }

  #finish(post: Post, answer: HttpAnswer): void {
    if (this.#posts.first !== post) return;
    this.#bodyIsReady();
    this.#posts.shift();
    post.answer.resolve(answer);
    this.#flow();
  }

  #onClose(post: Post): void {
    if (this.#posts.first !== post) return; // it had ended
    for (const chunk of this.#body) this.#size -= chunk.length;
    this.#body = [];
    this.#posts.shift();
    post.answer.resolve(BROKEN_OFF);
    if (post.isSplit) this.#receiver.onTorn();
    else this.#flow();
  }
}
