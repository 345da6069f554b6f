// Checks whether a card's quotes support the wording being typed. The server does so soon after the last letter.

import { postForm } from "./server.js";

const CHECK_AFTER = 300; // milliseconds after the last letter

/**
 * By card: the words checked last, and the timer of the next check.
 * @type {WeakMap<HTMLElement, {words: string, timer: number}>}
 */
const checks = new WeakMap();

/**
 * Collapse white space into single spaces, as the server does before it compares or publishes words.
 * @param {string} text
 * @returns {string}
 */
export function joinWords(text) {
  return text.split(/\s+/).filter(Boolean).join(" ");
}

/**
 * Start checking the wording of a card while it is edited.
 * @param {HTMLElement} card
 */
export function watchWording(card) {
  const field = card.querySelector("textarea");
  checks.set(card, { words: joinWords(field.value), timer: 0 });
  field.addEventListener("input", () => updateSupport(card));
}

/**
 * Mark verdicts on words other than those in the field, and check the new words.
 *
 * A verdict holds for the words that it was given on; next to other words it is marked and never green.
 * @param {HTMLElement} card
 */
export function updateSupport(card) {
  const words = currentWords(card);
  for (const verdict of card.querySelectorAll(".support"))
    verdict.classList.toggle("stale", joinWords(verdict.dataset.words) !== words);
  if (words === checks.get(card).words) return;
  checks.get(card).words = words;
  checkSoon(card);
}

/**
 * Check the wording of a card again after a pause; the draft's own wording needs no check.
 * @param {HTMLElement} card
 */
export function checkSoon(card) {
  const check = checks.get(card);
  clearTimeout(check.timer);
  const isDraft = !check.words || check.words === joinWords(card.querySelector("textarea").dataset.draft);
  const result = card.querySelector(".wording");
  result.textContent = isDraft ? "" : "Support of your wording: checking …";
  result.hidden = isDraft;
  if (!isDraft) check.timer = setTimeout(() => showCheck(card, check.words), CHECK_AFTER);
}

async function showCheck(card, words) {
  const html = await fetchCheck(card, words).catch(() => null);
  if (currentWords(card) !== words) return;
  const result = card.querySelector(".wording");
  if (html === null) result.textContent = "Support of your wording: it could not be checked now.";
  else result.innerHTML = html; // rendered by the server, which escapes it
  result.hidden = !result.textContent;
}

async function fetchCheck(card, words) {
  const body = new FormData(card.querySelector("form.accept")); // with the scope that would be published
  body.set("text", words);
  const response = await postForm(`/candidate/${card.dataset.id}/wording`, body);
  return response.ok ? (await response.json()).html.trim() : null;
}

function currentWords(card) {
  return joinWords(card.querySelector("textarea").value);
}
