/** The real .NET client with our server over connections that are cut off at any byte: nothing lost in silence, nothing doubled, in order. */
import { HubSite } from "../../integration/hub-site.js";
import { runDotnetConversations } from "../../support/dotnet-client.js";
import { describeWhen } from "../../support/requirements.js";
import { TcpProxy, type Direction } from "../../support/tcp-proxy.js";
import { CutHub } from "./cut-hub.js";
import { positions } from "./cut-run.js";

const SAMPLES = 40;
const LONG_MS = 600_000;
/** The server's answer to the handshake: what comes behind it is the conversation. */
const BEGUN = "{}\u001e";

/** A way to the server that does something to the conversation as soon as it begins. */
async function wayTo(server: string, onBegun: (proxy: TcpProxy) => void): Promise<TcpProxy> {
  const proxy = await TcpProxy.start(server);
  let hasBegun = false;
  proxy.cut = (chunk, direction) => {
    if (!hasBegun && direction === "down" && chunk.includes(BEGUN)) {
      hasBegun = true;
      onBegun(proxy);
    }
    return [chunk];
  };
  return proxy;
}

describeWhen("dotnet", "a conversation of the .NET client", () => {
  const server = HubSite.forTests({
    map: (hubs) => void hubs.mapHub("/cut", CutHub, { allowStatefulReconnects: true }),
  });

  async function holdAll(proxies: readonly TcpProxy[]): Promise<string[]> {
    const results = await runDotnetConversations(proxies.map(({ url }) => `${url}/cut`));
    for (const proxy of proxies) await proxy.stop();
    expect(results.filter(({ ok }) => !ok)).toEqual([]);
    expect(results).toHaveLength(proxies.length);
    return results.map(({ detail }) => detail);
  }

  async function measure(): Promise<Record<Direction, number>> {
    const passed = { up: 0, down: 0 };
    const proxy = await wayTo(server.site.url, (begun) => {
      begun.cut = (chunk, direction) => {
        passed[direction] += chunk.length;
        return [chunk];
      };
    });
    expect(await holdAll([proxy])).toEqual(["whole"]);
    return passed;
  }

  test.each(["up", "down"] as const)(
    "survives a reset at any byte on the way %s, or reports what was lost",
    async (direction) => {
      const total = await measure();
      let cuts = 0;
      const proxies = positions(total[direction], SAMPLES).map((bytes) =>
        wayTo(server.site.url, (proxy) => void proxy.strikeWhen({ direction, bytes }, "reset").then(() => cuts++)),
      );
      const outcomes = await holdAll(await Promise.all(proxies));
      const whole = outcomes.filter((outcome) => outcome === "whole").length;
      process.stdout.write(
        `cuts ${direction} of the .NET client: ${cuts} made, ${whole} of ${outcomes.length} saved, the others reported\n`,
      );
      // Where the conversation is a little shorter than the one that was measured, the last ones come too late.
      expect(cuts).toBeGreaterThan(outcomes.length * 0.8);
      expect(whole).toBeGreaterThan(outcomes.length / 2);
    },
    LONG_MS,
  );
});
