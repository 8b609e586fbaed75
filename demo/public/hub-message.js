// What to show people of an error: of the hub's own errors only what the hub wanted to say.

/** The text behind the general sentence that every server puts in front of it. */
export function hubMessage(error) {
  return error.message.replace(/^.* HubException: /su, "");
}
