/** hubwire's side of the conversation; the hub of test/interop/aspnetcore has the same methods. */
import { setTimeout as delay } from "node:timers/promises";
import { Hub } from "../../../src/server/index.js";

interface CutClient {
  Tick(index: number): void;
}

/** The hub. */
export class CutHub extends Hub<CutClient> {
  add(left: number, right: number): number {
    return left + right;
  }

  note(text: string): void {
    this.notes().push(text);
  }

  notes(): string[] {
    const { items } = this.context;
    const notes = (items.get("notes") as string[] | undefined) ?? [];
    items.set("notes", notes);
    return notes;
  }

  async burst(count: number): Promise<number> {
    for (let index = 0; index < count; index++) await this.clients.caller.send("Tick", index);
    return count;
  }

  askMeManyTimes(method: string, times: number): Promise<unknown[]> {
    const { caller } = this.clients;
    const ask = caller.invoke.bind(caller) as (method: string, ...args: unknown[]) => Promise<unknown>;
    return Promise.all(Array.from({ length: times }, (_, index) => ask(method, index)));
  }

  async *flood(count: number): AsyncIterable<number> {
    for (let index = 0; index < count; index++) yield index;
  }

  async *counter(to: number, delayMs: number): AsyncIterable<number> {
    for (let number = 1; number <= to; number++) {
      await delay(delayMs, undefined, { signal: this.signal });
      yield number;
    }
  }

  async uploadChannel(texts: AsyncIterable<string>): Promise<string> {
    const all: string[] = [];
    for await (const text of texts) all.push(text);
    return all.join(",");
  }

  async *echoStream(texts: AsyncIterable<string>): AsyncIterable<string> {
    for await (const text of texts) yield text.toUpperCase();
  }
}
