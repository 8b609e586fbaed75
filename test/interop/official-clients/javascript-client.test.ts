/** The official JavaScript client on hubwire's server, where the contract suite does not go: no negotiation, and refused tokens. */
import {
  HttpTransportType,
  HubConnectionBuilder,
  HubConnectionState,
  LogLevel,
  type HubConnection,
  type IHttpConnectionOptions,
} from "@microsoft/signalr";
import { startInteropServer, type InteropServer } from "../../support/interop-server.js";

let server: InteropServer;
let connection: HubConnection | undefined;

beforeAll(async () => {
  server = await startInteropServer();
});

afterEach(() => connection?.stop());

afterAll(() => server.stop());

function build(options: IHttpConnectionOptions): HubConnection {
  connection = new HubConnectionBuilder().withUrl(server.url, options).configureLogging(LogLevel.None).build();
  return connection;
}

test("it can skip the negotiation", async () => {
  const client = build({ skipNegotiation: true, transport: HttpTransportType.WebSockets });
  await client.start();
  expect(client.connectionId).toBeNull();
  await expect(client.invoke("ConnectionId")).resolves.toEqual(expect.any(String));
});

test("a wrong token is refused with 401", async () => {
  const client = build({ accessTokenFactory: () => "bad" });
  await expect(client.start()).rejects.toMatchObject({ message: expect.stringContaining("401") });
  expect(client.state).toBe(HubConnectionState.Disconnected);
});
