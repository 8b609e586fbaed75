/** Makes the signals that hub methods get. */
import { setMaxListeners } from "node:events";

/** An abort controller whose signal any number of calls may listen to; Node would warn of a leak at the eleventh. */
export function createAbortController(): AbortController {
  const controller = new AbortController();
  setMaxListeners(0, controller.signal);
  return controller;
}
