// The list by keyboard: a row is the current one, `x` ticks it, the decision keys act on those that are ticked.
"use strict";

const rows = [...document.querySelectorAll("table.ticked tbody tr")];
const bulk = document.getElementById("bulk");
const all = document.getElementById("tick-all");
const everything = document.getElementById("everything");
let row = -1;

const box = (line) => line.querySelector("input[type=checkbox]");

function go(to) {
  if (!rows.length) return;
  rows[row]?.classList.remove("now");
  row = Math.min(rows.length - 1, Math.max(0, to));
  rows[row].classList.add("now");
  box(rows[row]).focus();
}

function count() {
  const ticked = rows.filter((line) => box(line).checked).length;
  const place = document.getElementById("ticked");
  if (!place) return;
  place.textContent = everything?.checked ? "All that fit:" : ticked ? `${ticked} ticked:` : "Tick some, then:";
  for (const button of bulk.querySelectorAll(".bulk button")) button.disabled = !ticked && !everything?.checked;
  if (all) all.checked = ticked === rows.length;
}

curatorKeys.on("next", () => go(row + 1));
curatorKeys.on("previous", () => go(row - 1));
curatorKeys.onKey("x", () => {
  if (row < 0) go(0);
  box(rows[row]).click();
});
curatorKeys.onKey("Enter", (event) => {
  if (event.target.closest("a, button, summary") || row < 0) return false;
  rows[row].querySelector("a").click();
  return true;
});
const ready = () => bulk?.querySelector(".bulk button:not(:disabled)");
curatorKeys.on("accept", () => ready() && bulk.querySelector(".bulk button.accept").click());
curatorKeys.on("defer", () => ready() && bulk.querySelector(".bulk button[value=defer]").click());
for (const name of ["reject", "merge"])
  curatorKeys.on(name, () => {
    const menu = bulk?.querySelector(`.menu.${name}`);
    if (!menu || !ready()) return;
    curatorKeys.close(menu);
    menu.open = true;
    menu.querySelector(name === "reject" ? "button" : "input").focus();
  });
for (let number = 1; number <= 9; number += 1)
  curatorKeys.onKey(String(number), () => bulk?.querySelectorAll(".menu.reject[open] button[value^='reject:']")[number - 1]?.click());

if (bulk && rows.length) {
  all.hidden = false;
  all.addEventListener("change", () => {
    for (const line of rows) box(line).checked = all.checked;
    count();
  });
  bulk.addEventListener("change", count);
  // Enter in a text field presses that field's own button, not the first of the form
  bulk.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !event.target.matches("input[name=other_reason], input[name=into]")) return;
    event.preventDefault();
    event.target.closest(".pop").querySelector("button[value=reject], button[value=merge]").click();
  });
  bulk.addEventListener("submit", () => setTimeout(() => bulk.querySelectorAll("button").forEach((button) => (button.disabled = true))));
  count();
}
