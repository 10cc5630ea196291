// Parts of a form that matter only for one answer: `<div data-when="grade=major">`, `data-when="on_site"` (ticked), `data-when="on_site="` (not ticked).
// The field is looked for in the nearest `[data-row]`, else in the form. A `<fieldset>` that is hidden is disabled too, so that it is not sent.
// Without script every part is shown.

function value(scope, name) {
  const fields = [...scope.querySelectorAll("[name]")].filter((field) => field.name === name || field.name.endsWith(`-${name}`));
  const choices = fields.filter((field) => field.type === "radio" || field.type === "checkbox");
  if (choices.length) {
    const chosen = choices.find((field) => field.checked);
    return chosen ? chosen.value : "";
  }
  return fields[0]?.value ?? "";
}

function draw(part) {
  const scope = part.closest("[data-row]") ?? part.closest("form");
  const [name, wanted] = part.dataset.when.split("=");
  const given = value(scope, name);
  const shown = wanted === undefined ? given !== "" : given === wanted;
  part.hidden = !shown;
  if (part.tagName === "FIELDSET") part.disabled = !shown;
}

export function setUpWhen(form) {
  const all = () => form.querySelectorAll("[data-when]").forEach(draw);
  if (!form.dataset.whenReady) {
    form.dataset.whenReady = "1";
    form.addEventListener("change", all);
  }
  all();
}
