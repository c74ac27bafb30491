// Questions to the server that the page came from, and to no other, by the interface that programs use.

export const state = { gallery: null, people: 0, csrf: null, scope: null };

let whenSignedOut = () => {};

/** Says what is to be done when the server wants a key. */
export function onSignedOut(does) {
  whenSignedOut = does;
}

export const inGallery = (path) => {
  if (state.gallery === null) throw { title: "No gallery", detail: "This server has a model and no gallery: start it with --gallery." };
  return `/v1/galleries/${encodeURIComponent(state.gallery)}${path}`;
};

/** Whether the key allows so much. */
export const may = (scope) => ["read", "enrol", "admin"].indexOf(state.scope) >= ["read", "enrol", "admin"].indexOf(scope);

/** Asks the server; throws the problem document where it refuses. */
export async function ask(method, path, body, more = {}) {
  return (await askWithTag(method, path, body, more)).document;
}

/** The same, with the ETag of what was answered. */
export async function askWithTag(method, path, body, more = {}) {
  const headers = { ...more };
  if (state.csrf) headers["X-CSRF-Token"] = state.csrf;
  if (body !== undefined && !(body instanceof FormData)) {
    headers["Content-Type"] = "application/json";
    body = JSON.stringify(body);
  }
  let answer;
  try {
    answer = await fetch(path, { method, headers, body });
  } catch {
    throw { title: "The server does not answer", detail: "Is it still running? What you entered is still here: try again." };
  }
  const document = answer.headers.get("content-type")?.includes("json") ? await answer.json() : null;
  if (answer.status === 401 && path !== "/v1/session") whenSignedOut();
  if (!answer.ok) throw document ?? { title: "The server failed", detail: `status ${answer.status}` };
  return { document, tag: answer.headers.get("etag") };
}

/** The bytes of a picture that was kept. */
export async function bytesOf(path) {
  const answer = await fetch(path);
  if (!answer.ok) throw { title: "The picture cannot be had", detail: `status ${answer.status}` };
  return answer.blob();
}
