// Where the officer stands: `<button data-locate data-latitude="#id_latitude" data-longitude="#id_longitude" data-accuracy="#id_accuracy">`.
// Accuracy is in metres, as the device reports it. A place typed by hand is always possible.

import { changed, each } from "./dom.js";

const REASONS = {
  1: "未获准使用定位。请在浏览器设置中允许，或直接填写地点。",
  2: "暂时无法定位，请到开阔处再试，或直接填写地点。",
  3: "定位超时，请再试一次，或直接填写地点。",
};

export function setUpLocating(root) {
  each(root, "[data-locate]", (button) => {
    const note = document.querySelector(button.dataset.note ?? "[data-locate-note]");
    const say = (text) => { if (note) note.textContent = text; };
    if (!window.isSecureContext || !navigator.geolocation) {
      button.hidden = true;
      say("当前访问方式不支持自动定位，请直接填写地点。");
      return;
    }
    const put = (selector, value) => {
      const field = selector && document.querySelector(selector);
      if (!field) return;
      field.value = value;
      changed(field);
    };
    button.addEventListener("click", () => {
      button.disabled = true;
      say("正在定位…");
      navigator.geolocation.getCurrentPosition(
        ({ coords }) => {
          put(button.dataset.latitude, coords.latitude.toFixed(6));
          put(button.dataset.longitude, coords.longitude.toFixed(6));
          put(button.dataset.accuracy, String(Math.round(coords.accuracy)));
          say(`已定位，误差约 ${Math.round(coords.accuracy)} 米。`);
          button.disabled = false;
        },
        (error) => {
          say(REASONS[error.code] ?? REASONS[2]);
          button.disabled = false;
        },
        { enableHighAccuracy: true, timeout: 15000, maximumAge: 60000 },
      );
    });
  });
}
