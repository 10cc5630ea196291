// Signing on the screen: `<input type="file" data-signature>` gets a pad below it; what is drawn becomes a PNG in the field.
// Without script the field takes a photo of the signed sheet.

const INK = "#14202b";
const WIDTH = 3; // pen, in pixels of the screen

function build(tag, properties, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

function setUpOne(input) {
  const canvas = build("canvas", { className: "signature-pad" });
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", "签字区");
  const clear = build("button", { type: "button", className: "btn btn-small" }, "重签");
  const holder = build("div", { className: "sign-box" }, canvas, clear);
  input.after(holder);
  input.classList.add("visually-hidden");
  input.tabIndex = -1;
  const pen = canvas.getContext("2d");
  let drawing = false;
  let drawn = false;

  const fit = () => {
    const { width, height } = canvas.getBoundingClientRect();
    if (!width || drawn) return; // hidden, or turning the phone would wipe the signature
    const scale = window.devicePixelRatio || 1;
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(height * scale);
    pen.scale(scale, scale);
    pen.lineWidth = WIDTH;
    pen.lineCap = pen.lineJoin = "round";
    pen.strokeStyle = INK;
  };
  const at = (event) => {
    const box = canvas.getBoundingClientRect();
    const ratio = canvas.width / (window.devicePixelRatio || 1) / box.width;
    return [(event.clientX - box.left) * ratio, (event.clientY - box.top) * ratio];
  };
  const keep = () => {
    // On white, or the ink would vanish in a viewer with a dark ground.
    const sheet = build("canvas", { width: canvas.width, height: canvas.height });
    const paper = sheet.getContext("2d");
    paper.fillStyle = "#fff";
    paper.fillRect(0, 0, sheet.width, sheet.height);
    paper.drawImage(canvas, 0, 0);
    sheet.toBlob((blob) => {
      const files = new DataTransfer();
      files.items.add(new File([blob], "签字.png", { type: "image/png" }));
      input.files = files.files;
      input.dispatchEvent(new Event("change", { bubbles: true }));
    }, "image/png");
  };
  canvas.addEventListener("pointerdown", (event) => {
    fit();
    drawing = drawn = true;
    canvas.setPointerCapture(event.pointerId);
    pen.beginPath();
    pen.moveTo(...at(event));
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!drawing) return;
    pen.lineTo(...at(event));
    pen.stroke();
  });
  canvas.addEventListener("pointerup", () => {
    if (!drawing) return;
    drawing = false;
    keep();
  });
  clear.addEventListener("click", () => {
    drawn = false;
    pen.setTransform(1, 0, 0, 1, 0, 0);
    pen.clearRect(0, 0, canvas.width, canvas.height);
    input.value = "";
    fit();
    input.dispatchEvent(new Event("change", { bubbles: true }));
  });
  new ResizeObserver(fit).observe(canvas);
}

export function setUpSignatures(root) {
  root.querySelectorAll("input[type=file][data-signature]").forEach(setUpOne);
}
