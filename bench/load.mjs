// The process that puts load on a server under test: starts the server, and runs rounds of one row when run.mjs asks for them.
// Alone: node --expose-gc bench/load.mjs <server> <row> <rounds>; a profile of the server with BENCH_SERVER_FLAGS=--cpu-prof.
import { Child } from "./harness/child.mjs";
import { LoadContext } from "./load/context.mjs";
import { serverRows } from "./rows/index.mjs";

const [name, rowName, ...rest] = process.argv.slice(2);
const { BENCH_SERVER_CORE: core, BENCH_SERVER_FLAGS: flags } = process.env;

const found = serverRows.find((candidate) => candidate.name === rowName);
if (found === undefined) throw new Error(`There is no row ${rowName}`);
const row = found;
const server = new Child(`servers/${name}.mjs`, [], {
  name: `the server ${name}`,
  core: core === undefined ? undefined : Number(core),
  nodeFlags: ["--expose-gc", ...(flags?.split(" ") ?? [])],
});
const { url } = await server.next();
const context = new LoadContext(url, server);

if (process.send !== undefined) {
  process.on("disconnect", () => process.exit());
  process.on("message", async () => {
    try {
      process.send?.(await row.run(context));
    } catch (error) {
      process.send?.({ error: error instanceof Error ? error.stack : String(error) });
    }
  });
  process.send({});
} else {
  for (let round = 0; round < Number(rest[0]); round++) console.log(await row.run(context));
  await server.stop();
  process.exit();
}
