// What opens over a page: sheets, dialogs, menus. Each by how it is opened, in any language.

/** Opens one after the other and looks at each; whatever is open is closed with Esc. */
export async function lookAtEach(openings, look) {
  for (const [name, page, opening] of openings) {
    const opened = await opening();
    await opened.waitFor();
    await look(page, name);
    await page.keyboard.press('Escape');
    await opened.waitFor({ state: 'detached' });
  }
}

/** A button and the dialog it opens. */
export const dialogBy = (page, button) => async () => {
  const below = await page.getByRole('dialog').count();
  await button.click();
  return page.getByRole('dialog').nth(below);
};

/** A button and the menu it opens. */
export const menuBy = (page, button) => async () => {
  await button.click();
  return page.getByRole('menu');
};
