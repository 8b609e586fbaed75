// A server that sends a stream, and one that takes one in.
import { encoded } from "../load/socket.mjs";

/** @type {import("../types.mjs").ServerRow} */
const downRow = {
  name: "server: stream item down",
  target: 1.15,
  unit: "µs",
  async run(ctx) {
    const count = 80_000;
    const [socket] = await ctx.connected(1);
    const sample = await ctx.measure(count, () => {
      const all = socket.messages(count + 1);
      socket.write(encoded({ type: 4, invocationId: "1", target: "Stream", arguments: [count] }));
      return all;
    });
    const messages = socket.takeMessages();
    const last = messages.pop();
    ctx.check([last?.type, last?.invocationId, last?.error], [3, "1", undefined], "the end of the stream");
    const inOrder = messages.every(({ type, item }, index) => type === 2 && item === index);
    ctx.check({ count: messages.length, inOrder }, { count, inOrder: true }, "items");
    return sample;
  },
};

const uploadCount = 20_000;

/** @type {import("../types.mjs").ServerRow} */
const uploadRow = {
  name: "server: upload item, one per frame",
  target: 1.25,
  unit: "µs",
  async run(ctx) {
    const { socket, frames } = await ctx.once(async () => ({
      socket: (await ctx.open(1))[0],
      frames: Buffer.concat([
        encoded({ type: 1, invocationId: "1", target: "Upload", arguments: [], streamIds: ["2"] }),
        ...Array.from({ length: uploadCount }, (_, item) => encoded({ type: 2, invocationId: "2", item })),
        encoded({ type: 3, invocationId: "2" }),
      ]),
    }));
    const sample = await ctx.measure(uploadCount, async () => {
      const answered = socket.messages(1);
      await socket.pour(frames);
      await answered;
    });
    ctx.check(socket.takeMessages()[0]?.result, (uploadCount * (uploadCount - 1)) / 2, "sum of what the server read");
    return sample;
  },
};

/** @type {import("../types.mjs").ServerRow[]} */
export const serverStreamRows = [downRow, uploadRow];
