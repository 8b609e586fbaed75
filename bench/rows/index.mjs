// All rows, in the order of the tables. A new row is one object in one of these files.
import { connectRows } from "./connect.mjs";
import { idleRows } from "./idle.mjs";
import { invokeRows, messagePackInvokeRows, pollingRows } from "./invoke.mjs";
import { eventRows, messagePackReceiveRows, receiveRows } from "./receive.mjs";
import { messagePackSendRows, sendRows } from "./send.mjs";
import { serverBroadcastRows } from "./server-broadcast.mjs";
import { serverConnectionRows } from "./server-connections.mjs";
import { serverEchoRows } from "./server-echo.mjs";
import { serverStreamRows } from "./server-streams.mjs";
import { messagePackStreamRows, streamRows } from "./stream.mjs";

/** Of clients. @type {import("../types.mjs").Row[]} */
export const clientRows = [
  ...connectRows,
  ...invokeRows,
  ...receiveRows,
  ...streamRows,
  ...sendRows,
  ...eventRows,
  ...pollingRows,
  ...idleRows,
  ...messagePackReceiveRows,
  ...messagePackInvokeRows,
  ...messagePackStreamRows,
  ...messagePackSendRows,
];

/** Of servers. @type {import("../types.mjs").ServerRow[]} */
export const serverRows = [...serverEchoRows, ...serverStreamRows, ...serverBroadcastRows, ...serverConnectionRows];
