/** A connection of a Long Polling client: its polls take what the hub writes, its POSTs bring what the client says (TRANSPORTS §5). */
import type { ServerResponse } from "node:http";
import { Deferred } from "../common/deferred.js";
import { ConnectionError } from "../errors/connection-errors.js";
import { TimeoutError } from "../errors/http-errors.js";
import type { Encoded } from "../protocol/hub-protocol.js";
import { TransferFormat } from "../protocol/messages.js";
import type { Connection, ConnectionListener } from "../session/connection.js";
import { silentListener } from "../transports/silent-listener.js";
import type { HeartbeatMember } from "./heartbeat.js";
import type { HttpAnswer } from "./http-answer.js";
import type { HubRuntime } from "./hub-runtime.js";
import { OutgoingBuffer } from "./outgoing-buffer.js";
import { PostIntake, type PostReceiver } from "./post-intake.js";
import { CLOSE_TIMEOUT_MS, tornRequest, type ServerConnection } from "./server-connection.js";

const NEVER_CACHED: HttpAnswer["headers"] = {
  "Cache-Control": "no-cache, no-store",
  Pragma: "no-cache",
  Expires: "Thu, 01 Jan 1970 00:00:00 GMT",
};

/** Nothing came, or it is the first poll, which never brings anything: the client polls again. */
export const NOTHING_YET: HttpAnswer = { status: 200, headers: NEVER_CACHED };

/** The connection is over, or a newer poll has taken the place of this one. */
const NO_MORE: HttpAnswer = { status: 204, headers: NEVER_CACHED };

const transferFormats: TransferFormat = TransferFormat.Text | TransferFormat.Binary;

enum Phase {
  Open,
  /** Closed by the hub: the client still gets what was written before. */
  Closing,
  Over,
}

/** A request that waits, or whose answer is being written. */
interface Poll {
  readonly response: ServerResponse;
  readonly answer: Deferred<HttpAnswer>;
  /** Whether the network took all of the answer. */
  isTaken: boolean;
}

/** One connection, from its first poll on. */
export class LongPollingConnection implements ServerConnection, Connection, HeartbeatMember, PostReceiver {
  readonly transport = "LongPolling";
  readonly transferFormats = transferFormats;
  readonly inherentKeepAlive = true;
  readonly confirmsSends = false;
  readonly posts: PostIntake;
  listener: ConnectionListener = silentListener;
  readonly #runtime: HubRuntime;
  readonly #outgoing: OutgoingBuffer;
  readonly #over = new Deferred<void>();
  #phase = Phase.Open;
  #waiting: Poll | undefined;
  #writing: Poll | undefined;
  /** How long it has been as it is: without a poll, with one that waits, or with one that is being written. */
  #sameMs = 0;

  constructor(runtime: HubRuntime) {
    const { options, heartbeat, work } = runtime;
    this.#runtime = runtime;
    this.#outgoing = new OutgoingBuffer(options.transportMaxBufferSize);
    this.posts = new PostIntake(this, options.applicationMaxBufferSize);
    work.enter();
    heartbeat.add(this);
  }

  get connection(): Connection {
    return this;
  }

  /** Fulfils when nothing is left that a request could ask for. */
  get over(): Promise<void> {
    return this.#over.promise;
  }

  /** The client asks for what there is, or what comes next; a poll that waits already ends. */
  poll(response: ServerResponse): Promise<HttpAnswer> {
    if (this.#phase === Phase.Over) return Promise.resolve(NO_MORE); // while `onDisconnected` still runs
    const poll: Poll = { response, answer: new Deferred(), isTaken: false };
    const { socket } = response.req; // the response has none as long as it waits behind another one
    this.#waiting?.answer.resolve(NO_MORE);
    this.#waiting = poll;
    this.#changed();
    // Node says "finish" of a broken socket too; only here it can be told apart.
    response.on("finish", () => (poll.isTaken = !socket.destroyed));
    response.on("close", () => this.#onPollClosed(poll));
    this.#serve();
    return poll.answer.promise;
  }

  /** The client ends the connection. */
  end(): void {
    this.#lose(undefined);
  }

  send(data: Encoded): Promise<void> | undefined {
    if (this.#phase !== Phase.Open) return undefined;
    this.#outgoing.push(data);
    this.#serve();
    return this.#outgoing.whenRoom();
  }

  close(): Promise<void> {
    if (this.#phase === Phase.Open) {
      this.#phase = Phase.Closing;
      this.listener = silentListener;
      this.posts.end();
      if (this.#waiting === undefined) this.#changed();
      this.#serve();
    }
    return this.#over.promise;
  }

  terminate(): void {
    this.#finish();
  }

  pause(): void {
    this.posts.pause();
  }

  resume(): void {
    this.posts.resume();
  }

  onPosted(chunk: Uint8Array): void {
    this.listener.onData(chunk);
  }

  onTorn(): void {
    this.#lose(tornRequest());
  }

  onBeat(elapsedMs: number): void {
    const { longPolling, transportSendTimeout, disconnectTimeout } = this.#runtime.options;
    const idleMs = this.#phase === Phase.Open ? disconnectTimeout : CLOSE_TIMEOUT_MS;
    const limitMs = this.#writing ? transportSendTimeout : this.#waiting ? longPolling.pollTimeout : idleMs;
    // No single beat decides: what arrived meanwhile may still wait behind it.
    this.#sameMs += Math.min(elapsedMs, limitMs / 2);
    if (this.#sameMs < limitMs) return;
    if (this.#writing !== undefined) this.#lose(new TimeoutError(`The client took nothing for ${limitMs} ms.`));
    else if (this.#waiting !== undefined) this.#answer(this.#waiting, NOTHING_YET);
    else this.#lose(new TimeoutError(`The client did not poll for ${limitMs} ms.`));
  }

  /** Gives a poll that waits what there is for it. */
  #serve(): void {
    const poll = this.#waiting;
    if (poll === undefined || this.#writing !== undefined) return;
    if (poll.response.headersSent) {
      this.#answer(poll, NO_MORE); // somebody else's: what is there is for the next one
    } else if (!this.#outgoing.isEmpty) {
      this.#writing = poll;
      const body = this.#outgoing.takeAll();
      this.#answer(poll, { ...NOTHING_YET, body, contentType: "application/octet-stream" });
    } else if (this.#phase === Phase.Closing) {
      this.#finish();
    }
  }

  #answer(poll: Poll, answer: HttpAnswer): void {
    this.#waiting = undefined;
    this.#changed();
    poll.answer.resolve(answer);
  }

  #onPollClosed(poll: Poll): void {
    if (poll === this.#writing) {
      this.#writing = undefined;
      if (!poll.isTaken) {
        return this.#lose(new ConnectionError("connection-lost", "A poll broke off while it was answered."));
      }
      this.#changed();
      this.#serve();
    } else if (poll === this.#waiting) {
      this.#answer(poll, NO_MORE);
    }
  }

  #changed(): void {
    this.#sameMs = 0;
  }

  #lose(error: Error | undefined): void {
    const { listener } = this;
    this.#finish();
    listener.onClosed(error);
  }

  #finish(): void {
    if (this.#phase === Phase.Over) return;
    this.#phase = Phase.Over;
    this.listener = silentListener;
    this.posts.end();
    this.#outgoing.drop(new ConnectionError("connection-lost", "The connection is over."));
    this.#waiting?.answer.resolve(NO_MORE);
    this.#writing?.response.destroy();
    this.#runtime.heartbeat.delete(this);
    this.#runtime.work.leave();
    this.#over.resolve();
  }
}
