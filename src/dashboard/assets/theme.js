const KEY = 'tidecast-theme';
const system = matchMedia('(prefers-color-scheme: dark)');

const remembered = () => {
  try {
    return localStorage.getItem(KEY);
  } catch {
    // Not allowed to keep anything: the system decides each time.
    return null;
  }
};

const remember = (theme) => {
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // The choice holds until the page is left.
  }
};

/** Follows the system until someone chooses; a choice is remembered. */
export const themeToggle = (button, onChange) => {
  const show = () => {
    const theme = remembered() ?? document.documentElement.dataset.chosen;
    const isDark = theme ? theme === 'dark' : system.matches;
    document.documentElement.dataset.theme = isDark ? 'dark' : 'light';
    button.setAttribute('aria-pressed', String(isDark));
    onChange();
  };
  button.addEventListener('click', () => {
    const next = document.documentElement.dataset.theme === 'dark' ? 'light' : 'dark';
    document.documentElement.dataset.chosen = next;
    remember(next);
    show();
  });
  system.addEventListener('change', show);
  show();
};
