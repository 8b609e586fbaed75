/** A raw WebSocket client with a token that it can refresh, and the answers that it gets; used by the tests of authentication. */
import { bearer, tokenOf, type AuthenticatedSite } from "./authenticated-hub.js";
import { negotiate, RawClient, send, type RawAnswer } from "./hub-server.js";

/** A WebSocket connection, and what its refreshes need. */
export async function connect({ port }: AuthenticatedSite, token = tokenOf("ada", "first")) {
  const headers = bearer(token);
  const { connectionId, connectionToken } = await negotiate(port, "/hub", "negotiateVersion=1", headers);
  const client = await RawClient.connect(port, `/hub?id=${connectionToken}`, headers);
  const refresh = (newer: string) => send(port, "POST", `/hub/refresh?id=${connectionToken}`, bearer(newer));
  const ask = async (method: string): Promise<unknown> => {
    client.call("1", method);
    return ((await client.next()) as { result?: unknown }).result;
  };
  return { connectionId, connectionToken, client, refresh, ask };
}

/** The body of an answer. */
export const bodyOf = ({ body }: RawAnswer): unknown => JSON.parse(body);

/** The body of an answer that says no. */
export const failure = (error: string) => JSON.stringify({ error });

/** The answer to a refresh that tells no lifetime. */
export const DONE = { status: 200, body: "{}" };

/** The last message of a server that ends a connection. */
export const CLOSE = { type: 7, allowReconnect: true };
