// The page. It asks the same server alone, by the interface that programs use.
"use strict";

const $ = (selector, root = document) => root.querySelector(selector);
const state = { gallery: null, csrf: null };

/** An element with properties and children; text is never markup. */
function element(name, properties = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key in made) made[key] = value; else made.setAttribute(key, value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

/** Asks the server; throws the problem document where it refuses. */
async function ask(method, path, body) {
  const headers = {};
  if (state.csrf) headers["X-CSRF-Token"] = state.csrf;
  if (body !== undefined && !(body instanceof FormData)) {
    headers["Content-Type"] = "application/json";
    body = JSON.stringify(body);
  }
  let answer;
  try {
    answer = await fetch(path, { method, headers, body });
  } catch {
    throw { title: "The server does not answer", detail: "Is it still running?" };
  }
  const document = answer.headers.get("content-type")?.includes("json") ? await answer.json() : null;
  if (answer.status === 401) showSignIn();
  if (!answer.ok) throw document ?? { title: "The server failed", detail: `status ${answer.status}` };
  return document;
}

const inGallery = (path) => `/v1/galleries/${encodeURIComponent(state.gallery)}${path}`;
const percent = (rate) => `${Number((100 * rate).toPrecision(2))} %`;
const day = (ms) => (ms === null || ms === undefined ? "" : new Date(ms).toISOString().slice(0, 10));

function wrong(problem) {
  return element("p", { className: "wrong" }, element("strong", {}, `${problem.title ?? "It failed"}. `), problem.detail ?? String(problem));
}

/** Runs what a form or button does, with its answer or what went wrong below it. */
async function run(answer, button, work) {
  answer.replaceChildren();
  if (button) button.disabled = true;
  try {
    answer.replaceChildren(...[await work()].flat().filter(Boolean));
  } catch (problem) {
    answer.replaceChildren(wrong(problem));
  } finally {
    if (button) button.disabled = false;
  }
}

// ---- pictures

/** An address at which the browser can show a picture; PGM and PPM are drawn, for browsers do not know them. */
async function address(blob) {
  const head = new Uint8Array(await blob.slice(0, 2).arrayBuffer());
  if (head[0] !== 0x50 || (head[1] !== 0x35 && head[1] !== 0x36)) return URL.createObjectURL(blob);
  const bytes = new Uint8Array(await blob.arrayBuffer());
  const numbers = [];
  let at = 2;
  while (numbers.length < 3 && at < bytes.length) {
    if (bytes[at] === 0x23) while (at < bytes.length && bytes[at] !== 10) at++;
    let text = "";
    while (bytes[at] >= 48 && bytes[at] <= 57) text += String.fromCharCode(bytes[at++]);
    if (text) numbers.push(Number(text)); else at++;
  }
  const [width, height, white] = numbers;
  const colours = head[1] === 0x36 ? 3 : 1;
  if (!(width * height > 0) || white > 255 || bytes.length < at + 1 + width * height * colours) return URL.createObjectURL(blob);
  const canvas = element("canvas", { width, height });
  const drawn = new ImageData(width, height);
  for (let pixel = 0; pixel < width * height; pixel++) {
    for (let colour = 0; colour < 3; colour++) {
      const from = at + 1 + pixel * colours + (colours === 3 ? colour : 0);
      drawn.data[4 * pixel + colour] = (255 * bytes[from]) / white;
    }
    drawn.data[4 * pixel + 3] = 255;
  }
  canvas.getContext("2d").putImageData(drawn, 0, 0);
  return URL.createObjectURL(await new Promise((done) => canvas.toBlob(done)));
}

/** A picture that was kept for a template, if one was. */
async function kept(person, template, alt) {
  const answer = await fetch(inGallery(`/persons/${person}/templates/${template}/picture`));
  if (!answer.ok) return null;
  return element("img", { src: await address(await answer.blob()), alt });
}

/** Turns a div into a choice of pictures: files, the camera, or dropped; each with a box that can be drawn on it. */
function picker(root) {
  const many = root.hasAttribute("data-many");
  const chosen = [];
  const shown = element("div", { className: "shown" });
  const input = element("input", { type: "file", accept: "image/*,.pgm,.ppm", multiple: many, ariaLabel: `${root.dataset.label}: files` });
  const camera = element("button", { type: "button", className: "plain" }, "Camera");
  const field = element("fieldset", {}, element("legend", {}, root.dataset.label), element("div", { className: "choose" }, input, camera), shown);
  root.replaceChildren(field);

  async function add(files) {
    if (!many) { chosen.length = 0; shown.replaceChildren(); }
    for (const file of files) {
      const picture = { file, box: "" };
      chosen.push(picture);
      shown.append(await framed(picture));
    }
  }
  async function framed(picture) {
    const image = element("img", { src: await address(picture.file), alt: picture.file.name ?? "the picture from the camera", draggable: false });
    const box = element("div", { className: "box", hidden: true });
    const frame = element("div", { className: "framed" }, image, box);
    const text = element("input", { placeholder: "whole picture", inputMode: "numeric", pattern: "\\s*\\d+\\s*(,\\s*\\d+\\s*){3}" });
    const draw = () => {
      picture.box = text.value.trim();
      const numbers = picture.box.split(",").map(Number);
      box.hidden = numbers.length !== 4 || numbers.some(Number.isNaN);
      if (box.hidden) return;
      const scale = image.clientWidth / image.naturalWidth;
      const [left, top, width, height] = numbers.map((number) => `${number * scale}px`);
      Object.assign(box.style, { left, top, width, height });
    };
    text.addEventListener("input", draw);
    let from = null;
    const point = (event) => {
      const bounds = image.getBoundingClientRect();
      const scale = image.naturalWidth / bounds.width;
      const within = (value, most) => Math.round(Math.min(Math.max(value, 0), most));
      return [within((event.clientX - bounds.left) * scale, image.naturalWidth), within((event.clientY - bounds.top) * scale, image.naturalHeight)];
    };
    frame.addEventListener("pointerdown", (event) => { from = point(event); frame.setPointerCapture(event.pointerId); });
    frame.addEventListener("pointermove", (event) => {
      if (!from) return;
      const to = point(event);
      const [x, y] = [Math.min(from[0], to[0]), Math.min(from[1], to[1])];
      const [width, height] = [Math.abs(from[0] - to[0]), Math.abs(from[1] - to[1])];
      text.value = width > 3 && height > 3 ? `${x},${y},${width},${height}` : "";
      draw();
    });
    frame.addEventListener("pointerup", () => { from = null; });
    return element("div", { className: "boxed" }, frame, element("label", {}, "Box x,y,width,height ", text));
  }
  input.addEventListener("change", () => add(input.files));
  camera.addEventListener("click", () => takePicture().then((file) => file && add([file])));
  field.addEventListener("dragover", (event) => { event.preventDefault(); field.classList.add("over"); });
  field.addEventListener("dragleave", () => field.classList.remove("over"));
  field.addEventListener("drop", (event) => { event.preventDefault(); field.classList.remove("over"); add(event.dataTransfer.files); });
  root.pictures = () => chosen;
  root.clear = () => { chosen.length = 0; shown.replaceChildren(); input.value = ""; };
}

/** Adds the pictures of a picker to a form, each after its box. */
function addPictures(form, root) {
  const pictures = root.pictures();
  if (pictures.length === 0) throw { title: "No picture", detail: `Choose one under “${root.dataset.label}”.` };
  for (const { file, box } of pictures) {
    if (box) form.append("box", box);
    form.append(root.dataset.name, file, "picture");
  }
}

/** Shows the camera and gives the picture that is taken, if one is. */
async function takePicture() {
  const dialog = $("#camera");
  const video = $("video", dialog);
  const answer = $(".answer", dialog);
  answer.replaceChildren();
  dialog.showModal();
  let stream = null;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "user" } });
    video.srcObject = stream;
  } catch {
    answer.replaceChildren(wrong({ title: "No camera", detail: "There is none, or it was not allowed. A browser gives it to pages over HTTPS and on localhost alone." }));
  }
  return new Promise((done) => {
    const take = $(".take", dialog);
    let taken = null;
    take.disabled = stream === null;
    take.onclick = () => {
      const canvas = element("canvas", { width: video.videoWidth, height: video.videoHeight });
      canvas.getContext("2d").drawImage(video, 0, 0);
      canvas.toBlob((blob) => { taken = blob && new File([blob], "camera.png"); dialog.close(); }, "image/png");
    };
    dialog.addEventListener("close", () => {
      stream?.getTracks().forEach((track) => track.stop());
      video.srcObject = null;
      done(taken);
    }, { once: true });
  });
}

// ---- what answers mean, in words

const WORDS = {
  match: "Match", uncertain: "Uncertain: look yourself, or take another picture", unknown: "No match", none: "No decision",
};

function verdict(word, title, sentences) {
  return element("div", { className: `verdict ${word}` }, element("strong", {}, title ?? WORDS[word]), ...sentences.filter(Boolean).map((text) => element("p", {}, text)));
}

function ofThreshold(threshold, what) {
  if (!threshold) return "Nobody calibrated it, so there are scores and no decision.";
  const rate = threshold.fpir ?? threshold.fmr;
  const target = threshold.target_fpir ?? threshold.target_fmr;
  const met = threshold.target_met ? "" : ` You asked for ${percent(target)}; nothing as strict was measured.`;
  const weak = threshold.weak ? " So few subjects were measured that this is an indication." : "";
  return `A match is a distance below ${threshold.distance.toFixed(4)}, where ${percent(rate)} of strangers ${what}.${met}${weak}`;
}

function remarks(list) {
  return list.length === 0 ? null : element("p", { className: "muted" }, `Note: ${list.join(" ")}`);
}

// ---- sections

const sections = {
  identify: { form: identify }, verify: { form: verify }, enrol: { form: enrol },
  people: { open: () => listPeople() }, thresholds: { open: thresholds }, health: { open: health },
};

async function identify(form) {
  const body = new FormData();
  addPictures(body, $(".picker", form));
  const found = await ask("POST", inGallery(`/identify?top=5&fpir=${form.elements.fpir.value}`), body);
  const named = found.candidates.find((candidate) => candidate.person === found.person);
  const who = named ? `${WORDS[found.decision].split(":")[0]}: ${named.name ?? named.external_id}` : found.decision === "unknown" ? "Nobody of the gallery" : null;
  const sentences = [ofThreshold(found.threshold, "are taken for somebody"), `${found.gallery_size} people were searched.`];
  if (found.gap !== null) sentences.push(`The second is ${found.gap.toFixed(4)} further away than the first.`);
  const rows = await Promise.all(found.candidates.map(async (candidate) => {
    const refuse = element("button", { type: "button", className: "plain" }, "Not this person");
    refuse.setAttribute("aria-label", `Not this person: ${candidate.name ?? candidate.external_id}`);
    refuse.addEventListener("click", () => run($(".answer", form), refuse, async () => {
      await ask("POST", inGallery("/exclusions"), { person: candidate.person, picture: found.picture });
      return identify(form);
    }));
    return element("tr", {}, element("td", {}, await faceOf(candidate)), element("td", {}, candidate.name ?? candidate.external_id),
      element("td", { className: "number" }, candidate.distance.toFixed(4)), element("td", {}, candidate.accepted ? "below the threshold" : ""), element("td", {}, refuse));
  }));
  return [verdict(found.decision, who, sentences), rows.length ? table(["", "Most alike", "Distance", "", ""], rows) : null, remarks(found.remarks)];
}

async function faceOf({ person, name, external_id }) {
  const { templates } = await ask("GET", inGallery(`/persons/${person}/templates`));
  return templates.length ? kept(person, templates[0].template, `enrolled picture of ${name ?? external_id}`) : null;
}

function table(head, rows) {
  const heads = head.map((text) => element("th", { scope: "col" }, text || element("span", { className: "hidden" }, "more")));
  return element("div", { className: "scroll", tabIndex: 0, role: "region", ariaLabel: "Table" },
    element("table", {}, element("thead", {}, element("tr", {}, ...heads)), element("tbody", {}, ...rows)));
}

async function verify(form) {
  const body = new FormData();
  for (const root of form.querySelectorAll(".picker")) addPictures(body, root);
  const compared = await ask("POST", `/v1/compare?fmr=${form.elements.fmr.value}`, body);
  const scores = `Distance ${compared.distance.toFixed(4)}, similarity ${compared.similarity.toFixed(4)}.`;
  return [verdict(compared.decision, null, [scores, ofThreshold(compared.threshold, "are taken for the same person")]), remarks(compared.remarks)];
}

async function enrol(form) {
  const { external_id, name, expires, folder, warn } = form.elements;
  const people = new Map();
  for (const file of folder.files) {
    const path = file.webkitRelativePath.split("/");
    if (path.length < 3 || path.at(-1).startsWith(".")) continue;
    const id = path.at(-2);
    people.set(id, [...(people.get(id) ?? []), file]);
  }
  const rows = [];
  const send = async (id, fill) => {
    const body = new FormData();
    body.append("external_id", id);
    if (name.value && people.size === 0) body.append("name", name.value);
    if (expires.value) body.append("expires_ms", String(Date.parse(expires.value)));
    fill(body);
    try {
      const done = await ask("POST", inGallery(`/enrollments${warn.checked ? "?on_duplicate=warn" : ""}`), body);
      const count = (wanted) => done.pictures.filter(wanted).length;
      const parts = [`${count((one) => one.new)} new`, `${count((one) => one.template !== null && !one.new)} known already`];
      for (const one of done.pictures) {
        if (one.problem) parts.push(`refused: ${one.problem.detail}`);
        parts.push(...one.remarks);
      }
      rows.push(element("tr", {}, element("td", {}, id), element("td", {}, parts.join("; "))));
    } catch (problem) {
      rows.push(element("tr", {}, element("td", {}, id), element("td", { className: "wrong" }, `${problem.title}. ${problem.detail}`)));
    }
  };
  if (people.size > 0) {
    for (const [id, files] of people) {
      for (let at = 0; at < files.length; at += 32) {
        await send(id, (body) => files.slice(at, at + 32).forEach((file) => body.append("picture", file, "picture")));
      }
    }
  } else {
    if (!external_id.value.trim()) throw { title: "No id", detail: "Say who it is, or choose a folder of folders." };
    const root = $(".picker", form);
    await send(external_id.value.trim(), (body) => addPictures(body, root));
    root.clear();
  }
  showGallery();
  return table(["Id", "Pictures"], rows);
}

async function listPeople(cursor, external_id) {
  const section = $("#people");
  const body = $("tbody", section);
  const more = $(".more", section);
  await run($(".answer", section), null, async () => {
    const query = new URLSearchParams({ limit: 50 });
    if (cursor) query.set("cursor", cursor); else body.replaceChildren();
    if (external_id) query.set("external_id", external_id);
    const page = await ask("GET", inGallery(`/persons?${query}`));
    for (const person of page.persons) {
      const open = element("button", { type: "button", className: "plain" }, "Open");
      open.setAttribute("aria-label", `Open ${person.external_id}`);
      open.addEventListener("click", () => openPerson(person));
      body.append(element("tr", {}, element("th", { scope: "row" }, person.external_id), element("td", {}, person.name ?? ""), element("td", {}, day(person.created_ms)), element("td", {}, day(person.expires_ms)), element("td", {}, open)));
    }
    more.hidden = !page.next_cursor;
    more.onclick = () => listPeople(page.next_cursor);
    return body.children.length === 0 ? element("p", {}, external_id ? "There is nobody with this id." : "Nobody is enrolled yet.") : null;
  });
}

async function openPerson(person) {
  const dialog = $("#person");
  const answer = $(".answer", dialog);
  const pictures = $(".pictures", dialog);
  $("h2", dialog).textContent = person.name ? `${person.name} (${person.external_id})` : person.external_id;
  pictures.replaceChildren();
  dialog.showModal();
  const show = () => run(answer, null, async () => {
    const { templates } = await ask("GET", inGallery(`/persons/${person.number}/templates`));
    const figures = templates.map(async ({ template, created_ms }) => {
      const remove = element("button", { type: "button", className: "plain" }, "Delete");
      remove.setAttribute("aria-label", `Delete template ${template}`);
      remove.addEventListener("click", () => run(answer, remove, async () => {
        await ask("DELETE", inGallery(`/persons/${person.number}/templates/${template}`));
        await show();
      }));
      return element("figure", {}, await kept(person.number, template, `template ${template}`), element("figcaption", {}, `Template ${template}, ${day(created_ms)} `, remove));
    });
    pictures.replaceChildren(...await Promise.all(figures));
    return templates.length === 0 ? element("p", {}, "No templates: this person cannot be found.") : null;
  });
  $(".danger", dialog).onclick = async () => {
    if (!await sure(`${person.external_id} and all that is kept of this person will be deleted. It cannot be undone.`)) return;
    await run(answer, null, async () => {
      await ask("DELETE", inGallery(`/persons/${person.number}`));
      dialog.close();
      showGallery();
      listPeople();
    });
  };
  $(".export", dialog).onclick = () => run(answer, null, async () => {
    const all = await ask("GET", inGallery(`/persons/${person.number}/export`));
    const file = new Blob([JSON.stringify(all, null, 1)], { type: "application/json" });
    element("a", { href: URL.createObjectURL(file), download: `person-${person.number}.json` }).click();
  });
  await show();
}

function sure(text) {
  const dialog = $("#sure");
  $("p", dialog).textContent = text;
  dialog.returnValue = "no";
  dialog.showModal();
  return new Promise((done) => dialog.addEventListener("close", () => done(dialog.returnValue === "yes"), { once: true }));
}

async function thresholds() {
  await run($("#thresholds .answer"), null, async () => {
    const found = await ask("GET", inGallery("/calibrations"));
    if (!found.calibrated) {
      return [verdict("none", "Not calibrated", ["Nobody measured how often strangers are taken for somebody. So there are scores and no decisions.",
        "To calibrate, judge the model on people whom it was not trained on (siamese calibrate), and give the gallery what comes out (siamese gallery calibrate)."])];
    }
    const number = (text) => element("td", { className: "number" }, text);
    const weak = (point) => element("td", {}, point.weak ? "an indication" : "");
    const comparisons = found.comparisons.map((point) => element("tr", {}, number(percent(point.fmr)), number(point.distance.toFixed(4)), number(point.fnmr === null ? "" : percent(point.fnmr)), weak(point)));
    const searches = found.searches.map((point) => element("tr", {}, number(String(point.gallery_size)), number(percent(point.fpir)), number(point.distance.toFixed(4)), number(point.fnir === null ? "" : percent(point.fnir)), weak(point)));
    return [
      element("p", {}, `Measured on ${found.subjects} subjects: ${found.made}.`),
      element("h3", {}, "Comparing with one person"), table(["Strangers accepted", "Distance below", "Right person rejected", ""], comparisons),
      searches.length ? element("h3", {}, "Searching everybody") : null,
      searches.length ? table(["People searched", "Strangers found", "Distance below", "Right person missed", ""], searches) : null,
      element("p", { className: "muted" }, "The more people are searched, the more often a stranger looks like somebody. So a search needs a stricter threshold than a comparison."),
    ];
  });
}

async function health() {
  await run($("#health .answer"), null, async () => {
    const [ready, gallery] = await Promise.all([ask("GET", "/readyz").catch((problem) => problem), ask("GET", inGallery(""))]);
    const row = (name, value) => element("tr", {}, element("th", { scope: "row" }, name), element("td", {}, String(value)));
    return [
      verdict(ready.ready ? "match" : "unknown", ready.ready ? "Ready" : "Not ready", [ready.ready ? "All galleries can be used." : "A gallery cannot be used; the operator's log says why."]),
      table(["", state.gallery], [row("People", gallery.people), row("Templates", gallery.templates), row("Changes", gallery.revision), row("Distance", gallery.metric),
        row("Pictures as the model takes them", `${gallery.picture_size.join("x")} (height x width)`), row("Model", gallery.contract.slice(0, 16)), row("Calibration", gallery.calibration ?? "none")]),
    ];
  });
}

// ---- the frame

function showSignIn() {
  for (const section of document.querySelectorAll("main > section")) section.hidden = section.id !== "sign-in";
}

function show() {
  const wanted = location.hash.slice(1) in sections ? location.hash.slice(1) : "identify";
  for (const section of document.querySelectorAll("main > section")) section.hidden = section.id !== wanted;
  for (const link of document.querySelectorAll("nav a")) {
    if (link.hash === `#${wanted}`) link.setAttribute("aria-current", "page"); else link.removeAttribute("aria-current");
  }
  sections[wanted].open?.();
}

async function showGallery() {
  const gallery = await ask("GET", inGallery(""));
  $("#gallery-about").textContent = `${state.gallery}: ${gallery.people} people, ${gallery.templates} templates`;
}

async function begin() {
  const session = await ask("GET", "/v1/session");
  state.csrf = session.csrf_token;
  $("#sign-out").hidden = !session.keys_needed || !session.scope;
  if (!session.scope) return showSignIn();
  const { galleries } = await ask("GET", "/v1/galleries");
  const select = $("#gallery");
  select.replaceChildren(...galleries.map(({ name }) => element("option", { value: name }, name)));
  $("#gallery-choice").hidden = galleries.length < 2;
  state.gallery = galleries[0]?.name ?? null;
  if (state.gallery) await showGallery();
  show();
}

document.querySelectorAll(".picker").forEach(picker);
for (const [name, { form: work }] of Object.entries(sections)) {
  if (!work) continue;
  const form = $(`#${name} form`);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    run($(".answer", form), event.submitter, () => work(form));
  });
}
$("#people form").addEventListener("submit", (event) => {
  event.preventDefault();
  listPeople(null, event.target.elements.external_id.value.trim());
});
$("#people form").addEventListener("reset", () => listPeople());
$("#sign-in form").addEventListener("submit", (event) => {
  event.preventDefault();
  const form = event.target;
  run($(".answer", form), event.submitter, async () => {
    await ask("POST", "/v1/session", { key: form.elements.key.value });
    form.reset();
    await begin();
  });
});
$("#sign-out").addEventListener("click", async () => {
  await ask("DELETE", "/v1/session").catch(() => {});
  state.csrf = null;
  location.reload();
});
$("#gallery").addEventListener("change", async (event) => {
  state.gallery = event.target.value;
  await showGallery();
  show();
});
window.addEventListener("hashchange", () => { show(); $("main").focus(); });
begin().catch((problem) => $("main").replaceChildren(element("section", {}, wrong(problem))));
