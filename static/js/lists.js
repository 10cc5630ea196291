// Registers: a click anywhere in a row opens it, a selection shows the bulk bar, empty filters stay out of the address.

import { each } from "./dom.js";

function setUpRows(table) {
  table.addEventListener("click", (event) => {
    const row = event.target.closest("tr[data-open]");
    if (!row || event.target.closest("a, button, input, label, summary, details")) return;
    if (String(window.getSelection())) return; // the user is marking text
    const link = row.querySelector("a[href]");
    if (event.ctrlKey || event.metaKey) window.open(link.href, "_blank", "noopener");
    else link.click();
  });
}

function setUpPicks(form) {
  const bar = form.querySelector(".bulk");
  const count = form.querySelector("[data-picked]");
  const whole = form.querySelector("[data-pick-all]");
  const boxes = () => [...form.querySelectorAll('input[name="selected"]')];
  const draw = () => {
    const picked = boxes().filter((box) => box.checked).length;
    bar.classList.toggle("on", picked > 0);
    count.textContent = String(picked);
    if (whole) whole.checked = picked > 0 && picked === boxes().length;
  };
  form.addEventListener("change", (event) => {
    if (event.target === whole) boxes().forEach((box) => { box.checked = whole.checked; });
    draw();
  });
  draw();
}

function setUpFilters(form) {
  form.addEventListener("htmx:configRequest", (event) => {
    const { parameters } = event.detail;
    for (const name of Object.keys(parameters)) if (parameters[name] === "") delete parameters[name];
  });
  form.addEventListener("submit", () => {
    const empty = [...form.elements].filter((field) => field.name && field.value === "" && !field.disabled);
    empty.forEach((field) => { field.disabled = true; });
    setTimeout(() => empty.forEach((field) => { field.disabled = false; }));
  });
}

export function setUpLists(root) {
  each(root, "table.list", setUpRows);
  each(root, "form[data-bulk]", setUpPicks);
  each(root, "form.filters", setUpFilters);
}
