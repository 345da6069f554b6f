// The review page: one candidate after the other. Without scripts the page works by its forms and links.

import { showAnswer, showUnsent } from "./answers.js";
import { prepareCard } from "./card_events.js";
import { currentCard, findInCard, showNext, showPrevious, startCards } from "./cards.js";
import { toggleConsent } from "./consent.js";
import { onAction, onKey } from "./keys.js";
import { chooseReason, openMergeMenu, openRejectMenu } from "./menus.js";
import { listen, sendAll } from "./outbox.js";
import { startPulse } from "./pulse.js";
import { redo, undo } from "./undo.js";
import { openPdf, showQuote, toggleZoom } from "./viewer.js";

function bindKeys() {
  onAction("accept", () => findInCard(".actions button.accept")?.click());
  onAction("reject", openRejectMenu);
  onAction("defer", () => findInCard(".actions button.defer")?.click());
  onAction("merge", openMergeMenu);
  onAction("edit", focusText);
  onAction("undo", undo);
  onAction("redo", redo);
  onAction("next", showNext);
  onAction("previous", showPrevious);
  onAction("prompt", () => findInCard(".call summary")?.click());
  onAction("help", () => document.getElementById("help").showModal());
  onCardAction("question", (card) => toggleConsent(card, "question"));
  onCardAction("scope", (card) => toggleConsent(card, "scope"));
  onCardAction("open", openPdf);
  onCardAction("zoom", toggleZoom);
  for (let number = 1; number <= 9; number += 1) onKey(String(number), () => chooseNumber(number));
}

function onCardAction(name, run) {
  onAction(name, () => {
    const card = currentCard();
    if (card) run(card.node);
  });
}

function chooseNumber(number) {
  const card = currentCard();
  if (card && !chooseReason(number)) showQuote(card.node, number);
}

function focusText() {
  const text = findInCard("textarea");
  if (!text) return;
  text.focus();
  text.setSelectionRange(text.value.length, text.value.length);
}

// Links and forms that lead to another page without scripts.
function bindLinks() {
  for (const [name, run] of Object.entries({ undo, redo }))
    document.querySelector(`form.${name}`).addEventListener("submit", (event) => {
      event.preventDefault();
      run();
    });
  document.querySelector("nav.step")?.addEventListener("click", (event) => {
    const link = event.target.closest("a");
    if (!link) return;
    event.preventDefault();
    if (link.rel === "next") showNext();
    else showPrevious();
  });
}

bindKeys();
bindLinks();
listen({ onAnswer: showAnswer, onFailure: showUnsent });
startCards(prepareCard);
startPulse();
sendAll();
