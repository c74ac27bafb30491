// "Who is it?" and "Compare two".

import { ask, inGallery, may } from "./ask.js";
import { $, $$, button, count, element, endOf, ofThreshold, percent, remarks, run, scale, verdict, WORDS } from "./elements.js";
import { addPictures, faceOf, imageOf, initials } from "./pictures.js";

const LOOK = "Look yourself, or take another picture.";

export async function identify(form) {
  const picker = $(".picker", form);
  const exclusions = inGallery("/exclusions");
  const body = new FormData();
  addPictures(body, picker);
  const found = await ask("POST", inGallery(`/identify?top=5&fpir=${form.elements.fpir.value}`), body);
  const { candidates, threshold } = found;
  const named = candidates.find(({ person }) => person === found.person);
  const title = named ? `${WORDS[found.decision]}: ${named.name ?? named.external_id}` : found.decision === "unknown" ? "Nobody of the gallery" : null;
  const gap = found.gap === null ? "" : ` The second is ${found.gap.toFixed(4)} further away than the first.`;
  const sentences = [found.decision === "uncertain" ? LOOK : null, ofThreshold(threshold, "are taken for somebody"),
    `${count(found.gallery_size, "person was", "people were")} searched.${gap}`];
  const end = endOf(candidates.map(({ distance }) => distance), threshold?.distance);
  const rows = candidates.map((candidate) => row(candidate, threshold?.distance ?? null, end, (refuse) => run($(".answer", form.parentElement), refuse, async () => {
    await ask("POST", exclusions, { person: candidate.person, picture: found.picture });
    return identify(form);
  })));
  return [verdict(found.decision, title, sentences), remarks(found.remarks),
    rows.length ? element("h3", {}, "Most alike") : null, rows.length ? element("ol", { className: "candidates" }, await Promise.all(rows)) : null];
}

async function row(candidate, threshold, end, refuse) {
  const name = candidate.name ?? candidate.external_id;
  const face = await faceOf(candidate.person, `enrolled picture of ${name}`).catch(() => null);
  const strangers = candidate.fmr_at_score === null ? null : element("span", { className: "muted" }, `${percent(candidate.fmr_at_score)} of strangers are as close`);
  return element("li", { className: candidate.accepted ? "accepted" : "" }, element("span", { className: "face" }, face ?? initials(name)),
    element("span", { className: "who" }, element("strong", {}, name), strangers),
    element("span", { className: "far" }, element("span", {}, `distance ${candidate.distance.toFixed(4)}${candidate.accepted ? ", below the threshold" : ""}`), scale(candidate.distance, threshold, end)),
    may("enrol") ? button("Not this person", refuse, { label: `Not this person: ${name}`, kind: "plain small" }) : null);
}

export async function verify(form) {
  const body = new FormData();
  const pickers = $$(".picker", form);
  for (const root of pickers) addPictures(body, root);
  const compared = await ask("POST", `/v1/compare?fmr=${form.elements.fmr.value}`, body);
  const { distance, threshold } = compared;
  const title = { match: "The same person", unknown: "Not the same person" }[compared.decision] ?? null;
  const pictures = await Promise.all(pickers.map((root) => imageOf(root.pictures()[0].file, { alt: root.dataset.label.toLowerCase() })));
  return [verdict(compared.decision, title, [compared.decision === "uncertain" ? LOOK : null, ofThreshold(threshold, "are taken for the same person")]),
    element("div", { className: "compared" }, pictures[0], element("span", { className: "far" },
      element("span", {}, `distance ${distance.toFixed(4)}`), element("span", {}, `similarity ${compared.similarity.toFixed(4)}`),
      scale(distance, threshold?.distance ?? null, endOf([distance], threshold?.distance))), pictures[1]),
    remarks(compared.remarks)];
}
