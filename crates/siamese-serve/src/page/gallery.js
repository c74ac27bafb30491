// What a gallery decides by, and how it is.

import { ask, inGallery, state } from "./ask.js";
import { $, count, element, outOf, percent, run, table, verdict } from "./elements.js";

const number = (text) => element("td", { className: "number" }, text);
const strangers = (rate, weak) => element("td", {}, outOf(rate), weak ? element("span", { className: "mark" }, "an indication") : null);
const lost = (rate) => number(rate === null ? "not measured" : outOf(rate));

/** What can be asked for where nothing was measured: there are distances then, and no decision. */
const USUAL = [[0.1, false], [0.01, false], [0.001, false]];

/** Offers the error rates that were measured. */
export async function offerRates() {
  const found = state.gallery === null ? { comparisons: [], searches: [] } : await ask("GET", inGallery("/calibrations"));
  offer("fmr", found.comparisons.map(({ fmr, weak }) => [fmr, weak]));
  offer("fpir", found.searches.map(({ fpir, weak }) => [fpir, weak]));
}

function offer(name, measured) {
  const rates = [...new Map(measured.length ? measured : USUAL)].sort(([one], [other]) => other - one);
  const strictest = rates.filter(([, weak]) => !weak).at(-1) ?? rates[0];
  const options = rates.map((rate) => element("option", { value: rate[0], selected: rate === strictest }, `${percent(rate[0])}${rate[1] ? " (an indication)" : ""}`));
  $(`select[name=${name}]`).replaceChildren(...options);
}

export async function thresholds() {
  await run($("#thresholds .answer"), null, async () => {
    const found = await ask("GET", inGallery("/calibrations"));
    if (!found.calibrated) {
      return [verdict("none", "Not calibrated", ["Nobody measured how often strangers are taken for somebody. So there are distances and no decisions."]),
        element("p", {}, "To calibrate, judge the model on people whom it was not trained on (", element("code", {}, "siamese calibrate"),
          "), and give the gallery what comes out (", element("code", {}, "siamese gallery calibrate"), ").")];
    }
    const comparisons = found.comparisons.map((point) => element("tr", {}, strangers(point.fmr, point.weak), number(point.distance.toFixed(4)), lost(point.fnmr)));
    const searches = found.searches.map((point) => element("tr", {}, number(point.gallery_size.toLocaleString("en")), strangers(point.fpir, point.weak), number(point.distance.toFixed(4)), lost(point.fnir)));
    return [
      verdict("match", "Calibrated", [`Measured on ${count(found.subjects, "person", "people")}: ${found.made}.`, inWords(found)]),
      element("h3", {}, "Is it this person?"), table("Thresholds for comparisons", ["Strangers accepted (FMR)", "Distance below", "Right person rejected (FNMR)"], comparisons),
      searches.length ? element("h3", {}, "Who is it?") : null,
      searches.length ? table("Thresholds for searches", ["People searched", "Strangers taken for somebody (FPIR)", "Distance below", "Right person missed (FNIR)"], searches) : null,
      element("p", { className: "muted" }, "The more people are searched, the more often a stranger looks like one of them. So a search needs a stricter threshold than a comparison, and a larger gallery a stricter one than a small one. “An indication” marks rates that so few people cannot show firmly."),
    ];
  });
}

/** The figures for searches in as many people as there are, or nearly, as a sentence. */
function inWords({ searches }) {
  const firm = searches.filter((point) => !point.weak);
  const near = (point) => Math.abs(Math.log(point.gallery_size / Math.max(state.people, 1)));
  const point = [...(firm.length ? firm : searches)].sort((one, other) => near(one) - near(other) || one.fpir - other.fpir)[0];
  if (!point) return null;
  const missed = point.fnir === null ? "" : ` Of those who are in it, ${outOf(point.fnir)} are not found.`;
  return `In a gallery of ${point.gallery_size.toLocaleString("en")}, of the strangers who are searched for ${outOf(point.fpir)} are taken for somebody.${missed} Which it is to be, you choose with each search: fewer strangers taken for somebody means more people missed.`;
}

export async function health() {
  await run($("#health .answer"), null, async () => {
    const ready = await ask("GET", "/readyz").catch((problem) => ("ready" in problem ? problem : Promise.reject(problem)));
    const said = verdict(ready.ready ? "match" : "unknown", ready.ready ? "Ready" : "Not ready", [ready.ready ? "All galleries can be used." : "A gallery cannot be used; the operator's log says why."]);
    if (state.gallery === null) return said;
    const gallery = await ask("GET", inGallery(""));
    const tile = (name, value, about) => element("div", {}, element("dt", {}, name), element("dd", {}, element("span", { className: "value" }, String(value)), element("span", { className: "basis" }, about)));
    const row = (name, value) => element("tr", {}, element("th", { scope: "row" }, name), element("td", {}, String(value)));
    return [said,
      element("dl", { className: "tiles" }, tile("People", gallery.people.toLocaleString("en"), `in ${state.gallery}`), tile("Templates", gallery.templates.toLocaleString("en"), "searched each time"),
        tile("Calibration", gallery.calibration ? "yes" : "none", gallery.calibration ? "decisions at measured rates" : "distances, no decisions")),
      table("The gallery", ["", "Value"], [row("Changes so far", gallery.revision.toLocaleString("en")), row("Distance", gallery.metric),
        row("Pictures as the model takes them", `${gallery.picture_size.join(" x ")} (height x width)`), row("Model", gallery.contract.slice(0, 16)), row("Calibration", gallery.calibration ?? "none")])];
  });
}
