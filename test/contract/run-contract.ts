/** Registers the tests of one client on one server: every feature, over every combination. The reporter reads the matrix off their titles. */
import type { Combination, ContractClient, ContractServer, Transport } from "./contract.js";
import { Contract } from "./contract-site.js";
import { areas } from "./features/areas.js";
import { BUILD_AND_START_MS } from "../support/aspnetcore-server.js";

const TRANSPORT_TITLES: Readonly<Record<Transport, string>> = {
  WebSockets: "WebSockets",
  ServerSentEvents: "Server-Sent Events",
  LongPolling: "Long Polling",
};

/** One pair of peers. */
export interface ContractRun {
  readonly client: ContractClient;
  readonly combinations: readonly Combination[];
  /** What cannot be, because the transport carries text only and the encoding is binary. */
  readonly impossible: readonly Combination[];
  start(): Promise<ContractServer>;
}

/** The title of a combination, as the matrix has it. */
export function titleOf({ transport, encoding, resumes }: Combination): string {
  const title = `${TRANSPORT_TITLES[transport]}, ${encoding === "json" ? "JSON" : "MessagePack"}`;
  return resumes ? `${title}, stateful reconnect` : title;
}

/** Call it inside a `describe` whose title names the pair. */
export function runContract({ client, combinations, impossible, start }: ContractRun): void {
  let server: ContractServer | undefined;
  const started = () => {
    if (server === undefined) throw new Error("the server was not started");
    return server;
  };
  beforeAll(async () => (server = await start()), BUILD_AND_START_MS);
  afterAll(() => server?.stop());

  describe.each(combinations.map((combination) => [titleOf(combination), combination] as const))("%s", (_, column) => {
    const contract = new Contract(column, client, started);
    afterEach(() => contract.release());

    describe.each(areas.map(({ name, features }) => [name, features] as const))("%s", (_name, features) => {
      for (const feature of features) {
        const isPossible = feature.needs === undefined || client.abilities.has(feature.needs);
        if (isPossible && (feature.appliesTo?.(column) ?? true)) test(feature.name, () => feature.run(contract));
      }
    });
  });
  for (const column of impossible)
    describe(titleOf(column), () => runImpossible(new Contract(column, client, started)));
}

/** The negotiation leaves the transport out, and says so when there is no other. */
function runImpossible(contract: Contract): void {
  const { transport } = contract.combination;
  afterEach(() => contract.release());

  describe("negotiation", () => {
    test("alone, the transport is skipped and the start fails with the reason", async () => {
      const connection = contract.build();
      await expect(connection.start()).rejects.toThrow(transport);
      expect(connection.state).toBe("Disconnected");
    });

    test("with another one beside it, the other is taken", async () => {
      const connection = await contract.connect({ transports: [transport, "LongPolling"] });
      await expect(connection.invoke("Transport")).resolves.toBe("LongPolling");
    });
  });
}
