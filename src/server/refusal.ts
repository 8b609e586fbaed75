/** What requests are refused with, to the letter as by ASP.NET Core (TRANSPORTS §2, "Server status codes"). */
import type { TransportName } from "../transports/transport.js";
import type { HttpAnswer } from "./http-answer.js";

/** A request that is answered with a status; thrown on the way to that. */
export class Refusal extends Error {
  /** What the client gets. */
  readonly answer: HttpAnswer;

  constructor(status: number, body: string, headers: HttpAnswer["headers"] = {}, contentType = "text/plain") {
    super(body);
    this.answer = { status, body, headers, contentType };
  }
}

/** There is no such connection, or no longer. */
export function noConnection(): Refusal {
  return new Refusal(404, "No Connection with that ID");
}

/** A request for somebody's connection comes from somebody else (DOTNET11 §1.7). */
export function userChanged(): Refusal {
  return new Refusal(403, "The user associated with this connection changed.");
}

/** The client comes back too often (stateful reconnect). */
export function tooOften(): Refusal {
  return new Refusal(429, "The connection was taken up again too often.", { "Retry-After": "1" });
}

/** The hub does not offer the transport. */
export function unsupported(transport: TransportName): Refusal {
  return new Refusal(404, `${transport} transport not supported by this end point type`);
}

/** The connection has its socket or stream already. */
export function inUse(): Refusal {
  return new Refusal(409, "The connection is in use.");
}
