// The frame of the page: which section is shown, who is signed in, which gallery is open.

import { ask, inGallery, may, onSignedOut, state } from "./ask.js";
import { identify, verify } from "./decide.js";
import { $, $$, count, element, run, wrong } from "./elements.js";
import { enrol, showHow } from "./enrol.js";
import { listenToGalleries, onGalleriesChanged, showGalleries } from "./galleries.js";
import { health, offerRates, thresholds } from "./gallery.js";
import { showJobs } from "./jobs.js";
import { listPeople, onChanged } from "./people.js";
import { picker } from "./pictures.js";

const failed = (problem) => $("main > section:not([hidden]) .answer")?.replaceChildren(wrong(problem));

const sections = {
  identify: { form: identify }, verify: { form: verify }, enrol: { form: (form) => enrol(form, () => showGallery().catch(failed)) },
  people: { open: () => listPeople() }, thresholds: { open: thresholds }, health: { open: health },
  jobs: { open: showJobs }, galleries: { open: () => run($("#galleries .answer"), null, showGalleries) },
};

function showSection(wanted) {
  for (const section of $$("main > section")) section.hidden = section.id !== wanted;
  for (const link of $$("nav a")) {
    if (link.hash === `#${wanted}`) link.setAttribute("aria-current", "page"); else link.removeAttribute("aria-current");
  }
}

function showSignIn() {
  state.scope = null;
  $("nav").hidden = true;
  $("#sign-out").hidden = true;
  $("#gallery-about").textContent = "";
  showSection("sign-in");
  $("#sign-in input[name=key]").focus();
}

function show() {
  if (state.scope === null) return;
  const asked = location.hash.slice(1);
  const allowed = Object.keys(sections).filter((name) => !$(`nav a[href="#${name}"]`).hidden);
  const wanted = allowed.includes(asked) ? asked : allowed[0];
  showSection(wanted);
  sections[wanted].open?.();
}

async function showGallery() {
  const gallery = await ask("GET", inGallery(""));
  state.people = gallery.people;
  $("#gallery-about").textContent = `${state.gallery}: ${count(gallery.people, "person", "people")}, ${count(gallery.templates, "template", "templates")}`;
}

async function openGallery(name) {
  state.gallery = name;
  // What was found in another gallery has numbers of its own.
  $("#gallery-about").textContent = "";
  for (const shown of $$("main .answer, #people ul")) shown.replaceChildren();
  $("#people .more").hidden = true;
  if (name !== null) await showGallery();
  await offerRates();
  show();
}

async function begin() {
  const session = await ask("GET", "/v1/session");
  state.csrf = session.csrf_token;
  state.scope = session.scope;
  if (!session.scope) return showSignIn();
  $("#sign-out").hidden = !session.keys_needed;
  $("nav").hidden = false;
  await openGallery(await offerGalleries());
}

/** Sections that have something to show where there is no gallery. */
const WITHOUT = ["#verify", "#health", "#jobs", "#galleries"];

/** Offers the galleries that there are; gives the name of the open one, or of another where that is gone. */
async function offerGalleries() {
  const { galleries } = await ask("GET", "/v1/galleries");
  const names = galleries.map(({ name }) => name);
  const open = names.includes(state.gallery) ? state.gallery : names[0] ?? null;
  $("#gallery").replaceChildren(...names.map((name) => element("option", { value: name, selected: name === open }, name)));
  $("#gallery-choice").hidden = names.length < 2;
  for (const link of $$("nav a")) {
    link.hidden = !may(link.dataset.scope ?? "read") || names.length === 0 && !WITHOUT.includes(link.hash);
  }
  return open;
}

onSignedOut(showSignIn);
onChanged(() => { showGallery().catch(failed); listPeople(); });
onGalleriesChanged(async () => {
  const open = await offerGalleries();
  if (open !== state.gallery) await openGallery(open);
});
listenToGalleries();
$$(".picker").forEach(picker);
for (const [name, { form: work }] of Object.entries(sections)) {
  if (!work) continue;
  const form = $(`#${name} form`);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    run($(`#${name} .answer`), event.submitter, () => work(form));
  });
}
$("#enrol form").addEventListener("change", (event) => { if (event.target.name === "how") showHow(event.currentTarget); });
showHow($("#enrol form"));
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
  location.reload();
});
$("#gallery").addEventListener("change", (event) => openGallery(event.target.value).catch(failed));
window.addEventListener("hashchange", () => {
  // Who skips to the content stays where they are, and the browser itself takes them there.
  if (location.hash === "#main") return;
  show();
  $("main").focus();
});
begin().catch((problem) => $("main").replaceChildren(element("section", {}, wrong(problem))));
