// The parts of a card that need consent: its open question and its scope are published only if the reviewer ticks them.
//
// A part that an earlier version of Curator published without asking has a second box, "Take it off". If neither box is
// ticked, the part stays as it is.

import { joinWords } from "./wording_check.js";

const partsOf = (card) => card.querySelectorAll(".term");
const wordsField = (part) => part.querySelector(".reword input");
const tickBox = (part) => part.querySelector("[name$=_agreed]");
const removalBox = (part) => part.querySelector("[name$=_off]"); // null if a reviewer has decided on the part before

/**
 * Keep words and ticks of a card consistent while they are edited.
 * @param {HTMLElement} card
 */
export function connectConsent(card) {
  for (const part of partsOf(card)) {
    const [tick, removal] = [tickBox(part), removalBox(part)];
    wordsField(part).addEventListener("input", () => showWords(part));
    tick.addEventListener("change", () => removal && tick.checked && (removal.checked = false));
    removal?.addEventListener("change", () => removal.checked && (tick.checked = false));
  }
}

/**
 * Tick or untick a part; move to its text field if it has no words.
 * @param {HTMLElement} card
 * @param {"question" | "scope"} name
 */
export function toggleConsent(card, name) {
  const part = card.querySelector(`.term[data-part=${name}]`);
  tickBox(part).click();
  if (!tickBox(part).checked || joinWords(wordsField(part).value)) return;
  part.querySelector(".reword").open = true;
  wordsField(part).focus();
}

/**
 * Return words and ticks as an unfinished edit stores them.
 * @param {HTMLElement} card
 * @returns {Record<string, string | boolean>} For each part its words, and `…_agreed`, `…_off` and `…_undecided`.
 */
export function readConsent(card) {
  const fields = {};
  for (const part of partsOf(card)) {
    const name = part.dataset.part;
    fields[name] = wordsField(part).value;
    fields[`${name}_agreed`] = tickBox(part).checked;
    fields[`${name}_off`] = Boolean(removalBox(part)?.checked);
    fields[`${name}_undecided`] = Boolean(removalBox(part));
  }
  return fields;
}

/**
 * Restore words and ticks from an unfinished edit.
 * @param {HTMLElement} card
 * @param {Record<string, unknown>} fields As from `readConsent`; parts that are missing stay as they are.
 */
export function writeConsent(card, fields) {
  for (const part of partsOf(card)) {
    const name = part.dataset.part;
    if (typeof fields[name] !== "string") continue;
    wordsField(part).value = fields[name];
    if (typeof fields[`${name}_agreed`] === "boolean") tickBox(part).checked = fields[`${name}_agreed`];
    if (removalBox(part)) removalBox(part).checked = Boolean(fields[`${name}_off`]);
    showWords(part);
  }
}

/**
 * Reset words and ticks to the published or drafted ones.
 * @param {HTMLElement} card
 */
export function resetConsent(card) {
  for (const part of partsOf(card)) {
    wordsField(part).value = part.dataset.standing;
    tickBox(part).checked = Boolean(part.dataset.ticked);
    if (removalBox(part)) removalBox(part).checked = false;
    showWords(part);
  }
}

/**
 * Find the first part that prevents the card from being accepted, and move the focus to it.
 * @param {HTMLElement} card
 * @returns {string} A sentence for the reviewer; "" if every part can be accepted.
 */
export function findConsentProblem(card) {
  for (const part of partsOf(card)) {
    const problem = problemOf(part);
    if (!problem) continue;
    part.querySelector(".reword").open = true;
    (tickBox(part).checked ? wordsField(part) : tickBox(part)).focus();
    return `${tickBox(part).getAttribute("aria-label").replace("Publish the", "The")} ${problem}`;
  }
  return "";
}

function problemOf(part) {
  const words = joinWords(wordsField(part).value);
  const removal = removalBox(part);
  if (tickBox(part).checked) return words ? "" : "is ticked and has no words; write it, or untick it.";
  if (!removal || removal.checked || words === joinWords(part.dataset.standing)) return "";
  return "was changed, and nobody has agreed to it yet: tick it to publish it in your words, or tick “Take it off”.";
}

function showWords(part) {
  part.querySelector(".words").textContent = joinWords(wordsField(part).value) || "none";
}
