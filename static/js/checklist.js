// 全部合格，只点问题项. `[data-checklist]` holds `[data-check-item]` lines, each with radios pass / problem / na.
// A problem opens the line's own `[data-finding]`, or adds a row to the formset named by data-findings, carrying the line's
// words: data-item (its key), data-text and data-basis go into the row's checklist_item, description and basis.

import { changed, each } from "./dom.js";
import { addRow, removeRow } from "./formset.js";

const chosen = (line) => line.querySelector("input[type=radio]:checked")?.value;

function fieldOf(row, name) {
  return [...row.querySelectorAll("[name]")].find((field) => field.name.endsWith(`-${name}`));
}

function put(row, name, value) {
  const field = fieldOf(row, name);
  if (field && value && !field.value) field.value = value;
}

function rowOf(formset, line) {
  return [...formset.querySelectorAll("[data-row]:not([hidden])")].find((row) => fieldOf(row, "checklist_item")?.value === line.dataset.item);
}

function setUpOne(list) {
  const formset = list.dataset.findings ? document.querySelector(`[data-formset="${list.dataset.findings}"]`) : null;
  const lines = [...list.querySelectorAll("[data-check-item]")];
  const count = list.querySelector("[data-check-count]");

  const draw = (line) => {
    const mark = chosen(line);
    line.classList.toggle("problem", mark === "problem");
    for (const radio of line.querySelectorAll(".marks input")) {
      radio.parentElement.classList.toggle(`chosen-${radio.value}`, radio.checked);
    }
    const own = line.querySelector("[data-finding]");
    if (own) own.hidden = mark !== "problem";
  };
  const drawCount = () => {
    if (!count) return;
    const of = (mark) => lines.filter((line) => chosen(line) === mark).length;
    const open = lines.filter((line) => !chosen(line)).length;
    count.textContent = `共 ${lines.length} 项：合格 ${of("pass")}，问题 ${of("problem")}，不涉及 ${of("na")}${open ? `，未查 ${open}` : ""}`;
  };
  const follow = (line) => {
    if (!formset) return;
    const row = rowOf(formset, line);
    if (chosen(line) === "problem" && !row) {
      const added = addRow(formset);
      put(added, "checklist_item", line.dataset.item);
      put(added, "description", line.dataset.text);
      put(added, "basis", line.dataset.basis);
      changed(fieldOf(added, "checklist_item"));
    } else if (chosen(line) !== "problem" && row) removeRow(row);
  };

  list.addEventListener("change", (event) => {
    const line = event.target.closest("[data-check-item]");
    if (!line || event.target.type !== "radio") return;
    draw(line);
    follow(line);
    drawCount();
  });
  list.querySelector("[data-all-pass]")?.addEventListener("click", () => {
    for (const line of lines) {
      // What was already marked as a problem or not applicable is a decision; only the rest passes.
      if (chosen(line)) continue;
      const pass = line.querySelector('input[type=radio][value="pass"]');
      pass.checked = true;
      changed(pass);
    }
  });
  lines.forEach(draw);
  drawCount();
}

export function setUpChecklists(root) {
  each(root, "[data-checklist]", setUpOne);
}
