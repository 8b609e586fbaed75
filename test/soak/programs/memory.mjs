// Looking at the memory of this process; used by the programs, which run with --expose-gc.
import { getHeapSnapshot } from "node:v8";

/** Bytes that are in use after everything unused has gone, in the heap and outside of it. */
export async function usedBytes() {
  for (let pass = 0; pass < 4; pass++) {
    globalThis.gc();
    // What was collected is let go of outside of the heap a turn later.
    await new Promise((resolve) => setImmediate(resolve));
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** How many things there are in the heap, by their kind and, of objects and functions, their name. */
export async function census() {
  await usedBytes();
  const parts = [];
  for await (const part of getHeapSnapshot()) parts.push(part);
  const { snapshot, nodes, strings } = JSON.parse(Buffer.concat(parts).toString());
  const { node_fields: fields, node_types: types } = snapshot.meta;
  const [kindAt, nameAt] = [fields.indexOf("type"), fields.indexOf("name")];
  const counts = {};
  for (let at = 0; at < nodes.length; at += fields.length) {
    const kind = types[kindAt][nodes[at + kindAt]];
    // What the engine makes of the code as it gets to know it; numbers come and go with every counter.
    if (["code", "hidden", "object shape", "number"].includes(kind)) continue;
    const name = kind === "object" || kind === "closure" || kind === "native" ? strings[nodes[at + nameAt]] : "";
    counts[`${kind} ${name}`] = (counts[`${kind} ${name}`] ?? 0) + 1;
  }
  return counts;
}
