// The process under test: holds one peer and runs rounds of one row when run.mjs asks for them.
// Alone, for profiling: node --expose-gc --cpu-prof bench/client.mjs <peer> <row> <url> <rounds>
import { NotAvailable, RoundContext } from "./harness/context.mjs";
import { loadPeer } from "./peers/index.mjs";
import { clientRows } from "./rows/index.mjs";

const [peerName, rowName, url, alone] = process.argv.slice(2);

async function runRound() {
  return await row.run(peer, context);
}

const found = clientRows.find(({ name }) => name === rowName);
if (found === undefined) throw new Error(`There is no row ${rowName}`);
const row = found;
const peer = await loadPeer(peerName);
const context = new RoundContext(url);

if (process.send !== undefined) {
  process.on("disconnect", () => process.exit());
  process.on("message", async () => {
    try {
      process.send?.(await runRound());
    } catch (error) {
      if (error instanceof NotAvailable) process.send?.({ notAvailable: error.message });
      else process.send?.({ error: error instanceof Error ? error.stack : String(error) });
    }
  });
  process.send({ version: peer.version });
} else {
  for (let round = 0; round < Number(alone); round++) console.log(await runRound());
  process.exit();
}
