// The pictures of a paper's pages beside a card, with its quotes marked on them.

const NORMAL_WIDTH = 1200; // pixels of a page's picture
const ZOOMED_WIDTH = 2400;
const MARGIN_LEFT = 40; // pixels between a zoomed mark and the edge

/**
 * Show the page of a quote, and the quote's marks on it.
 * @param {HTMLElement} card
 * @param {number} number The quote's number, from 1; if there is no such quote, nothing happens.
 */
export function showQuote(card, number) {
  const link = card.querySelector(`.quote[data-quote="${number}"]`);
  if (!link) return;
  const sheet = card.querySelector(`.sheet[data-page="${link.dataset.page}"]`);
  if (sheet) for (const other of card.querySelectorAll(".sheet")) other.hidden = other !== sheet;
  showMarks(card, number);
}

/**
 * Highlight a quote and its marks on the visible page, and scroll to the first mark.
 * @param {HTMLElement} card
 * @param {number} [number] The quote's number; by default that of the first quote marked on the page.
 */
export function showMarks(card, number = 0) {
  const sheet = card.querySelector(".sheet:not([hidden])");
  if (!sheet) return;
  const quote = number || Number(sheet.querySelector(".mark")?.dataset.quote || 0);
  for (const link of card.querySelectorAll(".quote")) {
    if (Number(link.dataset.quote) === quote) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
  for (const mark of sheet.querySelectorAll(".mark"))
    mark.classList.toggle("now", Number(mark.dataset.quote) === quote);
  const first = sheet.querySelector(".mark.now");
  if (first) scrollTo(card.querySelector(".sheets"), first);
}

function scrollTo(viewer, mark) {
  const box = mark.getBoundingClientRect();
  const frame = viewer.getBoundingClientRect();
  viewer.scrollTo({ top: viewer.scrollTop + box.top - frame.top - frame.height / 3, behavior: "instant" });
  if (!viewer.classList.contains("zoomed")) return;
  viewer.scrollTo({ left: viewer.scrollLeft + box.left - frame.left - MARGIN_LEFT, behavior: "instant" });
}

/**
 * Zoom the pages in, or out again.
 * @param {HTMLElement} card
 */
export function toggleZoom(card) {
  const viewer = card.querySelector(".sheets");
  const isZoomed = viewer.classList.toggle("zoomed");
  for (const picture of viewer.querySelectorAll("img")) {
    const address = new URL(picture.src);
    address.searchParams.set("width", String(isZoomed ? ZOOMED_WIDTH : NORMAL_WIDTH));
    picture.src = address.href;
  }
  showMarks(card, Number(card.querySelector(".quote[aria-current]")?.dataset.quote || 0));
}

/**
 * Open the PDF at the visible page, or the paper's source if no page is shown.
 * @param {HTMLElement} card
 */
export function openPdf(card) {
  (card.querySelector(".sheet:not([hidden]) .pdf") || card.querySelector(".pdf"))?.click();
}

/**
 * Fetch the first picture of a card ahead of time.
 * @param {HTMLElement} card
 */
export function preloadPicture(card) {
  const picture = card.querySelector(".sheet:not([hidden]) img");
  if (picture) new Image().src = picture.src;
}
