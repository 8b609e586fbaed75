/** A started connection, and interceptors that write down when they run; used by the interceptors' tests. */
import type { HubInterceptor } from "../../../src/client/interceptors.js";
import { startedConnection, type ObservedConnection } from "./observed-connection.js";

/** The connection of the current test. */
export let observed: ObservedConnection;
/** What its interceptors have written down. */
export let order: string[];

beforeEach(async () => {
  observed = await startedConnection(null);
  order = [];
});

afterEach(() => observed.connection.stop());

/** Writes down when it is reached and left. */
export function tracer(name: string): HubInterceptor {
  return {
    invoke: async (call, next) => {
      order.push(`${name} > ${call.method}`);
      const result = await next(call);
      order.push(`${name} < ${call.method}`);
      return result;
    },
    send: async (call, next) => {
      order.push(`${name} > ${call.method}`);
      await next(call);
      order.push(`${name} < ${call.method}`);
    },
    stream: (call, next) => {
      order.push(`${name} > ${call.method}`);
      return next(call);
    },
    receive: async (call, next) => {
      order.push(`${name} > ${call.method}`);
      const result = await next(call);
      order.push(`${name} < ${call.method}`);
      return result;
    },
  };
}
