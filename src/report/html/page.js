/** What the whole page has: the choice of colours, buttons that copy, and links into closed parts. */
(() => {
  const THEMES = ['auto', 'light', 'dark'];
  const WORDS = { auto: 'Auto', light: 'Light', dark: 'Dark' };
  const KEY = 'anyio-codemod-theme';
  const button = document.getElementById('theme');

  /** A browser may keep nothing of a page that is a file. */
  const kept = (change) => {
    try {
      return change(localStorage);
    } catch {
      return undefined;
    }
  };

  const setTheme = (theme) => {
    document.documentElement.dataset.theme = theme;
    button.textContent = WORDS[theme];
    const meaning = theme === 'auto' ? 'as the system has them' : WORDS[theme].toLowerCase();
    button.setAttribute('aria-label', `Colours: ${meaning}`);
  };

  const stored = kept((store) => store.getItem(KEY));
  setTheme(THEMES.includes(stored) ? stored : 'auto');
  button.addEventListener('click', () => {
    const at = THEMES.indexOf(document.documentElement.dataset.theme);
    const theme = THEMES[(at + 1) % THEMES.length];
    setTheme(theme);
    kept((store) => store.setItem(KEY, theme));
  });

  const select = (node) => {
    const range = document.createRange();
    range.selectNodeContents(node);
    getSelection().removeAllRanges();
    getSelection().addRange(range);
  };

  /** The clipboard is not for every page that is a file; then the command is selected. */
  const copy = async (code) => {
    try {
      await navigator.clipboard.writeText(code.textContent);
      return 'Copied';
    } catch {
      select(code);
      return document.execCommand?.('copy') ? 'Copied' : 'Selected';
    }
  };

  document.addEventListener('click', async (event) => {
    const copier = event.target.closest?.('[data-copy]');
    if (!copier) return;
    copier.textContent = await copy(copier.parentElement.querySelector('code'));
    setTimeout(() => {
      copier.textContent = 'Copy';
    }, 1500);
  });

  const openTarget = () => {
    const target = document.getElementById(location.hash.slice(1));
    if (target?.tagName === 'DETAILS') target.open = true;
  };
  addEventListener('hashchange', openTarget);
  openTarget();
})();
