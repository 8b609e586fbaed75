/** Our client with our server over connections that are cut off at any byte: nothing lost, nothing doubled, in order (RELIABILITY, promise 3). */
import { JsonHubProtocol } from "../../../src/index.js";
import { MessagePackHubProtocol } from "../../../src/msgpack.js";
import { HubSite } from "../../integration/hub-site.js";
import { CutHub } from "./cut-hub.js";
import { holdAll, measure, positions, spread, type Cut, type Scene } from "./cut-run.js";

const SAMPLES = 150;
/** How long the ends that are watchful wait for a word. */
const SILENCE_MS = 900;
const LONG_MS = 600_000;

describe.each([
  ["JSON", new JsonHubProtocol(), [1_000, 1_300, 1_700, 2_200, 3_000]],
  ["MessagePack", new MessagePackHubProtocol(), [500, 600, 700, 800, 1_000]],
])("a conversation in %s", (name, protocol, steps) => {
  const server = HubSite.forTests({
    protocols: [protocol],
    map: (hubs) => void hubs.mapHub("/cut", CutHub, { allowStatefulReconnects: true }),
  });
  const scene = (): Scene => ({ url: `${server.site.url}/cut`, protocol });

  test.each(["up", "down"] as const)(
    "survives a reset at any byte on the way %s",
    async (direction) => {
      const total = await measure(scene());
      const cuts = positions(total[direction], SAMPLES).map((bytes): Cut => ({ direction, bytes, fault: "reset" }));
      const outcomes = await holdAll(scene(), cuts);
      process.stdout.write(
        `cuts ${direction} in ${name}: ${outcomes.length} in a conversation of ${total[direction]} bytes\n`,
      );
      expect(new Set(outcomes)).toEqual(new Set(["whole"]));
    },
    LONG_MS,
  );

  test.each(["up", "down"] as const)(
    "survives the end of its connection (FIN) at any byte on the way %s",
    async (direction) => {
      const total = await measure(scene());
      const cuts = positions(total[direction], 30).map((bytes): Cut => ({ direction, bytes, fault: "close" }));
      expect(new Set(await holdAll(scene(), cuts))).toEqual(new Set(["whole"]));
    },
    LONG_MS,
  );

  test(
    "survives a server that cannot be reached for a while",
    async () => {
      const total = await measure(scene());
      const cuts = (["up", "down"] as const).flatMap((direction) =>
        spread(total[direction], 8).map((bytes): Cut => ({ direction, bytes, fault: "outage" })),
      );
      expect(new Set(await holdAll(scene(), cuts))).toEqual(new Set(["whole"]));
    },
    LONG_MS,
  );

  test(
    "survives any number of cuts",
    async () => {
      // Of each step a few hundred bytes are the new upgrade.
      const cuts = steps.flatMap((bytes): Cut[] => [
        { direction: "up", bytes, fault: "close", again: true },
        { direction: "down", bytes, fault: "close", again: true },
      ]);
      expect(new Set(await holdAll(scene(), cuts))).toEqual(new Set(["whole"]));
    },
    LONG_MS,
  );

  describe("whose ends take each other for gone soon", () => {
    const watchful = HubSite.forTests({
      protocols: [protocol],
      keepAliveInterval: SILENCE_MS / 3,
      clientTimeoutInterval: SILENCE_MS,
      map: (hubs) => void hubs.mapHub("/cut", CutHub, { allowStatefulReconnects: true }),
    });

    test.each([
      ["both ways", undefined],
      ["on the way up", "up"],
      ["on the way down", "down"],
    ] as const)(
      "survives a network that goes silent %s",
      async (_where, way) => {
        const watched: Scene = { url: `${watchful.site.url}/cut`, protocol, silenceMs: SILENCE_MS };
        const total = await measure(watched);
        const cuts = (["up", "down"] as const).flatMap((direction) =>
          spread(total[direction], 4).map((bytes): Cut => ({ direction, bytes, fault: "silence", way })),
        );
        expect(new Set(await holdAll(watched, cuts))).toEqual(new Set(["whole"]));
      },
      LONG_MS,
    );
  });
});
