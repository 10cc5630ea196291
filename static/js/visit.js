// The visit form: parts shown by what is chosen, the signature drawn on the screen, and what will be filed in a few lines.

import { setUpSignatures } from "./signature.js";
import { setUpWhen } from "./when.js";

const words = (field) => {
  if (!field) return "";
  if (field.tagName === "SELECT") return field.value ? field.selectedOptions[0]?.textContent.trim() ?? "" : "";
  return field.value.trim();
};

function lines(form) {
  const field = (name) => form.elements[name];
  const people = [...form.querySelectorAll('input[name="officers"]:checked')].map((box) => box.parentElement.textContent.trim());
  const findings = [...form.querySelectorAll("[data-row]")].filter((row) => row.querySelector("textarea")?.value.trim());
  const onSite = findings.filter((row) => row.querySelector('input[name$="-on_site"]')?.checked).length;
  const photos = [...form.querySelectorAll("input[type=file][data-photos]")].reduce((sum, input) => sum + input.files.length, 0);
  return [
    ["检查对象", words(field("enterprise")) || words(field("new_name")) || words(field("place")) || "未填"],
    ["检查类型", `${words(field("kind"))} ${field("visited_on").value}`],
    ["检查人员", [...people, words(field("officer_names"))].filter(Boolean).join("、") || "未填"],
    ["发现隐患", findings.length ? `${findings.length} 条${onSite ? `，其中当场改好 ${onSite} 条` : ""}` : "未发现"],
    ["照片", `${photos} 张`],
    ["签字", form.elements.signature.files.length ? "已签字" : words(field("unsigned_reason")) || "未签字"],
  ];
}

function setUpSummary(form) {
  const place = form.querySelector("[data-visit-summary]");
  const draw = () => {
    place.replaceChildren(...lines(form).map(([label, text]) => {
      const line = document.createElement("div");
      const name = document.createElement("dt");
      const value = document.createElement("dd");
      name.textContent = label;
      value.textContent = text;
      line.append(name, value);
      return line;
    }));
  };
  form.addEventListener("step:shown", draw);
  form.addEventListener("change", draw);
  form.addEventListener("input", draw);
  draw();
}

const form = document.getElementById("visit-new");
setUpWhen(form);
setUpSignatures(form);
setUpSummary(form);
form.addEventListener("htmx:load", () => setUpWhen(form)); // a new row of findings
