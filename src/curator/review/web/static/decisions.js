// Decisions: the next card appears at once, and the outbox sends the decision to the server.

/** @import {Card} from "./cards.js" */
import { currentCard, filterCards, findInCard, showNextOpen } from "./cards.js";
import { findConsentProblem } from "./consent.js";
import { saveEdit } from "./editing.js";
import { closeMenus } from "./keys.js";
import { enqueue, waiting } from "./outbox.js";

const MAX_TEXT = 1000; // characters of a frame, as MAX_TEXT_CHARS on the server

/** @type {Card[]} Cards that were decided on this page, latest last; an undo shows the last one again at once. */
const decided = [];

/**
 * Carry out the decision of a form on the current card, and show the next card.
 * @param {HTMLFormElement} form
 * @param {HTMLButtonElement | null} button The button that was pressed; it names the action.
 */
export function decide(form, button) {
  const card = currentCard();
  const data = new FormData(form);
  if (button) data.set("action", button.value);
  data.delete("form_token"); // the outbox adds a valid one when it sends
  const action = data.get("action");
  if (form.classList.contains("accept") && !isAcceptable(card)) return;
  if (isLeftEmpty(data, "reject", "other_reason") || isLeftEmpty(data, "merge", "into")) return;
  closeMenus();
  Object.assign(card, { error: "", action });
  if (action !== "accept" && card.hasEdits) saveEdit(card); // so that it is there when the candidate comes back
  pushDecided(card);
  card.request = enqueue({ url: `/candidate/${card.id}/decide`, id: card.id, fields: [...data] });
  showNextOpen();
}

/**
 * Remove the card that was decided last from this page's record.
 * @returns {Card | undefined} Undefined if nothing was decided here.
 */
export function popDecided() {
  return decided.pop();
}

/**
 * Record that a card has been decided.
 * @param {Card} card
 */
export function pushDecided(card) {
  card.isDecided = true;
  decided.push(card);
}

/**
 * Forget the latest decision on a candidate because the server did not record it: there is nothing to undo.
 * @param {string} id
 */
export function forgetDecision(id) {
  const index = decided.findLastIndex((card) => card.id === id);
  if (index >= 0) decided.splice(index, 1);
}

/**
 * Return whether a decision was undone on this page before the server answered it.
 *
 * The card may have been edited since.
 * @param {string} request The id of the request that carries the decision.
 * @returns {boolean}
 */
export function isReopened(request) {
  if (waiting().some((entry) => entry.undoes === request)) return true;
  return filterCards((card) => card.request === request && !card.isDecided).length > 0;
}

function isAcceptable(card) {
  const field = card.node.querySelector("textarea");
  const text = field.value.trim();
  if (!card.node.dataset.acceptable)
    return refuse("This candidate cannot be accepted: none of its quotes was found in the paper.", field);
  if (!text) return refuse("The text is empty.", field);
  if (text.length > MAX_TEXT)
    return refuse(`The text has ${text.length} characters; a frame may have at most ${MAX_TEXT}.`, field);
  const problem = findConsentProblem(card.node);
  return problem ? refuse(problem, null) : true;
}

function refuse(reason, field) {
  const box = findInCard(".error");
  box.textContent = reason;
  box.hidden = false;
  field?.focus();
  return false;
}

// If the reason or the target is still missing, move the focus to its field.
function isLeftEmpty(data, action, name) {
  if (data.get("action") !== action || data.get(name).trim()) return false;
  findInCard(`[name=${name}]`).focus();
  return true;
}
