// Waiting for something to become true, with a limit and a reason; never for an amount of time.

/** Asks again and again until `question` gives a truthy answer, and returns it. */
export async function until(what, question, { within = 15_000, every = 50 } = {}) {
  const end = performance.now() + within;
  for (;;) {
    const answer = await question();
    if (answer) return answer;
    if (performance.now() > end) throw new Error(`after ${within} ms still not: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, every));
  }
}
