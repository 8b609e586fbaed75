/** Gives up a call while it waits for its answer; for the parts whose calls can be given up. */
import { MessageType } from "../protocol/messages.js";
import type { HubSession } from "./hub-session.js";

/** Tells the peer that nobody waits for a call any more; it ends nothing here. Calls that are over are left alone. */
export function cancelCall(session: HubSession, id: string): void {
  // Whoever reads the uploads would not hear of it otherwise: servers up to .NET 10 cancel streams only.
  session.uploads?.cancelThoseOf(id);
  if (session.takeCall(id) === undefined || session.ended) return;
  session.channel.tell({ type: MessageType.CancelInvocation, invocationId: id });
}
