// Which peers there are. Only the named module is loaded, so that a client process holds one peer alone.

/** In the order of the table's columns. */
export const peerNames = /** @type {const} */ (["limit", "official", "hubwire"]);

/**
 * @param {string} name
 * @returns {Promise<import("../types.mjs").Peer>}
 */
export async function loadPeer(name) {
  if (!peerNames.some((known) => known === name)) throw new Error(`There is no peer ${name}`);
  return (await import(`./${name}.mjs`)).default;
}
