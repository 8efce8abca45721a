/** What the scripts of the page share: its data, and making elements. Texts are never read as HTML. */
globalThis.report = (() => {
  const data = JSON.parse(document.getElementById('data').textContent);
  const STATES = ['arrived', 'safe', 'review', 'refused', 'deferred', 'left'];
  const WORDS = {
    arrived: 'On anyio',
    safe: 'Safe',
    review: 'Review',
    refused: 'Refused',
    deferred: 'Deferred',
    left: 'Stays',
  };

  const setAll = (made, attributes) => {
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    return made;
  };

  const element = (tag, attributes = {}, ...children) => {
    const made = setAll(document.createElement(tag), attributes);
    made.append(...children);
    return made;
  };

  /** The name of a file, which may break where its parts end. */
  const path = (name) =>
    element(
      'span',
      { class: 'path' },
      ...name.split(/(?<=[/_])/).flatMap((part) => [part, document.createElement('wbr')]),
    );

  /** A button that does something when it is pressed. */
  const button = (attributes, word, press) => {
    const made = element('button', { type: 'button', ...attributes }, word);
    made.addEventListener('click', press);
    return made;
  };

  const number = (n) => n.toLocaleString('en-US');
  const plural = (n, one) => `${number(n)} ${one}${n === 1 ? '' : 's'}`;
  const sum = (counts) => counts.reduce((all, n) => all + n, 0);

  /** A bar of counts in the order of the states, as the page has them from the start too. */
  const bar = (counts) => {
    const space = 'http://www.w3.org/2000/svg';
    const said = STATES.flatMap((key, at) =>
      counts[at] > 0 ? [`${number(counts[at])} ${WORDS[key].toLowerCase()}`] : [],
    );
    const drawn = setAll(document.createElementNS(space, 'svg'), {
      class: 'bar',
      viewBox: '0 0 1000 10',
      preserveAspectRatio: 'none',
      role: 'img',
      'aria-label': said.join(', ') || 'nothing',
    });
    let x = 0;
    STATES.forEach((key, at) => {
      const width = (counts[at] / (sum(counts) || 1)) * 1000;
      if (width === 0) return;
      const part = document.createElementNS(space, 'rect');
      drawn.append(setAll(part, { class: key, x, width, height: 10 }));
      x += width;
    });
    return drawn;
  };

  return { data, STATES, WORDS, element, path, button, number, plural, sum, bar };
})();
