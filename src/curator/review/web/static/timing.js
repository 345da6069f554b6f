// Work that waits for a pause.

/**
 * Return a function that calls another one once it has not been called for a while.
 * @param {number} milliseconds
 * @param {() => void} run
 * @returns {() => void}
 */
export function debounce(milliseconds, run) {
  let timer = 0;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(run, milliseconds);
  };
}
