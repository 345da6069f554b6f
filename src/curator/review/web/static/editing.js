// Unfinished edits. The browser keeps an edit with each letter that is typed, and sends it to the server soon after.
// Edits that an earlier version of the page has left are read too, so storage keys and names of fields must not change.

/** @import {Card} from "./cards.js" */
import { readConsent, resetConsent, writeConsent } from "./consent.js";
import { isOnItsWay } from "./outbox.js";
import { listId, postForm } from "./server.js";
import { debounce } from "./timing.js";
import { updateSupport } from "./wording_check.js";

const SAVE_AFTER = 800; // milliseconds after the last letter
const PARTS = ["question", "scope"];

/** @type {WeakMap<Card, () => void>} Saves a card that was edited here, after a pause. */
const savers = new WeakMap();

/**
 * Keep the current edit of a card.
 * @param {Card} card
 * @param {boolean} changesWords False if only a tick changed; the card then does not offer to go back to the draft.
 */
export function keepEdit(card, changesWords) {
  const edit = readEdit(card);
  card.hasEdits = true;
  try {
    localStorage.setItem(storageKey(card.id, card.node.dataset.reviewer), JSON.stringify(edit));
  } catch {
    // storage is full or forbidden: the server will have it
  }
  if (changesWords) card.node.querySelector(".edited").hidden = false;
  card.node.querySelector(".error").hidden = true;
  card.node.querySelector(".chosen").textContent = edit.topics.filter(Boolean).join(", ") || "no topic";
  if (!savers.has(card))
    savers.set(
      card,
      debounce(SAVE_AFTER, () => saveEdit(card)),
    );
  savers.get(card)();
}

/**
 * Send the edit of a card to the server.
 *
 * If that fails, the browser keeps the edit and sends it with the next letter, or when the candidate is shown again.
 * @param {Card} card
 */
export async function saveEdit(card) {
  if (card.isDecided && card.action === "accept") return;
  if (isOnItsWay(card.id)) {
    savers.get(card)?.(); // after the decision and its undo, which would replace the edit
    return;
  }
  const edit = readEdit(card);
  const response = await postForm(`/candidate/${card.id}/edit`, formOf(card, edit)).catch(() => null);
  if (!response?.ok || JSON.stringify(edit) !== JSON.stringify(readEdit(card))) return;
  try {
    // the browser keeps it too, with its date: a page that is being loaded may still have an older edit
    const { at } = await response.json();
    localStorage.setItem(storageKey(card.id, card.node.dataset.reviewer), JSON.stringify({ ...edit, at }));
  } catch {
    // storage is full or forbidden: the server has it
  }
}

/**
 * Restore the edit that the browser keeps, if it is newer than the server's, and send it.
 * @param {Card} card
 */
export function restoreEdit(card) {
  const kept = loadKeptEdit(card);
  if (!kept || typeof kept.text !== "string") return;
  if (kept.at && kept.at <= card.node.dataset.edited) {
    forgetEdit(card.id, card.node.dataset.reviewer); // the server has this edit or a newer one
    return;
  }
  const form = card.node.querySelector("form.accept");
  form.querySelector("textarea").value = kept.text;
  for (const radio of form.querySelectorAll("[name=kind]")) radio.checked = radio.value === kept.kind;
  for (const box of form.querySelectorAll("[type=checkbox][name=topics]"))
    box.checked = (kept.topics || []).includes(box.value);
  writeConsent(card.node, kept);
  updateSupport(card.node);
  card.node.querySelector(".edited").hidden = false;
  saveEdit(card);
}

/**
 * Discard an edit: restore the draft, on this page and on the server.
 * @param {Card} card
 */
export async function revertEdit(card) {
  const text = card.node.querySelector("textarea");
  card.node.querySelector("form.accept").reset();
  text.value = text.dataset.draft;
  resetConsent(card.node);
  updateSupport(card.node);
  card.node.querySelector(".edited").hidden = true;
  const { reviewer } = card.node.dataset;
  forgetEdit(card.id, reviewer);
  await postForm(`/candidate/${card.id}/edit`, new URLSearchParams({ reviewer, drop: "1" })).catch(() => null);
}

/**
 * Remove the edit that the browser keeps.
 * @param {string} id The candidate's id.
 * @param {string} reviewer
 */
export function forgetEdit(id, reviewer) {
  localStorage.removeItem(storageKey(id, reviewer));
}

/**
 * Describe the text field that has the focus.
 * @param {Card} card
 * @returns {{name: string, start: number, end: number} | null} Null if the focus is not in a text field of the card.
 */
export function findFocusedField(card) {
  const field = document.activeElement;
  if (!card.node.contains(field) || !field.matches("form.accept textarea, .reword input")) return null;
  return { name: field.name, start: field.selectionStart, end: field.selectionEnd };
}

/**
 * Focus the same text field in a card that has replaced the one being edited.
 *
 * Otherwise the reviewer's next letters would be taken for keys that decide.
 * @param {Card} card
 * @param {{name: string, start: number, end: number}} focused As from `findFocusedField`.
 */
export function focusField(card, { name, start, end }) {
  const field = card.node.querySelector(`form.accept [name=${name}]`);
  const details = field.closest("details");
  if (details) details.open = true;
  field.focus();
  field.setSelectionRange(start, end);
}

// Each reviewer has their own edits: a tick is the consent of the reviewer who set it, and of nobody else.
function storageKey(id, reviewer) {
  return `curator.${listId}.edit.${reviewer}.${id}`;
}

function readEdit(card) {
  const data = new FormData(card.node.querySelector("form.accept"));
  return { text: data.get("text"), kind: data.get("kind"), topics: data.getAll("topics"), ...readConsent(card.node) };
}

function formOf(card, edit) {
  const body = new URLSearchParams({ reviewer: card.node.dataset.reviewer, text: edit.text, kind: edit.kind || "" });
  for (const topic of edit.topics) body.append("topics", topic);
  for (const part of PARTS) {
    body.set(part, edit[part]);
    for (const tick of ["agreed", "off", "undecided"]) if (edit[`${part}_${tick}`]) body.set(`${part}_${tick}`, "1");
  }
  return body;
}

function loadKeptEdit(card) {
  try {
    return JSON.parse(localStorage.getItem(storageKey(card.id, card.node.dataset.reviewer))) || loadUnnamedEdit(card);
  } catch {
    return null; // forbidden, or not JSON
  }
}

// An earlier version kept edits without the reviewer's name. Their words are read once; their ticks are ignored, since
// another reviewer may have set them.
function loadUnnamedEdit(card) {
  const key = `curator.${listId}.edit.${card.id}`;
  const kept = JSON.parse(localStorage.getItem(key));
  localStorage.removeItem(key);
  if (!kept || kept.at) return null; // the server has it, under its reviewer's name
  for (const part of PARTS) delete kept[`${part}_agreed`];
  localStorage.setItem(storageKey(card.id, card.node.dataset.reviewer), JSON.stringify(kept));
  return kept;
}
