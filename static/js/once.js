// A form is sent once, however often the button is tapped. The server is safe without this (client id, locks);
// this spares the user a second click and a puzzling message.

import { each } from "./dom.js";

function release(form) {
  delete form.dataset.sent;
  for (const button of form.querySelectorAll("button[data-label]")) {
    button.disabled = false;
    button.textContent = button.dataset.label;
    delete button.dataset.label;
  }
}

export function setUpOnce(root) {
  each(root, "form[method=post]:not([data-once=off])", (form) => {
    form.addEventListener("submit", (event) => {
      if (form.dataset.sent) {
        event.preventDefault();
        return;
      }
      if (event.defaultPrevented) return;
      form.dataset.sent = "1";
      const pressed = event.submitter;
      // After this turn, so that the pressed button's own name and value are still sent.
      setTimeout(() => {
        if (pressed?.matches("button")) {
          pressed.dataset.label = pressed.textContent.trim();
          pressed.textContent = "正在提交…";
          pressed.disabled = true;
        }
      });
    });
    form.addEventListener("htmx:afterRequest", () => release(form));
  });
}

// Back from the next page: the form must be usable again.
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) release(form);
});
