// On a phone a long form is walked in steps: `<form data-steps>` with `<section data-step="检查对象">` parts.
// A wide screen, and a browser without script, shows all parts one under the other.

import { build, each } from "./dom.js";

const narrow = window.matchMedia("(max-width: 640px)");

function setUpOne(form) {
  const parts = [...form.querySelectorAll("[data-step]")];
  const foot = form.querySelector(".form-foot");
  if (parts.length < 2) return;
  const marks = build("ol", { className: "walk" }, ...parts.map((part, index) => {
    const mark = build("li", {}, part.dataset.step);
    mark.dataset.number = String(index + 1);
    return mark;
  }));
  marks.setAttribute("aria-label", "填写步骤");
  const back = build("button", { type: "button", className: "btn" }, "上一步");
  const next = build("button", { type: "button", className: "btn btn-primary" }, "下一步");
  const walk = build("div", { className: "form-foot" }, back, next);
  parts[0].before(marks);
  foot.before(walk);
  const wrong = parts.findIndex((part) => part.querySelector("[aria-invalid=true], .field-error"));
  let at = Math.max(0, wrong);

  const draw = () => {
    const stepping = narrow.matches;
    parts.forEach((part, index) => { part.hidden = stepping && index !== at; });
    [...marks.children].forEach((mark, index) => {
      mark.classList.toggle("done", index < at);
      if (index === at) mark.setAttribute("aria-current", "step");
      else mark.removeAttribute("aria-current");
    });
    marks.hidden = !stepping;
    walk.hidden = !stepping || at === parts.length - 1;
    back.hidden = at === 0;
    foot.hidden = stepping && at < parts.length - 1;
    form.dispatchEvent(new CustomEvent("step:shown", { detail: { at } }));
  };
  const go = (to) => {
    at = Math.min(parts.length - 1, Math.max(0, to));
    draw();
    marks.scrollIntoView({ block: "start" });
  };
  back.addEventListener("click", () => go(at - 1));
  next.addEventListener("click", () => {
    const fields = [...parts[at].querySelectorAll("input, select, textarea")];
    const bad = fields.find((field) => !field.checkValidity());
    if (bad) bad.reportValidity();
    else go(at + 1);
  });
  // On the last step the way back stays within reach.
  const last = build("button", { type: "button", className: "btn" }, "上一步");
  last.addEventListener("click", () => go(at - 1));
  foot.prepend(last);
  form.addEventListener("step:shown", () => { last.hidden = !narrow.matches || at === 0; });
  // The browser cannot show its message on a field of a hidden step: go there first.
  form.addEventListener("invalid", (event) => {
    const index = parts.findIndex((part) => part.contains(event.target));
    if (narrow.matches && index >= 0 && parts[at] !== parts[index] && !form.dataset.moving) {
      form.dataset.moving = "1";
      go(index);
      setTimeout(() => { delete form.dataset.moving; event.target.reportValidity(); });
    }
  }, true);
  narrow.addEventListener("change", draw);
  draw();
}

export function setUpSteps(root) {
  each(root, "form[data-steps]", setUpOne);
}
