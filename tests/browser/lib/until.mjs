// Waiting for something to become true, with a limit and a reason; never for an amount of time.

/** How long anything may take that a person would wait for, on a machine that is busy with other things. */
export const PATIENCE_MS = 60_000;

/**
 * Asks again and again until `question` gives a truthy answer, and returns it. `what` is waited for: words, or a function
 * that finds them once it took too long.
 */
export async function until(what, question, { within = PATIENCE_MS, every = 50 } = {}) {
  const end = performance.now() + within;
  for (;;) {
    const answer = await question();
    if (answer) return answer;
    if (performance.now() > end) {
      throw new Error(`after ${within} ms still not: ${typeof what === 'function' ? what() : what}`);
    }
    await new Promise((resolve) => setTimeout(resolve, every));
  }
}
