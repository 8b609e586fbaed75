/** A server with a hub whose clients authenticate with tokens that expire; time on it, the calendar's too, passes when the test says so. */
import { createServer, type IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { Logger } from "../../src/index.js";
import { accessTokenOf, Hub, type HubCallerContext, type HubUser, type MapHubOptions } from "../../src/server/index.js";
import { HubServer } from "../../src/server/hub-server.js";
import { nodeClock } from "../../src/platform/node/node-clock.js";
import { FakeClock } from "./fake-clock.js";
import { listen } from "./hub-server.js";

/** A user of the hub. */
export interface TestUser {
  readonly id?: string;
  readonly tag: string;
  readonly expiresAt?: Date;
}

/** When everything begins. */
const START = Date.UTC(2030, 0, 1);

/**
 * A token: whose it is (nobody's name makes a user without an id), something to tell it from others, and seconds from the start of
 * the test after which it expires.
 */
export function tokenOf(id: string, tag = "", expiresInSeconds?: number): string {
  return [id, tag, expiresInSeconds].join("/");
}

/** Reads {@link tokenOf}; a token of "stranger" is nobody's. */
export function authenticate(request: IncomingMessage): TestUser | undefined {
  const token = accessTokenOf(request);
  if (token === undefined || token.startsWith("stranger")) return undefined;
  const [id = "", tag = "", expiresIn] = token.split("/");
  const expiresAt = expiresIn ? { expiresAt: new Date(START + Number(expiresIn) * 1_000) } : {};
  return { ...(id && { id }), tag, ...expiresAt };
}

/** Headers that carry a token. */
export function bearer(token: string): Record<string, string> {
  return { authorization: `Bearer ${token}` };
}

/** What {@link startAuthenticated} makes. */
export interface AuthenticatedSite {
  readonly port: number;
  readonly url: string;
  readonly hubs: HubServer;
  readonly hubClass: new () => Hub;
  /** Tags of the users that `onAuthenticationRefreshed` saw. */
  readonly refreshed: string[];
  /** What `onDisconnected` was told. */
  readonly ends: unknown[];
  readonly logged: string[];
  /** Ends `wait` calls. */
  release(): void;
  /** What `onAuthenticationRefreshed` does beside taking its note. */
  onRefreshed: (hub: Hub<TestClient>) => unknown;
  /** What `onConnected` does. */
  onConnected: (hub: Hub<TestClient>) => unknown;
  /** Fulfils with the next `wait` that begins. */
  nextWaiting(): Promise<void>;
  /** Fulfils with the next note. */
  nextRefreshed(): Promise<void>;
  /** Drops all that is connected, as a lost network does. */
  cut(): void;
  /** Lets seconds pass. */
  pass(seconds: number): Promise<void>;
}

/** What the hub may ask its clients. */
export interface TestClient {
  Ask(): string;
}

/** Starts one, under `/hub`; with refreshes, unless the options say otherwise. */
export async function startAuthenticated(options: MapHubOptions = {}): Promise<AuthenticatedSite> {
  const [refreshed, ends, logged]: [string[], unknown[], string[]] = [[], [], []];
  let waiting: (() => void)[] = [];
  const told: (() => void)[] = [];
  const begun: (() => void)[] = [];
  let now = START;
  jest.spyOn(Date, "now").mockImplementation(() => now);

  class UserHub extends Hub<TestClient> {
    override async onConnected(): Promise<void> {
      await site.onConnected(this);
    }
    override async onAuthenticationRefreshed(): Promise<void> {
      refreshed.push(tagOf(this.context));
      for (const tell of told.splice(0)) tell();
      await site.onRefreshed(this);
    }
    override onDisconnected(error?: Error): void {
      ends.push(error);
    }
    who(): [string | undefined, string] {
      return [this.context.userIdentifier, tagOf(this.context)];
    }
    /** Tells the tag at its start and at its end. */
    async wait(): Promise<[string, string]> {
      const before = tagOf(this.context);
      for (const tell of begun.splice(0)) tell();
      await new Promise<void>((resolve) => waiting.push(resolve));
      return [before, tagOf(this.context)];
    }
    same(): boolean {
      const { items } = this.context;
      const known = items.get("seen") as HubCallerContext | undefined;
      items.set("seen", this.context);
      return known === undefined || known.connectionAborted === this.context.connectionAborted;
    }
  }

  const background = new FakeClock();
  const logger: Logger = { log: (_level, message) => void logged.push(message) };
  const hubs = new HubServer({ logger, shutdownTimeout: 1 }, nodeClock, background);
  hubs.mapHub("/hub", UserHub, {
    authenticate,
    enableAuthenticationRefresh: true,
    ...options,
  } as MapHubOptions<UserHub>);
  const http = hubs.attach(createServer((_request, response) => response.writeHead(404).end("not a hub")));
  const sockets: Duplex[] = [];
  http.on("connection", (socket) => sockets.push(socket));
  const port = await listen(http, () => hubs.close());
  const site: AuthenticatedSite = {
    port,
    url: `http://127.0.0.1:${port}/hub`,
    hubs,
    hubClass: UserHub,
    refreshed,
    ends,
    logged,
    release: () => {
      for (const resolve of waiting) resolve();
      waiting = [];
    },
    onRefreshed: () => undefined,
    onConnected: () => undefined,
    nextWaiting: () => new Promise((resolve) => begun.push(resolve)),
    nextRefreshed: () => new Promise((resolve) => told.push(resolve)),
    cut: () => {
      for (const socket of sockets.splice(0)) socket.destroy();
    },
    pass: async (seconds) => {
      for (let second = 0; second < seconds; second++) {
        now += 1_000;
        await background.advanceAsync(1_000);
      }
    },
  };
  return site;
}

function tagOf({ user }: { readonly user: HubUser | undefined }): string {
  return (user as TestUser | undefined)?.tag ?? "nobody";
}
