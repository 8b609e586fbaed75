/** A server's end of a session: the streams that answer calls. */
import { sessionPair } from "../../support/session-pair.js";
import { Subject } from "../../../src/session/subject.js";
import { MessageType } from "../../../src/protocol/messages.js";
import { watchedSource } from "../../support/watched-source.js";

const stopped = { error: undefined, allowReconnect: false };

describe("the stream that answers a call", () => {
  test("goes out under the call's id, and can be stopped", async () => {
    const { far, settle } = sessionPair();
    const source = new Subject();
    const stop = far.session.sendStream("c", source);
    source.next(1);
    stop();
    stop();
    source.next(2);
    source.complete();
    await settle();
    expect(far.sent).toEqual([{ type: MessageType.StreamItem, invocationId: "c", item: 1 }]);
  });

  test.each<[string, (subject: Subject<unknown>, stop: () => void, end: () => void) => void]>([
    ["ends", (subject) => subject.complete()],
    ["fails", (subject) => subject.error(new Error("bad"))],
    ["is stopped", (_subject, stop) => stop()],
    ["is stopped with the session", (_subject, _stop, end) => end()],
  ])("tells once when it %s", (_how, finish) => {
    const { session } = sessionPair().far;
    const onOver = jest.fn();
    const source = new Subject();
    const stop = session.sendStream("c", source, onOver);
    source.next(1);
    expect(onOver).not.toHaveBeenCalled();
    const end = () => void session.close(undefined, stopped);
    finish(source, stop, end);
    stop();
    end();
    expect(onOver).toHaveBeenCalledTimes(1);
  });

  test("stops at the end of the session", () => {
    const { session } = sessionPair().far;
    const [a, b] = [watchedSource(), watchedSource()];
    session.sendStream("c", a);
    session.sendStream("d", b);
    void session.close(undefined, stopped);
    expect([a, b].map(({ state }) => state.subscribed)).toEqual([0, 0]);
  });

  // A client may count its uploads for itself.
  test("has nothing to do with an upload of the same id", async () => {
    const { near, far, settle } = sessionPair();
    const source = new Subject();
    const received: unknown[] = [];
    far.session.openStream("1", {
      onItem: (item) => received.push(item),
      onCompletion: () => received.push("end"),
      onFailed: () => received.push("failed"),
    });
    far.session.sendStream("1", source);
    far.receive(
      { type: MessageType.StreamItem, invocationId: "1", item: "up" },
      { type: MessageType.Completion, invocationId: "1" },
    );
    source.next("down");
    await settle();
    expect(received).toEqual(["up", "end"]);
    expect(far.sent).toEqual([{ type: MessageType.StreamItem, invocationId: "1", item: "down" }]);
    expect(near.ends).toEqual([]);
  });
});
