// Several people and one tablet.

/** Chooses somebody by their initials. */
export async function choose(page, initials) {
  await whoIsWorking(page);
  await page.getByRole('listitem').filter({ hasText: initials }).getByRole('button').click();
}

/** The tablet asks who wants to work. */
export async function whoIsWorking(page) {
  await page.getByRole('heading', { name: 'Who is working?' }).waitFor();
}

export const initialsOf = (name) => name.split(' ').map((word) => word[0]).join('');
