/** Tells the requests of hub connections apart; used by the test servers that watch or hold them. */
import type { IncomingMessage } from "node:http";

/** The kinds of requests of hub connections. */
export type RequestKind = "negotiate" | "upgrade" | "stream" | "poll" | "post" | "delete";

/** Which kind a request is. */
export function requestKindOf({ method, url = "", headers }: IncomingMessage): RequestKind {
  if (url.includes("/negotiate")) return "negotiate";
  if (headers.upgrade) return "upgrade";
  if (method === "POST") return "post";
  if (method === "DELETE") return "delete";
  return headers.accept === "text/event-stream" ? "stream" : "poll";
}
