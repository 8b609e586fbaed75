/** Streams among arguments, and which of them stop with which call. */
import { WRITTEN } from "../../../src/session/message-writer.js";
import { extractStreams, OutboundStreams } from "../../../src/session/outbound-streams.js";
import { Subject } from "../../../src/session/subject.js";

function setUp() {
  const sent: unknown[] = [];
  const streams = new OutboundStreams({
    sendItem: (id, item) => {
      sent.push([id, item]);
      return WRITTEN;
    },
    sendEnd: (id, error) => void sent.push([id, error ? "failed" : "end"]),
  });
  return { streams, sent };
}

/** Gives out 1, 2, 3. */
function ids() {
  let lastId = 0;
  return { allotId: () => String(++lastId) };
}

/** A source that tells whether it is still read. */
function watched() {
  const state = { subscribed: 0 };
  return {
    state,
    subscribe: () => {
      state.subscribed++;
      return { dispose: () => void state.subscribed-- };
    },
  };
}

describe("extract", () => {
  test("finds nothing where there is nothing, and allots no id", () => {
    const numbers = ids();
    expect(extractStreams([], numbers)).toBeUndefined();
    expect(extractStreams([1, "text", null, undefined, { a: 1 }, [new Subject()]], numbers)).toBeUndefined();
    expect(extractStreams([new Subject()], numbers)?.streamIds).toEqual(["1"]);
  });

  test("takes streams out of any position, adjacent ones too (GAPS 1)", () => {
    const [a, b, c] = [new Subject(), new Subject(), watched()];
    const args = [a, b, 1, c, "x"];
    expect(extractStreams(args, ids())).toEqual({ args: [1, "x"], streamIds: ["1", "2", "3"], sources: [a, b, c] });
    expect(args).toEqual([a, b, 1, c, "x"]);
  });
});

function start(streams: OutboundStreams, callId: string | undefined, ...sources: unknown[]): string[] {
  const call = extractStreams(sources, ids());
  if (call === undefined) throw new Error("no streams");
  streams.start(call, callId);
  return call.streamIds;
}

describe("uploads", () => {
  test("each goes out under its own id", () => {
    const { streams, sent } = setUp();
    const [a, b] = [new Subject(), new Subject()];
    start(streams, "c", a, b);
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
    const { streams, sent } = setUp();
    const [a, b, other] = [watched(), watched(), watched()];
    start(streams, "c", a, b);
    start(streams, "d", other);
    streams.stopUploadsOf("x");
    streams.stopUploadsOf("c");
    streams.stopUploadsOf("c");
    expect([a, b, other].map(({ state }) => state.subscribed)).toEqual([0, 0, 1]);
    expect(sent).toEqual([]);
  });

  test("of a call without an answer stop at the end of the session only", () => {
    const { streams } = setUp();
    const [a, b] = [watched(), watched()];
    start(streams, undefined, a, b);
    expect([a, b].map(({ state }) => state.subscribed)).toEqual([1, 1]);
    streams.stopAll();
    expect([a, b].map(({ state }) => state.subscribed)).toEqual([0, 0]);
  });

  test("one that ends at once does not disturb the next", () => {
    const { streams, sent } = setUp();
    const ended = new Subject();
    ended.complete();
    const open = watched();
    start(streams, "c", ended, open);
    expect(sent).toEqual([["1", "end"]]);
    streams.stopUploadsOf("c");
    expect(open.state.subscribed).toBe(0);
  });
});

describe("the stream that answers a call", () => {
  test("goes out under the call's id, and can be stopped", () => {
    const { streams, sent } = setUp();
    const source = new Subject();
    const stop = streams.send("c", source);
    source.next(1);
    stop();
    stop();
    source.next(2);
    source.complete();
    expect(sent).toEqual([["c", 1]]);
  });

  test.each<[string, (subject: Subject<unknown>, stop: () => void, streams: OutboundStreams) => void]>([
    ["ends", (subject) => subject.complete()],
    ["fails", (subject) => subject.error(new Error("bad"))],
    ["is stopped", (_subject, stop) => stop()],
    ["is stopped with the session", (_subject, _stop, streams) => streams.stopAll()],
  ])("tells once when it %s", (_how, end) => {
    const { streams } = setUp();
    const onOver = jest.fn();
    const source = new Subject();
    const stop = streams.send("c", source, onOver);
    source.next(1);
    expect(onOver).not.toHaveBeenCalled();
    end(source, stop, streams);
    stop();
    streams.stopAll();
    expect(onOver).toHaveBeenCalledTimes(1);
  });

  test("stops at the end of the session", () => {
    const { streams } = setUp();
    const [a, b, c] = [watched(), watched(), watched()];
    streams.send("c", a);
    streams.send("d", b);
    start(streams, "e", c);
    streams.stopAll();
    streams.stopAll();
    expect([a, b, c].map(({ state }) => state.subscribed)).toEqual([0, 0, 0]);
  });
});
