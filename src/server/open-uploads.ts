/** Opens the streams that a client uploads with a call, and puts them among the arguments of the hub method. */
import type { ServerSession } from "./server-session.js";
import type { HubCall } from "./hub-call.js";
import type { ReadGate } from "./read-gate.js";
import { UploadStream } from "./upload-stream.js";

/**
 * Gives a call its uploads.
 * @param capacity Items of each that may wait.
 * @returns the id that is in use already, if one is; nothing is opened then.
 */
export function openUploads(
  call: HubCall,
  streamIds: readonly string[],
  { session, gate }: { readonly session: ServerSession; readonly gate: ReadGate },
  capacity: number,
): string | undefined {
  const uploads: UploadStream[] = [];
  for (const id of streamIds) {
    const upload = new UploadStream({ capacity, gate, onAbandoned: () => session.closeStream(id) });
    if (!session.openStream(id, upload)) {
      for (const opened of uploads) opened.discard();
      return id;
    }
    uploads.push(upload);
  }
  call.uploads = uploads;
  call.args = withUploads(call.args, uploads, call.method.streamPositions);
  return undefined;
}

/** Puts streams where the class says, otherwise behind the plain arguments. */
function withUploads(
  args: readonly unknown[],
  uploads: readonly UploadStream[],
  positions: readonly number[] | undefined,
): unknown[] {
  const all = [...args];
  uploads.forEach((upload, index) => {
    const position = positions?.[index] ?? all.length;
    while (all.length < position) all.push(undefined); // optional parameters that the client left out
    all.splice(position, 0, upload.items);
  });
  return all;
}
