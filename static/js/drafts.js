// Drafts: what is typed survives a closed tab. `<form id="visit-form" data-draft>` is saved while typing, in this browser only, by user and form id.
// The hidden client_id is part of it, so a restored form that was already received is recognised by the server.
// Passwords and files are never kept; a draft goes when it was received, after seven days, or when the user signs out.

import { all, build, changed, each } from "./dom.js";

const PREFIX = "draft:";
const SENT = "draft-sent";
const KEEP_MS = 7 * 24 * 3600 * 1000;
const SKIPPED = new Set(["password", "file", "submit", "button"]);

const keyOf = (form) => `${PREFIX}${document.body.dataset.user}:${form.id}`;

function keepable(field) {
  return field.name && field.name !== "csrfmiddlewaretoken" && !SKIPPED.has(field.type);
}

function read(form) {
  const values = [];
  for (const field of form.elements) {
    if (!keepable(field)) continue;
    if (field.type === "checkbox" || field.type === "radio") values.push([field.name, field.value, field.checked]);
    else if (field.tomselect || field.multiple) {
      values.push([field.name, [...field.selectedOptions].map((option) => [option.value, option.text])]);
    } else if (field.tagName === "SELECT") {
      values.push([field.name, [[field.value, field.selectedOptions[0]?.text ?? ""]]]);
    } else values.push([field.name, field.value]);
  }
  return values;
}

function choose(field, pairs) {
  for (const [value, text] of pairs) {
    if (value && ![...field.options].some((option) => option.value === value)) field.add(new Option(text, value));
  }
  const wanted = new Set(pairs.map(([value]) => value));
  for (const option of field.options) option.selected = wanted.has(option.value);
  field.tomselect?.sync();
}

function fill(form, values) {
  // Rows first: the number of finding rows is itself a field of the draft.
  for (const [name, value] of values) {
    if (name.endsWith("-TOTAL_FORMS")) {
      form.dispatchEvent(new CustomEvent("rows:need", { detail: { prefix: name.slice(0, -12), count: Number(value) } }));
    }
  }
  // All values before any listener hears of one: a marked checklist line must find its finding row already filled.
  const touched = [];
  const fields = [...form.elements].filter(keepable);
  for (const [name, value, checked] of values) {
    if (name.endsWith("_FORMS")) continue;
    const same = fields.filter((field) => field.name === name);
    const field = same.length > 1 ? same.find((one) => one.value === value) : same[0];
    if (!field) continue;
    if (field.type === "checkbox" || field.type === "radio") field.checked = checked;
    else if (field.tagName === "SELECT") choose(field, value);
    else field.value = value;
    if (field.checked || (field.type !== "checkbox" && field.type !== "radio")) touched.push(field);
  }
  touched.forEach(changed);
}

function forget(test) {
  for (const key of Object.keys(localStorage)) {
    if (key.startsWith(PREFIX) && test(key)) localStorage.removeItem(key);
  }
}

function stale(key) {
  try {
    return Date.now() - JSON.parse(localStorage.getItem(key)).at > KEEP_MS;
  } catch {
    return true;
  }
}

function offer(form, draft, key) {
  const at = new Date(draft.at).toLocaleString("zh-CN", { dateStyle: "short", timeStyle: "short" });
  const drop = build("button", { type: "button", className: "btn btn-small" }, "放弃草稿，重新填写");
  const note = build("div", { className: "draft-note tone-blue", role: "status" }, `已恢复 ${at} 未提交的内容，照片需重新选择。`, drop);
  drop.addEventListener("click", () => {
    localStorage.removeItem(key);
    location.reload();
  });
  form.prepend(note);
}

export function setUpDrafts(root) {
  const user = document.body.dataset.user;
  each(root, "form[data-draft]", (form) => {
    if (!user || !form.id) return;
    const key = keyOf(form);
    let waiting;
    let sent = false;
    const save = () => {
      clearTimeout(waiting);
      if (sent) return;
      try {
        localStorage.setItem(key, JSON.stringify({ at: Date.now(), values: read(form) }));
      } catch {
        // Storage full or refused: the form itself still works.
      }
    };
    forget(stale);
    // A page that came back with errors carries what was typed; it must not be overwritten by an older draft.
    const stored = form.hasAttribute("data-bound") ? null : localStorage.getItem(key);
    if (stored) {
      const draft = JSON.parse(stored);
      fill(form, draft.values);
      offer(form, draft, key);
    }
    form.addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = setTimeout(save, 400);
    });
    window.addEventListener("pagehide", () => { if (waiting) save(); });
    form.addEventListener("submit", (event) => {
      if (event.defaultPrevented) return;
      save();
      sent = true;
      sessionStorage.setItem(SENT, key);
    });
  });
  each(root, "form[data-signs-out]", (form) => {
    form.addEventListener("submit", (event) => {
      const mine = `${PREFIX}${user}:`;
      const left = Object.keys(localStorage).some((key) => key.startsWith(mine));
      if (left && !window.confirm("本机还有未提交的草稿，退出后将删除。确定退出吗？")) {
        event.preventDefault();
        return;
      }
      forget((key) => key.startsWith(mine));
    });
  });
}

/** Called once per page: the form just sent is not on this page any more, so it was received. */
export function clearSentDraft() {
  const key = sessionStorage.getItem(SENT);
  if (!key) return;
  sessionStorage.removeItem(SENT);
  const signedIn = document.body.dataset.user;
  const failed = document.body.hasAttribute("data-failed");
  const stillHere = all(document, "form[data-draft]").some((form) => keyOf(form) === key);
  if (signedIn && !failed && !stillHere) localStorage.removeItem(key);
}
