// The server's answers to decisions, and failures to send them.

/** @import {Answer} from "./outbox.js" */
import { findCard, reloadCard } from "./cards.js";
import { forgetDecision, isReopened } from "./decisions.js";
import { forgetEdit } from "./editing.js";
import { showMessage, showProgress } from "./messages.js";
import { showUndoAnswer, undo } from "./undo.js";

/**
 * Show the server's answer to a decision, an undo or a redo.
 * @param {Answer} answer
 */
export async function showAnswer(answer) {
  if (answer.content.progress) showProgress(answer.content.progress);
  if (answer.entry.url === "/undo" || answer.entry.url === "/redo") await showUndoAnswer(answer);
  else if (answer.isAccepted) showAccepted(answer);
  else await showRefused(answer);
}

/**
 * Show that decisions could not be sent.
 * @param {string} reason
 * @param {number} left The number of decisions that wait in this browser.
 */
export function showUnsent(reason, left) {
  const decisions = left === 1 ? "1 decision has" : `${left} decisions have`;
  showMessage(
    `${decisions} not reached the server yet (${reason}). This browser keeps unsent decisions and will send them again.`,
    { isError: true },
  );
}

function showAccepted({ entry, content }) {
  const fields = new Map(entry.fields);
  if (content.unchanged) forgetDecision(entry.id); // nothing was added, so there is nothing to undo
  if (fields.get("action") === "accept" && !isReopened(entry.request)) forgetEdit(entry.id, fields.get("reviewer"));
  showMessage(content.message, content.unchanged ? {} : { button: { label: "Undo", onClick: undo } });
}

async function showRefused({ entry, status, content }) {
  const card = findCard(entry.id);
  if (card) {
    card.isDecided = false;
    card.error = content.error;
    forgetDecision(entry.id);
  }
  await reloadCard(entry.id, { isShown: false }).catch(() => null);
  const reason = content.error || `The server refused the decision with status ${status}.`;
  const button = { label: "Show the candidate", onClick: () => reloadCard(entry.id, { isShown: true }) };
  showMessage(reason, { isError: true, button });
}
