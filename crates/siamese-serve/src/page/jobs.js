// What takes longer than an answer: how far it is.

import { ask, may } from "./ask.js";
import { $, button, count, element, run, table, wrong } from "./elements.js";

const KINDS = { enrollment: "Enrol people", reembedding: "Move to another model" };
const SCOPES = { enrollment: "enrol", reembedding: "admin" };
const STATES = { waiting: "waits", running: "under way", done: "done", failed: "failed", cancelled: "cancelled" };

/** How often the page asks how far they are, in milliseconds. */
const PAUSE = 1000;

/** Rejections that are shown of a job. */
const MOST = 100;

let turn = 0;

/** Lists the jobs, the latest first, and keeps the list true for as long as it is seen. */
export async function showJobs() {
  const section = $("#jobs");
  const list = $(".list", section);
  const mine = ++turn;
  const rows = new Map();
  list.replaceChildren();
  $(".answer", section).replaceChildren();
  while (mine === turn && !section.hidden) {
    try {
      const { jobs } = await ask("GET", "/v1/jobs");
      if (mine !== turn) return;
      show(list, rows, jobs.reverse());
      $(".answer", section).replaceChildren();
    } catch (problem) {
      $(".answer", section).replaceChildren(wrong(problem));
      // Nothing is shown to whoever is not signed in; all else may pass.
      if (problem.status === 401) return;
    }
    await new Promise((done) => setTimeout(done, PAUSE));
  }
}

function show(list, rows, jobs) {
  const known = new Set(jobs.map(({ job }) => job));
  for (const [id, row] of rows) {
    if (known.has(id)) continue;
    row.element.remove();
    rows.delete(id);
  }
  const fresh = jobs.filter(({ job }) => !rows.has(job));
  for (const job of fresh) rows.set(job.job, makeRow(job));
  for (const job of jobs) rows.get(job.job).update(job);
  if (jobs.length === 0) {
    list.replaceChildren(element("p", {}, "There is no job."));
  } else if (!$("tbody", list)) {
    list.replaceChildren(table("List of jobs", ["What", "Gallery", "How far", "", ""], jobs.map(({ job }) => rows.get(job).element)));
  } else {
    $("tbody", list).prepend(...fresh.map(({ job }) => rows.get(job).element));
  }
}

/** A row that stays where it is, so that whoever is on its button stays there. */
function makeRow({ job: id, kind, gallery }) {
  const name = `${KINDS[kind] ?? kind}, ${gallery}`;
  const progress = element("progress", { ariaLabel: name });
  const state = element("span", {});
  const rejected = button("", () => showRejections(id), { label: `What was refused: ${name}`, kind: "plain small" });
  const end = button("", () => run($("#jobs .answer"), end, () => ask("DELETE", `/v1/jobs/${id}`).then(() => null)), { kind: "plain small" });
  const row = element("tr", {}, element("th", { scope: "row" }, KINDS[kind] ?? kind), element("td", {}, gallery),
    element("td", { className: "far" }, progress, state), element("td", {}, rejected), element("td", {}, end));
  const update = (job) => {
    const ended = job.ended_ms !== null;
    progress.hidden = ended;
    progress.max = Math.max(job.of, 1);
    progress.value = job.done;
    state.textContent = `${STATES[job.state]}, ${job.done.toLocaleString("en")} of ${job.of.toLocaleString("en")}${job.problem ? `: ${job.problem.detail}` : ""}`;
    state.className = job.state === "failed" ? "wrong" : "";
    rejected.hidden = job.rejected === 0;
    rejected.textContent = `${job.rejected.toLocaleString("en")} refused`;
    end.hidden = !may(SCOPES[kind] ?? "admin");
    end.textContent = ended ? "Forget" : "Cancel";
    end.setAttribute("aria-label", `${end.textContent}: ${name}`);
  };
  return { element: row, update };
}

async function showRejections(id) {
  await run($("#jobs .answer"), null, async () => {
    const { rejected, rejections } = await ask("GET", `/v1/jobs/${id}`);
    const which = ({ person, picture, template }) => template !== null ? `template ${template}` : picture === null ? `person ${person + 1}` : `person ${person + 1}, picture ${picture + 1}`;
    const rows = rejections.slice(0, MOST).map((one) => element("tr", {}, element("th", { scope: "row" }, which(one)), element("td", {}, one.problem.detail)));
    const more = rejected > rows.length ? element("p", { className: "muted" }, `${count(rejected - rows.length, "more is", "more are")} not shown.`) : null;
    return [table("What was refused", ["Which", "Why"], rows), more];
  });
}
