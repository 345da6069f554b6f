// The candidates that have been shown and those that come next. Cards are fetched ahead of time, so that the next one
// appears as soon as a key is pressed.

import { findFocusedField, focusField } from "./editing.js";
import { announce, showMessage } from "./messages.js";
import { waiting } from "./outbox.js";
import { getJson, root } from "./server.js";
import { preloadPicture, showMarks } from "./viewer.js";

const FETCH_COUNT = 12; // cards that are fetched at once
const MIN_AHEAD = 8; // with fewer cards ahead, more are fetched
const PRELOADED = 2; // cards ahead whose pictures are fetched too
const MAX_TITLE = 60; // characters of a frame in the title of the browser's window

/**
 * A candidate as it is shown on this page.
 * @typedef {object} Card
 * @property {string} id The candidate's id.
 * @property {HTMLElement} node
 * @property {boolean} isDecided True if it was decided on this page and the decision has not been undone.
 * @property {string} error Why the server refused the decision; "" if it did not.
 * @property {string} [action] The latest decision on this page.
 * @property {string} [request] The id of the request that carries the latest decision.
 * @property {boolean} hasEdits True if it was edited on this page.
 * @property {boolean} isPrepared True once its fields and buttons are connected.
 */

const desk = document.getElementById("desk");

/** The topic that is reviewed; "" for all of them. */
export const topic = desk.dataset.topic;

const topicQuery = topic ? `?topic=${encodeURIComponent(topic)}` : "";
/** @type {Card[]} */
const cards = [];
let position = 0; // of the card that is shown; the end of `cards` if no candidate is left
let isFetching = false;
/** @type {(card: Card) => void} */
let prepare = () => {};

/**
 * Show the first card: the one in the page as the server sent it, or else the next one in the queue.
 * @param {(card: Card) => void} prepareCard Called before a card is shown for the first time.
 */
export function startCards(prepareCard) {
  prepare = prepareCard;
  const node = desk.querySelector(".card");
  if (!node) {
    fetchAhead();
    return;
  }
  cards.push(createCard(node));
  show(0, { isAnnounced: false });
}

/**
 * Return the card that is shown.
 * @returns {Card | undefined} Undefined if no candidate is left.
 */
export function currentCard() {
  return cards[position];
}

/**
 * Find an element in the card that is shown.
 * @param {string} selector
 * @returns {HTMLElement | null}
 */
export function findInCard(selector) {
  return currentCard()?.node.querySelector(selector) || null;
}

/**
 * Find a candidate among the cards of this page.
 * @param {string} id
 * @returns {Card | undefined}
 */
export function findCard(id) {
  return cards.findLast((card) => card.id === id);
}

/**
 * Return the cards of this page that meet a condition.
 * @param {(card: Card) => boolean} condition
 * @returns {Card[]}
 */
export function filterCards(condition) {
  return cards.filter(condition);
}

/** Show the next card, whether or not it was decided. */
export function showNext() {
  if (position < cards.length) show(position + 1);
}

/** Show the next card that was not decided on this page. */
export function showNextOpen() {
  let next = position + 1;
  while (cards[next]?.isDecided) next += 1;
  show(next);
}

/** Show the card before this one; before the first, the candidate that precedes it in the queue. */
export async function showPrevious() {
  if (position > 0) {
    show(position - 1);
    return;
  }
  const id = desk.dataset.previous;
  if (!id) return;
  desk.dataset.previous = "";
  try {
    const found = await fetchCards({ id });
    cards.unshift(...found);
    position += found.length;
    if (found.length) show(0);
  } catch (error) {
    desk.dataset.previous = id;
    showMessage(`The previous candidate could not be loaded: ${error.message}`, { isError: true });
  }
}

/**
 * Show a card of this page again.
 * @param {Card} card It is put back if a later version has replaced it.
 */
export function showAgain(card) {
  if (!cards.includes(card)) cards.splice(position, 0, card);
  show(cards.indexOf(card));
}

/**
 * Replace a card with the candidate's current state.
 * @param {string} id
 * @param {object} options
 * @param {boolean} options.isShown Show it, even if another card is shown now.
 * @throws {Error} It cannot be loaded.
 */
export async function reloadCard(id, { isShown }) {
  const [card] = await fetchCards({ id });
  if (!card) return;
  const index = cards.findLastIndex((other) => other.id === id);
  const focused = index >= 0 && index === position ? findFocusedField(cards[index]) : null;
  if (index < 0) cards.splice(position, 0, card);
  else cards[index] = card;
  const now = cards.indexOf(card);
  if (isShown || now === position) show(now, { isAnnounced: isShown });
  if (focused) focusField(card, focused);
}

/** Fetch more cards if few are ahead. */
export async function fetchAhead() {
  if (isFetching || cards.length - position - 1 >= MIN_AHEAD) return;
  isFetching = true;
  try {
    // skipped candidates come round again; cards ahead and decisions on their way must not
    const beside = new Set([...cards.slice(position), ...waiting()].map((card) => card.id));
    const found = await fetchCards({
      count: FETCH_COUNT,
      after: cards.at(-1)?.id || "",
      beside: [...beside].join(","),
    });
    const known = new Set(cards.slice(position).map((card) => card.id));
    cards.push(...found.filter((card) => !known.has(card.id)));
    if (desk.hidden && currentCard()) show(position);
    else preloadAhead();
  } catch (error) {
    showMessage(`The next candidates could not be loaded: ${error.message} The page will try again.`, {
      isError: true,
    });
  } finally {
    isFetching = false;
  }
}

async function fetchCards(query) {
  const found = await getJson(`/cards?${new URLSearchParams({ topic, ...query })}`);
  return found.cards.map((card) => createCard(parse(card.html)));
}

function parse(html) {
  const template = document.createElement("template");
  template.innerHTML = html; // rendered by the server, which escapes it
  return template.content.firstElementChild;
}

function createCard(node) {
  return { id: node.dataset.id, node, isDecided: false, error: "", hasEdits: false, isPrepared: false };
}

function show(index, { isAnnounced = true } = {}) {
  position = index;
  const card = currentCard();
  document.getElementById("empty").hidden = Boolean(card);
  document.getElementById("others").hidden = true;
  desk.hidden = !card;
  desk.replaceChildren(...(card ? [card.node] : []));
  if (card) showCard(card, isAnnounced);
  else showEmpty();
  fetchAhead();
}

function showCard(card, isAnnounced) {
  if (!card.isPrepared) {
    card.isPrepared = true;
    prepare(card);
  }
  const text = card.node.querySelector("textarea").value;
  history.replaceState(null, "", `${root}/candidate/${encodeURIComponent(card.id)}${topicQuery}`);
  document.title = `${text.slice(0, MAX_TITLE)} · Review`;
  card.node.focus({ preventScroll: true });
  if (card.error) showMessage(card.error, { isError: true });
  if (isAnnounced) announce(text);
  showMarks(card.node);
  preloadAhead();
}

function showEmpty() {
  announce("No candidates are waiting.");
  history.replaceState(null, "", `${root}/review${topicQuery}`);
}

function preloadAhead() {
  for (const card of cards.slice(position + 1, position + 1 + PRELOADED)) preloadPicture(card.node);
}
