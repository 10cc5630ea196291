// 插入数字: what stands in the picker (data-token-part fields inside [data-token-picker]) is put into the text field at the caret.
// Without script the same button sends the form, and the server puts the token at the end.

import { changed, each } from "./dom.js";

/** “[[code|unit|period|form]]” without the empty fields at the end. */
function tokenOf(picker) {
  const value = (name) => picker.querySelector(`[data-token-part="${name}"]`)?.value.trim() ?? "";
  const code = value("code");
  if (!code) return "";
  // Words that follow the period stand alone.
  const rest = picker.dataset.tokenWords.split(",").includes(code) ? [] : ["place", "period", "form"].map(value);
  return `[[${[code, ...rest].join("|").replace(/\|+$/, "")}]]`;
}

/** Where the token goes: at the caret, or behind the token in which the caret stands. */
function placeIn(text) {
  const { value, selectionStart, selectionEnd } = text;
  const opened = value.lastIndexOf("[[", selectionEnd - 1);
  const closed = value.indexOf("]]", opened);
  if (opened >= 0 && closed >= 0 && selectionEnd > opened && selectionEnd < closed + 2) return [closed + 2, closed + 2];
  return [selectionStart, selectionEnd];
}

export function setUpTokens(root) {
  each(root, "[data-token-insert]", (button) => {
    button.addEventListener("click", (event) => {
      event.preventDefault();
      const text = button.form.querySelector("[data-token-text]");
      const token = tokenOf(button.closest("[data-token-picker]"));
      if (!token) {
        text.focus();
        return;
      }
      text.setRangeText(token, ...placeIn(text), "end");
      text.focus();
      changed(text);
    });
  });
}
