/** Two hub sessions connected in memory, with owners that write down what they are told. */
import { messageOf } from "../../src/errors/to-error.js";
import { TimeoutError } from "../../src/errors/http-errors.js";
import { Log, type Logger } from "../../src/logging/logger.js";
import { JsonHubProtocol } from "../../src/protocol/json-hub-protocol.js";
import type {
  MessageType,
  CloseMessage,
  HubMessage,
  InvocationMessage,
  StreamInvocationMessage,
  MessageHeaders,
} from "../../src/protocol/messages.js";
import { HeldChannel, type HeldOptions } from "../../src/server/held-channel.js";
import { ServerSession, type SessionOwner } from "../../src/server/server-session.js";
import { ResumableChannel } from "../../src/session/resumable-channel.js";
import type { SessionEnd } from "../../src/session/session-options.js";
import type { ResultStream } from "../../src/session/result-stream.js";
import { streams } from "../../src/session/streams.js";
import { connectionPair, type MemoryConnection, type MemoryConnectionOptions } from "./connection-pair.js";
import { FakeClock } from "./fake-clock.js";

const protocol = new JsonHubProtocol();

/** What is counted, and how exactly. */
export type Counting = Omit<HeldOptions, "onDetached">;

type Call = InvocationMessage | StreamInvocationMessage;

/** A session and everything that its owner heard. */
export class TestPeer implements SessionOwner {
  connection: MemoryConnection;
  readonly session: ServerSession;
  readonly #log: Log;
  readonly calls: Call[] = [];
  readonly cancelled: string[] = [];
  readonly ends: SessionEnd[] = [];
  readonly logged: string[] = [];
  /** Connections that broke under the session. */
  readonly losses: Error[] = [];
  /** Whether a session that lost its connection is told to wait for another. */
  returns = true;
  pings = 0;
  /** What to do with a call. Default: nothing. */
  onCall: (call: Call, session: ServerSession) => void = () => undefined;
  /** What {@link closeMessageFor} answers. */
  closeMessage: CloseMessage | undefined;
  /** The errors that it was asked about. */
  readonly askedAbout: Error[] = [];

  constructor(
    connection: MemoryConnection,
    clock: FakeClock,
    idPrefix: string,
    maximumMessageSize: number,
    counting?: Counting,
    speaksSecond = true,
  ) {
    this.connection = connection;
    const onDetached = (error: Error): boolean => {
      this.losses.push(error);
      return this.returns;
    };
    const logger: Logger = { log: (_level, message) => void this.logged.push(message) };
    this.#log = new Log(logger);
    this.session = new ServerSession({
      owner: this,
      connection,
      protocol,
      clock,
      log: this.#log,
      idPrefix,
      maximumMessageSize,
      streams,
      createChannel: counting && ((...session) => new HeldChannel(...session, { ...counting, onDetached })),
    });
    if (counting && !speaksSecond) this.channel.proceed();
    connection.listener = this.session.channel;
  }

  /** Calls a method of the other one that answers with a stream. */
  stream(target: string, args: unknown[], headers?: MessageHeaders): ResultStream {
    return streams.call(this.session, this.#log, target, args, headers);
  }

  /** Its channel; a session with stateful reconnect has it. */
  get channel(): ResumableChannel {
    const { channel } = this.session;
    if (channel instanceof ResumableChannel) return channel;
    throw new Error("It has one connection.");
  }

  /** What holds back what arrives; a server's with stateful reconnect has it. */
  get held(): HeldChannel {
    const { channel } = this.session;
    if (channel instanceof HeldChannel) return channel;
    throw new Error("It hands over everything at once.");
  }

  /** Goes on over another connection. @param onAnswered What a client is told. */
  attach(connection: MemoryConnection, onAnswered?: () => void): void {
    this.connection = connection;
    this.channel.attach(connection, onAnswered);
  }

  /** The messages that this side has sent, over its present connection. */
  get sent(): HubMessage[] {
    const messages: HubMessage[] = [];
    const decoder = protocol.createDecoder({ maximumMessageSize: Infinity, log: new Log({ log: () => undefined }) });
    for (const chunk of this.connection.sent) decoder.decode(chunk, (message) => messages.push(message));
    return messages;
  }

  /** The kinds of messages that this side has sent. */
  get sentTypes(): MessageType[] {
    return this.sent.map((message) => message.type);
  }

  /** Lets messages arrive here as if the other side had sent them, all in one chunk. */
  receive(...messages: readonly HubMessage[]): void {
    this.connection.receive(messages.map((message) => protocol.encode(message)).join(""));
  }

  onInvocation(message: Call): void {
    this.calls.push(message);
    this.onCall(message, this.session);
  }

  onCancelInvocation(invocationId: string): void {
    this.cancelled.push(invocationId);
  }

  onPing(): void {
    this.pings++;
  }

  onEnded(end: SessionEnd): void {
    this.ends.push(end);
  }

  timeoutError(): Error {
    return new TimeoutError("The peer was silent.", "server-timeout");
  }

  closeMessageFor(error: Error): CloseMessage | undefined {
    this.askedAbout.push(error);
    return this.closeMessage;
  }

  streamErrorText(thrown: unknown): string {
    return `stream: ${messageOf(thrown)}`;
  }
}

/** Two sessions: `near` as a client, `far` as a server. */
export interface SessionPair {
  readonly clock: FakeClock;
  readonly near: TestPeer;
  readonly far: TestPeer;
  /** Lets everything arrive that is on its way, and fails if a session broke the rules of its connection. */
  settle(): Promise<void>;
  /** Both sides lose their connection. What is on its way is lost. */
  cut(): void;
  /** Both sides go on over a new connection. */
  resume(options?: MemoryConnectionOptions): void;
}

/** Makes a {@link SessionPair}; `near` has the end of a server too if it is to speak second. */
export function sessionPair(
  options: MemoryConnectionOptions & {
    maximumMessageSize?: number;
    continuity?: Counting;
    speaksSecond?: boolean;
  } = {},
): SessionPair {
  const clock = new FakeClock();
  const [first, second] = connectionPair(options);
  const { maximumMessageSize = Infinity, continuity, speaksSecond } = options;
  const near = new TestPeer(first, clock, "", maximumMessageSize, continuity, speaksSecond === true);
  const far = new TestPeer(second, clock, "s", maximumMessageSize, continuity);
  return {
    clock,
    near,
    far,
    settle: async () => {
      await clock.settle();
      expect([...near.connection.faults, ...far.connection.faults]).toEqual([]);
    },
    cut: () => {
      for (const { connection } of [near, far]) connection.lose(new Error("cut"));
    },
    resume: (changed = options) => {
      const ends = connectionPair(changed);
      near.attach(ends[0], speaksSecond ? undefined : () => undefined);
      far.attach(ends[1]);
    },
  };
}
