// For administrators: galleries are made, deleted, and moved to other models.

import { ask, askWithTag } from "./ask.js";
import { $, button, count, element, run, sure, table, verdict } from "./elements.js";

let changed = () => {};

/** Says what is to be done when galleries have come or gone. */
export function onGalleriesChanged(does) {
  changed = does;
}

const at = (name) => `/v1/galleries/${encodeURIComponent(name)}`;
const options = (names) => names.map((name) => element("option", { value: name }, name));

export async function showGalleries() {
  const section = $("#galleries");
  const { galleries, models, can_be_made } = await ask("GET", "/v1/galleries");
  for (const select of section.querySelectorAll("select[name=model]")) select.replaceChildren(...options(models));
  $("select[name=gallery]", section).replaceChildren(...options(galleries.map(({ name }) => name)));
  $(".making", section).hidden = !can_be_made || models.length === 0;
  $(".moving", section).hidden = models.length === 0 || galleries.length === 0;
  $(".neither", section).hidden = can_be_made && models.length > 0;
  const row = (gallery) => element("tr", {}, element("th", { scope: "row" }, gallery.name), element("td", { className: "number" }, gallery.people.toLocaleString("en")),
    element("td", { className: "number" }, gallery.templates.toLocaleString("en")), element("td", {}, gallery.contract.slice(0, 16)),
    element("td", {}, gallery.can_be_deleted ? button("Delete", (pressed) => remove(gallery, pressed), { label: `Delete ${gallery.name}`, kind: "danger small" }) : null));
  $(".list", section).replaceChildren(table("List of galleries", ["Name", "People", "Templates", "Model", ""], galleries.map(row)));
}

async function remove({ name }, pressed) {
  await run($("#galleries .answer"), pressed, async () => {
    // As it is when the question is asked: whoever enrols somebody meanwhile is not lost.
    const { document: { people }, tag } = await askWithTag("GET", at(name));
    if (!await sure(`The gallery ${name} with ${count(people, "person", "people")} and all that is kept of them will be deleted. It cannot be undone.`)) return null;
    await ask("DELETE", at(name), undefined, { "If-Match": tag });
    await changed();
    await showGalleries();
    return verdict("match", `${name} is deleted`, []);
  });
}

/** What the forms do. */
export function listenToGalleries() {
  const does = (form, work) => form.addEventListener("submit", (event) => {
    event.preventDefault();
    run($("#galleries .answer"), event.submitter, () => work(form.elements));
  });
  does($("#galleries form.make"), async ({ name, model }) => {
    const made = await ask("POST", "/v1/galleries", { name: name.value.trim(), model: model.value });
    name.value = "";
    await changed();
    await showGalleries();
    return verdict("match", `${made.name} is made`, ["It is empty: choose it above, and enrol people."]);
  });
  does($("#galleries form.move"), async ({ gallery, model, leave_out, prune }) => {
    await ask("POST", `${at(gallery.value)}/reembed`, { model: model.value, leave_out: leave_out.checked, prune: prune.checked });
    location.hash = "#jobs";
  });
}
