// Small words for building elements. Text always goes in as text, never as markup.

export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "class") element.className = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

export function icon(name) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(space, "use");
  use.setAttribute("href", `/icons.svg#${name}`);
  svg.append(use);
  return svg;
}

export function toast(text, kind = "bad") {
  const line = h("p", { class: `toast ${kind}` }, text);
  const box = document.querySelector(".toasts");
  box.append(line);
  if (box.matches(":popover-open")) box.hidePopover();
  box.showPopover(); // last shown stands on top, above an open sheet too
  setTimeout(() => line.remove(), kind === "bad" ? 7000 : 3200);
}
