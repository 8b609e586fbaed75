/** Raises every error of the catalogue through the public API, on both ends; what its tests run. All that is secret says `s3cr3t`. */
import { createServer, type IncomingMessage } from "node:http";
import {
  HttpTransportType,
  Subject,
  type ConnectFailedError,
  type ErrorCode,
  type HubConnectionBuilder,
} from "../../src/index.js";
import { MessagePackHubProtocol } from "../../src/msgpack.js";
import { createHubServer, Hub } from "../../src/server/index.js";
import type { Stage } from "./error-stage.js";

const HANDSHAKE_ANSWER = "{}\u001e";
const NEGOTIATION = {
  connectionId: "id",
  connectionToken: "s3cr3t-connection",
  negotiateVersion: 1,
  availableTransports: [{ transport: "WebSockets", transferFormats: ["Text"] }],
};

/** What went wrong, as it arrived. */
export interface Scenario {
  readonly code: ErrorCode;
  readonly end: "client" | "server";
  /** Where the error arrives, in a word of the catalogue. */
  readonly where: string;
  raise(this: void, stage: Stage): Promise<unknown>;
}

async function failure(work: () => unknown): Promise<unknown> {
  try {
    await work();
  } catch (thrown) {
    return thrown;
  }
  throw new Error("expected a failure");
}

async function startFailure(stage: Stage, builder: HubConnectionBuilder): Promise<unknown> {
  return failure(() => stage.build(builder).start());
}

async function closeError(stage: Stage, builder: HubConnectionBuilder): Promise<unknown> {
  const connection = stage.build(builder);
  const closed = new Promise((resolve) => connection.onclose(resolve));
  await connection.start();
  return closed;
}

const neverAnswer = (): void => undefined;
const answerNegotiation = (_request: IncomingMessage, response: { end(text: string): void }): void =>
  response.end(JSON.stringify(NEGOTIATION));

async function connectFailure(stage: Stage): Promise<ConnectFailedError> {
  const { url } = await stage.hub({}, { transports: ["WebSockets"] });
  const builder = stage.builder(url, { transport: HttpTransportType.LongPolling });
  return (await startFailure(stage, builder)) as ConnectFailedError;
}

type ByCode = Partial<Record<ErrorCode, readonly [where: string, raise: Scenario["raise"]]>>;

const CLIENT: ByCode = {
  aborted: ["start", async (s) => failure(() => s.build(s.direct("http://h/")).start({ signal: AbortSignal.abort() }))],
  "call-timeout": [
    "invoke",
    async (s) => {
      const connection = await s.connect(s.builder((await s.hub()).url));
      return failure(() => connection.with({ timeout: 50 }).invoke("Never"));
    },
  ],
  "connect-failed": ["start", connectFailure],
  "connect-timeout": [
    "start",
    async (s) => startFailure(s, s.builder(await s.answering(neverAnswer), { connectTimeout: 50 })),
  ],
  "connection-lost": [
    "onclose",
    async (s) => {
      const { proxy, url } = await s.proxied((await s.hub()).url);
      const connection = await s.connect(s.builder(url));
      const call = failure(() => connection.invoke("Never"));
      const closed = new Promise((resolve) => connection.onclose(resolve));
      proxy.strike("reset");
      expect(await call).toMatchObject({ code: "connection-lost" });
      return closed;
    },
  ],
  "handshake-failed": [
    "start",
    async (s) => startFailure(s, s.builder((await s.hub()).url).withHubProtocol(new MessagePackHubProtocol())),
  ],
  "handshake-timeout": ["start", async (s) => startFailure(s, s.direct(await s.saying()).withHandshakeTimeout(50))],
  "http-status": ["start", async (s) => startFailure(s, s.builder(`${(await s.hub()).url}/missing`))],
  "hub-error": [
    "invoke",
    async (s) => {
      const connection = await s.connect(s.builder((await s.hub()).url));
      return failure(() => connection.invoke("Refuse"));
    },
  ],
  "invalid-argument": ["the call", async (s) => failure(() => s.builder("http://h/").withServerTimeout(0))],
  "invalid-state": ["the call", async (s) => failure(() => s.build(s.direct("http://h/")).invoke("Echo", 1))],
  "limit-exceeded": [
    "the call",
    async () => {
      const subject = new Subject<number>();
      for (let item = 0; item < 10_000; item++) subject.next(item);
      return failure(() => subject.next(10_000));
    },
  ],
  "negotiate-failed": [
    "start",
    async (s) => startFailure(s, s.builder(await s.answering((_request, response) => void response.end("<html>")))),
  ],
  "not-serializable": [
    "the call",
    async (s) => {
      const connection = await s.connect(s.builder((await s.hub()).url));
      return failure(() => connection.invoke("Echo", 5n));
    },
  ],
  "protocol-error": [
    "onclose",
    async (s) => closeError(s, s.direct(await s.saying(HANDSHAKE_ANSWER, "garbage\u001e"))),
  ],
  "proxy-failed": [
    "start",
    async (s) => {
      const proxy = await s.answering((_request, response) => void response.writeHead(407).end());
      return startFailure(s, s.builder("http://h.example/hub", { proxy: proxy.replace("//", "//me:s3cr3t@") }));
    },
  ],
  "server-closed": [
    "onclose",
    async (s) => closeError(s, s.direct(await s.saying(HANDSHAKE_ANSWER, '{"type":7,"error":"no room"}\u001e'))),
  ],
  "server-timeout": [
    "onclose",
    async (s) => closeError(s, s.direct(await s.saying(HANDSHAKE_ANSWER)).withServerTimeout(50)),
  ],
  timeout: ["start", async (s) => startFailure(s, s.builder(await s.answering(neverAnswer), { timeout: 50 }))],
  "transport-failed": [
    "attempts",
    async (s) => {
      const failed = await startFailure(s, s.builder(await s.answering(answerNegotiation)));
      return (failed as ConnectFailedError).attempts[0];
    },
  ],
  "transport-skipped": ["attempts", async (s) => (await connectFailure(s)).attempts[0]],
  "waiting-timeout": [
    "invoke",
    async (s) => {
      const connection = s.build(s.builder(await s.answering(neverAnswer)).withWaitingCalls({ timeout: 50 }));
      connection.start().catch(() => undefined);
      return failure(() => connection.invoke("Echo", 1));
    },
  ],
};

const SERVER: ByCode = {
  aborted: [
    "signal",
    async (s) => {
      const connection = await s.connect(s.builder((await s.hub()).url));
      for await (const _ of connection.stream("Endless")) break;
      return s.cancelled.promise;
    },
  ],
  "client-result-failed": [
    "invoke",
    async (s) => {
      const { clients } = await s.hub();
      return failure(() => clients.client("nobody").invoke("Question"));
    },
  ],
  "connection-lost": [
    "onDisconnected",
    async (s) => {
      (await s.socket((await s.hub()).url)).terminate();
      return s.ended.promise;
    },
  ],
  "hub-error": [
    "invoke",
    async (s) => {
      const { url, clients } = await s.hub();
      const connection = await s.connect(s.builder(url));
      return failure(() => clients.client(connection.connectionId ?? "").invoke("Missing"));
    },
  ],
  "invalid-argument": ["the call", async () => failure(() => createHubServer().mapHub("hub", Hub as never))],
  "invalid-state": [
    "the call",
    async () => {
      const hubs = createHubServer();
      await hubs.close();
      return failure(() => hubs.attach(createServer()));
    },
  ],
  "limit-exceeded": [
    "the call",
    async (s) => {
      const { url, groups } = await s.hub({ maximumGroupsPerConnection: 1 });
      const id = (await s.connect(s.builder(url))).connectionId ?? "";
      await groups.add(id, "first");
      return failure(() => groups.add(id, "second"));
    },
  ],
  "not-serializable": [
    "the call",
    async (s) => {
      const { url, clients } = await s.hub();
      await s.connect(s.builder(url));
      return failure(() => clients.all.send("Notice", 5n));
    },
  ],
  "protocol-error": [
    "onDisconnected",
    async (s) => {
      await s.socket((await s.hub()).url, "garbage");
      return s.ended.promise;
    },
  ],
  timeout: [
    "onDisconnected",
    async (s) => {
      await s.socket((await s.hub({ clientTimeoutInterval: 50 })).url, '{"type":6}');
      return s.ended.promise;
    },
  ],
};

function scenariosOf(end: Scenario["end"], byCode: ByCode): Scenario[] {
  return Object.entries(byCode).map(([code, [where, raise]]) => ({ code: code as ErrorCode, end, where, raise }));
}

/** All of them. */
export const scenarios: readonly Scenario[] = [...scenariosOf("client", CLIENT), ...scenariosOf("server", SERVER)];
