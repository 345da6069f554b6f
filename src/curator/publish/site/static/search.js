// Find the frames that contain every typed word, ignoring case and accents. `frames` comes from frames.js.
"use strict";

const MAX_RESULTS = 50; // results on the page
const fold = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
const haystack = frames.map((frame) => fold(`${frame.id} ${frame.words}`));
const byId = (id) => document.getElementById(id);

function find() {
  const words = fold(byId("words").value).split(/\s+/).filter(Boolean);
  const results = byId("results");
  results.replaceChildren();
  byId("found").textContent = "";
  if (!words.length) return;
  const matches = frames.filter((_, index) => words.every((word) => haystack[index].includes(word)));
  const more = matches.length > MAX_RESULTS ? `, of which the first ${MAX_RESULTS} are shown` : "";
  byId("found").textContent = `${matches.length} ${matches.length === 1 ? "frame" : "frames"}${more}`;
  for (const frame of matches.slice(0, MAX_RESULTS)) {
    const link = Object.assign(document.createElement("a"), { href: `frames/${frame.id}.html`, textContent: frame.text });
    const line = document.createElement("li");
    line.append(link);
    results.append(line);
  }
}

byId("words").addEventListener("input", find);
byId("search").hidden = false;
find();
