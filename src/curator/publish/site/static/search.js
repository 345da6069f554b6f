// Finds frames in which every word that is typed occurs, whatever its case and accents. `frames` comes from frames.js.
"use strict";

const MOST = 50; // results that are shown
const folded = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
const haystack = frames.map((frame) => folded(`${frame.id} ${frame.words}`));
const byId = (id) => document.getElementById(id);

function find() {
  const words = folded(byId("words").value).split(/\s+/).filter(Boolean);
  const results = byId("results");
  results.replaceChildren();
  byId("found").textContent = "";
  if (!words.length) return;
  const found = frames.filter((_, at) => words.every((word) => haystack[at].includes(word)));
  byId("found").textContent = `${found.length} ${found.length === 1 ? "frame" : "frames"}${found.length > MOST ? `, the first ${MOST}` : ""}`;
  for (const frame of found.slice(0, MOST)) {
    const link = Object.assign(document.createElement("a"), { href: `frames/${frame.id}.html`, textContent: frame.text });
    const line = document.createElement("li");
    line.append(link);
    results.append(line);
  }
}

byId("words").addEventListener("input", find);
byId("search").hidden = false;
find();
