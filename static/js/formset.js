// Rows that can be added and removed: findings of a visit, addressees of a letter.
//   <div data-formset="findings"> [management form] <div data-rows> … <div data-row>…<button data-remove> </div></div>
//   <template data-empty> row with __prefix__ </template> <button type="button" data-add> </div>
// Without script the server's extra rows are there to be filled.

import { changed, each } from "./dom.js";

function total(holder) {
  return holder.querySelector(`[name="${holder.dataset.formset}-TOTAL_FORMS"]`);
}

/** Append an empty row and return it. */
export function addRow(holder) {
  const count = total(holder);
  const number = Number(count.value);
  const parsed = new DOMParser().parseFromString(
    holder.querySelector("template[data-empty]").innerHTML.replaceAll("__prefix__", String(number)), "text/html");
  const row = document.importNode(parsed.body.firstElementChild, true);
  holder.querySelector("[data-rows]").append(row);
  count.value = String(number + 1);
  renumber(holder);
  holder.dispatchEvent(new CustomEvent("htmx:load", { bubbles: true }));
  return row;
}

/** A stored row is marked for deletion, a new one leaves its number unused: the server skips an empty row. */
export function removeRow(row) {
  const holder = row.closest("[data-formset]");
  const mark = row.querySelector('input[name$="-DELETE"]');
  if (mark) {
    mark.checked = true;
    row.hidden = true;
  } else row.remove();
  renumber(holder);
  changed(total(holder));
}

function renumber(holder) {
  [...holder.querySelectorAll("[data-row]:not([hidden]) [data-row-number]")].forEach((place, index) => {
    place.textContent = String(index + 1);
  });
}

export function setUpFormsets(root) {
  each(root, "[data-formset]", (holder) => {
    holder.addEventListener("click", (event) => {
      if (event.target.closest("[data-add]")) {
        addRow(holder).querySelector("input:not([type=hidden]), select, textarea")?.focus();
      }
      const remove = event.target.closest("[data-remove]");
      if (remove) removeRow(remove.closest("[data-row]"));
    });
    holder.closest("form")?.addEventListener("rows:need", (event) => {
      if (event.detail.prefix !== holder.dataset.formset) return;
      while (Number(total(holder).value) < event.detail.count) addRow(holder);
    });
    renumber(holder);
  });
}
