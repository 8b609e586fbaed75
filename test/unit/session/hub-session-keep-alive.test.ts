/** The keep-alive of a session, which notices a silent peer. */
import { TimeoutError } from "../../../src/errors/http-errors.js";
import { MessageType } from "../../../src/protocol/messages.js";
import { sessionPair } from "../../support/session-pair.js";

const intervals = { keepAliveIntervalMs: 15_000, timeoutMs: 30_000 };

describe("keep-alive", () => {
  test("pings when nothing was sent for the interval", async () => {
    const { near, far, settle } = sessionPair();
    for (let second = 1; second <= 40; second++) {
      near.session.tick(1_000, intervals);
      near.session.channel.hasReceived = true;
      await settle();
      if (second === 14) expect(far.pings).toBe(0);
      if (second === 15) expect(far.pings).toBe(1);
    }
    expect(far.pings).toBe(2);
  });

  test("what is sent makes a ping needless", async () => {
    const { near, far, settle } = sessionPair();
    for (let second = 1; second <= 40; second++) {
      if (second % 10 === 0) void near.session.send("A", []);
      near.session.channel.hasReceived = true;
      await settle();
      near.session.tick(1_000, intervals);
    }
    expect(far.pings).toBe(0);
  });

  test("pings do not pile up while the connection takes nothing", async () => {
    const { near, far, settle } = sessionPair();
    near.connection.congest();
    void near.session.send("A", []);
    await settle();
    for (let second = 0; second < 45; second++) {
      near.session.channel.hasReceived = true;
      near.session.tick(1_000, intervals);
    }
    near.connection.relieve();
    await settle();
    expect(far.pings).toBeLessThanOrEqual(3);
  });

  test("times out when nothing is received", async () => {
    const { near, settle } = sessionPair();
    near.closeMessage = { type: MessageType.Close, error: "silent", allowReconnect: true };
    near.session.tick(1_000, intervals);
    for (let second = 1; second < 30; second++) near.session.tick(1_000, intervals);
    expect(near.session.ended).toBe(false);
    near.session.tick(1_000, intervals);
    expect(near.ends).toEqual([{ error: expect.any(TimeoutError), allowReconnect: true }]);
    await settle();
    expect(near.sentTypes.at(-1)).toBe(MessageType.Close);
  });

  test("anything received counts, even half a message; so does touch", () => {
    const { near } = sessionPair();
    for (let second = 1; second <= 120; second++) {
      if (second % 20 === 0) near.connection.receive(" ");
      if (second % 20 === 10) near.session.channel.hasReceived = true;
      near.session.tick(1_000, intervals);
    }
    expect(near.session.ended).toBe(false);
  });

  test("one late tick decides nothing", () => {
    const { near } = sessionPair();
    near.session.tick(1_000, intervals);
    near.session.tick(3_600_000, intervals);
    near.connection.receive('{"type":6}\u001e');
    near.session.tick(3_600_000, intervals);
    near.session.tick(3_600_000, intervals);
    expect(near.session.ended).toBe(false);
    near.session.tick(3_600_000, intervals);
    expect(near.session.ended).toBe(true);
  });

  test("is left to a transport that sees to it itself", async () => {
    const { near, settle } = sessionPair({ inherentKeepAlive: true });
    for (let second = 0; second < 100; second++) near.session.tick(1_000, intervals);
    await settle();
    expect(near.session.ended).toBe(false);
    expect(near.connection.sent).toEqual([]);
  });
});
