/**
 * Snippets in the shape of the official documentation of the JavaScript client, run against the real server. Of an application's
 * code only the import may have to change, so nothing in here uses what hubwire has beyond the official client. What the
 * documentation reads from a page or writes to it is a variable here, and the address is absolute, as in every Node program.
 */
import * as signalR from "../../src/index.js";
import { RealHub } from "../support/real-hub.js";
import { describeWhen } from "../support/requirements.js";
import { BUILD_AND_START_MS, startAspNetCoreServer } from "../support/aspnetcore-server.js";

/* eslint-disable @typescript-eslint/no-misused-promises -- the documentation passes asynchronous callbacks */

describeWhen("dotnet", "the documentation's snippets", () => {
  const hub = new RealHub();
  let chatHub: string;
  let connection: signalR.HubConnection;

  beforeAll(() => void (chatHub = `${hub.server.url}/hub`));
  afterEach(() => connection.stop());

  test("connect to a hub, be called and call", async () => {
    const list: string[] = [];
    connection = new signalR.HubConnectionBuilder().withUrl(chatHub).configureLogging(signalR.LogLevel.None).build();

    connection.on("ReceiveMessage", (user, message) => {
      list.push(`${user}: ${message}`);
    });

    await connection.start();
    try {
      await connection.invoke("CallMe", "ReceiveMessage", ["Ada", "hello"]);
    } catch (err) {
      console.error(err);
    }
    expect(list).toEqual(["Ada: hello"]);
  });

  test("connect with then and catch", async () => {
    connection = new signalR.HubConnectionBuilder().withUrl(chatHub).configureLogging("none").build();
    const sent = new Promise<string>((resolve, reject) => {
      connection.on("Received", (how: string) => resolve(how));
      connection
        .start()
        .then(() => connection.invoke("SendToCaller", "x"))
        .catch((err) => reject(err instanceof Error ? err : new Error(String(err))));
    });
    expect(await sent).toBe("caller");
  });

  test(
    "start, and try again while the server cannot be reached",
    async () => {
      const busy = await startAspNetCoreServer();
      const port = Number(new URL(busy.url).port);
      await busy.stop();
      connection = new signalR.HubConnectionBuilder().withUrl(`${busy.url}/hub`).configureLogging("none").build();

      let failures = 0;
      async function start() {
        try {
          await connection.start();
        } catch {
          failures++;
          setTimeout(start, 50);
        }
      }

      const connected = new Promise<void>((resolve) => {
        const poll = () =>
          connection.state === signalR.HubConnectionState.Connected ? resolve() : setTimeout(poll, 10);
        poll();
      });
      await start();
      const back = await startAspNetCoreServer({ port });
      try {
        await connected;
        expect(failures).toBeGreaterThan(0);
        await connection.stop();
      } finally {
        await back.stop();
      }
    },
    BUILD_AND_START_MS,
  );

  test("restart by hand in onclose", async () => {
    connection = new signalR.HubConnectionBuilder().withUrl(chatHub).configureLogging("none").build();
    let restarted: () => void = () => undefined;
    const again = new Promise<void>((resolve) => (restarted = resolve));
    let restart = true;

    async function start() {
      try {
        await connection.start();
      } catch {
        setTimeout(start, 5000);
      }
    }

    connection.onclose(async () => {
      if (!restart) return;
      await start();
      restarted();
    });

    await start();
    const before = connection.connectionId;
    await hub.server.drop(connection.connectionId as string);
    await again;
    restart = false;
    expect(connection.state).toBe(signalR.HubConnectionState.Connected);
    expect(connection.connectionId).not.toBe(before);
  });

  test("automatic reconnect and its handlers", async () => {
    connection = new signalR.HubConnectionBuilder()
      .withUrl(chatHub)
      .withAutomaticReconnect()
      .configureLogging("none")
      .build();
    const items: string[] = [];
    let isInputDisabled = false;
    let done: () => void = () => undefined;
    const reconnected = new Promise<void>((resolve) => (done = resolve));

    connection.onreconnecting((error) => {
      if (connection.state === signalR.HubConnectionState.Reconnecting) isInputDisabled = true;
      items.push(`Connection lost due to error "${error?.name}". Reconnecting.`);
    });

    connection.onreconnected((connectionId) => {
      if (connection.state === signalR.HubConnectionState.Connected) isInputDisabled = false;
      items.push(`Connection reestablished. Connected with connectionId "${connectionId}".`);
      done();
    });

    await connection.start();
    await hub.server.drop(connection.connectionId as string);
    await reconnected;
    expect(isInputDisabled).toBe(false);
    expect(items).toEqual([
      'Connection lost due to error "ConnectionError". Reconnecting.',
      `Connection reestablished. Connected with connectionId "${connection.connectionId}".`,
    ]);
  });

  test("delays of one's own, and a policy of one's own", async () => {
    connection = new signalR.HubConnectionBuilder()
      .withUrl(chatHub)
      .withAutomaticReconnect([0, 0, 10000])
      .configureLogging("none")
      .build();
    await connection.start();
    await connection.stop();

    const seen: number[] = [];
    connection = new signalR.HubConnectionBuilder()
      .withUrl(chatHub)
      .withAutomaticReconnect({
        nextRetryDelayInMilliseconds: (retryContext) => {
          seen.push(retryContext.previousRetryCount);
          if (retryContext.elapsedMilliseconds < 60000) {
            // Less than a minute: any time up to 10 ms.
            return Math.random() * 10;
          } else {
            return null;
          }
        },
      })
      .configureLogging("none")
      .build();
    const reconnected = new Promise((resolve) => connection.onreconnected(resolve));
    await connection.start();
    await hub.server.drop(connection.connectionId as string);
    await reconnected;
    expect(seen[0]).toBe(0);
  });

  const trace = ["Trace", "Information", "Warning", "Error"];
  test.each([
    [signalR.LogLevel.Trace, trace],
    [signalR.LogLevel.Debug, trace.slice(1)], // nothing happens here that is told at Debug alone
    [signalR.LogLevel.Information, trace.slice(1)],
    [signalR.LogLevel.Warning, trace.slice(2)],
    [signalR.LogLevel.Error, trace.slice(3)],
    [signalR.LogLevel.Critical, []],
    [signalR.LogLevel.None, []],
    ["trace", trace],
    ["debug", trace.slice(1)],
    ["info", trace.slice(1)],
    ["information", trace.slice(1)],
    ["warn", trace.slice(2)],
    ["warning", trace.slice(2)],
    ["error", trace.slice(3)],
    ["critical", []],
    ["none", []],
  ] as const)("configureLogging(%j)", async (level, levels) => {
    const methods = ["log", "info", "warn", "error"] as const;
    const spies = methods.map((method) => jest.spyOn(console, method).mockImplementation(() => undefined));
    try {
      connection = new signalR.HubConnectionBuilder().withUrl(chatHub).configureLogging(level).build();
      await connection.start();
      connection.on("Fails", () => {
        throw new Error("x");
      });
      await connection.invoke("CallMe", "Fails", []);
      await connection.invoke("CallMe", "Nobody", []);
      await connection.stop();
      const lines = spies.flatMap((spy) => spy.mock.calls.map(([line]) => String(line)));
      const seen = new Set(lines.map((line) => /^\[\d{4}-\d\d-\d\dT[\d:.]+Z\] (\w+): /.exec(line)?.[1]));
      expect([...seen].sort()).toEqual([...levels].sort());
    } finally {
      for (const spy of spies) spy.mockRestore();
    }
  });

  test("a logger of one's own", async () => {
    class MyLogger implements signalR.ILogger {
      readonly lines: string[] = [];
      log(logLevel: signalR.LogLevel, message: string) {
        this.lines.push(`${logLevel} ${message}`);
      }
    }
    const logger = new MyLogger();
    connection = new signalR.HubConnectionBuilder().withUrl(chatHub).configureLogging(logger).build();
    await connection.start();
    expect(logger.lines.length).toBeGreaterThan(0);
  });

  test("withUrl with transports, and with options", async () => {
    connection = new signalR.HubConnectionBuilder()
      .withUrl(chatHub, signalR.HttpTransportType.WebSockets | signalR.HttpTransportType.LongPolling)
      .configureLogging("none")
      .build();
    await connection.start();
    await connection.stop();

    connection = new signalR.HubConnectionBuilder()
      .withUrl(chatHub, {
        // "Foo: Bar" is not sent with WebSockets from a browser.
        headers: { Foo: "Bar" },
        transport: signalR.HttpTransportType.WebSockets,
        skipNegotiation: true,
      })
      .configureLogging("none")
      .build();
    await connection.start();
    const { request } = await connection.invoke("Caller");
    expect(request.headers.foo).toBe("Bar");
  });

  test("a bearer token", async () => {
    const getAccessToken = async () => Promise.resolve("good-ada");
    connection = new signalR.HubConnectionBuilder()
      .withUrl(`${hub.server.url}/secure`, {
        accessTokenFactory: () => {
          return getAccessToken();
        },
      })
      .configureLogging("none")
      .build();
    await connection.start();
    expect(await connection.invoke("WhoAmI")).toBe("ada");
  });

  test("timeouts", async () => {
    connection = new signalR.HubConnectionBuilder()
      .withUrl(chatHub)
      .withServerTimeout(60000)
      .withKeepAliveInterval(30000)
      .configureLogging("none")
      .build();
    expect(connection.serverTimeoutInMilliseconds).toBe(60000);
    connection.serverTimeoutInMilliseconds = 120000;
    connection.keepAliveIntervalInMilliseconds = 60000;
    await connection.start();
  });
});
