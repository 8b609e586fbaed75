// Who the visitor is: a name, made up at first and remembered for this tab, so that two tabs are two people, and a secret.

const KEY = "hubwire-demo-name";
const adjectives = ["Brisk", "Calm", "Clever", "Gentle", "Jolly", "Keen", "Lucky", "Merry", "Quick", "Sunny"];
const animals = ["Badger", "Falcon", "Heron", "Lynx", "Marten", "Otter", "Panda", "Robin", "Swift", "Wren"];

/** The name of this tab's visitor. */
export function ownName() {
  return sessionStorage.getItem(KEY) ?? `${any(adjectives)} ${any(animals)}`;
}

/** Keeps a name over a reload. */
export function rememberName(name) {
  sessionStorage.setItem(KEY, name);
}

/** Tells the hub that a new connection is the same visitor's as an old one; of this page alone. */
export const ownSecret = Array.from(crypto.getRandomValues(new Uint32Array(4)), (part) => part.toString(36)).join("-");

function any(list) {
  return list[Math.floor(Math.random() * list.length)];
}
