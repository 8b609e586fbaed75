/** Access tokens that the server takes no longer, and factories that fail, in the middle of a connection's life: for every kind of request. */
import type { IncomingMessage } from "node:http";
import { HttpTransportType } from "../../src/index.js";
import { accessTokenOf, Hub } from "../../src/server/index.js";
import { HubSite } from "../integration/hub-site.js";
import { failureOf } from "../support/witness.js";

class SumHub extends Hub {
  add(left: number, right: number): number {
    return left + right;
  }
}

type Kind = "negotiation" | "GET" | "POST" | "DELETE";

/** What is refused at the moment, and how often it was. */
let isRevoked: (kind: Kind, token: string) => boolean;
let refusals: number;
/** What the factory does when it is asked again, and how often it was asked. */
let again: () => string | Promise<string>;
let asked: number;

beforeEach(() => {
  isRevoked = () => false;
  again = () => `token-${asked}`;
  [refusals, asked] = [0, 0];
});

function authenticate(request: IncomingMessage): { id: string } | undefined {
  const token = accessTokenOf(request);
  const kind = request.url?.includes("/negotiate") ? "negotiation" : (request.method as Kind);
  if (token !== undefined && !isRevoked(kind, token)) return { id: "ada" };
  refusals++;
  return undefined;
}

const server = HubSite.forTests({ map: (hubs) => void hubs.mapHub("/hub", SumHub, { authenticate }) });

type Name = "WebSockets" | "ServerSentEvents" | "LongPolling";

function build(transport: Name) {
  const accessTokenFactory = () => (++asked === 1 ? "token-1" : again());
  const options = { transport: HttpTransportType[transport], accessTokenFactory };
  return server.site.build(server.site.builder("/hub", options).configureLogging("none"));
}

async function connect(transport: Name) {
  const connection = build(transport);
  const closed = new Promise<Error | undefined>((resolve) => connection.onclose(resolve));
  await connection.start();
  await expect(connection.invoke("Add", 1, 1)).resolves.toBe(2);
  return { connection, closed };
}

describe.each([
  ["ServerSentEvents", ["POST"]],
  ["LongPolling", ["POST", "GET"]],
] as const)("%s", (transport, kinds) => {
  test.each(["negotiation", "GET"] as const)(
    "a %s that is refused at the start is made again, once",
    async (refused) => {
      isRevoked = (kind, token) => kind === refused && token === "token-1";
      const connection = build(transport);
      await connection.start();
      await expect(connection.invoke("Add", 1, 1)).resolves.toBe(2);
      expect([asked, refusals]).toEqual([2, 1]);
    },
  );

  test.each(["negotiation", "GET"] as const)(
    "a %s that stays refused fails the start with the status",
    async (refused) => {
      isRevoked = (kind) => kind === refused;
      const error = await failureOf(build(transport).start());
      expect(error.message).toContain("401");
      expect([asked, refusals]).toEqual([2, 2]);
    },
  );

  test.each(kinds)(
    "a %s that is refused later is made again with a fresh token, and nothing is lost",
    async (refused) => {
      const { connection } = await connect(transport);
      const told = jest.fn();
      connection.onStateChange(told);
      isRevoked = (kind, token) => kind === refused && token === "token-1";
      for (const number of [1, 2, 3]) await expect(connection.invoke("Add", number, 0)).resolves.toBe(number);
      expect([asked, refusals]).toEqual([2, 1]);
      expect(told).not.toHaveBeenCalled();
    },
  );

  test.each(kinds)(
    "a %s that stays refused ends the connection with the status, and fails what waits",
    async (refused) => {
      const { connection, closed } = await connect(transport);
      isRevoked = (kind) => kind === refused;
      // The poll that waits was let in already; its answer ends it.
      const calls = [connection.invoke("Add", 1, 1), connection.invoke("Add", 2, 2)];
      const outcomes = await Promise.allSettled(calls);
      expect(await closed).toMatchObject({ name: "HttpError", statusCode: 401 });
      if (refused === "POST") expect(outcomes.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
      expect([asked, refusals]).toEqual([2, 2]);
      expect(connection.state).toBe("Disconnected");
    },
  );

  test("a factory that fails then ends the connection with its error", async () => {
    const { connection, closed } = await connect(transport);
    again = () => {
      throw new Error("signed out");
    };
    isRevoked = () => true;
    await expect(connection.send("Add", 1, 1)).rejects.toThrow("signed out");
    expect((await closed)?.message).toContain("signed out");
  });

  test("a factory that has nothing then ends it with the status", async () => {
    const { connection, closed } = await connect(transport);
    again = () => undefined as unknown as string;
    isRevoked = () => true;
    await expect(connection.send("Add", 1, 1)).rejects.toMatchObject({ name: "HttpError", statusCode: 401 });
    expect(await closed).toMatchObject({ name: "HttpError", statusCode: 401 });
  });

  test("a factory that never answers then does not hold stop() up, and what waits for it is told", async () => {
    const { connection, closed } = await connect(transport);
    const isAsked = new Promise<void>((resolve) => {
      again = () => {
        resolve();
        return new Promise(() => undefined);
      };
    });
    isRevoked = () => true;
    const waiting = failureOf(connection.invoke("Add", 1, 1));
    await isAsked;
    await connection.stop();
    expect(await closed).toBeUndefined();
    await expect(waiting).resolves.toMatchObject({ code: "connection-lost" });
  });
});

// The upgrade is a GET to the server. There are no requests after it.
describe("WebSockets", () => {
  // The token of the negotiation is not that of the upgrade.
  test.each([
    ["negotiation", "token-1", 3],
    ["GET", "token-2", 3],
  ] as const)("a %s that is refused at the start is made again, once", async (refused, revoked, questions) => {
    isRevoked = (kind, token) => kind === refused && token === revoked;
    const connection = build("WebSockets");
    await connection.start();
    await expect(connection.invoke("Add", 1, 1)).resolves.toBe(2);
    expect([asked, refusals]).toEqual([questions, 1]);
  });

  test.each([
    ["negotiation", 2],
    ["GET", 3],
  ] as const)("a %s that stays refused fails the start with the status", async (refused, questions) => {
    isRevoked = (kind) => kind === refused;
    const error = await failureOf(build("WebSockets").start());
    expect(error.message).toContain("401");
    expect([asked, refusals]).toEqual([questions, 2]);
  });
});

test("a DELETE that is refused is made again with a fresh token, so that the server hears of the end", async () => {
  const { connection } = await connect("LongPolling");
  isRevoked = (kind, token) => kind === "DELETE" && token === "token-1";
  await connection.stop();
  expect([asked, refusals]).toEqual([2, 1]);
});
