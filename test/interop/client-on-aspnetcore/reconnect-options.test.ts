/** Reconnect options on the real server: one that comes late, one that restarts, and one that stays away. */
import { HubConnectionBuilder, type AutomaticReconnectOptions, type HubConnection } from "../../../src/index.js";
import { BUILD_AND_START_MS, startAspNetCoreServer, type AspNetCoreServer } from "../../support/aspnetcore-server.js";
import { describeWhen } from "../../support/requirements.js";
import { nextCall } from "../../support/witness.js";

const connections: HubConnection[] = [];
const servers: AspNetCoreServer[] = [];

async function startServer(port?: number): Promise<AspNetCoreServer> {
  const server = await startAspNetCoreServer(port === undefined ? {} : { port });
  servers.push(server);
  return server;
}

function build(url: string, options: AutomaticReconnectOptions): HubConnection {
  const connection = new HubConnectionBuilder()
    .withUrl(`${url}/hub`)
    .configureLogging("none")
    .withAutomaticReconnect(options)
    .withWaitingCalls({ timeout: BUILD_AND_START_MS })
    .build();
  connections.push(connection);
  return connection;
}

describeWhen("dotnet", "reconnect options on ASP.NET Core", () => {
  afterEach(async () => {
    await Promise.all(connections.splice(0).map((connection) => connection.stop()));
    await Promise.all(servers.splice(0).map((server) => server.stop()));
  });

  test(
    "a client that starts before its server, and outlives its restart, gets there each time with the calls that wait",
    async () => {
      const first = await startServer();
      const { url } = first;
      const port = Number(new URL(url).port);
      await first.kill();
      const met: Error[] = [];
      const shouldRetry = (error: Error): undefined => {
        met.push(error);
      };
      const options = { delays: [0, 50], maxRetries: 10_000, retryStart: true, shouldRetry };
      const connection = build(url, options);
      const starting = connection.start();
      const early = connection.invoke<number>("Add", 1, 2);
      const second = await startServer(port);
      await starting;
      expect(await early).toBe(3);
      expect(met.length).toBeGreaterThan(0);

      const { connectionId } = connection;
      const reconnecting = nextCall<Error>((callback) => connection.onreconnecting(callback));
      await second.kill();
      await reconnecting;
      const late = connection.invoke<string>("MyConnectionId");
      await startServer(port);
      const newId = await late;
      expect(newId).toBe(connection.connectionId);
      expect(newId).not.toBe(connectionId);
    },
    3 * BUILD_AND_START_MS,
  );

  test(
    "a server that stays away is given up after maxRetries, and onclose gets the last error",
    async () => {
      const server = await startServer();
      const connection = build(server.url, { delays: [0, 10], maxRetries: 3 });
      await connection.start();
      const closed = nextCall<Error>((callback) => connection.onclose(callback));
      await server.kill();
      expect(await closed).toMatchObject({ code: "negotiate-failed" });
      expect(connection.state).toBe("Disconnected");
    },
    BUILD_AND_START_MS,
  );
});
