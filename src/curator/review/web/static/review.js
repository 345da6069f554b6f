// One candidate after the other. The next ones are fetched ahead, so that a key shows the next at once; what was
// decided goes through the outbox (outbox.js). Without this file the page works by its forms and links.
"use strict";

const desk = document.getElementById("desk");
const topic = desk.dataset.topic;
const AHEAD = 12; // cards that are kept ready
const LOW = 8; // with fewer, more are fetched
const PULSE = 3000; // milliseconds
const SAVE_AFTER = 800; // milliseconds after the last letter
const LONGEST = 1000; // characters of a frame, as the server has it

const cards = []; // what was shown and what comes next: { id, node, decided, failed }
let at = -1;
let fetching = false;
const decisions = []; // cards that were decided on this page, in order: what undo shows again at once

const byId = (id) => document.getElementById(id);
const current = () => cards[at];
const onItsWay = (id) => curatorOutbox.waiting().some((entry) => entry.id === id);
const one = (selector) => current()?.node.querySelector(selector) || null;
const json = async (url) => {
  const answer = await fetch(curatorRoot + url, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error((await answer.json().catch(() => ({}))).error || `The server answered ${answer.status}.`);
  return answer.json();
};

// ---- saying

function announce(text) {
  byId("announce").textContent = text;
}

function note(text, { bad = false, button = null } = {}) {
  const place = byId("note");
  place.replaceChildren(Object.assign(document.createElement("span"), { textContent: text }));
  if (button) {
    const push = Object.assign(document.createElement("button"), { type: "button", textContent: button.label });
    push.addEventListener("click", button.does);
    place.append(push);
  }
  place.classList.toggle("bad", bad);
  place.hidden = !text;
}

function showProgress(told) {
  const line = byId("progress");
  const set = (name, text) => (line.querySelector(`[data-is=${name}]`).textContent = text);
  set("waiting", told.waiting.toLocaleString("en"));
  set("today", told.today);
  set("pace", told.pace ? ` · ${told.pace.toFixed(1)} a minute` : "");
  set("left", told.left ? ` · about ${told.left} left` : "");
}

// ---- cards

function parsed(html) {
  const holder = document.createElement("template");
  holder.innerHTML = html; // our own template, in which the server has escaped whatever is a stranger's
  return holder.content.firstElementChild;
}

function adopt(node) {
  return { id: node.dataset.id, node, decided: false, failed: "" };
}

async function refill() {
  if (fetching || cards.length - at - 1 >= LOW) return;
  fetching = true;
  try {
    // what was passed over comes round again; what is ahead, or decided and on its way, does not
    const beside = new Set([...cards.slice(at), ...curatorOutbox.waiting()].map((one) => one.id));
    const query = new URLSearchParams({ topic, count: AHEAD, after: cards.at(-1)?.id || "", beside: [...beside].join(",") });
    const told = await json(`/cards?${query}`);
    const known = new Set(cards.slice(at).map((card) => card.id));
    for (const next of told.cards) if (!known.has(next.id)) cards.push(adopt(parsed(next.html)));
    if (desk.hidden && current()) show(at);
    else preload();
  } catch (error) {
    note(`What comes next could not be fetched: ${error.message} It will be tried again.`, { bad: true });
  } finally {
    fetching = false;
  }
}

function preload() {
  for (const card of cards.slice(at + 1, at + 3)) {
    const picture = card.node.querySelector(".sheet:not([hidden]) img");
    if (picture) new Image().src = picture.src;
  }
}

function show(index, { quiet = false } = {}) {
  at = index;
  const card = current();
  byId("empty").hidden = Boolean(card);
  desk.hidden = !card;
  byId("others").hidden = true;
  desk.replaceChildren(...(card ? [card.node] : []));
  if (!card) {
    announce("Nothing waits.");
    history.replaceState(null, "", `${curatorRoot}/review${topic ? `?topic=${encodeURIComponent(topic)}` : ""}`);
    refill();
    return;
  }
  prepare(card);
  const query = topic ? `?topic=${encodeURIComponent(topic)}` : "";
  history.replaceState(null, "", `${curatorRoot}/candidate/${encodeURIComponent(card.id)}${query}`);
  document.title = `${one("textarea").value.slice(0, 60)} · Review`;
  card.node.focus({ preventScroll: true });
  if (card.failed) note(card.failed, { bad: true });
  if (!quiet) announce(one("textarea").value);
  toMark();
  preload();
  refill();
}

function prepare(card) {
  if (card.prepared) return;
  card.prepared = true;
  const begun = card.node.querySelector(".edited");
  begun.hidden = !begun.dataset.begun;
  curatorWording.attach(card);
  restore(card);
  card.node.querySelectorAll(".keep").forEach((button) => (button.hidden = true)); // it is kept by itself
  card.node.querySelectorAll(".zoom").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", zoom);
  });
  card.node.querySelectorAll(".quote").forEach((link) =>
    link.addEventListener("click", (event) => {
      event.preventDefault();
      showQuote(Number(link.dataset.quote));
    })
  );
  const form = card.node.querySelector("form.accept");
  form.addEventListener("input", (event) => edited(card, !event.target.closest(".agree, .undecided")));
  card.node.querySelector("textarea").addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      event.target.blur();
      card.node.focus({ preventScroll: true });
    } else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      press("accept");
    } else return;
    event.preventDefault();
  });
  card.node.querySelector(".revert").addEventListener("click", (event) => {
    event.preventDefault();
    revert(card);
  });
  card.node.querySelectorAll("form.decision").forEach((decision) =>
    decision.addEventListener("submit", (event) => {
      event.preventDefault();
      decide(decision, event.submitter);
    })
  );
  card.node.querySelector(".call")?.addEventListener("toggle", (event) => unfold(event.target));
  const into = card.node.querySelector(".into");
  card.node.querySelector(".merge").addEventListener("toggle", (event) => event.target.open && targets(card, ""));
  into.addEventListener("input", later(200, () => targets(card, into.value)));
}

async function unfold(details) {
  const place = details.querySelector(".told");
  if (!details.open || place.childElementCount) return;
  const told = await json(`/call/${details.dataset.call}`).catch((error) => note(error.message, { bad: true }));
  if (told) place.innerHTML = told.html; // escaped by our own template
  details.scrollIntoView({ block: "nearest" });
}

function later(milliseconds, what) {
  let timer = 0;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(what, milliseconds);
  };
}

// ---- the paper's page

function showQuote(number) {
  const link = one(`.quote[data-quote="${number}"]`);
  if (!link) return;
  const sheet = one(`.sheet[data-page="${link.dataset.page}"]`);
  if (sheet) current().node.querySelectorAll(".sheet").forEach((other) => (other.hidden = other !== sheet));
  toMark(number);
}

function toMark(number = 0) {
  const sheet = one(".sheet:not([hidden])");
  if (!sheet) return;
  const quote = number || Number(sheet.querySelector(".mark")?.dataset.quote || 0);
  for (const link of current().node.querySelectorAll(".quote")) {
    if (Number(link.dataset.quote) === quote) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
  let first = null;
  for (const mark of sheet.querySelectorAll(".mark")) {
    const now = Number(mark.dataset.quote) === quote;
    mark.classList.toggle("now", now);
    first ||= now ? mark : null;
  }
  const sheets = one(".sheets");
  if (!first) return;
  const box = first.getBoundingClientRect();
  const room = sheets.getBoundingClientRect();
  sheets.scrollTo({ top: sheets.scrollTop + box.top - room.top - room.height / 3, behavior: "instant" });
  if (sheets.classList.contains("zoomed")) sheets.scrollTo({ left: sheets.scrollLeft + box.left - room.left - 40, behavior: "instant" });
}

function zoom() {
  const sheets = one(".sheets");
  if (!sheets) return;
  const zoomed = sheets.classList.toggle("zoomed");
  for (const picture of sheets.querySelectorAll("img")) {
    const address = new URL(picture.src);
    address.searchParams.set("width", zoomed ? 2400 : 1200);
    picture.src = address.href;
  }
  toMark(Number(one(".quote[aria-current]")?.dataset.quote || 0));
}

// ---- editing: kept in the browser at each letter, and with the server soon after

// each reviewer's own: a tick is the consent of the reviewer who set it, and of nobody else
const editKey = (id, reviewer) => `curator.${document.body.dataset.list}.edit.${reviewer}.${id}`;
const keyOf = (card) => editKey(card.id, card.node.dataset.reviewer);

function fieldsOf(card) {
  const data = new FormData(card.node.querySelector("form.accept"));
  return { text: data.get("text"), kind: data.get("kind"), topics: data.getAll("topics"), ...curatorWording.fields(card) };
}

function edited(card, words = true) {
  const now = fieldsOf(card);
  card.begun = true;
  try {
    localStorage.setItem(keyOf(card), JSON.stringify(now));
  } catch {
    // no room: the server keeps it
  }
  if (words) card.node.querySelector(".edited").hidden = false;
  card.node.querySelector(".error").hidden = true;
  const chosen = now.topics.filter(Boolean).join(", ");
  card.node.querySelector(".chosen").textContent = chosen || "no topic";
  card.save ||= later(SAVE_AFTER, () => save(card));
  card.save();
}

async function save(card, fields = fieldsOf(card)) {
  if (card.decided && card.action === "accept") return;
  if (onItsWay(card.id)) return card.save?.(); // after the decision and its undo, which would replace it
  const { reviewer } = card.node.dataset;
  const body = new URLSearchParams({ form_token: document.body.dataset.formToken, reviewer, text: fields.text, kind: fields.kind || "" });
  for (const chosen of fields.topics) body.append("topics", chosen);
  for (const part of ["question", "scope"]) {
    body.set(part, fields[part]);
    for (const said of ["agreed", "off", "undecided"]) if (fields[`${part}_${said}`]) body.set(`${part}_${said}`, "1");
  }
  try {
    const answer = await fetch(`${curatorRoot}/candidate/${card.id}/edit`, { method: "POST", body, keepalive: body.toString().length < 60000, headers: { Accept: "application/json" } });
    if (!answer.ok || JSON.stringify(fields) !== JSON.stringify(fieldsOf(card))) return;
    // it stays here too, with its date: a page that is on its way may be older than what was kept just now
    localStorage.setItem(keyOf(card), JSON.stringify({ ...fields, at: (await answer.json()).at }));
  } catch {
    // it stays in the browser, and is sent with the next letter or when the page is opened again
  }
}

function keptOf(card) {
  try {
    return JSON.parse(localStorage.getItem(keyOf(card))) || keptBefore(card);
  } catch {
    return null; // nothing that can be used
  }
}

// An earlier version kept edits without the reviewer's name. Words are read once; ticks, which may be another's, are not.
function keptBefore(card) {
  const key = `curator.${document.body.dataset.list}.edit.${card.id}`;
  const kept = JSON.parse(localStorage.getItem(key));
  localStorage.removeItem(key);
  if (!kept || kept.at) return null; // the server has it, under its reviewer's name
  for (const part of ["question", "scope"]) delete kept[`${part}_agreed`];
  localStorage.setItem(keyOf(card), JSON.stringify(kept));
  return kept;
}

function restore(card) {
  const kept = keptOf(card);
  if (!kept || typeof kept.text !== "string") return;
  if (kept.at && kept.at <= card.node.dataset.edited) {
    localStorage.removeItem(keyOf(card)); // the server has it, or something newer
    return;
  }
  const form = card.node.querySelector("form.accept");
  form.querySelector("textarea").value = kept.text;
  for (const radio of form.querySelectorAll("[name=kind]")) radio.checked = radio.value === kept.kind;
  for (const box of form.querySelectorAll("[type=checkbox][name=topics]")) box.checked = (kept.topics || []).includes(box.value);
  curatorWording.put(card, kept);
  card.reworded();
  card.node.querySelector(".edited").hidden = false;
  save(card);
}

async function revert(card) {
  const text = card.node.querySelector("textarea");
  text.value = text.dataset.draft;
  card.node.querySelector("form.accept").reset();
  text.value = text.dataset.draft;
  curatorWording.revert(card);
  card.reworded();
  card.node.querySelector(".edited").hidden = true;
  localStorage.removeItem(keyOf(card));
  const body = new URLSearchParams({ form_token: document.body.dataset.formToken, reviewer: card.node.dataset.reviewer, drop: "1" });
  await fetch(`${curatorRoot}/candidate/${card.id}/edit`, { method: "POST", body, headers: { Accept: "application/json" } }).catch(() => {});
}

// ---- deciding

function complaint(text, focus = one("textarea")) {
  const place = one(".error");
  place.textContent = text;
  place.hidden = false;
  focus?.focus();
}

function decide(form, button) {
  const card = current();
  if (form.classList.contains("accept")) {
    const text = one("textarea").value.trim();
    if (!card.node.dataset.acceptable) return complaint("It cannot be accepted: none of its quotes was found in the paper.");
    if (!text) return complaint("The text is empty.");
    if (text.length > LONGEST) return complaint(`The text has ${text.length} characters; a frame has at most ${LONGEST}.`);
    const missing = curatorWording.complaint(card);
    if (missing) return complaint(missing, null);
  }
  const data = new FormData(form);
  if (button) data.set("action", button.value);
  if (data.get("action") === "reject" && !data.get("other_reason").trim()) return one("[name=other_reason]").focus();
  if (data.get("action") === "merge" && !data.get("into").trim()) return one(".into").focus();
  data.delete("form_token");
  curatorKeys.close();
  card.decided = true;
  card.failed = "";
  card.action = data.get("action");
  if (card.action !== "accept" && card.begun) save(card); // what was typed is there when it comes back
  decisions.push(card);
  card.request = curatorOutbox.add({ url: `/candidate/${card.id}/decide`, id: card.id, fields: [...data] });
  show(nextOpen());
}

function nextOpen() {
  let next = at + 1;
  while (cards[next]?.decided) next += 1;
  return next;
}

// whether a decision was undone here before the server answered it: its card may have been edited since
function isReopened(entry) {
  const undone = curatorOutbox.waiting().some((other) => other.undoes === entry.request);
  return undone || cards.some((card) => card.request === entry.request && !card.decided);
}

function forget(id) {
  const place = decisions.findLastIndex((card) => card.id === id);
  if (place >= 0) decisions.splice(place, 1);
}

async function fresh(id, jump) {
  const told = await json(`/cards?${new URLSearchParams({ id, topic })}`);
  if (!told.cards.length) return;
  const card = adopt(parsed(told.cards[0].html));
  const place = cards.findLastIndex((other) => other.id === id);
  const field = place >= 0 && place === at ? fieldInUse(cards[place]) : null;
  if (place < 0) cards.splice(Math.max(0, at), 0, card);
  else cards[place] = card;
  const now = cards.indexOf(card);
  if (jump || now === at) show(now, { quiet: !jump });
  if (field) useField(field);
}

// Letters go on into the field that is being written in; beside it they would be keys that decide.
function fieldInUse(card) {
  const field = document.activeElement;
  if (!card.node.contains(field) || !field.matches("form.accept textarea, .reword input")) return null;
  return { name: field.name, start: field.selectionStart, end: field.selectionEnd };
}

function useField({ name, start, end }) {
  const field = one(`form.accept [name=${name}]`);
  const around = field.closest("details");
  if (around) around.open = true;
  field.focus();
  field.setSelectionRange(start, end);
}

curatorOutbox.listen(async ({ entry, ok, told, status, failed, why, left }) => {
  if (failed) {
    note(`${left} ${left === 1 ? "decision is" : "decisions are"} not with the server yet (${why}). They are kept here and sent again.`, { bad: true });
    return;
  }
  if (told.progress) showProgress(told.progress);
  if (entry.url === "/undo" || entry.url === "/redo") return undoAnswered(entry, ok, told);
  if (ok) {
    if (told.unchanged) forget(entry.id); // nothing was added, so there is nothing to undo
    const sent = new Map(entry.fields);
    if (sent.get("action") === "accept" && !isReopened(entry)) localStorage.removeItem(editKey(entry.id, sent.get("reviewer")));
    note(told.message, told.unchanged ? {} : { button: { label: "Undo", does: undo } });
    return;
  }
  const card = cards.findLast((other) => other.id === entry.id);
  if (card) {
    card.decided = false;
    card.failed = told.error;
    forget(entry.id);
  }
  await fresh(entry.id, false).catch(() => {});
  note(told.error || `That could not be done (${status}).`, { bad: true, button: { label: "Show it", does: () => fresh(entry.id, true) } });
});

async function targets(card, words) {
  card.asked = words;
  const told = await json(`/candidate/${card.id}/targets?${new URLSearchParams({ q: words })}`).catch(() => null);
  if (told && card.asked === words) card.node.querySelector(".targets").innerHTML = told.html; // escaped by our own template
}

// ---- keys

function press(name) {
  one(`.actions button.${name}`)?.click();
}

function openMenu(name, focus) {
  const menu = one(`.menu.${name}`);
  if (!menu) return;
  curatorKeys.close(menu);
  menu.open = true;
  menu.querySelector(focus).focus();
}

function digit(event) {
  const number = Number(event.key);
  const menu = one(".menu.reject[open]");
  if (!menu) return showQuote(number);
  const reasons = menu.querySelectorAll("button[value^='reject:']");
  if (number <= reasons.length) reasons[number - 1].click();
  else if (number === reasons.length + 1) menu.querySelector("[name=other_reason]").focus();
}

curatorKeys.on("accept", () => press("accept"));
curatorKeys.on("reject", () => openMenu("reject", "button[value^='reject:']"));
curatorKeys.on("defer", () => press("defer"));
curatorKeys.on("merge", () => openMenu("merge", ".into"));
curatorKeys.on("edit", () => {
  const text = one("textarea");
  if (!text) return;
  text.focus();
  text.setSelectionRange(text.value.length, text.value.length);
});
for (const part of ["question", "scope"]) curatorKeys.on(part, () => current() && curatorWording.toggle(current(), part));
curatorKeys.on("next", () => at < cards.length && show(at + 1));
curatorKeys.on("previous", () => (at > 0 ? show(at - 1) : before()));
curatorKeys.on("open", () => (one(".sheet:not([hidden]) .pdf") || one(".pdf"))?.click());
curatorKeys.on("zoom", zoom);
curatorKeys.on("prompt", () => one(".call summary")?.click());
curatorKeys.on("help", () => byId("help").showModal());
for (let number = 1; number <= 9; number += 1) curatorKeys.onKey(String(number), digit);

async function before() {
  const id = desk.dataset.previous;
  if (!id) return;
  desk.dataset.previous = "";
  const told = await json(`/cards?${new URLSearchParams({ id, topic })}`);
  cards.splice(0, 0, ...told.cards.map((card) => adopt(parsed(card.html))));
  at += told.cards.length;
  if (told.cards.length) show(0);
}

// ---- what others do meanwhile

async function pulse() {
  if (document.hidden) return;
  const card = current();
  try {
    const told = await json(`/pulse?${new URLSearchParams({ topic, candidate: card?.id || "" })}`);
    if (!curatorOutbox.waiting().length) showProgress(told.progress);
    if (card !== current()) return;
    const others = byId("others");
    others.hidden = !told.others.length;
    others.textContent = told.others.length ? `${told.others.join(", ")} is looking at this candidate too.` : "";
    const sent = curatorOutbox.waiting().some((entry) => entry.id === card?.id);
    if (card && !card.decided && !sent && (told.decision || "") !== card.node.dataset.decision) await changed(card);
    if (told.waiting && cards.length - at - 1 < LOW) refill();
  } catch {
    // the next pulse asks again
  }
}

async function changed(card) {
  const begun = card.node.contains(document.activeElement) && document.activeElement.matches("textarea, .reword input");
  if (begun) note("Somebody decided this candidate meanwhile. What you write is kept.", { bad: true });
  else {
    await fresh(card.id, false);
    note("Somebody decided this candidate meanwhile; it is shown as it now stands.", { bad: true });
  }
}

// ---- start

document.querySelector("nav.step")?.addEventListener("click", (event) => {
  const link = event.target.closest("a");
  if (!link) return;
  event.preventDefault();
  if (link.rel === "next") show(at + 1);
  else if (at > 0) show(at - 1);
  else before();
});
document.addEventListener("visibilitychange", () => !document.hidden && pulse());
const first = desk.querySelector(".card");
if (first) {
  cards.push(adopt(first));
  show(0, { quiet: true });
} else {
  at = 0;
  refill();
}
setInterval(pulse, PULSE);
pulse();
curatorOutbox.pump();
