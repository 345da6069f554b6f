// Updates while the page is open: other reviewers, new candidates, and the reviewer's own pace.

/** @import {Card} from "./cards.js" */
import { currentCard, fetchAhead, reloadCard, topic } from "./cards.js";
import { findFocusedField } from "./editing.js";
import { showMessage, showProgress } from "./messages.js";
import { isOnItsWay, waiting } from "./outbox.js";
import { getJson } from "./server.js";

const INTERVAL = 3000; // milliseconds

/** Ask the server for updates now, every few seconds, and when the page becomes visible. */
export function startPulse() {
  setInterval(pulse, INTERVAL);
  document.addEventListener("visibilitychange", pulse);
  pulse();
}

async function pulse() {
  if (document.hidden) return;
  const card = currentCard();
  try {
    const state = await getJson(`/pulse?${new URLSearchParams({ topic, candidate: card?.id || "" })}`);
    if (!waiting().length) showProgress(state.progress);
    if (card !== currentCard()) return;
    showOthers(state.others);
    if (card && isDecidedElsewhere(card, state.decision)) await updateCard(card);
    if (state.waiting) fetchAhead();
  } catch {
    // the next pulse asks again
  }
}

function showOthers(names) {
  const line = document.getElementById("others");
  line.hidden = !names.length;
  line.textContent = names.length
    ? `${names.join(", ")} ${names.length === 1 ? "is" : "are"} looking at this candidate too.`
    : "";
}

function isDecidedElsewhere(card, decision) {
  return !card.isDecided && !isOnItsWay(card.id) && (decision || "") !== card.node.dataset.decision;
}

async function updateCard(card) {
  if (findFocusedField(card)) {
    showMessage("This candidate has been decided elsewhere in the meantime. Your edit is kept.", { isError: true });
    return;
  }
  await reloadCard(card.id, { isShown: false });
  showMessage("This candidate has been decided elsewhere in the meantime. The card now shows that decision.", {
    isError: true,
  });
}
