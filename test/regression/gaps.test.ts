/** Every known fault of the official JavaScript client has a regression test in this folder, whose title ends with its number, as in "(GAPS 13)". */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * What the official client gets wrong, or does as nobody expects, and words of what docs/migrating.md says about it; the numbers are
 * those of the project's list, section A.
 */
const faults: Record<string, readonly [fault: string, words: string]> = {
  1: ["of two neighbouring stream arguments the second is sent as an object", "two streams next to each other"],
  2: [
    "stateful reconnect: messages in the handshake's frame are not counted",
    "miscounts messages behind the handshake",
  ],
  3: ["stateful reconnect: a Close or a timeout opens a socket that nobody uses", "leaving a socket open"],
  4: ["stateful reconnect: after a plain reconnect all messages are swallowed", "later ones may be swallowed"],
  5: [
    "stateful reconnect: Close and Ping are dropped while a Sequence is waited for",
    "drops Close and Ping while it resumes",
  ],
  6: ["stateful reconnect: an Ack during a resend leaves messages unsent", "miscounts messages"],
  7: ["stateful reconnect: one attempt to resume", "one attempt to resume"],
  8: ["stateful reconnect: a clean close is resumed", "a clean close too"],
  9: ["no handshake timeout of its own", "for the handshake"],
  10: ["the last error of reconnecting is lost", "after the last reconnect attempt"],
  11: ["stop() during a reconnect tells no error (stays)", "A `stop()` during a reconnect"],
  12: ["calls go out during a reconnect's handshake", "during a reconnect's handshake"],
  13: ["dispose() cancels streams that have ended", "`dispose()` of a stream"],
  14: ["uploads go on after the answer or the loss", "uploads go on"],
  15: ["a Subject forgets early items and has no end", "a `Subject` forgets"],
  16: ["nothing can be cancelled", "`start({ signal })`"],
  17: ["with a silent server only one ping is sent", "pings are only sent"],
  18: ["Long Polling never notices a dead network", "Long Polling polls a dead network"],
  19: ["Completions are checked by truthiness", "a Completion with an error and a falsy result"],
  20: ["two falsy results pass for one", "several are an error"],
  "20b": ["the last handler's result wins even when it is none", "even `undefined`"],
  21: ["the error of a client result is prefixed", "the error of a failed client result"],
  22: ["asynchronous handlers overlap (stays, unless asked for)", "Asynchronous handlers"],
  23: ["a throwing callback prevents the later ones", "a callback that throws"],
  24: ["callbacks cannot be removed", "callbacks cannot be removed"],
  25: ["a 401 is not tried again with a fresh token", "a 401 fails the start"],
  26: ["Node: cookies are sent with their attributes", "attributes of cookies"],
  27: ["Node: X-Requested-With is missing on upgrades and event streams", "`X-Requested-With`"],
  28: ["event streams have the token in the URL, in Node too", "the access token of an event stream"],
  29: ["the connection token is not encoded in URLs", "not encoded in URLs"],
  30: ["an event stream breaks without an error", "an event stream that breaks"],
  31: ["some rejections are strings", "some are strings"],
  32: ["Long Polling: the Close message races with the DELETE", "races with the Close message"],
  33: [
    "MessagePack: Close is written without its members, some messages cannot be read, others are not checked",
    "MessagePack: `Close`",
  ],
  34: ["MessagePack: no Buffers, no exact 64-bit integers", "`useBigInt64`"],
  35: ["a null invocationId is refused, missing arguments pass", "an `invocationId` that is `null`"],
  36: [
    "whatever cannot be parsed ends the connection, with an error that does not say so (ends it here too)",
    "cannot be parsed ends the connection",
  ],
  37: ["a builder without logging prints information", "without `configureLogging`"],
  38: ["error classes are not exported and have no names", "classes that are not exported"],
  39: ["bundles for Node fail, there is no map of exports", "bundles for Node"],
  40: ["headers of messages can be neither sent nor read", "`with({ signal, timeout, headers })`"],
  41: ["the token factory is asked for each connect (stays)", "The token factory is asked"],
  42: ["a policy that answers nonsense retries without a pause", "a retry policy that answers"],
  43: ["a second start() disturbs the stop() of the first", "a second `start()`"],
  44: ["the transport None means any (stays)", "`HttpTransportType.None`"],
  45: ["the first start is never retried (stays, unless asked for)", "A first `start()` is never retried"],
  46: ["negotiations must be answered with 200", "any 2xx"],
  "46a": ["the connection token is logged", "the connection token is logged"],
  "46b": ["a throwing logger makes start() fail", "a throwing logger"],
  "46c": ["Long Polling: stop() hangs on a dead network", "neither takes more than a second"],
  "46d": ["an unanswered step leaves start() and stop() pending", "may stay pending for ever"],
  "46e": ["stateful reconnect: calls behind a failed resume are lost", "calls stay pending"],
  "46f": ["stateful reconnect: sends that wait for room never settle", "after a failed resume"],
  "46g": ["stateful reconnect: an unanswered resume lasts for ever", "which may hang for ever"],
  "46h": ["dead peers keep sockets, stop() and the retry loop waiting", "the socket to a dead server"],
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

test("every fault of the list is in the documentation", () => {
  const page = readFileSync(join(__dirname, "../../docs/migrating.md"), "utf8");
  expect(Object.values(faults).filter(([, words]) => !page.includes(words))).toEqual([]);
});
