/** The same conversation with the real server whatever the frames and packets that carry it: cut at every byte, or put together. */
import { HttpTransportType, HubConnectionBuilder, type HubConnection } from "../../src/index.js";
import { describeWhen } from "../support/requirements.js";
import { FaultyHub } from "./faulty-hub.js";
import { FrameRelay, type Reframe } from "./frame-relay.js";

const text = 'aä€😀\u001e"\\';

/** Calls, a stream, messages and a client result, all at once. @returns everything that came of it. */
async function converse(connection: HubConnection): Promise<unknown> {
  const ticks: unknown[] = [];
  connection.on("Tick", (tick) => ticks.push(tick));
  connection.on("Ask", (question: string) => `${question}!`);
  const streamed: unknown[] = [];
  const streaming = (async () => {
    for await (const item of connection.stream("EveryType")) streamed.push(item);
  })();
  const answers = await Promise.all([
    connection.invoke("Echo", { text, list: [1, null, [text]] }),
    connection.invoke("Burst", 3),
    connection.invoke("AskMeForText", "Ask", text),
    connection.invoke("NoSuchMethod").catch((error: Error) => error.message),
    streaming,
  ]);
  return { answers, streamed, ticks };
}

const expected = {
  answers: [
    { text, list: [1, null, [text]] },
    3,
    `client said: ${text}!`,
    "Failed to invoke 'NoSuchMethod' due to an error on the server. HubException: Method does not exist.",
    undefined,
  ],
  streamed: [null, true, 42, -0.5, "text", [1, 2, 3], { name: "object", nested: { empty: null } }],
  ticks: [0, 1, 2],
};

describeWhen("dotnet", "split and joined packets", () => {
  const hub = new FaultyHub();

  test.each([1, 2, 3, 7])("of %p bytes, both ways", async (size) => {
    hub.proxy.cut = function* (chunk) {
      for (let start = 0; start < chunk.length; start += size) yield chunk.subarray(start, start + size);
    };
    const patient = hub.builder("/hub", { connectTimeout: 30_000 }).withHandshakeTimeout(30_000);
    const connection = hub.build(patient);
    await connection.start();
    expect(await converse(connection)).toEqual(expected);
  });
});

describeWhen("dotnet", "split and joined WebSocket messages", () => {
  const hub = new FaultyHub();
  let relay: FrameRelay;
  beforeAll(async () => {
    relay = await FrameRelay.start(hub.server.url);
  });
  afterAll(async () => {
    await relay.stop();
  });

  async function converseOver(reframe: () => Reframe): Promise<unknown> {
    relay.reframe = reframe;
    const options = { skipNegotiation: true, transport: HttpTransportType.WebSockets };
    const connection = hub.build(
      new HubConnectionBuilder().withUrl(`${relay.url}/hub`, options).configureLogging("none"),
    );
    await connection.start();
    const result = await converse(connection);
    await connection.stop();
    return result;
  }

  const framed = (frames: (message: string) => readonly (string | Buffer)[]) => () => {
    return ((message, send) => frames(message).forEach(send)) satisfies Reframe;
  };

  test("as they are", async () => {
    expect(await converseOver(framed((message) => [message]))).toEqual(expected);
  });

  test("one frame for each character, and empty ones between", async () => {
    expect(await converseOver(framed((message) => [...message].flatMap((character) => [character, ""])))).toEqual(
      expected,
    );
  });

  test("one binary frame for each byte, so that characters are cut too", async () => {
    const bytes = (message: string) => Array.from(Buffer.from(message), (byte) => Buffer.from([byte]));
    expect(await converseOver(framed(bytes))).toEqual(expected);
  });

  test("cut in two at every place", async () => {
    for (let at = 1; at <= 90; at++) {
      const inTwo = (message: string) => {
        const characters = [...message];
        const cut = Math.min(at, characters.length - 1);
        return [characters.slice(0, cut).join(""), characters.slice(cut).join("")];
      };
      expect(await converseOver(framed(inTwo))).toEqual(expected);
    }
  }, 60_000);

  test("many in one frame, cut where no message ends", async () => {
    let largest = 0;
    const joined = (): Reframe => {
      let waiting = "";
      return (message, send) => {
        if (waiting === "") {
          // Long enough for the others to arrive.
          setTimeout(() => {
            largest = Math.max(largest, waiting.split("\u001e").length - 1);
            const middle = waiting.length >> 1;
            send(waiting.slice(0, middle));
            send(waiting.slice(middle));
            waiting = "";
          }, 20);
        }
        waiting += message;
      };
    };
    expect(await converseOver(joined)).toEqual(expected);
    expect(largest).toBeGreaterThan(3);
  });

  test("a Close message in the frame of the handshake's answer", async () => {
    relay.reframe = () => {
      let answer: string | undefined;
      return (message, send) => {
        if (answer === undefined) answer = message;
        else send(answer + message);
      };
    };
    const options = { skipNegotiation: true, transport: HttpTransportType.WebSockets };
    const builder = new HubConnectionBuilder().withUrl(`${relay.url}/refuse`, options).configureLogging("none");
    const connection = hub.build(builder.withAutomaticReconnect());
    const closed = new Promise((resolve) => connection.onclose(resolve));
    await connection.start();
    expect(await closed).toMatchObject({ code: "server-closed", message: expect.stringContaining("accepts nobody") });
    expect(connection.state).toBe("Disconnected");
  });
});
