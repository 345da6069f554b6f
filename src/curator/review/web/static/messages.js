// Messages and progress on an open page.

/**
 * Announce a text to screen readers without showing it.
 * @param {string} text
 */
export function announce(text) {
  document.getElementById("announce").textContent = text;
}

/**
 * Show a message, which replaces the one before it.
 * @param {string} text An empty text hides the message.
 * @param {object} [options]
 * @param {boolean} [options.isError] Show it as an error.
 * @param {{label: string, onClick: () => void} | null} [options.button] A button after the text.
 */
export function showMessage(text, { isError = false, button = null } = {}) {
  const box = document.getElementById("note");
  box.replaceChildren(Object.assign(document.createElement("span"), { textContent: text }));
  if (button) {
    const element = Object.assign(document.createElement("button"), { type: "button", textContent: button.label });
    element.addEventListener("click", button.onClick);
    box.append(element);
  }
  box.classList.toggle("bad", isError);
  box.hidden = !text;
}

/**
 * Show the number of waiting candidates and the reviewer's pace.
 * @param {{waiting: number, today: number, pace: number | null, left: string | null}} progress `pace` is in decisions
 *   a minute; `left` is the time that the waiting candidates will take, in words.
 */
export function showProgress(progress) {
  const line = document.getElementById("progress");
  const set = (name, text) => (line.querySelector(`[data-is=${name}]`).textContent = text);
  set("waiting", progress.waiting.toLocaleString("en"));
  set("today", progress.today);
  set("pace", progress.pace ? ` · ${progress.pace.toFixed(1)} a minute` : "");
  set("left", progress.left ? ` · about ${progress.left} left` : "");
}
