/** Both sides of the handshake as they run on a connection, against whatever the other may send, and what may follow it. */
import fc from "fast-check";
import { ClientHandshake } from "../../src/client/client-handshake.js";
import { AbortScope } from "../../src/common/abort-scope.js";
import type { Chunk } from "../../src/protocol/hub-protocol.js";
import { JsonHubProtocol } from "../../src/protocol/json-hub-protocol.js";
import { TransferFormat } from "../../src/protocol/messages.js";
import { MessagePackHubProtocol } from "../../src/protocol/msgpack-hub-protocol.js";
import { resolveHubOptions } from "../../src/server/options.js";
import type { ServerConnection } from "../../src/server/server-connection.js";
import { ServerHandshake } from "../../src/server/server-handshake.js";
import { MemoryConnection } from "../support/connection-pair.js";
import { FakeClock } from "../support/fake-clock.js";
import {
  cut,
  cuts,
  edits,
  expectCleanPrototypes,
  expectSame,
  hostileText,
  hostileValue,
  joinChunks,
  run,
  sloppyRecord,
  spoil,
} from "../support/fuzz.js";

jest.setTimeout(120_000);

const encoder = new TextEncoder();
const clock = new FakeClock();
const signal = new AbortScope();
const LIMIT = 300;
const protocols = [new JsonHubProtocol(), new MessagePackHubProtocol()];
const options = resolveHubOptions({}, { protocols, maximumReceiveMessageSize: LIMIT });
const FAILED = "An unexpected error occurred during connection handshake.";
const CANCELED = "Handshake was canceled.";

/** What stands behind the record: hub messages in text, or in bytes that are no text at all. */
const following: fc.Arbitrary<string | Uint8Array> = fc.oneof(
  fc.constantFrom("", '{"type":6}\u001e', '{"type":6}\u001e{"type":1,"tar', "\u001e"),
  fc.uint8Array({ maxLength: 30 }),
);

/** Members that nobody knows yet, before and behind those that count. */
function grown<T extends object>(members: fc.Arbitrary<T>): fc.Arbitrary<{ members: T; text: string }> {
  const unknown = fc
    .array(fc.tuple(fc.constantFrom("minorVersion", "x", "__proto__", "constructor", ""), hostileValue), {
      maxLength: 3,
    })
    .map((entries) => Object.fromEntries(entries) as object);
  return fc.tuple(unknown, members, unknown, fc.constantFrom(0, 0, 2)).map(([before, own, behind, indent]) => ({
    members: own,
    text: `${JSON.stringify(Object.fromEntries([before, own, behind].flatMap((each) => Object.entries(each))), null, indent)}\u001e`,
  }));
}

/** A record and what follows, as a transport may bring them. */
function arriving(record: string, behind: string | Uint8Array, lengths: readonly number[]): Chunk[] {
  if (typeof behind === "string") return cut(record + behind, lengths);
  return cut(Uint8Array.from([...encoder.encode(record), ...behind]), lengths);
}

const hex = (data: string | Uint8Array) => Buffer.from(data).toString("hex");

/** Lets a client perform the handshake. @returns what it handed over, or the error. */
async function asClient(chunks: readonly Chunk[]): Promise<{ error: string | undefined; rest: string }> {
  const connection = new MemoryConnection();
  const handshake = new ClientHandshake();
  connection.listener = handshake;
  const performing = handshake.perform(
    connection,
    { protocol: "json", version: 1 },
    { clock, timeoutMs: 1_000, signal },
  );
  for (const chunk of chunks) connection.receive(chunk);
  connection.lose(undefined);
  const error = await performing.then(
    () => undefined,
    (thrown: Error) => `${thrown.name}: ${thrown.message}`,
  );
  const later: Chunk[] = [];
  let ends = 0;
  if (error === undefined) {
    handshake.handOver(connection, { onData: (chunk) => void later.push(chunk), onClosed: () => void ends++ });
    expectSame(ends, 1);
  }
  expectSame(connection.faults, []);
  return { error, rest: joinChunks(later) };
}

/** Lets a server do it, until it is decided. */
function asServer(chunks: readonly Chunk[], transferFormats: TransferFormat) {
  const connection = new MemoryConnection();
  const nothing = () => undefined;
  const client: ServerConnection = {
    ...{ connection, transport: "WebSockets", transferFormats },
    ...{ pause: nothing, resume: nothing, terminate: nothing },
  };
  const decisions: { agreed?: string; problem?: string | undefined; rest: Chunk[] }[] = [];
  connection.listener = new ServerHandshake(client, options, {
    onAgreed: ({ protocol, rest }) => decisions.push({ agreed: protocol.name, rest: rest === undefined ? [] : [rest] }),
    onFailed: (problem) => decisions.push({ problem, rest: [] }),
  });
  for (const [index, chunk] of chunks.entries()) {
    connection.receive(chunk);
    const [decision] = decisions;
    if (decision === undefined) continue;
    expectSame([decisions.length, connection.faults], [1, []]);
    const [answer] = connection.sent.map((sent) => (typeof sent === "string" ? sent : Buffer.from(sent).toString()));
    const rest = decision.agreed === undefined ? "" : joinChunks([...decision.rest, ...chunks.slice(index + 1)]);
    return { agreed: decision.agreed, problem: decision.problem, answer, rest };
  }
  expectSame(connection.faults, []);
  return undefined;
}

afterEach(expectCleanPrototypes);

describe("the client's side", () => {
  const response = grown(fc.record({ error: fc.option(hostileText, { nil: null }) }, { requiredKeys: [] }));

  test("takes answers that have grown, and hands over what follows as it came", async () => {
    await fc.assert(
      fc.asyncProperty(response, following, cuts, async ({ members, text }, behind, lengths) => {
        const outcome = await asClient(arriving(text, behind, lengths));
        const error = members.error ? `HandshakeError: Server returned handshake error: ${members.error}` : undefined;
        expectSame(outcome, { error, rest: error === undefined ? hex(behind) : "" });
      }),
      run(0.1),
    );
  });

  test("settles whatever comes: with a yes, or with an error that says what is wrong", async () => {
    const spoilt = fc.tuple(response, edits).map(([{ text }, changes]) => spoil(text, changes));
    const sloppy = sloppyRecord("type", "error").map((value) => `${JSON.stringify(value)}\u001e`);
    await fc.assert(
      fc.asyncProperty(fc.oneof(spoilt, sloppy, hostileText), following, cuts, async (text, behind, lengths) => {
        const { error } = await asClient(arriving(text, behind, lengths));
        if (error !== undefined) expect(error).toMatch(/^(HandshakeError|LimitError|ConnectionError): ./);
      }),
      run(0.1),
    );
  });
});

describe("the server's side", () => {
  const known = fc.constantFrom("json", "JSON", "messagepack", "MessagePack", "xml");
  const request = grown(
    fc.record({ protocol: fc.oneof(known, hostileText), version: fc.integer({ min: -2, max: 4 }) }),
  );
  const formats = fc.constantFrom(TransferFormat.Text, TransferFormat.Text | TransferFormat.Binary);

  function problemOf(name: string, version: number, transferFormats: TransferFormat): string | undefined {
    const protocol = protocols.find((each) => each.name === name.toLowerCase());
    if (protocol === undefined) return `The protocol '${name}' is not supported.`;
    if (version > 2) return `The server does not support version ${version} of the '${name}' protocol.`;
    if (protocol.name === "json" || transferFormats !== TransferFormat.Text) return undefined;
    return `Cannot use the '${name}' protocol on the current transport. The transport does not support 'Binary' transfer format.`;
  }

  test("takes requests that have grown, and hands over what follows as it came", () => {
    fc.assert(
      fc.property(request, following, cuts, formats, ({ members, text }, behind, lengths, transferFormats) => {
        const outcome = asServer(arriving(text, behind, lengths), transferFormats);
        const isTooLarge = text.length - 1 > LIMIT;
        const problem = isTooLarge ? CANCELED : problemOf(members.protocol, members.version, transferFormats);
        const answer = `${JSON.stringify({ error: problem })}\u001e`;
        const agreed = problem === undefined ? members.protocol.toLowerCase() : undefined;
        expectSame(outcome, { agreed, problem, answer, rest: problem === undefined ? hex(behind) : "" });
      }),
      run(0.1),
    );
  });

  test("answers whatever comes once, with a yes or with what is wrong, or waits for more", () => {
    const spoilt = fc.tuple(request, edits).map(([{ text }, changes]) => spoil(text, changes));
    const sloppy = sloppyRecord("protocol", "version").map((value) => `${JSON.stringify(value)}\u001e`);
    fc.assert(
      fc.property(
        fc.oneof(spoilt, sloppy, hostileText),
        following,
        cuts,
        formats,
        (text, behind, lengths, transferFormats) => {
          const outcome = asServer(arriving(text, behind, lengths), transferFormats);
          if (outcome === undefined || outcome.agreed !== undefined) return;
          const { problem = "", answer } = outcome;
          expectSame(answer, `${JSON.stringify({ error: problem })}\u001e`);
          expectSame(problem === FAILED || problem === CANCELED || /not support/.test(problem), true);
        },
      ),
      run(0.1),
    );
  });
});
