// Delayed calls.

/**
 * Return a function that calls another one after a pause; each call before that starts the pause anew.
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
