/** `parseMessages` of the JSON encoding, for code that uses it in the official shape. */
import { ProtocolError } from "../../../src/errors/call-errors.js";
import { NullLogger } from "../../../src/logging/logger.js";
import { JsonHubProtocol } from "../../../src/protocol/json-hub-protocol.js";

const protocol = new JsonHubProtocol();

describe("parseMessages, the official shape", () => {
  test("takes a chunk of whole messages", () => {
    const text = '{"type":6}\u001e{"type":7}\u001e';
    expect(protocol.parseMessages(text, NullLogger.instance)).toEqual([{ type: 6 }, { type: 7 }]);
  });

  test("takes nothing for nothing, and needs no logger", () => {
    expect(protocol.parseMessages("", NullLogger.instance)).toEqual([]);
    expect(protocol.parseMessages('{"type":99}\u001e', null)).toEqual([]);
  });

  test("logs what it skips", () => {
    const logger = { log: jest.fn() };
    protocol.parseMessages('{"type":99}\u001e', logger);
    expect(logger.log).toHaveBeenCalledTimes(1);
  });

  test("refuses a chunk that breaks off", () => {
    expect(() => protocol.parseMessages('{"type":6}', NullLogger.instance)).toThrow(ProtocolError);
    expect(() => protocol.parseMessages('{"type":6}\u001e{"ty', NullLogger.instance)).toThrow(ProtocolError);
  });

  test("refuses bytes", () => {
    expect(() => protocol.parseMessages(new ArrayBuffer(8), NullLogger.instance)).toThrow(ProtocolError);
  });
});
