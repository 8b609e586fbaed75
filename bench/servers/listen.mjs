// Where every server of the benchmark listens, and how it tells its address.

/**
 * Listens on a free port. The address goes to the process that started this one; alone, for profiling, it is printed.
 * @param {import("node:http").Server} server
 */
export function listen(server) {
  server.listen(0, "127.0.0.1", () => {
    const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
    const url = `http://127.0.0.1:${port}/hub`;
    if (process.send === undefined) console.log(url);
    else process.send({ url });
  });
  process.on("disconnect", () => process.exit());
}
