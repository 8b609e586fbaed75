/** A hub with what every test of the wire calls: an echo, calls of any size back to the caller, and the end. */
import { Hub } from "../../src/server/index.js";

/** To be extended with what a test needs besides. */
export class EchoHub extends Hub {
  echo(value: unknown): unknown {
    return value;
  }

  abort(): void {
    this.context.abort();
  }

  /** Sends the caller so many texts, without waiting. */
  fill(size: number, times: number): void {
    for (let index = 0; index < times; index++) void this.clients.caller.send("Filling", "x".repeat(size));
  }
}
