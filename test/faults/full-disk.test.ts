/** A full disk under the log: client and server write every message to a device that takes nothing, and work as without a log. */
import { closeSync, openSync, writeSync } from "node:fs";
import { HttpTransportType, LogLevel, type HubConnection, type ILogger } from "../../src/index.js";
import { Hub } from "../../src/server/index.js";
import { HubSite } from "../integration/hub-site.js";
import { collect, eventually, failureOf, upTo } from "../support/witness.js";
import { describeWhen, programPath } from "../support/requirements.js";
import { TcpProxy } from "../support/tcp-proxy.js";

/** Writes to the full disk, and keeps count of what that came to. */
class DiskLogger implements ILogger {
  readonly levels = new Set<LogLevel>();
  readonly failures = new Set<unknown>();
  readonly #disk = openSync(programPath("fullDisk"), "w");

  log(level: LogLevel, message: string): void {
    this.levels.add(level);
    try {
      writeSync(this.#disk, `${message}\n`);
    } catch (thrown) {
      this.failures.add((thrown as NodeJS.ErrnoException).code);
      throw thrown;
    }
  }

  close(): void {
    closeSync(this.#disk);
  }
}

class BusyHub extends Hub {
  add(left: number, right: number): number {
    return left + right;
  }

  async *count(to: number): AsyncIterable<number> {
    yield* upTo(to);
  }

  async sum(numbers: AsyncIterable<number>): Promise<number> {
    let sum = 0;
    for await (const number of numbers) sum += number;
    return sum;
  }

  ask(text: string): Promise<string> {
    return this.clients.caller.invoke<string>("Answer", text);
  }

  fail(): never {
    throw new Error("which the server logs too");
  }

  wait(): Promise<never> {
    return new Promise(() => undefined);
  }
}

async function* numbers(): AsyncIterable<number> {
  yield* upTo(20);
}

async function talk(connection: HubConnection): Promise<void> {
  await expect(connection.invoke("Add", 1, 1)).resolves.toBe(2);
  await expect(collect(connection.stream("Count", 50))).resolves.toEqual(upTo(50));
  await expect(connection.invoke("Sum", numbers())).resolves.toBe(190);
  await expect(connection.invoke("Ask", "who?")).resolves.toBe("who? me");
  await expect(failureOf(connection.invoke("Fail"))).resolves.toMatchObject({ code: "hub-error" });
}

describeWhen("fullDisk", "a log on a device that is full", () => {
  test.each(["WebSockets", "ServerSentEvents", "LongPolling"] as const)(
    "harms nothing over %s: calls, streams, a cut with its reconnect, and stop()",
    async (transport) => {
      const [logger, serverLogger] = [new DiskLogger(), new DiskLogger()];
      const site = await HubSite.start({
        map: (hubs) => void hubs.mapHub("/hub", BusyHub),
        logger: serverLogger,
        shutdownTimeout: 500, // a Long Polling connection that was cut would be waited for
      });
      const proxy = await TcpProxy.start(site.url);
      const options = { transport: HttpTransportType[transport], logger, logMessageContent: true };
      const builder = site.builder("/hub", options).withUrl(`${proxy.url}/hub`).withAutomaticReconnect([0, 50]);
      const connection = site.build(builder);
      connection.on("Answer", (text: string) => `${text} me`);
      connection.onStateChange(() => {
        throw new Error("which the client logs too");
      });
      await connection.start();
      await talk(connection);

      const waiting = failureOf(connection.invoke("Wait"));
      const reconnected = new Promise((resolve) => connection.onreconnected(resolve));
      proxy.strike("reset");
      await expect(waiting).resolves.toMatchObject({ code: "connection-lost" });
      await reconnected;
      await talk(connection);

      await connection.stop();
      expect(connection.state).toBe("Disconnected");
      await proxy.stop();
      await site.stop();
      for (const { failures } of [logger, serverLogger]) expect([...failures]).toEqual(["ENOSPC"]);
      expect([...logger.levels]).toEqual(
        expect.arrayContaining([LogLevel.Trace, LogLevel.Information, LogLevel.Error]),
      );
      await eventually(() => serverLogger.levels.has(LogLevel.Error));
      logger.close();
      serverLogger.close();
    },
  );
});
