/** Streams among arguments, and which of them stop with which call. */
import { WRITTEN } from "../../../src/session/message-writer.js";
import { includesStream } from "../../../src/session/stream-source.js";
import { Subject } from "../../../src/session/subject.js";
import { Uploads } from "../../../src/session/uploads.js";
import { watchedSource } from "../../support/watched-source.js";

/** The uploads of a session that gives out the ids 1, 2, 3. */
function setUp() {
  const sent: unknown[] = [];
  let lastId = 0;
  const uploads = new Uploads({
    allotId: () => String(++lastId),
    sendItem: (id, item) => {
      sent.push([id, item]);
      return WRITTEN;
    },
    endStream: (id, error) => void sent.push([id, error ? "failed" : "end"]),
  });
  return { uploads, sent };
}

describe("take", () => {
  test("finds streams in any position, adjacent ones too (GAPS 1)", () => {
    const [a, b, c] = [new Subject(), new Subject(), watchedSource()];
    const args = [a, b, 1, c, "x"];
    const { args: values, streamIds, sources } = setUp().uploads.take(args);
    expect(values).toEqual([1, "x"]);
    expect(streamIds).toEqual(["1", "2", "3"]);
    expect([...sources]).toEqual([
      ["1", a],
      ["2", b],
      ["3", c],
    ]);
    expect(args).toEqual([a, b, 1, c, "x"]);
  });

  test("is not asked where there are none", () => {
    expect(includesStream([])).toBe(false);
    expect(includesStream([1, "text", null, undefined, { a: 1 }, [new Subject()]])).toBe(false);
    expect(includesStream([1, new Subject()])).toBe(true);
  });
});

function start(uploads: Uploads, callId: string | undefined, ...sources: unknown[]): void {
  uploads.start(uploads.take(sources), callId);
}

describe("uploads", () => {
  test("each goes out under its own id", () => {
    const { uploads, sent } = setUp();
    const [a, b] = [new Subject(), new Subject()];
    start(uploads, "c", a, b);
    a.next(1);
    b.next(2);
    a.complete();
    b.error(new Error("bad"));
    expect(sent).toEqual([
      ["1", 1],
      ["2", 2],
      ["1", "end"],
      ["2", "failed"],
    ]);
  });

  test("stop with their own call only", () => {
    const { uploads, sent } = setUp();
    const [a, b, other] = [watchedSource(), watchedSource(), watchedSource()];
    start(uploads, "c", a, b);
    start(uploads, "d", other);
    uploads.stopThoseOf("x");
    uploads.stopThoseOf("c");
    uploads.stopThoseOf("c");
    expect([a, b, other].map(({ state }) => state.subscribed)).toEqual([0, 0, 1]);
    expect(sent).toEqual([]);
  });

  test("of a call without an answer stop at the end of the session only", () => {
    const { uploads } = setUp();
    const [a, b] = [watchedSource(), watchedSource()];
    start(uploads, undefined, a, b);
    expect([a, b].map(({ state }) => state.subscribed)).toEqual([1, 1]);
    uploads.stopAll();
    expect([a, b].map(({ state }) => state.subscribed)).toEqual([0, 0]);
  });

  test("one that ends at once does not disturb the next", () => {
    const { uploads, sent } = setUp();
    const ended = new Subject();
    ended.complete();
    const open = watchedSource();
    start(uploads, "c", ended, open);
    expect(sent).toEqual([["1", "end"]]);
    uploads.stopThoseOf("c");
    expect(open.state.subscribed).toBe(0);
  });
});
