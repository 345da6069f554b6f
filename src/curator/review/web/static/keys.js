// Keys that work on every page, and menus. A page adds keys of its own with `onAction` and `onKey`.

import { root } from "./server.js";

const actionOfKey = new Map(
  Object.entries(JSON.parse(document.body.dataset.keys)).map(([action, key]) => [key, action]),
);
const actionHandlers = new Map();
const keyHandlers = new Map();

/**
 * Set the handler of an action, whichever key the settings assign to it.
 * @param {string} action A name from `[review.keys]` in the settings, such as "accept".
 * @param {(event: KeyboardEvent) => unknown} handler It returns false to leave the key to the browser.
 */
export function onAction(action, handler) {
  actionHandlers.set(action, handler);
}

/**
 * Set the handler of a key that no setting changes.
 * @param {string} key As in `KeyboardEvent.key`.
 * @param {(event: KeyboardEvent) => unknown} handler It returns false to leave the key to the browser.
 */
export function onKey(key, handler) {
  keyHandlers.set(key, handler);
}

/**
 * Close all menus but one.
 * @param {Element | null} [except]
 */
export function closeMenus(except = null) {
  for (const menu of document.querySelectorAll("details.menu[open]")) if (menu !== except) menu.open = false;
}

function isTextField(target) {
  return (
    target.closest("textarea, select, input:not([type=checkbox], [type=radio])") !== null || target.isContentEditable
  );
}

function isOurs(event) {
  if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey) return false;
  if (!(event.target instanceof Element) || isTextField(event.target)) return false;
  return event.key === "Escape" || !document.querySelector("dialog[open]");
}

function handleKey(event) {
  if (!isOurs(event)) return;
  const handler = actionHandlers.get(actionOfKey.get(event.key)) || keyHandlers.get(event.key);
  if (handler && handler(event) !== false) event.preventDefault();
}

function closeMenuOnEscape(event) {
  const menu = event.key === "Escape" && document.querySelector("details.menu[open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
  event.preventDefault();
}

document.addEventListener("keydown", handleKey);
document.addEventListener("keydown", closeMenuOnEscape);
document.addEventListener("click", (event) => closeMenus(event.target.closest("details.menu")));

onAction("list", () => location.assign(`${root}/list`));
onAction("help", () => location.assign(`${root}/help`));
onAction("undo", () => document.querySelector("form.undo").requestSubmit());
onAction("redo", () => document.querySelector("form.redo").requestSubmit());
