// What the messages of the rows carry. The server encodes these values and the rows check that they arrived.

/** Messages of a burst carry 0, 1, … up to this, and start again: one encoded block serves any count. */
export const burstCycle = 1024;

/** @param {number} id */
function order(id) {
  return {
    id,
    reference: `ORD-${String(id).padStart(8, "0")}`,
    placedAt: "2026-11-02T09:30:00.000Z",
    customer: { id: 40_000 + id, name: "Grace Brewster Hopper", email: "grace@example.com", loyal: id % 2 === 0 },
    address: { street: "12 Harbour Road", city: "Goteborg", postcode: "411 21", country: "SE" },
    lines: [0, 1, 2, 3, 4, 5].map((line) => ({
      sku: `SKU-${String(id * 7 + line).padStart(7, "0")}`,
      title: "Insulated bottle, steel, 750 ml",
      quantity: line + 1,
      price: 19.95 + line,
      gift: line === 3,
    })),
    note: "Leave at the door if nobody answers. The bell of the second entrance is broken; call the number of the first parcel instead.",
  };
}

const binaryCycle = 4;
const binaries = Array.from({ length: binaryCycle }, (_, index) =>
  Uint8Array.from({ length: 64 * 1024 }, (_, position) => (position * 7 + index) & 0xff),
);

/**
 * Payloads by name: the arguments of burst message number `index`, and how many different ones there are.
 * @type {Record<string, { cycle: number, args(index: number): unknown[] }>}
 */
export const payloads = {
  small: { cycle: burstCycle, args: (index) => [index] },
  // About 1.1 KB as JSON.
  medium: { cycle: 64, args: (index) => [index, order(index)] },
  // 64 KB of bytes; for MessagePack only.
  binary: { cycle: binaryCycle, args: (index) => [index, binaries[index % binaryCycle]] },
  // About 1 MB as JSON.
  large: { cycle: 1, args: (index) => [index, Array.from({ length: 950 }, (_, id) => order(id))] },
};
