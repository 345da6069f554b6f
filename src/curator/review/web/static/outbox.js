// Decisions on their way to the server. The browser keeps them until the server has them and sends them in order; the
// server carries out each of them once. Entries that an earlier version of the page has left are sent too, so the
// storage key and the names of the fields must not change.

import { describeStatus, listId, postForm, readJson, renewFormToken } from "./server.js";

const STORAGE_KEY = `curator.${listId}.outbox`;
const MIN_RETRY_WAIT = 500; // milliseconds before the second attempt; doubled after each failure
const MAX_RETRY_WAIT = 15_000; // milliseconds between two attempts

/**
 * A form to be sent to the server.
 * @typedef {object} Entry
 * @property {string} url The path that it is posted to.
 * @property {string} id The candidate that it decides, or "" for an undo or redo.
 * @property {[string, FormDataEntryValue][]} fields Without the form token, which is added when it is sent.
 * @property {string} [undoes] The `request` that it undoes; if that one is refused, this one is dropped.
 * @property {string} request A unique id: the server carries out each request once, however often it arrives.
 */

/**
 * The server's answer to an entry.
 * @typedef {object} Answer
 * @property {Entry} entry
 * @property {boolean} isAccepted
 * @property {number} status The HTTP status.
 * @property {Record<string, any>} content The server's JSON: `message` or `error`, `progress`, and others.
 */

let isSending = false;
let retryWait = MIN_RETRY_WAIT;
let entries = [];
let isStored = true; // false while storage lacks entries that this page holds
/** @type {(answer: Answer) => unknown} */
let onAnswer = () => {};
/** @type {(reason: string, left: number) => void} */
let onFailure = () => {};

/**
 * Set the functions that are called with each answer and after each failed attempt.
 * @param {object} listeners
 * @param {(answer: Answer) => unknown} listeners.onAnswer
 * @param {(reason: string, left: number) => void} listeners.onFailure Called with the number of entries that
 *   wait. They are sent again later.
 */
export function listen(listeners) {
  ({ onAnswer, onFailure } = listeners);
}

/**
 * Keep a form until the server has it, and send it as soon as possible.
 * @param {Omit<Entry, "request">} form
 * @returns {string} The id of the request.
 */
export function enqueue(form) {
  const request = crypto.randomUUID ? crypto.randomUUID() : `${Date.now()}-${Math.random().toString(36).slice(2)}`;
  change((stored) => [...stored, { ...form, request }]);
  sendAll();
  return request;
}

/**
 * Return the entries that the server does not have yet, oldest first.
 * @returns {Entry[]}
 */
export function waiting() {
  return entries;
}

/**
 * Return whether a decision on a candidate is still on its way.
 * @param {string} id
 * @returns {boolean}
 */
export function isOnItsWay(id) {
  return entries.some((entry) => entry.id === id);
}

/** Send all waiting entries in order, and try again later if the server cannot be reached. */
export async function sendAll() {
  if (isSending) return;
  isSending = true;
  try {
    change((stored) => stored); // load entries that another tab or an earlier page has left
    while (entries.length) {
      const answer = await send(entries[0]);
      remove(answer);
      retryWait = MIN_RETRY_WAIT;
      onAnswer(answer);
    }
  } catch (error) {
    onFailure(error.message, entries.length);
    setTimeout(sendAll, retryWait);
    retryWait = Math.min(retryWait * 2, MAX_RETRY_WAIT);
  } finally {
    isSending = false;
  }
}

async function send(entry) {
  const body = new URLSearchParams(entry.fields);
  body.set("request", entry.request);
  const response = await postForm(entry.url, body);
  if (response.status === 403 && (await renewFormToken())) return send(entry);
  const content = await readJson(response);
  if (response.status >= 500 || response.status === 403 || response.status === 401)
    throw new Error(content.error || describeStatus(response));
  return { entry, isAccepted: response.ok, status: response.status, content };
}

// Also drop the undo of a decision that was refused or changed nothing: it would undo the decision before it.
function remove({ entry, isAccepted, content }) {
  const isAdded = isAccepted && !content.unchanged;
  change((stored) =>
    stored.filter((other) => other.request !== entry.request && (isAdded || other.undoes !== entry.request)),
  );
}

// Another tab may have changed the stored entries: the change is applied to them and not to this page's copy.
function change(revise) {
  entries = revise(isStored ? readStored() : entries);
  try {
    localStorage.setItem(STORAGE_KEY, JSON.stringify(entries));
    isStored = true;
  } catch {
    isStored = false; // storage is full or forbidden: the entries are kept in this page alone
  }
}

function readStored() {
  try {
    return JSON.parse(localStorage.getItem(STORAGE_KEY)) || [];
  } catch {
    return [];
  }
}

window.addEventListener("online", sendAll);
