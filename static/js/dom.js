// What the modules share: finding their elements, building new ones, and telling the user something.

/** Every element under `root` that matches, `root` itself included. */
export function all(root, selector) {
  const found = [...root.querySelectorAll(selector)];
  if (root.matches?.(selector)) found.unshift(root);
  return found;
}

/** Run `setUp` once per matching element, however often a part of the page is exchanged. */
export function each(root, selector, setUp) {
  for (const element of all(root, selector)) {
    const mark = `ready:${selector}`;
    if (element[mark]) continue;
    element[mark] = true;
    setUp(element);
  }
}

/** A new element; `properties` are set as properties, `children` may be text. */
export function build(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

let fading;

/** A short note at the foot of the page, read out by screen readers. */
export function tell(text) {
  const place = document.getElementById("toast");
  if (!place) return;
  place.textContent = text;
  clearTimeout(fading);
  fading = setTimeout(() => { place.textContent = ""; }, 4000);
}

/** Tell listeners (drafts, checklist count) that a field was changed by a script. */
export function changed(field) {
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.dispatchEvent(new Event("change", { bubbles: true }));
}
