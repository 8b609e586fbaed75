/** A writer on a connection in memory; used by the writer's tests. */
import { MessageWriter } from "../../../src/session/message-writer.js";
import { MemoryConnection, type MemoryConnectionOptions } from "../../support/connection-pair.js";
import { FakeClock } from "../../support/fake-clock.js";

/** A new writer. */
export function setUp(options: MemoryConnectionOptions = {}) {
  const connection = new MemoryConnection(options);
  const clock = new FakeClock();
  return { connection, clock, writer: new MessageWriter(connection, clock) };
}

/** Lets microtasks run, but does not end the turn. */
export async function endTask(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

/** Whether a promise is still pending when the task is over. */
export async function isPending(promise: Promise<unknown>): Promise<boolean> {
  let pending = true;
  const done = () => void (pending = false);
  void promise.then(done, done);
  await endTask();
  return pending;
}
