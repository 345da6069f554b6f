// Keys that work on every page. A page adds its own by `curatorKeys.on(action, what)`.
"use strict";

const curatorRoot = document.body.dataset.root; // before every path of this page: a proxy may serve it under a prefix

const curatorKeys = (() => {
  const named = JSON.parse(document.body.dataset.keys);
  const actions = new Map(Object.entries(named).map(([action, key]) => [key, action]));
  const handlers = new Map();
  const others = new Map();

  const typing = (target) =>
    target.closest("textarea, select, input:not([type=checkbox], [type=radio])") !== null || target.isContentEditable;

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey) return;
    if (!(event.target instanceof Element) || typing(event.target)) return;
    if (document.querySelector("dialog[open]") && event.key !== "Escape") return;
    const handler = handlers.get(actions.get(event.key)) || others.get(event.key);
    if (handler && handler(event) !== false) event.preventDefault();
  });

  // one menu at a time; Escape and a click elsewhere close it
  const close = (but) => {
    for (const menu of document.querySelectorAll("details.menu[open]")) if (menu !== but) menu.open = false;
  };
  document.addEventListener("click", (event) => close(event.target.closest("details.menu")));
  document.addEventListener("keydown", (event) => {
    const menu = event.key === "Escape" && document.querySelector("details.menu[open]");
    if (!menu) return;
    menu.open = false;
    menu.querySelector("summary").focus();
    event.preventDefault();
  });

  const on = (action, what) => handlers.set(action, what);
  const onKey = (key, what) => others.set(key, what);
  on("list", () => location.assign(`${curatorRoot}/list`));
  on("help", () => location.assign(`${curatorRoot}/help`));
  on("undo", () => document.querySelector("form.undo").requestSubmit());
  on("redo", () => document.querySelector("form.redo").requestSubmit());
  return { on, onKey, close, named };
})();
