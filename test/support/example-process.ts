/** Runs an example as `npm run example` does, on any free port; used by the tests of the examples. */
import { join } from "node:path";
import { ProgramProcess } from "./program-process.js";

/** An example that was started. It needs dist, which `npm test` builds. */
export class ExampleProcess extends ProgramProcess {
  /**
   * @param name Its folder in `examples`.
   * @param port Any free one by default.
   */
  constructor(name: string, port = "0") {
    super(join(__dirname, "../../examples", name, "start.mjs"), [], { PORT: port });
  }

  /** How many lines it has printed that match. */
  count(pattern: RegExp): number {
    return this.output.split("\n").filter((line) => pattern.test(line)).length;
  }
}
