// Long lists by typing: `<select data-picker-url="/enterprises/pick/">` asks the address with ?q= for
// {"results": [{"id": 7, "text": "…", "note": "…"}]}. Tom Select is fetched only where such a field is on the page.
//   data-picker-with="area"                    sends that field's value along
//   data-picker-create                         accepts a name that is not in the list
//   data-fills="description:text, basis:basis" puts keys of the chosen result into fields of the same row or form
// Without script a select stays a select (the form gives it the options it must have).

import { build, changed, each } from "./dom.js";

let loading;

function library() {
  loading ??= new Promise((resolve, reject) => {
    const { tomSelectJs, tomSelectCss } = document.body.dataset;
    document.head.append(build("link", { rel: "stylesheet", href: tomSelectCss }));
    const script = build("script", { src: tomSelectJs });
    script.addEventListener("load", () => resolve(window.TomSelect));
    script.addEventListener("error", reject);
    document.head.append(script);
  });
  return loading;
}

/** A field by its own name within the nearest row (formset names carry a prefix), else within the form. */
function near(element, name) {
  const row = element.closest("[data-row]");
  const fields = [...(row ?? element.form).querySelectorAll("[name]")];
  return fields.find((field) => field.name === name || field.name.endsWith(`-${name}`)) ?? element.form.elements[name];
}

function fillFrom(select, result) {
  for (const pair of (select.dataset.fills ?? "").split(",").filter(Boolean)) {
    const [name, key] = pair.split(":").map((part) => part.trim());
    const field = near(select, name);
    const value = result[key];
    if (!field || value === undefined || value === null || value === "") continue;
    if (field.type === "radio") {
      const radio = [...select.form.elements].find((other) => other.name === field.name && other.value === String(value));
      if (radio) radio.checked = true;
      if (radio) changed(radio);
    } else if (field.tomselect) field.tomselect.setValue(String(value));
    else {
      field.value = value;
      changed(field);
    }
  }
}

async function setUpOne(select) {
  const TomSelect = await library();
  const address = select.dataset.pickerUrl;
  const line = (item, escape) => `<div>${escape(item.text)}${item.note ? `<span class="note">${escape(item.note)}</span>` : ""}</div>`;
  const box = new TomSelect(select, {
    valueField: "id",
    labelField: "text",
    searchField: [],
    create: select.hasAttribute("data-picker-create"),
    maxItems: select.multiple ? null : 1,
    maxOptions: 30,
    preload: "focus",
    loadThrottle: 250,
    plugins: select.multiple ? ["remove_button"] : [],
    // The server has chosen and ordered; typing must not hide its answers.
    score: () => () => 1,
    shouldLoad: () => true,
    load(words, done) {
      const query = new URLSearchParams({ q: words });
      const companion = select.dataset.pickerWith;
      if (companion) query.set(companion, near(select, companion)?.value ?? "");
      fetch(`${address}?${query}`, { headers: { Accept: "application/json" }, credentials: "same-origin" })
        .then((answer) => (answer.ok ? answer.json() : { results: [] }))
        .then((found) => {
          box.clearOptions((option) => box.items.includes(String(option.id)));
          done(found.results);
        })
        .catch(() => done([]));
    },
    render: {
      option: line,
      item: (item, escape) => `<div>${escape(item.text)}</div>`,
      no_results: () => '<div class="no-results">没有符合的，换个名称或代码再试</div>',
      loading: () => '<div class="no-results">正在查找…</div>',
      option_create: (item, escape) => `<div class="create">使用“${escape(item.input)}”</div>`,
    },
    // The typing box has taken over the label; the select itself is only what is sent.
    onInitialize() {
      select.setAttribute("aria-hidden", "true");
    },
    onItemAdd(value) {
      fillFrom(select, this.options[value] ?? {});
      this.setTextboxValue("");
    },
  });
}

export function setUpPickers(root) {
  each(root, "select[data-picker-url]", (select) => {
    // A script or network that fails leaves the plain field in place.
    setUpOne(select).catch(() => {});
  });
}
