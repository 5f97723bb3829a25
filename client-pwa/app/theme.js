// Runs before the first paint, so it is a plain script and reads nothing but what the person chose:
// "light" or "dark" under maintainpro.theme, "more" under maintainpro.contrast, a language tag under
// maintainpro.language. Without a choice the stylesheet follows the system.
(() => {
  const chosen = (name) => {
    try {
      return localStorage.getItem(`maintainpro.${name}`);
    } catch {
      return null; // storage can be forbidden; the system's theme still holds
    }
  };
  const root = document.documentElement;
  const theme = chosen('theme');
  if (theme === 'light' || theme === 'dark') root.dataset.theme = theme;
  if (chosen('contrast') === 'more') root.dataset.contrast = 'more';
  root.lang = chosen('language') || root.lang;
})();
