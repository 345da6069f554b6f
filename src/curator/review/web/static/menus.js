// The menus of a card: reasons to reject it, and candidates and frames that it can be merged into.

/** @import {Card} from "./cards.js" */
import { findInCard } from "./cards.js";
import { closeMenus } from "./keys.js";
import { getJson } from "./server.js";
import { debounce } from "./timing.js";

const SEARCH_AFTER = 200; // milliseconds after the last letter

/** @type {WeakMap<Card, string>} The words of the latest search. */
const latestSearch = new WeakMap();

/** Open the reject menu, with the focus on the first reason. */
export function openRejectMenu() {
  openMenu("reject", "button[value^='reject:']");
}

/** Open the merge menu, with the focus on its text field. */
export function openMergeMenu() {
  openMenu("merge", ".into");
}

/**
 * Choose a reason to reject by its number; the number after the last reason moves to the field for another one.
 * @param {number} number From 1.
 * @returns {boolean} False if the reject menu is closed.
 */
export function chooseReason(number) {
  const menu = findInCard(".menu.reject[open]");
  if (!menu) return false;
  const reasons = menu.querySelectorAll("button[value^='reject:']");
  if (number <= reasons.length) reasons[number - 1].click();
  else if (number === reasons.length + 1) menu.querySelector("[name=other_reason]").focus();
  return true;
}

/**
 * Suggest candidates and frames that a card can be merged into, while its merge menu is open.
 * @param {Card} card
 */
export function connectMergeMenu(card) {
  const field = card.node.querySelector(".into");
  card.node
    .querySelector(".merge")
    .addEventListener("toggle", (event) => event.target.open && suggestTargets(card, ""));
  field.addEventListener(
    "input",
    debounce(SEARCH_AFTER, () => suggestTargets(card, field.value)),
  );
}

function openMenu(name, selector) {
  const menu = findInCard(`.menu.${name}`);
  if (!menu) return;
  closeMenus(menu);
  menu.open = true;
  menu.querySelector(selector).focus();
}

async function suggestTargets(card, words) {
  latestSearch.set(card, words);
  const found = await getJson(`/candidate/${card.id}/targets?${new URLSearchParams({ q: words })}`).catch(() => null);
  if (!found || latestSearch.get(card) !== words) return;
  card.node.querySelector(".targets").innerHTML = found.html; // rendered and escaped by the server
}
