// Words a page must not show, not for a moment.

/** From the next load on, notes which of these the page ever shows; returns what reads the note. */
export async function watchForWords(page, words) {
  await page.addInitScript((words) => {
    const seen = new Set();
    window.wordsSeen = seen;
    const look = () => {
      const text = document.body?.innerHTML ?? '';
      for (const word of words) if (text.includes(word)) seen.add(word);
    };
    new MutationObserver(look).observe(document, { subtree: true, childList: true, characterData: true, attributes: true });
  }, words);
  return () => page.evaluate(() => [...window.wordsSeen]);
}
