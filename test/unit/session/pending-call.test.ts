/** The promise of a plain call. */
import { HubError } from "../../../src/errors/call-errors.js";
import { MessageType } from "../../../src/protocol/messages.js";
import { PendingCall } from "../../../src/session/pending-call.js";

const completion = { type: MessageType.Completion, invocationId: "1" } as const;

test.each([1, 0, "", null, undefined, { a: 1 }])("fulfils with the result %p", async (result) => {
  const call = new PendingCall();
  call.onCompletion({ ...completion, result });
  await expect(call.promise).resolves.toBe(result);
});

test("rejects with the peer's error, an empty one too", async () => {
  const call = new PendingCall();
  call.onCompletion({ ...completion, error: "bad" });
  await expect(call.promise).rejects.toEqual(new HubError("bad"));
  const empty = new PendingCall();
  empty.onCompletion({ ...completion, error: "" });
  await expect(empty.promise).rejects.toBeInstanceOf(HubError);
});

test("rejects when it will never be answered", async () => {
  const call = new PendingCall();
  const error = new Error("lost");
  call.onFailed(error);
  await expect(call.promise).rejects.toBe(error);
});

test("stream items mean nothing, and the first outcome stays", async () => {
  const call = new PendingCall();
  call.onItem();
  call.onCompletion({ ...completion, result: 1 });
  call.onCompletion({ ...completion, error: "late" });
  call.onFailed(new Error("late"));
  await expect(call.promise).resolves.toBe(1);
});
