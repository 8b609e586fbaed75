/** Answers requests and refuses upgrades; the only code of the server that writes HTTP. */
import { STATUS_CODES, type IncomingMessage, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";

/** An HTTP answer. */
export interface HttpAnswer {
  readonly status: number;
  /** Plain text unless {@link contentType} says otherwise. */
  readonly body?: string | Uint8Array;
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What a request may send along although nobody reads it, before its connection is dropped. */
const MAXIMUM_IGNORED_BODY = 64 * 1024;

/** Answers a request; what it sends along is read and thrown away. */
export function answerRequest(request: IncomingMessage, response: ServerResponse, answer: HttpAnswer): void {
  const { status, body = "", contentType = "text/plain", headers } = answer;
  response.writeHead(status, {
    ...(status === 204 ? {} : { "Content-Type": contentType, "Content-Length": Buffer.byteLength(body) }),
    "Cache-Control": "no-store",
    ...headers,
  });
  response.end(body);
  if (!request.readableEnded) ignoreBody(request);
}

/** Refuses an upgrade and closes its socket. */
export function refuseUpgrade(
  socket: Duplex,
  { status, body = "", contentType = "text/plain", headers }: HttpAnswer,
): void {
  const lines = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}`,
    "Connection: close",
    `Content-Type: ${contentType}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...Object.entries(headers ?? {}).map(([name, value]) => `${name}: ${value}`),
  ];
  socket.once("finish", () => socket.destroy());
  socket.write(`${lines.join("\r\n")}\r\n\r\n`);
  socket.end(body);
}

function ignoreBody(request: IncomingMessage): void {
  let size = 0;
  request.on("data", (chunk: Buffer) => {
    size += chunk.length;
    if (size > MAXIMUM_IGNORED_BODY) request.destroy();
  });
  request.resume(); // whoever wanted it may have stopped reading
}
