// Pictures: shown, chosen, dropped, and with a box drawn on them.

import { ask, bytesOf, inGallery } from "./ask.js";
import { takePicture } from "./camera.js";
import { $, button, element } from "./elements.js";

/** An image of a picture; PGM and PPM are drawn, for browsers do not know them. */
export async function imageOf(blob, properties) {
  const head = new Uint8Array(await blob.slice(0, 2).arrayBuffer());
  const drawn = head[0] === 0x50 && (head[1] === 0x35 || head[1] === 0x36) ? pixmap(new Uint8Array(await blob.arrayBuffer())) : null;
  if (drawn) {
    const canvas = element("canvas", { width: drawn.width, height: drawn.height });
    canvas.getContext("2d").putImageData(drawn, 0, 0);
    blob = await new Promise((done) => canvas.toBlob(done));
  }
  const src = URL.createObjectURL(blob);
  const image = element("img", { src, ...properties });
  // As long as the address lives, so do the bytes.
  for (const end of ["load", "error"]) image.addEventListener(end, () => URL.revokeObjectURL(src), { once: true });
  return image;
}

/** The pixels of a binary PGM (P5) or PPM (P6) of 8 bits; null for any other. */
function pixmap(bytes) {
  const numbers = [];
  let at = 2;
  while (numbers.length < 3 && at < bytes.length) {
    if (bytes[at] === 0x23) while (at < bytes.length && bytes[at] !== 10) at++;
    let text = "";
    while (bytes[at] >= 48 && bytes[at] <= 57) text += String.fromCharCode(bytes[at++]);
    if (text) numbers.push(Number(text)); else at++;
  }
  const [width, height, white] = numbers;
  const colours = bytes[1] === 0x36 ? 3 : 1;
  if (!(width * height > 0) || !(white > 0 && white < 256) || bytes.length < at + 1 + width * height * colours) return null;
  const drawn = new ImageData(width, height);
  for (let pixel = 0; pixel < width * height; pixel++) {
    for (let colour = 0; colour < 3; colour++) {
      const from = at + 1 + pixel * colours + (colours === 3 ? colour : 0);
      drawn.data[4 * pixel + colour] = (255 * bytes[from]) / white;
    }
    drawn.data[4 * pixel + 3] = 255;
  }
  return drawn;
}

/** A picture that was kept for a template. */
export async function kept(person, template, alt) {
  const blob = await bytesOf(inGallery(`/persons/${person}/templates/${template}/picture`));
  return imageOf(blob, { alt });
}

/** The first picture that was kept of a person, or null. */
export async function faceOf(person, alt) {
  const { templates } = await ask("GET", inGallery(`/persons/${person}/templates`));
  const first = templates.find((template) => template.kept);
  return first ? kept(person, first.template, alt) : null;
}

/** Stands for a picture where none was kept. */
export function initials(name) {
  const letters = name.split(/[\s._-]+/).map((word) => [...word][0] ?? "").join("").slice(0, 2).toUpperCase();
  return element("span", { className: "initials", ariaHidden: "true" }, letters);
}

/** Turns a div into a choice of pictures: files, the camera, or dropped; each with a box that can be drawn on it. */
export function picker(root) {
  const many = root.hasAttribute("data-many");
  const title = root.dataset.label;
  let chosen = [];
  const shown = element("div", { className: "shown" });
  const input = element("input", { type: "file", accept: "image/*,.pgm,.ppm", multiple: many });
  const files = element("label", { className: "files" }, many ? "Choose files" : "Choose a file", input);
  input.setAttribute("aria-label", `${title}: choose ${many ? "files" : "a file"}`);
  const camera = button("Camera", () => takePicture().then((file) => file && add([file])), { label: `${title}: camera` });
  const field = element("fieldset", {}, element("legend", {}, title),
    element("div", { className: "choose" }, files, camera, element("span", { className: "muted drop" }, many ? "or drop them here" : "or drop it here")), shown);
  root.replaceChildren(field);

  async function add(added) {
    const pictures = [...added].map((file) => ({ file, box: "" }));
    if (pictures.length === 0) return;
    for (const picture of many ? pictures : pictures.slice(0, 1)) {
      const remove = () => {
        chosen = chosen.filter((other) => other !== picture);
        made.remove();
        $("input", files).focus();
      };
      const made = await framed(picture, remove);
      // Together, so that what is shown is what is sent.
      if (!many) root.clear();
      chosen.push(picture);
      shown.append(made);
    }
    input.value = "";
  }
  input.addEventListener("change", () => add(input.files));
  field.addEventListener("dragover", (event) => { event.preventDefault(); field.classList.add("over"); });
  field.addEventListener("dragleave", () => field.classList.remove("over"));
  field.addEventListener("drop", (event) => { event.preventDefault(); field.classList.remove("over"); add(event.dataTransfer.files); });
  root.pictures = () => chosen;
  root.clear = () => { chosen = []; shown.replaceChildren(); };
}

/** A chosen picture: a box is drawn with the mouse, with a finger after "Draw a box", or typed. */
async function framed(picture, remove) {
  const name = picture.file.name ?? "picture";
  const image = await imageOf(picture.file, { alt: name, draggable: false });
  const box = element("div", { className: "box", hidden: true });
  const frame = element("div", { className: "framed" }, image, box);
  const text = element("input", { placeholder: "the whole picture", inputMode: "numeric", pattern: "\\s*\\d+\\s*(,\\s*\\d+\\s*){3}", title: "four numbers: x, y, width, height" });
  const finger = button("Draw a box", () => finger.setAttribute("aria-pressed", String(frame.classList.toggle("drawing"))));
  finger.setAttribute("aria-pressed", "false");
  image.addEventListener("error", () => frame.replaceChildren(element("p", { className: "unseen" }, name, element("span", {}, "The browser cannot show it. The server may read it all the same."))), { once: true });

  const draw = () => {
    picture.box = text.value.trim();
    const numbers = picture.box.split(",").map(Number);
    box.hidden = numbers.length !== 4 || numbers.some(Number.isNaN);
    if (box.hidden) return;
    const places = [[numbers[0], image.naturalWidth], [numbers[1], image.naturalHeight], [numbers[2], image.naturalWidth], [numbers[3], image.naturalHeight]];
    const [left, top, width, height] = places.map(([number, all]) => `${100 * number / all}%`);
    Object.assign(box.style, { left, top, width, height });
  };
  text.addEventListener("input", draw);
  let from = null;
  const point = (event) => {
    const bounds = image.getBoundingClientRect();
    const scaled = image.naturalWidth / bounds.width;
    const within = (value, most) => Math.round(Math.min(Math.max(value, 0), most));
    return [within((event.clientX - bounds.left) * scaled, image.naturalWidth), within((event.clientY - bounds.top) * scaled, image.naturalHeight)];
  };
  frame.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || event.pointerType === "touch" && !frame.classList.contains("drawing")) return;
    from = point(event);
    frame.setPointerCapture(event.pointerId);
  });
  frame.addEventListener("pointermove", (event) => {
    if (!from) return;
    const to = point(event);
    const [x, y] = [Math.min(from[0], to[0]), Math.min(from[1], to[1])];
    const [width, height] = [Math.abs(from[0] - to[0]), Math.abs(from[1] - to[1])];
    text.value = width > 3 && height > 3 ? `${x},${y},${width},${height}` : "";
    draw();
  });
  for (const end of ["pointerup", "pointercancel"]) frame.addEventListener(end, () => { from = null; });
  return element("div", { className: "chosen" }, frame,
    element("div", {}, element("label", { className: "numbers" }, "Face at x, y, width, height ", text),
      element("div", { className: "choose" }, finger, button("Remove", remove, { label: `Remove ${name}` }))));
}

/** Adds the pictures of a picker to a form, each after its box. */
export function addPictures(form, root) {
  const pictures = root.pictures();
  if (pictures.length === 0) throw { title: "No picture", detail: `Choose one under “${root.dataset.label}”.` };
  for (const { file, box } of pictures) {
    if (box) form.append("box", box);
    form.append(root.dataset.name, file, "picture");
  }
}
