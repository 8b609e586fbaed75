// The page's way to the hub, made of the globals that the script tags have set. For the other parts of the page it is one
// object that stays; behind it there is a new connection whenever the visitor picks another transport or encoding.

const FIRST_DELAY_MS = 1_200;
const LONGEST_DELAY_MS = 10_000;

/** At once would be better for users, but here people want to see it. It never gives up. */
function delayMs(failures) {
  return Math.min(FIRST_DELAY_MS * 1.6 ** failures, LONGEST_DELAY_MS);
}

export class RoomConnection {
  #tap;
  #begin;
  #handlers = [];
  #listeners = [];
  #choice;
  #connection;
  /** Counts the choices: whatever belongs to an earlier one has no say any more. */
  #turn = 0;
  #state = "Disconnected";

  /** @param begin Called each time there is a new connection; not when an old one is resumed. */
  constructor(tap, begin) {
    this.#tap = tap;
    this.#begin = begin;
    // When all have heard of it, the connection still stands only if it will be resumed.
    tap.onSocketBroken = () => setTimeout(() => this.#showResuming());
  }

  /** A state of the client, or `Resuming`: the socket is gone, and the connection outlives it. */
  get state() {
    return this.#state;
  }

  get transport() {
    return this.#connection?.transport;
  }

  get connectionId() {
    return this.#connection?.connectionId;
  }

  get encoding() {
    return this.#choice?.encoding;
  }

  /** Handles a call of the hub, whatever connection it comes on. */
  on(name, handler) {
    this.#handlers.push([name, handler]);
  }

  /** Told of each `{ previous, current, reason, recovered }`. */
  onChange(listener) {
    this.#listeners.push(listener);
  }

  invoke(...call) {
    return this.#connection.invoke(...call);
  }

  send(...call) {
    return this.#connection.send(...call);
  }

  stream(...call) {
    return this.#connection.stream(...call);
  }

  /** Leaves the connection there is, and makes one of this `{ transport, encoding, isStateful }`. */
  async use(choice) {
    const turn = ++this.#turn;
    if (this.#connection) this.#enter("Disconnecting");
    await this.#connection?.stop();
    if (turn !== this.#turn) return;
    this.#choice = choice;
    this.#connection = this.#build(turn);
    await this.#start(turn);
  }

  #build(turn) {
    const { transport, encoding, isStateful } = this.#choice;
    const builder = new signalR.HubConnectionBuilder()
      .withUrl("room", {
        transport: signalR.HttpTransportType[transport] ?? signalR.HttpTransportType.None,
        ...this.#tap.options,
      })
      .withAutomaticReconnect({
        nextRetryDelayInMilliseconds: ({ previousRetryCount }) => delayMs(previousRetryCount),
      })
      .configureLogging(signalR.LogLevel.Error);
    if (encoding === "messagepack") builder.withHubProtocol(new signalR.protocols.msgpack.MessagePackHubProtocol());
    if (isStateful) builder.withStatefulReconnect();
    const connection = builder.build();

    for (const [name, handler] of this.#handlers) connection.on(name, handler);
    // A connection that broke and was resumed tells of it as well: it is Connected then, and was all the time.
    connection.onStateChange(({ current, reason, recovered }) => {
      if (turn === this.#turn) this.#enter(current, { reason, recovered });
    });
    connection.onreconnected(() => this.#beginNew(turn));
    connection.onclose(() => setTimeout(() => this.#start(turn), FIRST_DELAY_MS));
    return connection;
  }

  /** Starts the connection, again and again if need be. */
  async #start(turn, failures = 0) {
    if (turn !== this.#turn) return;
    try {
      await this.#connection.start();
    } catch {
      setTimeout(() => this.#start(turn, failures + 1), delayMs(failures));
      return;
    }
    await this.#beginNew(turn);
  }

  async #beginNew(turn) {
    try {
      await this.#begin();
    } catch (error) {
      // If the connection was lost meanwhile, it is being made again, and so is this.
      if (turn === this.#turn && this.#state === "Connected") console.error(error);
    }
  }

  /** What the client says only when it is over, visitors may see from its beginning. */
  #showResuming() {
    const stands = this.#connection.state === signalR.HubConnectionState.Connected;
    if (stands && this.#state === "Connected") this.#enter("Resuming");
  }

  #enter(current, { reason, recovered = false } = {}) {
    const previous = this.#state;
    this.#state = current;
    for (const listener of this.#listeners) listener({ previous, current, reason, recovered });
  }
}
