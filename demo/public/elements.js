// Two short ways to elements. Text always goes in as text, never as HTML, whoever wrote it.

/** The element with this id. */
export function byId(id) {
  return document.getElementById(id);
}

/** A new element with these properties; strings among the children become text. */
export function element(name, properties, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}
