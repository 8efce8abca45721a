/** Runs in the page, before its own scripts: what the tests ask of it. */
globalThis.probe = {
  openAll() {
    for (const each of document.querySelectorAll('details')) each.open = true;
  },

  /** In pixels; more than the window is where something sticks out. */
  width: () => document.documentElement.scrollWidth,

  background: () => getComputedStyle(document.body).backgroundColor,

  hasFocus: (selector) => document.querySelector(selector) === document.activeElement,

  /** The contrast of the first text of each selector with what is behind it, as WCAG 2 counts it. */
  contrasts(selectors) {
    const context = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
    const paint = (colours) => {
      for (const colour of colours) {
        context.fillStyle = colour;
        context.fillRect(0, 0, 1, 1);
      }
      return [...context.getImageData(0, 0, 1, 1).data.slice(0, 3)];
    };
    const light = (rgb) => {
      const [r, g, b] = rgb.map((each) => {
        const part = each / 255;
        return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    return selectors.map((selector) => {
      const found = document.querySelector(selector);
      if (!found) return [selector, 0];
      const behind = [];
      for (let at = found; at; at = at.parentElement) {
        behind.unshift(getComputedStyle(at).backgroundColor);
      }
      const back = light(paint(behind));
      const text = light(paint([...behind, getComputedStyle(found).color]));
      return [selector, (Math.max(back, text) + 0.05) / (Math.min(back, text) + 0.05)];
    });
  },

  clipboard: () => navigator.clipboard.readText(),

  isBroken: () => 'broken' in window,

  /** What somebody's text would do if it ever came to be markup. */
  async attack(address) {
    const markup = document.createElement('div');
    markup.innerHTML = `<img src="${address}a.png" onerror="window.broken = 1">`;
    const script = Object.assign(document.createElement('script'), { text: 'window.broken = 2' });
    document.body.append(markup, script);
    try {
      await fetch(address);
      return 'sent';
    } catch {
      return 'stopped';
    }
  },
};
