/** Handlers that run one message after the other, as a part of a connection: what `withSerialHandlers` and `serialHandlers` take. */
import { positive } from "./options.js";
import { SerialQueue } from "./serial-queue.js";

/** Options of `withSerialHandlers`; all optional. */
export interface SerialHandlersOptions {
  /** Messages that may wait for their turn; one more ends the connection with `LimitError`. Default: 10,000. */
  capacity?: number;
}

/** The part of a connection that keeps the order of handlers. Made by {@link serialHandlers}. */
export type HandlerQueueFactory = () => SerialQueue;

/**
 * Makes the part that lets a message wait for the handlers of the one before, asynchronous ones included.
 * @throws InvalidArgumentError for a wrong option.
 */
export function serialHandlers({ capacity = 10_000 }: SerialHandlersOptions = {}): HandlerQueueFactory {
  positive("capacity", capacity);
  return () => new SerialQueue(capacity);
}
