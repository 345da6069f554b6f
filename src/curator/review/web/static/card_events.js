// The events of a card's fields, forms and buttons. Without scripts a card works by its forms and links.

/** @import {Card} from "./cards.js" */
import { connectConsent } from "./consent.js";
import { decide } from "./decisions.js";
import { keepEdit, restoreEdit, revertEdit } from "./editing.js";
import { connectMergeMenu } from "./menus.js";
import { showMessage } from "./messages.js";
import { getJson } from "./server.js";
import { showQuote, toggleZoom } from "./viewer.js";
import { checkSoon, watchWording } from "./wording_check.js";

/**
 * Prepare a card that is shown for the first time.
 * @param {Card} card
 */
export function prepareCard(card) {
  const note = card.node.querySelector(".edited");
  note.hidden = !note.dataset.begun;
  watchWording(card.node);
  restoreEdit(card);
  connectEditing(card);
  connectParts(card);
  connectDecisions(card);
  connectMergeMenu(card);
  connectViewer(card);
  card.node.querySelector(".call")?.addEventListener("toggle", (event) => showCall(event.target));
}

function connectEditing(card) {
  const text = card.node.querySelector("textarea");
  const form = card.node.querySelector("form.accept");
  form.addEventListener("input", (event) => keepEdit(card, !event.target.closest(".agree, .undecided")));
  text.addEventListener("keydown", (event) => {
    if (isAcceptKey(event)) pressAccept(card);
    else if (event.key === "Escape") leave(text, card);
    else return;
    event.preventDefault();
  });
  for (const button of card.node.querySelectorAll(".keep")) button.hidden = true; // every edit is kept
  card.node.querySelector(".revert").addEventListener("click", (event) => {
    event.preventDefault();
    revertEdit(card);
  });
}

// The open question and the scope, each with a tick and a text field of one line.
function connectParts(card) {
  connectConsent(card.node);
  for (const field of card.node.querySelectorAll(".term .reword input"))
    field.addEventListener("keydown", (event) => {
      if (isAcceptKey(event)) pressAccept(card);
      else if (event.key === "Escape" || event.key === "Enter") leave(field, card);
      else return;
      event.preventDefault();
      event.stopPropagation();
    });
  card.node.querySelector(".term[data-part=scope]")?.addEventListener("input", () => checkSoon(card.node));
}

function connectDecisions(card) {
  for (const form of card.node.querySelectorAll("form.decision"))
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      decide(form, event.submitter);
    });
}

function connectViewer(card) {
  for (const button of card.node.querySelectorAll(".zoom")) {
    button.hidden = false;
    button.addEventListener("click", () => toggleZoom(card.node));
  }
  for (const link of card.node.querySelectorAll(".quote"))
    link.addEventListener("click", (event) => {
      event.preventDefault();
      showQuote(card.node, Number(link.dataset.quote));
    });
}

function isAcceptKey(event) {
  return event.key === "Enter" && (event.ctrlKey || event.metaKey);
}

function pressAccept(card) {
  card.node.querySelector(".actions button.accept").click();
}

function leave(field, card) {
  field.blur();
  card.node.focus({ preventScroll: true });
}

async function showCall(details) {
  const box = details.querySelector(".fetched");
  if (!details.open || box.childElementCount) return;
  try {
    const call = await getJson(`/call/${details.dataset.call}`);
    box.innerHTML = call.html; // rendered by the server, which escapes it
  } catch (error) {
    showMessage(error.message, { isError: true });
  }
  details.scrollIntoView({ block: "nearest" });
}
