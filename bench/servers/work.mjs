// What the methods of the servers under test do themselves, the same for all of them.

/** @param {number} count */
export async function* countTo(count) {
  for (let index = 0; index < count; index++) yield index;
}

/** @param {AsyncIterable<unknown>} items */
export async function sum(items) {
  let total = 0;
  for await (const item of items) total += Number(item);
  return total;
}
