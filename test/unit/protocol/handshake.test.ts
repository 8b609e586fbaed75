/** Reading and writing the two messages of the handshake (HUB_PROTOCOL §3). */
import { LimitError } from "../../../src/errors/call-errors.js";
import { HandshakeError } from "../../../src/errors/connection-errors.js";
import {
  HandshakeReader,
  parseHandshakeRequest,
  parseHandshakeResponse,
  writeHandshake,
} from "../../../src/protocol/handshake.js";
import type { Chunk } from "../../../src/protocol/hub-protocol.js";

const encoder = new TextEncoder();

/** Feeds the chunks as a connection does: once the record is there, what follows is not the reader's any more. */
function read(chunks: readonly Chunk[], maximumSize = 1_000) {
  const reader = new HandshakeReader(maximumSize);
  for (const [index, chunk] of chunks.entries()) {
    const answer = reader.read(chunk);
    if (answer) return { ...answer, later: chunks.slice(index + 1) };
  }
  return undefined;
}

const text = (chunk: Chunk | undefined) => (typeof chunk === "string" ? chunk : new TextDecoder().decode(chunk));

describe("HandshakeReader", () => {
  const record = '{"error":"aä€😀"}';
  const message = '{"type":6}\u001e';
  const stream = `${record}\u001e${message}`;

  test("a string cut anywhere: the rest of the chunk is kept", () => {
    for (let cut = 0; cut <= stream.length; cut++) {
      const answer = read([stream.slice(0, cut), stream.slice(cut)]);
      expect(answer?.record).toBe(record);
      expect(text(answer?.rest) + (answer?.later.map(text).join("") ?? "")).toBe(message);
    }
  });

  test("bytes cut anywhere, inside characters too", () => {
    const bytes = encoder.encode(stream);
    for (let cut = 0; cut <= bytes.length; cut++) {
      const answer = read([bytes.subarray(0, cut), bytes.subarray(cut)]);
      expect(answer?.record).toBe(record);
      expect(text(answer?.rest) + (answer?.later.map(text).join("") ?? "")).toBe(message);
    }
  });

  test("what follows in bytes is not touched: it may be another encoding", () => {
    const answer = read([new Uint8Array([...encoder.encode("{}\u001e"), 0x02, 0x91, 0x06, 0x1e, 0xff])]);
    expect(answer?.record).toBe("{}");
    expect(answer?.rest).toEqual(new Uint8Array([0x02, 0x91, 0x06, 0x1e, 0xff]));
  });

  test("an ArrayBuffer is as good", () => {
    const answer = read([new Uint8Array(encoder.encode("{}\u001ea")).buffer]);
    expect(answer?.record).toBe("{}");
    expect(answer?.rest).toEqual(encoder.encode("a"));
  });

  test("there is no rest when the record ends the chunk", () => {
    expect(read(["{}\u001e"])).toEqual({ record: "{}", rest: undefined, later: [] });
    expect(read([encoder.encode("{}\u001e")])).toEqual({ record: "{}", rest: undefined, later: [] });
  });

  test("waits for the separator", () => {
    expect(read(["{", "}", ""])).toBeUndefined();
    expect(read([encoder.encode("{}"), new Uint8Array()])).toBeUndefined();
  });

  test.each(["string", "bytes"])("the size limit is exact (%s)", (kind) => {
    const chunk = (value: string) => (kind === "string" ? value : encoder.encode(value));
    expect(read([chunk("12345\u001e")], 5)?.record).toBe("12345");
    expect(() => read([chunk("123456\u001e")], 5)).toThrow(LimitError);
    expect(read([chunk("123"), chunk("45\u001e")], 5)?.record).toBe("12345");
    expect(() => read([chunk("123"), chunk("456")], 5)).toThrow(LimitError);
    expect(read([chunk(`12345\u001e${"x".repeat(100)}`)], 5)?.record).toBe("12345");
  });

  test("bytes that are not UTF-8 are refused", () => {
    expect(() => read([new Uint8Array([0x7b, 0xff])])).toThrow(HandshakeError);
    expect(() => read([new Uint8Array([0xe2, 0x82, 0x1e])])).toThrow(HandshakeError);
    expect(() => read([new Uint8Array([0xe2]), new Uint8Array([0x1e])])).toThrow(HandshakeError);
  });
});

describe("the request", () => {
  test("is written as the servers expect it", () => {
    expect(writeHandshake({ protocol: "json", version: 1 })).toBe('{"protocol":"json","version":1}\u001e');
  });

  test("is read back", () => {
    expect(parseHandshakeRequest('{"protocol":"messagepack","version":2}')).toEqual({
      protocol: "messagepack",
      version: 2,
    });
  });

  test("may have other properties, in any order", () => {
    expect(parseHandshakeRequest('{"extra":[1],"version":0,"protocol":""}')).toEqual({ protocol: "", version: 0 });
  });

  test.each([
    "",
    "{",
    "null",
    "1",
    '"json"',
    "[]",
    "{}",
    '{"protocol":"json"}',
    '{"version":1}',
    '{"protocol":1,"version":1}',
    '{"protocol":null,"version":1}',
    '{"protocol":"json","version":"1"}',
    '{"protocol":"json","version":1.5}',
    '{"protocol":"json","version":null}',
    '{"protocol":"json","version":1e999}',
    '{"__proto__":{"protocol":"json","version":1}}',
    "\ufeff{}",
  ])("refuses %j", (record) => {
    expect(() => parseHandshakeRequest(record)).toThrow(HandshakeError);
  });
});

describe("the response", () => {
  test("is written as the clients expect it", () => {
    expect(writeHandshake({})).toBe("{}\u001e");
    expect(writeHandshake({ error: "text" })).toBe('{"error":"text"}\u001e');
  });

  test.each(["{}", '{"error":null}', '{"error":""}', '{"minorVersion":1}', '{"type":0}', '{"type":null}'])(
    "%s means yes",
    (record) => {
      expect(parseHandshakeResponse(record)).toEqual({});
    },
  );

  test("an error means no", () => {
    expect(parseHandshakeResponse('{"error":"text","minorVersion":0}')).toEqual({ error: "text" });
  });

  test.each(['{"type":6}', '{"type":1,"target":"T","arguments":[]}', '{"type":"x"}', '{"type":7,"error":"text"}'])(
    "a hub message is not taken for a yes: %s",
    (record) => {
      expect(() => parseHandshakeResponse(record)).toThrow(HandshakeError);
    },
  );

  test.each(["", "{", "null", "true", '"text"', "[]", '[{"type":6}]', "{}{}"])("refuses %j", (record) => {
    expect(() => parseHandshakeResponse(record)).toThrow(HandshakeError);
  });

  test.each(['{"error":1}', '{"error":{"message":"text"}}', '{"error":["text"]}', '{"error":true}'])(
    "an error that is no text is not taken for a yes: %s",
    (record) => {
      expect(() => parseHandshakeResponse(record)).toThrow(HandshakeError);
    },
  );
});
