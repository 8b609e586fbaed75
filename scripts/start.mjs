// `npm start`: prepares, then starts the demo, which reads its arguments from the command line.
import { prepare } from "./prepare.mjs";

prepare();
await import("../demo/main.mjs");
