// Photos are shrunk in the browser before they are sent: a township's signal carries 300 KB, not 8 MB.
// `<input type="file" data-photos multiple accept="image/*" data-most="9">`; without script it is a plain file field.

import { build, each, tell } from "./dom.js";

const LONGEST = 1600;
const QUALITY = 0.82;

/** The same picture with its longer side at most 1600 px, as JPEG; the original where the browser cannot read it. */
export async function shrink(file) {
  if (!file.type.startsWith("image/")) return file;
  try {
    const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = Math.min(1, LONGEST / Math.max(picture.width, picture.height));
    const canvas = build("canvas", { width: Math.round(picture.width * scale), height: Math.round(picture.height * scale) });
    const pen = canvas.getContext("2d");
    pen.fillStyle = "#fff"; // a transparent picture would turn black
    pen.fillRect(0, 0, canvas.width, canvas.height);
    pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
    picture.close();
    const blob = await new Promise((resolve) => { canvas.toBlob(resolve, "image/jpeg", QUALITY); });
    if (!blob || (scale === 1 && blob.size >= file.size)) return file;
    return new File([blob], file.name.replace(/\.\w+$/, "") + ".jpg", { type: "image/jpeg", lastModified: file.lastModified });
  } catch {
    return file;
  }
}

export function setUpPhotos(root) {
  each(root, "input[type=file][data-photos]", (input) => {
    const most = Number(input.dataset.most || 9);
    const previews = build("ul", { className: "previews" });
    const form = input.form;
    let kept = [];
    input.parentElement.classList.add("photo-field");
    input.after(previews);

    const show = () => {
      const files = new DataTransfer();
      kept.forEach(({ file }) => files.items.add(file));
      input.files = files.files;
      previews.replaceChildren(...kept.map((photo, index) => {
        const remove = build("button", { type: "button", title: "移除" }, "×");
        remove.setAttribute("aria-label", `移除第 ${index + 1} 张照片`);
        remove.addEventListener("click", () => {
          URL.revokeObjectURL(photo.url);
          kept = kept.filter((other) => other !== photo);
          show();
        });
        return build("li", {}, build("img", { src: photo.url, alt: `第 ${index + 1} 张照片` }), remove);
      }));
    };

    input.addEventListener("change", async () => {
      const chosen = [...input.files];
      const room = (input.multiple ? most : 1) - (input.multiple ? kept.length : 0);
      if (!input.multiple) {
        kept.forEach(({ url }) => URL.revokeObjectURL(url));
        kept = [];
      }
      if (chosen.length > room) tell(`最多 ${most} 张照片，多出的未加入。`);
      const buttons = form ? [...form.querySelectorAll("[type=submit]:not(:disabled)")] : [];
      buttons.forEach((button) => { button.disabled = true; });
      try {
        for (const file of chosen.slice(0, Math.max(0, room))) {
          const small = await shrink(file);
          kept.push({ file: small, url: URL.createObjectURL(small) });
        }
        show();
      } finally {
        buttons.forEach((button) => { button.disabled = false; });
      }
    });
  });
}
