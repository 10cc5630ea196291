// 长者模式: one cookie, kept for a year; the server puts the class on <html>, so the page does not jump.

import { each } from "./dom.js";

export function setUpElder(root) {
  each(root, "[data-elder]", (button) => {
    button.addEventListener("click", () => {
      const on = document.documentElement.classList.toggle("elder");
      document.cookie = `elder=${on ? 1 : 0}; path=/; max-age=31536000; samesite=lax`;
      for (const other of document.querySelectorAll("[data-elder]")) other.setAttribute("aria-pressed", String(on));
    });
  });
}
