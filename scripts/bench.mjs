// `npm run bench`: prepares, then runs the benchmark, which reads its arguments from the command line.
import { prepare } from "./prepare.mjs";

prepare();
await import("../bench/run.mjs");
