// The visitor's name: made up at first, and remembered for this tab, so that two tabs are two people.

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

function any(list) {
  return list[Math.floor(Math.random() * list.length)];
}
