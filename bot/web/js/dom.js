/**
 * Building the page's elements. Data only ever becomes text nodes and attributes, never markup,
 * so that nothing a customer or a record says can turn into code.
 */

/**
 * An element with attributes, listeners (`onclick: fn`) and children (nodes or strings).
 * Attributes that are null, undefined or false, and children that are null or false, are left out.
 */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** A drawn symbol of 24 by 24 from an SVG path; decoration only, its button carries the name. */
export function icon(path) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const line = document.createElementNS(svg.namespaceURI, "path");
  line.setAttribute("d", path);
  svg.append(line);
  return svg;
}
