// Small tools for the document. Texts from people only ever become text nodes.

export const find = (selector, within = document) => within.querySelector(selector);

export function clone(id) {
  return document.getElementById(id).content.firstElementChild.cloneNode(true);
}

export function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

export function icon(name) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(space, "use");
  use.setAttribute("href", `#i-${name}`);
  svg.append(use);
  return svg;
}

// A person's avatar: initials on a colour that is always theirs.
export function dressAvatar(element, person) {
  let hue = 7;
  for (const letter of person.id) hue = (hue * 31 + letter.codePointAt(0)) % 360;
  element.textContent = person.name.split(" ").map((word) => word[0]).join("");
  element.style.setProperty("--hue", hue);
  element.setAttribute("aria-hidden", "true");
}

export function newEvent() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

let hideToast;

export function toast(text) {
  const element = find("#toast");
  element.textContent = text;
  element.hidden = false;
  clearTimeout(hideToast);
  hideToast = setTimeout(() => { element.hidden = true; }, 6000);
}
