// Small helpers: pages are changed in place, and only where something is different, so that nothing flickers.

const SVG = "http://www.w3.org/2000/svg";

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined && value !== false) node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children);
  return node;
}

/** An element: h("p", {class: "x"}, "text", child). */
export function h(name, attributes = {}, ...children) {
  return fill(document.createElement(name), attributes, children);
}

/** The same for drawings. */
export function s(name, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, name), attributes, children);
}

/** One of the page's state icons: met, near, missed, unknown. */
export function icon(state) {
  return s("svg", { class: "icon", "aria-hidden": "true" }, s("use", { href: `#icon-${state}` }));
}

export function text(node, value) {
  if (node.textContent !== value) node.textContent = value;
}

export function attribute(node, name, value) {
  if (node.getAttribute(name) !== String(value)) node.setAttribute(name, value);
}

/** Icon and words of a state in one element, changed only when the state or the words do. */
export function badge(node, state, words) {
  if (node.dataset.state === state && node.textContent === words) return;
  node.dataset.state = state;
  node.replaceChildren(icon(state), words);
}

/**
 * Makes the children of `parent` those of `items`: `make(item)` for a new key, `change(node, item)` for every one.
 */
export function keyed(parent, items, key, make, change) {
  const known = new Map([...parent.children].map((node) => [node.dataset.key, node]));
  items.forEach((item, index) => {
    const name = key(item);
    let node = known.get(name);
    if (node) {
      known.delete(name);
    } else {
      node = make(item);
      node.dataset.key = name;
    }
    change(node, item);
    if (parent.children[index] !== node) parent.insertBefore(node, parent.children[index] ?? null);
  });
  for (const node of known.values()) node.remove();
}
