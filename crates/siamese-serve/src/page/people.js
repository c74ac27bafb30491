// The people of a gallery.

import { ask, inGallery, may } from "./ask.js";
import { $, button, count, day, element, run, sure } from "./elements.js";
import { faceOf, initials, kept } from "./pictures.js";

const called = (person) => person.name ?? person.external_id;

/** Pictures come when their cards are seen. */
const seen = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    if (!isIntersecting) continue;
    seen.unobserve(target);
    faceOf(target.person.number, "").then((face) => face && $(".face", target).replaceChildren(face)).catch(() => {});
  }
}, { rootMargin: "200px" });

let turn = 0;

/** Lists people after a cursor, or the one of an id. */
export async function listPeople(cursor, external_id) {
  const section = $("#people");
  const list = $("ul", section);
  const more = $(".more", section);
  const mine = ++turn;
  await run($(".answer", section), more, async () => {
    const query = new URLSearchParams({ limit: 48 });
    if (cursor) query.set("cursor", cursor);
    if (external_id) query.set("external_id", external_id);
    const page = await ask("GET", inGallery(`/persons?${query}`));
    if (mine !== turn) return null;
    if (!cursor) list.replaceChildren();
    for (const person of page.persons) {
      const open = element("button", { type: "button", className: "card" }, element("span", { className: "face" }, initials(called(person))),
        element("span", { className: "who" }, element("strong", {}, called(person)), person.name ? element("span", { className: "muted" }, person.external_id) : null));
      open.person = person;
      open.addEventListener("click", () => openPerson(person));
      seen.observe(open);
      list.append(element("li", {}, open));
    }
    more.hidden = !page.next_cursor;
    more.onclick = () => listPeople(page.next_cursor);
    if (list.children.length > 0) return null;
    return element("p", {}, external_id ? "There is nobody with this id." : "Nobody is enrolled yet.");
  });
}

let changed = () => {};

/** Says what is to be done when people have changed. */
export function onChanged(does) {
  changed = does;
}

async function openPerson(person) {
  const dialog = $("#person");
  const at = inGallery(`/persons/${person.number}`);
  const answer = $(".answer", dialog);
  const pictures = $(".pictures", dialog);
  const facts = [["Id", person.external_id], ["Number", person.number], ["Added", day(person.created_ms)],
    ["Forgotten on", day(person.expires_ms) || "never, unless deleted"]];
  $("h2", dialog).textContent = called(person);
  $("dl", dialog).replaceChildren(...facts.map(([name, value]) => element("div", {}, element("dt", {}, name), element("dd", {}, String(value)))));
  pictures.replaceChildren();
  for (const each of dialog.querySelectorAll("[data-scope]")) each.hidden = !may(each.dataset.scope);
  dialog.showModal();

  const load = async () => {
    const { templates } = await ask("GET", `${at}/templates`);
    pictures.replaceChildren(...await Promise.all(templates.map((template) => figure(person, at, template, answer, load))));
    if (templates.length === 0) return element("p", {}, "There is no template, so this person cannot be found.");
    const unseen = templates.filter((template) => !template.kept).length;
    const said = count(templates.length, "template", "templates");
    return element("p", { className: "muted" }, unseen === 0 ? said : `${said}; of ${unseen} the picture was not kept`);
  };
  $(".delete", dialog).onclick = async () => {
    if (!await sure(`${called(person)} and all that is kept of this person will be deleted. It cannot be undone.`)) return;
    await run(answer, null, async () => {
      await ask("DELETE", at);
      dialog.close();
      changed();
    });
  };
  $(".export", dialog).onclick = () => run(answer, null, async () => {
    const all = await ask("GET", `${at}/export`);
    const file = new Blob([JSON.stringify(all, null, 1)], { type: "application/json" });
    const href = URL.createObjectURL(file);
    element("a", { href, download: `person-${person.number}.json` }).click();
    setTimeout(() => URL.revokeObjectURL(href), 1000);
  });
  $(".add", dialog).onclick = () => {
    dialog.close();
    const form = $("#enrol form");
    form.reset();
    $(".picker", form).clear();
    form.elements.external_id.value = person.external_id;
    form.elements.name.value = person.name ?? "";
    form.elements.how[0].dispatchEvent(new Event("change", { bubbles: true }));
    location.hash = "#enrol";
  };
  await run(answer, null, load);
}

async function figure(person, at, { template, created_ms, kept: has }, answer, load) {
  const remove = button("Delete", () => run(answer, remove, async () => {
    if (await sure(`Template ${template} of ${called(person)} will be deleted, with its picture. It cannot be undone.`)) {
      await ask("DELETE", `${at}/templates/${template}`);
      changed();
    }
    return load();
  }), { label: `Delete template ${template}`, kind: "plain small" });
  const unseen = (why) => element("span", { className: "unkept" }, why);
  const picture = has ? await kept(person.number, template, `picture of template ${template}`).catch(() => unseen("cannot be had")) : unseen("not kept");
  return element("figure", {}, picture, element("figcaption", {}, element("span", {}, `No. ${template}`), element("span", {}, day(created_ms)), may("enrol") ? remove : null));
}
