// What is left of hubwire's work in this process: import it first, because it sees only what is made after that.
import { createHook } from "node:async_hooks";

/** What keeps a process alive, or fires later. */
const KINDS = ["Timeout", "Immediate", "TCPWRAP", "TCPCONNECTWRAP", "TCPSERVERWRAP", "GETADDRINFOREQWRAP"];

const made = new Map();
const hook = createHook({
  init(id, kind) {
    if (!KINDS.includes(kind)) return;
    const { stack } = new Error();
    // Node keeps the time of the Date header for a second; that is no work of hubwire.
    if (/[\\/]dist[\\/]|[\\/]ws[\\/]/.test(stack) && !stack.includes("utcDate")) made.set(id, `${kind} ${stack}`);
  },
  destroy: (id) => void made.delete(id),
}).enable();
Error.stackTraceLimit = 30;

const turn = () => new Promise((resolve) => setImmediate(resolve));

// Not what is done in this very turn, nor the pipes, which are our own way to the test.
const active = () =>
  process.getActiveResourcesInfo().filter((kind) => !["Immediate", "CloseReq", "PipeWrap"].includes(kind));

/** What is still there when what was ended has had a few turns to go: what keeps the process alive, and what was made and not ended. */
export async function leftovers() {
  for (let turns = 0; turns < 100 && active().length + made.size > 0; turns++) await turn();
  hook.disable(); // it keeps the promises of what ran last
  return { kinds: active(), made: [...made.values()] };
}

/** Whether objects can be collected that nobody holds any more. */
export async function areCollected(references) {
  for (let pass = 0; pass < 20; pass++) {
    await turn(); // a reference that was looked at holds its object until then
    globalThis.gc();
    if (references.every((reference) => reference.deref() === undefined)) return true;
  }
  return false;
}
