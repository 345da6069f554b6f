// Undoing and redoing. A step of more than one decision is shown first: Enter undoes it, Esc keeps it.

/** @import {Answer} from "./outbox.js" */
import { currentCard, filterCards, findCard, reloadCard, showAgain, showNextOpen, topic } from "./cards.js";
import { popDecided, pushDecided } from "./decisions.js";
import { showMessage } from "./messages.js";
import { enqueue, isOnItsWay } from "./outbox.js";

/** Undo the latest step; a card that was decided on this page is shown again at once. */
export function undo() {
  const card = popDecided();
  enqueue({ url: "/undo", id: card?.id || "", undoes: card?.request, fields: [["topic", topic]] });
  if (!card) return;
  card.isDecided = false;
  showAgain(card);
}

/** Redo the step that was undone last. */
export function redo() {
  enqueue({ url: "/redo", id: "", fields: [["topic", topic]] });
}

/**
 * Show what an undo or redo did, or ask before more than one decision is undone.
 * @param {Answer} answer
 */
export async function showUndoAnswer({ entry, isAccepted, content }) {
  if (content.confirm) askToConfirm(entry, content.confirm);
  else if (!isAccepted) showMessage(content.error, { isError: true });
  else if (entry.url === "/redo") showRedone(content);
  else await showUndone(content);
}

async function showUndone({ message, candidates }) {
  showMessage(message, { button: { label: "Redo", onClick: redo } });
  // a candidate that has been decided again since is left alone; a later edit comes back with the card
  const [id] = candidates;
  if (id && !isOnItsWay(id)) await reloadCard(id, { isShown: true }).catch(() => null);
}

function showRedone({ message, candidates }) {
  showMessage(message, { button: { label: "Undo", onClick: undo } });
  for (const card of filterCards((other) => candidates.includes(other.id))) card.isDecided = true;
  const card = candidates.length === 1 && findCard(candidates[0]);
  if (card) pushDecided(card); // so that the next undo shows it at once
  if (currentCard()?.isDecided) showNextOpen();
}

function askToConfirm(entry, html) {
  const card = findCard(entry.id);
  if (card) {
    // the card was shown as undone, but a later step has to be undone first
    pushDecided(card);
    if (currentCard() === card) showNextOpen();
  }
  const dialog = document.getElementById("confirm-undo");
  dialog.querySelector(".fetched").innerHTML = html; // rendered by the server, which escapes it
  const form = dialog.querySelector("form.confirm-undo");
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    dialog.close();
    enqueue({
      url: "/undo",
      id: "",
      fields: [
        ["topic", topic],
        ["step", new FormData(form).get("step")],
      ],
    });
  });
  if (!dialog.open) dialog.showModal();
  form.querySelector("button").focus();
}
