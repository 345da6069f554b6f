// What is published of a card: whether the quotes carry the words being typed, and the ticks of open question and scope.
"use strict";

const curatorWording = (() => {
  const CHECK_AFTER = 300; // milliseconds after the last letter
  const plain = (text) => text.split(/\s+/).filter(Boolean).join(" ");

  // A verdict belongs to the words it was given on: beside other words it is marked, and never green.
  function mark(node) {
    const now = plain(node.querySelector("textarea").value);
    for (const one of node.querySelectorAll(".support")) one.classList.toggle("stale", plain(one.dataset.words) !== now);
    return now;
  }

  function attach(card) {
    const text = card.node.querySelector("textarea");
    const place = card.node.querySelector(".wording");
    let timer = 0;
    let shown = plain(text.value);

    async function check(now) {
      const body = new FormData(card.node.querySelector("form.accept")); // with the scope that would be published
      body.set("form_token", document.body.dataset.formToken);
      body.set("text", now);
      let html = "";
      try {
        const answer = await fetch(`${curatorRoot}/candidate/${card.id}/wording`, { method: "POST", body, headers: { Accept: "application/json" } });
        if (!answer.ok) throw new Error(`the server answered ${answer.status}`);
        html = (await answer.json()).html.trim();
      } catch {
        html = null;
      }
      if (plain(text.value) !== now) return;
      if (html === null) place.textContent = "Support of your wording: it could not be checked now.";
      else place.innerHTML = html; // escaped by our own template
      place.hidden = !place.textContent;
    }

    card.reworded = () => {
      const now = mark(card.node);
      if (now === shown) return;
      shown = now;
      checkSoon(now);
    };

    function checkSoon(now) {
      clearTimeout(timer);
      const drafted = !now || now === plain(text.dataset.draft);
      place.textContent = drafted ? "" : "Support of your wording: checking …";
      place.hidden = drafted;
      if (!drafted) timer = setTimeout(() => check(now), CHECK_AFTER);
    }
    text.addEventListener("input", card.reworded);

    for (const term of card.node.querySelectorAll(".term")) {
      const [words, off, tick] = [input(term), offBox(term), box(term)];
      words.addEventListener("input", () => tell(term));
      words.addEventListener("keydown", (event) => {
        if (event.key !== "Escape" && event.key !== "Enter") return;
        event.preventDefault();
        event.stopPropagation();
        if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) return card.node.querySelector(".actions button.accept").click();
        words.blur();
        card.node.focus({ preventScroll: true });
      });
      tick.addEventListener("change", () => off && tick.checked && (off.checked = false));
      off?.addEventListener("change", () => off.checked && (tick.checked = false));
      if (term.dataset.part === "scope") term.addEventListener("input", () => checkSoon(shown));
    }
  }

  const input = (term) => term.querySelector(".reword input");
  const box = (term) => term.querySelector("[name$=_agreed]");
  const offBox = (term) => term.querySelector("[name$=_off]"); // only on a part that nobody has decided on

  function tell(term) {
    term.querySelector(".words").textContent = plain(input(term).value) || "none";
  }

  // a key: tick it or not; where there are no words yet, they are asked for
  function toggle(card, part) {
    const term = card.node.querySelector(`.term[data-part=${part}]`);
    box(term).click();
    if (!box(term).checked || plain(input(term).value)) return;
    term.querySelector(".reword").open = true;
    input(term).focus();
  }

  function fields(card) {
    const found = {};
    for (const term of card.node.querySelectorAll(".term")) {
      found[term.dataset.part] = input(term).value;
      found[`${term.dataset.part}_agreed`] = box(term).checked;
      found[`${term.dataset.part}_off`] = Boolean(offBox(term)?.checked);
      found[`${term.dataset.part}_undecided`] = Boolean(offBox(term));
    }
    return found;
  }

  function put(card, kept) {
    for (const term of card.node.querySelectorAll(".term")) {
      const words = kept[term.dataset.part];
      if (typeof words !== "string") continue;
      input(term).value = words;
      const ticked = kept[`${term.dataset.part}_agreed`];
      if (typeof ticked === "boolean") box(term).checked = ticked;
      if (offBox(term)) offBox(term).checked = Boolean(kept[`${term.dataset.part}_off`]);
      tell(term);
    }
  }

  function revert(card) {
    for (const term of card.node.querySelectorAll(".term")) {
      input(term).value = term.dataset.standing;
      box(term).checked = Boolean(term.dataset.ticked);
      if (offBox(term)) offBox(term).checked = false;
      tell(term);
    }
  }

  // why the card cannot be accepted as it is; "" where it can
  function complaint(card) {
    for (const term of card.node.querySelectorAll(".term")) {
      const why = complaintOf(term);
      if (!why) continue;
      term.querySelector(".reword").open = true;
      (box(term).checked ? input(term) : box(term)).focus();
      return `${box(term).getAttribute("aria-label").replace("Publish the", "The")} ${why}`;
    }
    return "";
  }

  function complaintOf(term) {
    const words = plain(input(term).value);
    if (box(term).checked) return words ? "" : "is ticked and has no words; write it, or untick it.";
    if (!offBox(term) || offBox(term).checked || words === plain(term.dataset.standing)) return "";
    return "was changed, and nobody has agreed to it yet: tick it to publish it in your words, or tick “Take it off”.";
  }

  return { attach, toggle, fields, put, revert, complaint };
})();
