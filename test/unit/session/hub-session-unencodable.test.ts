/** A session whose encoding, a user's own, fails: what the application can act on throws, what nobody could catch does not. */
import { Log } from "../../../src/logging/logger.js";
import { JsonHubProtocol } from "../../../src/protocol/json-hub-protocol.js";
import { ServerSession, type SessionOwner } from "../../../src/server/server-session.js";
import { FakeClock } from "../../support/fake-clock.js";
import { connectionPair } from "../../support/connection-pair.js";

const owner: SessionOwner = {
  onInvocation: () => undefined,
  onCancelInvocation: () => undefined,
  onPing: () => undefined,
  onEnded: () => undefined,
  timeoutError: () => new Error("timeout"),
  closeMessageFor: () => undefined,
  streamErrorText: String,
};

class BrokenProtocol extends JsonHubProtocol {
  override encode(): string {
    throw new Error("broken");
  }
}

test("an error or an end that cannot be encoded is logged, a result throws", () => {
  const lines: string[] = [];
  const [connection] = connectionPair();
  const session = new ServerSession({
    owner,
    connection,
    protocol: new BrokenProtocol(),
    clock: new FakeClock(),
    log: new Log({ log: (_level, message) => lines.push(message) }),
    idPrefix: "",
    maximumMessageSize: Infinity,
  });
  expect(() => session.complete("1", { result: 1 })).toThrow("broken");
  session.complete("1", { error: "sorry" });
  session.complete("2", undefined);
  expect(lines).toHaveLength(2);
  expect(session.ended).toBe(false);
});
