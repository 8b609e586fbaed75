// All rows, in the order of the table. A new row is one object in one of these files.
import { connectRows } from "./connect.mjs";
import { idleRows } from "./idle.mjs";
import { invokeRows } from "./invoke.mjs";
import { receiveRows } from "./receive.mjs";
import { sendRows } from "./send.mjs";
import { streamRows } from "./stream.mjs";

/** @type {import("../types.mjs").Row[]} */
export const rows = [...connectRows, ...invokeRows, ...receiveRows, ...streamRows, ...sendRows, ...idleRows];
