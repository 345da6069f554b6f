// Keys on the list of candidates: they move between rows, `x` ticks the current row, decisions apply to ticked rows.

import { closeMenus, onAction, onKey } from "./keys.js";

const rows = [...document.querySelectorAll("table.ticked tbody tr")];
const form = document.getElementById("bulk");
const tickAll = document.getElementById("tick-all"); // the rows of this page
const everything = document.getElementById("everything"); // all candidates that match, on every page
let current = -1;

const tickBox = (row) => row.querySelector("input[type=checkbox]");

function moveTo(index) {
  if (!rows.length) return;
  rows[current]?.classList.remove("now");
  current = Math.min(rows.length - 1, Math.max(0, index));
  rows[current].classList.add("now");
  tickBox(rows[current]).focus();
}

function tickCurrent() {
  if (!rows.length) return;
  if (current < 0) moveTo(0);
  tickBox(rows[current]).click();
}

function openCurrent(event) {
  if (event.target.closest("a, button, summary") || current < 0) return false;
  rows[current].querySelector("a").click();
  return true;
}

function showCount() {
  const line = document.getElementById("ticked");
  if (!line) return;
  const ticked = rows.filter((row) => tickBox(row).checked).length;
  if (everything?.checked) line.textContent = "All candidates that match:";
  else line.textContent = ticked ? `${ticked} ticked:` : "Tick candidates, then:";
  for (const button of form.querySelectorAll(".bulk button")) button.disabled = !ticked && !everything?.checked;
  if (tickAll) tickAll.checked = ticked === rows.length;
}

function press(selector) {
  if (form?.querySelector(".bulk button:not(:disabled)")) form.querySelector(selector).click();
}

function openMenu(name, selector) {
  const menu = form?.querySelector(`.menu.${name}`);
  if (!menu || !form.querySelector(".bulk button:not(:disabled)")) return;
  closeMenus(menu);
  menu.open = true;
  menu.querySelector(selector).focus();
}

function bindKeys() {
  onAction("next", () => moveTo(current + 1));
  onAction("previous", () => moveTo(current - 1));
  onKey("x", tickCurrent);
  onKey("Enter", openCurrent);
  onAction("accept", () => press(".bulk button.accept"));
  onAction("defer", () => press(".bulk button[value=defer]"));
  onAction("reject", () => openMenu("reject", "button"));
  onAction("merge", () => openMenu("merge", "input"));
  for (let number = 1; number <= 9; number += 1)
    onKey(String(number), () =>
      form?.querySelectorAll(".menu.reject[open] button[value^='reject:']")[number - 1]?.click(),
    );
}

// Enter in a text field presses that field's own button, not the first of the form.
function pressOwnButton(event) {
  if (event.key !== "Enter" || !event.target.matches("input[name=other_reason], input[name=into]")) return;
  event.preventDefault();
  event.target.closest(".pop").querySelector("button[value=reject], button[value=merge]").click();
}

function bindForm() {
  tickAll.hidden = false;
  tickAll.addEventListener("change", () => {
    for (const row of rows) tickBox(row).checked = tickAll.checked;
    showCount();
  });
  form.addEventListener("change", showCount);
  form.addEventListener("keydown", pressOwnButton);
  // only after the form data is complete: a disabled button would be left out of it
  form.addEventListener("submit", () =>
    setTimeout(() => form.querySelectorAll("button").forEach((button) => (button.disabled = true))),
  );
  showCount();
}

bindKeys();
if (form && rows.length) bindForm();
