/** Runs the demo as `npm start` does; used by the demo's tests. */
import { join } from "node:path";
import { ProgramProcess } from "./program-process.js";

const ROOT = join(__dirname, "../..");

/** A demo that was started. It needs dist, which `npm test` builds. */
export class DemoProcess extends ProgramProcess {
  /**
   * @param args What would come after `npm start --`.
   * @param root Folder of the package; this one by default.
   */
  constructor(args: readonly string[], root = ROOT) {
    super(join(root, "demo/main.mjs"), args);
  }
}
