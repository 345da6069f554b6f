// Undoing and redoing on the review page. A step of more than one decision is shown first: Enter undoes it, Esc keeps it.
"use strict";

function undo() {
  const card = decisions.pop();
  curatorOutbox.add({ url: "/undo", id: card?.id || "", undoes: card?.request, fields: [["topic", topic]] });
  if (!card) return;
  card.decided = false;
  if (!cards.includes(card)) cards.splice(at, 0, card);
  show(cards.indexOf(card));
}

function redo() {
  curatorOutbox.add({ url: "/redo", id: "", fields: [["topic", topic]] });
}

// The server's answer to either; `told.confirm` asks before more than one decision is undone.
async function undoAnswered(entry, ok, told) {
  if (told.confirm) return ask(entry, told.confirm);
  if (!ok) return note(told.error, { bad: true });
  if (entry.url === "/redo") return redone(told);
  note(told.message, { button: { label: "Redo", does: redo } });
  // what was decided again since stays so; what was typed since is kept in the browser, and comes back with the card
  for (const id of told.candidates.slice(0, 1)) if (!onItsWay(id)) await fresh(id, true).catch(() => {});
}

function redone(told) {
  note(told.message, { button: { label: "Undo", does: undo } });
  for (const card of cards) card.decided ||= told.candidates.includes(card.id);
  const card = told.candidates.length === 1 && cards.findLast((other) => other.id === told.candidates[0]);
  if (card) decisions.push(card); // so that the next undo shows it at once
  if (current()?.decided) show(nextOpen());
}

function ask(entry, html) {
  const card = cards.findLast((other) => other.id === entry.id);
  if (card) {
    // it was shown as undone, and is not: something else was decided since
    card.decided = true;
    decisions.push(card);
    if (current() === card) show(nextOpen());
  }
  const dialog = document.getElementById("take-back");
  dialog.querySelector(".told").innerHTML = html; // escaped by our own template
  const form = dialog.querySelector("form.take-back");
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    dialog.close();
    curatorOutbox.add({ url: "/undo", id: "", fields: [["topic", topic], ["step", new FormData(form).get("step")]] });
  });
  if (!dialog.open) dialog.showModal();
  form.querySelector("button").focus();
}

curatorKeys.on("undo", undo);
curatorKeys.on("redo", redo);
for (const [name, does] of [["undo", undo], ["redo", redo]])
  document.querySelector(`form.${name}`).addEventListener("submit", (event) => {
    event.preventDefault();
    does();
  });
