/** A conversation that uses everything a hub connection offers, and knows exactly what each side has to get out of it; the cut tests break it off. */
import type { HubConnection } from "../../../src/index.js";
import { nextTurn, upTo } from "../../support/witness.js";

/** What a conversation came to: all of it arrived once and in order, or the application was told that the connection was lost. */
export type Outcome = "whole" | "reported";

async function* texts(prefix: string, count: number): AsyncGenerator<string> {
  for (const index of upTo(count)) {
    await nextTurn();
    yield `${prefix}${index}`;
  }
}

function collect<T>(connection: HubConnection, method: string, ...args: unknown[]): Promise<T[]> {
  const items: T[] = [];
  return new Promise((resolve, reject) => {
    connection.stream<T>(method, ...args).subscribe({
      next: (item) => items.push(item),
      complete: () => resolve(items),
      error: reject,
    });
  });
}

/** Sends one note after another, then sees that the server got each once and in order. */
async function takeNotes(connection: HubConnection): Promise<void> {
  for (const index of upTo(12)) {
    await connection.send("Note", `note ${index}`);
    await nextTurn();
  }
  expect(await connection.invoke("Notes")).toEqual(upTo(12).map((index) => `note ${index}`));
}

async function add(connection: HubConnection): Promise<void> {
  for (const index of upTo(8)) expect(await connection.invoke("Add", index, 1)).toBe(index + 1);
}

async function receiveBurst(connection: HubConnection): Promise<void> {
  const ticks: number[] = [];
  connection.on("Tick", (index: number) => void ticks.push(index));
  await connection.invoke("Burst", 25);
  expect(ticks).toEqual(upTo(25));
}

async function answer(connection: HubConnection): Promise<void> {
  const asked: number[] = [];
  connection.on("Square", (number: number) => {
    asked.push(number);
    return number * number;
  });
  expect(await connection.invoke("AskMeManyTimes", "Square", 6)).toEqual(upTo(6).map((index) => index * index));
  expect(asked).toEqual(upTo(6));
}

async function download(connection: HubConnection): Promise<void> {
  expect(await collect(connection, "Flood", 30)).toEqual(upTo(30));
  expect(await collect(connection, "Counter", 10, 2)).toEqual(upTo(10).map((index) => index + 1));
}

async function upload(connection: HubConnection): Promise<void> {
  const sent = upTo(20).map((index) => `up${index}`);
  expect(await connection.invoke("UploadChannel", texts("up", 20))).toBe(sent.join(","));
}

async function echo(connection: HubConnection): Promise<void> {
  const echoed = await collect(connection, "EchoStream", texts("echo", 15));
  expect(echoed).toEqual(upTo(15).map((index) => `ECHO${index}`));
}

function isReport(thrown: unknown): boolean {
  const code = thrown instanceof Error && "code" in thrown ? thrown.code : undefined;
  return code === "connection-lost" || code === "invalid-state";
}

/**
 * Holds the conversation, its parts side by side.
 * @throws whatever is wrong with what arrived; that parts were lost and reported as such is an outcome.
 */
export async function converse(connection: HubConnection): Promise<Outcome> {
  const parts = [takeNotes, add, receiveBurst, answer, download, upload, echo].map((part) => part(connection));
  const results = await Promise.allSettled(parts);
  const failures = results.flatMap((result) => (result.status === "rejected" ? [result.reason as unknown] : []));
  for (const failure of failures) if (!isReport(failure)) throw failure;
  return failures.length > 0 ? "reported" : "whole";
}
