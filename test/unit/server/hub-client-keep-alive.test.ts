/** The last words of the server to a client, and how it notices clients that are silent (HUB_PROTOCOL §7 and §8). */
import { TimeoutError } from "../../../src/errors/http-errors.js";
import { MessageType } from "../../../src/protocol/messages.js";
import { disconnectedWith, connected, expectGone } from "./living-hub.js";

describe("the Close message", () => {
  test("names the error only with detailed errors", async () => {
    const { client } = await connected({ enableDetailedErrors: true });
    await client.sendText('{"type":2}\u001e');
    const text = "Connection closed with an error. ProtocolError: Invalid payload for a hub message of type 2.";
    expect(client.received).toEqual([{ type: 7, error: text, allowReconnect: true }]);
  });

  test.each(["{}\u001e", '{"type":1}\u001e', "x\u001e", `{"a":"${"x".repeat(33_000)}`])(
    "follows %.20s",
    async (text) => {
      const { client } = await connected();
      await client.sendText(text);
      expect(client.received).toEqual([{ type: 7, error: "Connection closed with an error.", allowReconnect: true }]);
      expect(client.connection.closed).toBe(true);
    },
  );

  test("is not sent to a client that has said goodbye", async () => {
    const { client } = await connected();
    await client.send({ type: MessageType.Close });
    expect(client.received).toEqual([]);
    expect(client.connection.closed).toBe(true);
  });
});

describe("keep-alive", () => {
  test("pings a client that nothing is sent to", async () => {
    const { client, harness } = await connected();
    await harness.advance(14_000);
    expect(client.received).toEqual([]);
    await harness.advance(2_000);
    expect(client.received).toEqual([{ type: 6 }]);
    await harness.advance(15_000);
    expect(client.received).toEqual([{ type: 6 }, { type: 6 }]);
  });

  test("watches only over clients that have pinged", async () => {
    const { client, harness } = await connected();
    await harness.advance(300_000);
    expect(client.isOver).toBe(false);
  });

  test("gives a silent client up, and says so", async () => {
    const { client, harness } = await connected();
    await client.send({ type: MessageType.Ping });
    await harness.advance(29_000);
    expect(client.isOver).toBe(false);
    await harness.advance(3_000);
    expect(client.closeMessage).toEqual({ type: 7, error: "Connection closed with an error.", allowReconnect: true });
    expect(disconnectedWith).toEqual([expect.any(TimeoutError)]);
    await expectGone(client, harness);
  });

  test("takes any message for a sign of life", async () => {
    const { client, harness } = await connected();
    await client.send({ type: MessageType.Ping });
    for (let minute = 0; minute < 3; minute++) {
      await harness.advance(20_000);
      await client.call(undefined, "echo", minute);
    }
    expect(client.isOver).toBe(false);
  });

  test("does not take a running call for silence of the server", async () => {
    const { client, harness } = await connected();
    await client.call("1", "wait");
    await harness.advance(31_000);
    expect(client.received).toEqual([{ type: 6 }, { type: 6 }]);
  });

  test("drops a client that takes nothing", async () => {
    const { client, harness } = await connected();
    client.connection.congest();
    await client.call("1", "echo", 1);
    await harness.advance(9_000);
    expect(client.isTerminated).toBe(false);
    await harness.advance(3_000);
    expect(client.isTerminated).toBe(true);
    expect(disconnectedWith).toEqual([expect.any(TimeoutError)]);
    expect(client.isOver).toBe(true);
  });

  test("but not one that takes it slowly", async () => {
    const { client, harness } = await connected();
    for (let round = 0; round < 5; round++) {
      client.connection.congest();
      await client.call(`${round}`, "echo", 1);
      await harness.advance(8_000);
      client.connection.relieve();
      await client.settle();
    }
    expect(client.isOver).toBe(false);
    expect(Object.keys(client.answers)).toHaveLength(5);
  });
});
