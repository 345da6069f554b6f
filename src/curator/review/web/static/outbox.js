// Decisions on their way: kept in the browser until the server has them, sent in order, each carried out once.
"use strict";

const curatorOutbox = (() => {
  const STORE = `curator.${document.body.dataset.list}.outbox`; // another list may be served at this address one day
  const SLOWEST = 15000; // milliseconds between two tries
  let busy = false;
  let wait = 500;
  let waiting = [];
  let listener = ({ failed, why, told, left }) => {
    const place = document.getElementById("note");
    place.textContent = failed ? `${left} of your decisions could not be sent yet (${why})` : told.message || told.error;
    place.classList.toggle("bad", Boolean(failed || told.error));
    place.hidden = false;
  };

  const read = () => {
    try {
      return JSON.parse(localStorage.getItem(STORE)) || [];
    } catch {
      return [];
    }
  };
  // another tab may have written meanwhile: what it wrote is kept
  const change = (how) => {
    try {
      waiting = how(read());
      localStorage.setItem(STORE, JSON.stringify(waiting));
    } catch {
      waiting = how(waiting); // no room, or forbidden: kept in this page alone
    }
  };

  const add = (entry) => {
    entry.request = crypto.randomUUID ? crypto.randomUUID() : `${Date.now()}-${Math.random().toString(36).slice(2)}`;
    change((all) => [...all, entry]);
    pump();
    return entry.request;
  };

  // a session that was opened since this page was loaded has other form tokens
  const renewed = async () => {
    const answer = await fetch(`${curatorRoot}/pulse`, { headers: { Accept: "application/json" } });
    const token = answer.ok && (await answer.json()).form_token;
    if (!token || token === document.body.dataset.formToken) return false;
    document.body.dataset.formToken = token;
    return true;
  };

  const send = async (entry) => {
    const body = new URLSearchParams(entry.fields);
    body.set("form_token", document.body.dataset.formToken);
    body.set("request", entry.request);
    const short = body.toString().length < 60000; // what browsers let outlive the page
    const answer = await fetch(curatorRoot + entry.url, { method: "POST", body, keepalive: short, headers: { Accept: "application/json" } });
    if (answer.status === 403 && (await renewed())) return send(entry);
    const told = await answer.json().catch(() => ({}));
    if (answer.status >= 500 || answer.status === 403 || answer.status === 401)
      throw new Error(told.error || `The server answered ${answer.status}.`);
    return { ok: answer.ok, status: answer.status, told };
  };

  const pump = async () => {
    if (busy) return;
    busy = true;
    try {
      for (change((all) => all); waiting.length; ) {
        const entry = waiting[0];
        const answer = await send(entry);
        // what was refused, or stood already, must not be undone: the undo would meet the decision before it
        const added = answer.ok && !answer.told.unchanged;
        change((all) => all.filter((one) => one.request !== entry.request && (added || one.undoes !== entry.request)));
        wait = 500;
        listener({ entry, ...answer, left: waiting.length });
      }
    } catch (error) {
      listener({ failed: true, why: error.message, left: waiting.length });
      setTimeout(pump, wait);
      wait = Math.min(wait * 2, SLOWEST);
    } finally {
      busy = false;
    }
  };

  window.addEventListener("online", pump);
  if (!document.getElementById("desk")) pump(); // a page that decides nothing sends what an earlier one left
  return { add, pump, waiting: () => waiting, listen: (to) => (listener = to) };
})();
