/** Every feature of the contract, in the order of the table. */
import type { Area } from "../contract.js";
import { audience } from "./audience.js";
import { calls } from "./calls.js";
import { clientResults } from "./client-results.js";
import { connecting } from "./connecting.js";
import { downloads } from "./downloads.js";
import { endings } from "./endings.js";
import { handlers } from "./handlers.js";
import { load } from "./load.js";
import { losses } from "./losses.js";
import { uploads } from "./uploads.js";
import { values } from "./values.js";

/** All areas. */
export const areas: readonly Area[] = [
  connecting,
  values,
  calls,
  handlers,
  audience,
  clientResults,
  downloads,
  uploads,
  endings,
  losses,
  load,
];
