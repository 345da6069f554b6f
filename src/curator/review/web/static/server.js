// Requests to the server, and the data that it has put into the attributes of <body>.

/** The prefix of all paths, without a slash at its end: a proxy may serve the page under a prefix. */
export const root = document.body.dataset.root;

/** The id of the list. Every storage key contains it, so that two lists in one browser never mix. */
export const listId = document.body.dataset.list;

const WANTS_JSON = { Accept: "application/json" };
const MAX_KEEPALIVE_BODY = 60_000; // characters of ASCII; browsers let a request of 64 KiB outlive its page

/**
 * Get a JSON document.
 * @param {string} path A path of the page, with its query.
 * @returns {Promise<Record<string, any>>}
 * @throws {Error} The server cannot be reached, or it refused; the message is the server's, if it sent one.
 */
export async function getJson(path) {
  const response = await fetch(root + path, { headers: WANTS_JSON });
  if (!response.ok) throw new Error((await readJson(response)).error || describeStatus(response));
  return response.json();
}

/**
 * Post a form, with the form token of this page.
 * @param {string} path A path of the page.
 * @param {FormData | URLSearchParams} body
 * @returns {Promise<Response>}
 * @throws {TypeError} The server cannot be reached.
 */
export function postForm(path, body) {
  body.set("form_token", document.body.dataset.formToken);
  const keepalive = body instanceof URLSearchParams && body.toString().length < MAX_KEEPALIVE_BODY;
  return fetch(root + path, { method: "POST", body, keepalive, headers: WANTS_JSON });
}

/**
 * Fetch the current form token: a session that was opened after this page was loaded has a different one.
 * @returns {Promise<boolean>} True if the token has changed, so that a refused form is worth another attempt.
 */
export async function renewFormToken() {
  const response = await fetch(`${root}/pulse`, { headers: WANTS_JSON });
  const token = response.ok && (await response.json()).form_token;
  if (!token || token === document.body.dataset.formToken) return false;
  document.body.dataset.formToken = token;
  return true;
}

/**
 * Read the JSON of a response.
 * @param {Response} response
 * @returns {Promise<Record<string, any>>} An empty object if the response is not JSON, such as the error page of a proxy.
 */
export async function readJson(response) {
  return response.json().catch(() => ({}));
}

/**
 * Describe a response that came without a message of its own.
 * @param {Response} response
 * @returns {string}
 */
export function describeStatus(response) {
  return `The server answered with status ${response.status}.`;
}
