// Looking at the memory of this process; used by the programs, which run with --expose-gc.

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
