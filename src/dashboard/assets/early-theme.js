// Runs before the first paint, so that a dark page does not flash white.
const remembered = () => {
  try {
    return localStorage.getItem('tidecast-theme');
  } catch {
    // A browser that keeps nothing for this page follows the system.
    return null;
  }
};
const system = matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
document.documentElement.dataset.theme = remembered() ?? system;
