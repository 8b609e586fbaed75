/** Every known fault of the official JavaScript client has a regression test in this folder, whose title ends with its number, as in "(GAPS 13)". */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** What the official client gets wrong, or does as nobody expects; the numbers are those of the project's list, section A. */
const faults = {
  1: "of two neighbouring stream arguments the second is sent as an object",
  2: "stateful reconnect: messages in the handshake's frame are not counted",
  3: "stateful reconnect: a Close or a timeout opens a socket that nobody uses",
  4: "stateful reconnect: after a plain reconnect all messages are swallowed",
  5: "stateful reconnect: Close and Ping are dropped while a Sequence is waited for",
  6: "stateful reconnect: an Ack during a resend leaves messages unsent",
  7: "stateful reconnect: one attempt to resume",
  8: "stateful reconnect: a clean close is resumed",
  9: "no handshake timeout of its own",
  10: "the last error of reconnecting is lost",
  11: "stop() during a reconnect tells no error (stays)",
  12: "calls go out during a reconnect's handshake",
  13: "dispose() cancels streams that have ended",
  14: "uploads go on after the answer or the loss",
  15: "a Subject forgets early items and has no end",
  16: "nothing can be cancelled",
  17: "with a silent server only one ping is sent",
  18: "Long Polling never notices a dead network",
  19: "Completions are checked by truthiness",
  20: "two falsy results pass for one",
  "20b": "the last handler's result wins even when it is none",
  21: "the error of a client result is prefixed",
  22: "asynchronous handlers overlap (stays, unless asked for)",
  23: "a throwing callback prevents the later ones",
  24: "callbacks cannot be removed",
  25: "a 401 is not tried again with a fresh token",
  26: "Node: cookies are sent with their attributes",
  27: "Node: X-Requested-With is missing on upgrades and event streams",
  28: "event streams have the token in the URL, in Node too",
  29: "the connection token is not encoded in URLs",
  30: "an event stream breaks without an error",
  31: "some rejections are strings",
  32: "Long Polling: the Close message races with the DELETE",
  33: "MessagePack: Close is written without its members, some messages cannot be read, others are not checked",
  34: "MessagePack: no Buffers, no exact 64-bit integers",
  35: "a null invocationId is refused, missing arguments pass",
  36: "whatever cannot be parsed ends the connection, with an error that does not say so (ends it here too)",
  37: "a builder without logging prints information",
  38: "error classes are not exported and have no names",
  39: "bundles for Node fail, there is no map of exports",
  40: "message headers cannot be read or sent",
  41: "the token factory is asked for each connect (stays)",
  42: "a policy that answers nonsense retries without a pause",
  43: "a second start() disturbs the stop() of the first",
  44: "the transport None means any (stays)",
  45: "the first start is never retried (stays, unless asked for)",
  46: "negotiations must be answered with 200",
  "46a": "the connection token is logged",
  "46b": "a throwing logger makes start() fail",
  "46c": "Long Polling: stop() hangs on a dead network",
  "46d": "an unanswered step leaves start() and stop() pending",
  "46e": "stateful reconnect: calls behind a failed resume are lost",
  "46f": "stateful reconnect: sends that wait for room never settle",
  "46g": "stateful reconnect: an unanswered resume lasts for ever",
  "46h": "dead peers keep sockets, stop() and the retry loop waiting",
};

/** The numbers at the ends of titles. */
function tested(): string[] {
  const files = readdirSync(__dirname).filter((name) => name.endsWith(".test.ts") && name !== "gaps.test.ts");
  const code = files.map((name) => readFileSync(join(__dirname, name), "utf8")).join("\n");
  return [...code.matchAll(/\(GAPS ([^)]+)\)"/g)].flatMap(([, list = ""]) => list.split(", "));
}

test("every fault of the list has a test", () => {
  const numbers = new Set(tested());
  expect(Object.keys(faults).filter((number) => !numbers.has(number))).toEqual([]);
});

test("every number in a title is one of the list", () => {
  expect(tested().filter((number) => !(number in faults))).toEqual([]);
});
