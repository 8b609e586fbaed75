/** Giving up a start against the real server at every moment, and the parts that a user may bring along. */
import { WebSocket } from "ws";
import {
  AbortError,
  DefaultHttpClient,
  HttpClient,
  HubConnectionState,
  LogLevel,
  NullLogger,
  type HttpRequest,
  type HttpResponse,
} from "../../../src/index.js";
import { describeWhen } from "../../support/requirements.js";
import { RealHub } from "../../support/real-hub.js";
import { failureOf } from "../../support/witness.js";

describeWhen("dotnet", "starting on ASP.NET Core", () => {
  const hub = new RealHub();

  test.each(["the signal", "stop()"])("%s gives a start up, whenever it comes", async (means) => {
    let started = false;
    let attempts = 0;
    for (let turns = 0; !started; turns += 1 + Math.floor(turns / 10)) {
      const connection = hub.build();
      const controller = new AbortController();
      const starting = connection.start({ signal: controller.signal }).then(
        () => (started = true),
        (thrown: unknown) => thrown,
      );
      for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
      if (means === "stop()") await connection.stop();
      else controller.abort();
      const outcome = await starting;
      if (outcome !== true) expect(outcome).toBeInstanceOf(AbortError);
      await connection.stop();
      expect(connection.state).toBe(HubConnectionState.Disconnected);
      attempts++;
    }
    expect(attempts).toBeGreaterThan(5);
    for (const id of await hub.server.connections())
      await hub.server.waitForEvent("disconnected", { connectionId: id });
    expect(await hub.server.connections()).toEqual([]);
  });

  test("a connection can be started and stopped again and again", async () => {
    const connection = hub.build();
    const ids = new Set<string | null>();
    for (let round = 0; round < 20; round++) {
      await connection.start();
      await expect(connection.invoke("Add", round, 1)).resolves.toBe(round + 1);
      ids.add(connection.connectionId);
      await connection.stop();
    }
    expect(ids.size).toBe(20);
  });

  test("a second start is refused while the first goes on undisturbed", async () => {
    const connection = hub.build();
    const first = connection.start();
    expect(await failureOf(connection.start())).toMatchObject({ code: "invalid-state" });
    await first;
    await expect(connection.invoke("Add", 1, 1)).resolves.toBe(2);
  });

  test("the user's HTTP client sends the negotiation", async () => {
    class Recording extends HttpClient {
      readonly requests: HttpRequest[] = [];
      readonly #inner = new DefaultHttpClient(NullLogger.instance);

      send(request: HttpRequest): Promise<HttpResponse> {
        this.requests.push(request);
        return this.#inner.send(request);
      }
    }
    const httpClient = new Recording();
    const connection = await hub.connect(hub.builder("/hub", { httpClient }));
    await expect(connection.invoke("Add", 1, 1)).resolves.toBe(2);
    expect(httpClient.requests.map(({ method }) => method)).toEqual(["POST"]);
  });

  test("the user's fetch sends the negotiation", async () => {
    const fetcher = jest.fn(fetch);
    const connection = await hub.connect(hub.builder("/hub", { fetch: fetcher }));
    await expect(connection.invoke("Add", 1, 1)).resolves.toBe(2);
    expect(fetcher).toHaveBeenCalledTimes(1);
  });

  test("the user's WebSocket is used, with the headers", async () => {
    const opened: unknown[][] = [];
    class Recording extends WebSocket {
      constructor(...args: ConstructorParameters<typeof WebSocket>) {
        super(...args);
        opened.push(args);
      }
    }
    const options = { WebSocket: Recording, accessTokenFactory: () => "good-own" };
    const connection = await hub.connect(hub.builder("/secure", options));
    await expect(connection.invoke("WhoAmI")).resolves.toBe("own");
    expect(opened).toEqual([
      [
        expect.stringMatching(/^ws:/),
        undefined,
        { headers: expect.objectContaining({ Authorization: "Bearer good-own" }) },
      ],
    ]);
    await connection.stop();
    expect(connection.state).toBe(HubConnectionState.Disconnected);
  });

  test("a logger that throws harms nothing", async () => {
    const log = () => {
      throw new Error("the disk is full");
    };
    const connection = await hub.connect(hub.builder().configureLogging({ log }));
    connection.on("Unheard", () => {
      throw new Error("x");
    });
    await connection.invoke("CallMe", "Unheard", []);
    await connection.invoke("CallMe", "Nobody", []);
    await expect(connection.invoke("Add", 1, 1)).resolves.toBe(2);
  });

  test("a trace log shows the messages only when it is asked to", async () => {
    const texts: string[] = [];
    const logger = {
      log: (level: LogLevel, message: string) => void (level === LogLevel.Trace && texts.push(message)),
    };
    const quiet = await hub.connect(hub.builder().configureLogging(logger));
    await quiet.invoke("EchoString", "private words");
    expect(texts.length).toBeGreaterThan(0);
    expect(texts.join("\n")).not.toContain("private words");
    const open = await hub.connect(hub.builder("/hub", { logMessageContent: true }).configureLogging(logger));
    await open.invoke("EchoString", "private words");
    expect(texts.join("\n")).toContain("private words");
  });
});
