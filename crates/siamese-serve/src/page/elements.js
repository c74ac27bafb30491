// Elements of the page, and what answers are in words.

export const $ = (selector, root = document) => root.querySelector(selector);
export const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];

/** An element with properties and children; text is never markup. */
export function element(name, properties = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key in made) made[key] = value; else made.setAttribute(key, value);
  }
  made.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return made;
}

export function button(text, does, { label, kind = "plain" } = {}) {
  const made = element("button", { type: "button", className: kind }, text);
  if (label) made.setAttribute("aria-label", label);
  made.addEventListener("click", () => does(made));
  return made;
}

export const percent = (rate) => `${Number((100 * rate).toPrecision(2))} %`;
export const day = (ms) => (ms === null || ms === undefined ? "" : new Date(ms).toISOString().slice(0, 10));
export const count = (number, one, many) => `${number.toLocaleString("en")} ${number === 1 ? one : many}`;

/** A rate as people count: "3 of 1,000". */
export function outOf(rate) {
  if (rate === 0) return "none seen";
  let all = 100;
  while (rate * all < 0.95 && all < 1e9) all *= 10;
  return `${Math.round(rate * all).toLocaleString("en")} of ${all.toLocaleString("en")}`;
}

export function wrong(problem) {
  return element("p", { className: "wrong" }, element("strong", {}, `${problem.title ?? "It failed"}. `), problem.detail ?? String(problem));
}

/** Does the work of a form or button, with its answer, or with what went wrong, in `answer`. */
export async function run(answer, pressed, work) {
  answer.replaceChildren();
  if (pressed) pressed.disabled = true;
  answer.setAttribute("aria-busy", "true");
  try {
    answer.replaceChildren(...[await work()].flat().filter(Boolean));
  } catch (problem) {
    answer.replaceChildren(wrong(problem));
  } finally {
    answer.removeAttribute("aria-busy");
    if (pressed) pressed.disabled = false;
  }
  if (answer.firstChild) answer.scrollIntoView({ block: "nearest" });
}

/** A table that scrolls where it is wider than the screen; `name` tells it from others. */
export function table(name, head, rows) {
  const heads = head.map((text) => element("th", { scope: "col" }, text || element("span", { className: "hidden" }, "more")));
  return element("div", { className: "scroll", tabIndex: 0, role: "region", ariaLabel: name },
    element("table", {}, element("thead", {}, element("tr", {}, heads)), element("tbody", {}, rows)));
}

/** Asks before something is deleted. */
export function sure(text) {
  const dialog = $("#sure");
  $("p", dialog).textContent = text;
  dialog.returnValue = "no";
  dialog.showModal();
  return new Promise((done) => dialog.addEventListener("close", () => done(dialog.returnValue === "yes"), { once: true }));
}

// ---- decisions

export const WORDS = { match: "Match", uncertain: "Uncertain", unknown: "No match", none: "No decision" };

export function verdict(word, title, sentences) {
  return element("div", { className: `verdict ${word}` }, element("p", { className: "standing" }, title ?? WORDS[word]),
    sentences.filter(Boolean).map((text) => element("p", {}, text)));
}

/** What a threshold means; `what` is what may happen to strangers. */
export function ofThreshold(threshold, what) {
  if (!threshold) return "Nobody measured how often strangers look so alike, so there are distances and no decision.";
  const rate = threshold.fpir ?? threshold.fmr;
  const target = threshold.target_fpir ?? threshold.target_fmr;
  const met = threshold.target_met ? "" : ` You asked for ${percent(target)}; nothing as strict was measured.`;
  const weak = threshold.weak ? " So few people were measured that this is an indication." : "";
  return `A match is a distance below ${threshold.distance.toFixed(4)}, where ${percent(rate)} of strangers ${what}.${met}${weak}`;
}

/** A distance on a scale, beside the threshold. The text beside it says the same in numbers. */
export function scale(distance, threshold, end) {
  const place = (value) => `${Math.min(Math.max(100 * value / end, 0), 100)}%`;
  const dot = element("span", { className: "dot" });
  dot.style.left = place(distance);
  const below = threshold === null ? null : element("span", { className: "below" });
  if (below) below.style.width = place(threshold);
  return element("span", { className: "scale", ariaHidden: "true" }, below, dot);
}

/** Where scales of these distances end. */
export const endOf = (distances, threshold) => 1.1 * Math.max(...distances, 2 * (threshold ?? 0), 1e-6);

export function remarks(list) {
  return list.length === 0 ? null : element("p", { className: "muted" }, `Note: ${list.join(" ")}`);
}
