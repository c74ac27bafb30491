// Enrolling a person, or a folder of people.

import { ask, inGallery } from "./ask.js";
import { $, count, element, table, verdict } from "./elements.js";
import { addPictures } from "./pictures.js";

/** Pictures that are sent at once, and their bytes. */
const AT_ONCE = 16;
const BYTES_AT_ONCE = 60 << 20;

function* batches(files) {
  for (let at = 0, end; at < files.length; at = end) {
    let bytes = files[at].size;
    for (end = at + 1; end < files.length && end - at < AT_ONCE && bytes + files[end].size < BYTES_AT_ONCE; end++) bytes += files[end].size;
    yield files.slice(at, end);
  }
}

/** Shows what is to be filled in for one person, or for a folder. */
export function showHow(form) {
  for (const part of form.querySelectorAll("[data-how]")) part.hidden = part.dataset.how !== form.elements.how.value;
}

export async function enrol(form, changed) {
  const folder = form.elements.how.value === "folder";
  const sent = folder ? await enrolFolder(form) : [await enrolOne(form)];
  changed();
  const of = (wanted) => sent.reduce((sum, { pictures }) => sum + pictures.filter(wanted).length, 0);
  const [fresh, known, refused] = [of((one) => one.new), of((one) => one.template !== null && !one.new), of((one) => one.problem)];
  const people = sent.filter(({ pictures }) => pictures.some(({ template }) => template !== null)).length;
  const failed = sent.filter(({ problem }) => problem).length;
  const rows = sent.map((one) => element("tr", {}, element("th", { scope: "row" }, one.id), element("td", { className: one.problem ? "wrong" : "" }, inWords(one))));
  const title = people === 0 ? "Nobody was enrolled" : folder ? `${count(people, "person", "people")} enrolled` : `${sent[0].id} is enrolled`;
  const sentences = [`${count(fresh, "new picture", "new pictures")}${known ? `, ${known} known already` : ""}${refused ? `, ${refused} refused` : ""}.`,
    failed ? `${count(failed, "person was", "people were")} refused; the table says why.` : null];
  if (!folder && people > 0) $(".picker", form).clear();
  return [verdict(people === 0 ? "unknown" : refused + failed ? "uncertain" : "match", title, sentences), table("Who was enrolled", ["Id", "Pictures"], rows)];
}

function inWords({ pictures, problem }) {
  if (problem) return `${problem.title}. ${problem.detail}`;
  const fresh = pictures.filter((one) => one.new).length;
  const parts = [`${fresh} new`, `${pictures.filter((one) => one.template !== null && !one.new).length} known already`];
  for (const one of pictures) {
    if (one.problem) parts.push(`refused: ${one.problem.detail}`);
    parts.push(...one.remarks);
  }
  return parts.join("; ");
}

async function enrolOne(form) {
  const { external_id, name } = form.elements;
  const id = external_id.value.trim();
  if (!id) throw { title: "No id", detail: "Say who it is, by a number or name of your own." };
  const body = new FormData();
  body.append("external_id", id);
  if (name.value.trim()) body.append("name", name.value.trim());
  return { id, ...await send(form, body, () => addPictures(body, $(".picker", form))) };
}

/** Each folder in the chosen one is a person, by the pictures that lie in it. */
async function enrolFolder(form) {
  const people = new Map();
  for (const file of form.elements.folder.files) {
    const path = file.webkitRelativePath.split("/");
    if (path.length !== 3 || path.at(-1).startsWith(".")) continue;
    people.set(path.at(-2), [...(people.get(path.at(-2)) ?? []), file]);
  }
  if (people.size === 0) throw { title: "No people", detail: "Choose a folder that has a folder of pictures for each person." };
  const told = $(".answer", form.parentElement);
  const sent = [];
  for (const [id, files] of people) {
    told.replaceChildren(element("p", {}, `${sent.length + 1} of ${people.size}: ${id}`));
    const one = { id, pictures: [], problem: null };
    for (const batch of batches(files)) {
      if (one.problem) break;
      const body = new FormData();
      body.append("external_id", id);
      batch.forEach((file) => body.append("picture", file, "picture"));
      try {
        one.pictures.push(...(await send(form, body)).pictures);
      } catch (problem) {
        one.problem = problem;
      }
    }
    sent.push(one);
  }
  return sent;
}

async function send(form, body, fill = () => {}) {
  const { expires, warn } = form.elements;
  if (expires.value) body.append("expires_ms", String(Date.parse(expires.value)));
  fill();
  const { pictures } = await ask("POST", inGallery(`/enrollments${warn.checked ? "?on_duplicate=warn" : ""}`), body);
  return { pictures, problem: null };
}
