/** What a session does about a peer that breaks the protocol, and about chunks that are cut anywhere. */
import { LimitError, ProtocolError } from "../../../src/errors/call-errors.js";
import { MessageType } from "../../../src/protocol/messages.js";
import { sessionPair } from "../../support/session-pair.js";
import { waitOn } from "./waiting-session.js";

describe("a peer that breaks the protocol", () => {
  test.each([
    ["no JSON", "x\u001e"],
    ["no message", "[]\u001e"],
    ["a wrong member", '{"type":3,"invocationId":7}\u001e'],
    ["a result beside an error", '{"type":3,"invocationId":"0","result":0,"error":"x"}\u001e'],
    ["bytes that are no text", new Uint8Array([0xff, 0x1e])],
  ])("%s ends the session, which may come back", async (_what, chunk) => {
    const pair = sessionPair();
    const { near, far, settle } = pair;
    const { outcome } = waitOn(pair);
    near.closeMessage = { type: MessageType.Close, error: "You broke it.", allowReconnect: true };
    near.connection.receive(chunk);
    expect(near.ends).toEqual([{ error: expect.any(ProtocolError), allowReconnect: true }]);
    const error = near.ends[0]?.error;
    expect(near.askedAbout).toEqual([error]);
    expect(near.connection.closed).toBe(true);
    await expect(outcome).resolves.toEqual({ error });
    await settle();
    expect(near.sent.at(-1)).toEqual(near.closeMessage);
    expect(far.ends[0]?.allowReconnect).toBe(true);
  });

  test("a message that is too large does too", () => {
    const { near } = sessionPair({ maximumMessageSize: 100 });
    near.connection.receive("x".repeat(99));
    expect(near.ends).toEqual([]);
    near.connection.receive("x");
    expect(near.ends).toEqual([{ error: expect.any(LimitError), allowReconnect: true }]);
  });

  test("unknown types are skipped", () => {
    const { near } = sessionPair();
    near.connection.receive('{"type":99}\u001e{"type":6}\u001e');
    expect(near.pings).toBe(1);
    expect(near.session.ended).toBe(false);
  });

  test("an owner that throws against its rules ends its own session and harms nobody else", async () => {
    const { near, far, settle } = sessionPair();
    far.onCall = () => {
      throw new Error("mine");
    };
    void near.session.send("A", []);
    await settle();
    expect(far.ends).toEqual([{ error: new Error("mine"), allowReconnect: true }]);
  });
});

describe("however the chunks are cut", () => {
  const everyUnit = (data: string | Uint8Array) =>
    [...data].map((unit) => (typeof unit === "string" ? unit : Uint8Array.of(unit)));
  const bytes = (data: string | Uint8Array) =>
    Array.from(new TextEncoder().encode(data.toString()), (byte) => Uint8Array.of(byte));

  test.each([
    ["unit by unit", everyUnit],
    ["byte by byte", bytes],
  ])("%s: calls and streams work", async (_how, cut) => {
    const { near, far, settle } = sessionPair({ cut });
    far.onCall = (call, session) => session.complete(call.invocationId ?? "", { result: call.arguments });
    const call = near.session.invoke("Echo", ["aä€😀"]);
    await settle();
    await expect(call.promise).resolves.toEqual(["aä€😀"]);
  });
});
