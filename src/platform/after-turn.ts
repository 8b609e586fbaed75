/** The end of an event-loop turn where the runtime has no call for it: a message to oneself, which is never throttled. */

const scope: { readonly MessageChannel?: typeof MessageChannel } = globalThis;
const callbacks: (() => void)[] = [];
let wake: (() => void) | undefined;

/** Calls back when the work of the current turn, promise continuations included, is done. */
export function afterTurn(callback: () => void): void {
  callbacks.push(callback);
  wake ??= createWake();
  wake();
}

function createWake(): () => void {
  const run = () => callbacks.shift()?.();
  if (!scope.MessageChannel) return () => setTimeout(run);
  const { port1, port2 }: { port1: MessagePort & { unref?(): void }; port2: MessagePort } = new scope.MessageChannel();
  port1.onmessage = run;
  port1.unref?.(); // some runtimes stay alive as long as somebody listens
  return () => port2.postMessage(0);
}
