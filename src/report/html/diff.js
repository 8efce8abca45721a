/** The changes: the filter's buttons, and the files. A file's hunks are drawn when it comes near the window. */
(() => {
  const { data, element, path, button, number, plural, filter } = report;
  const files = data.diff.map((file) => ({ ...file, drawn: false, open: true, shown: [] }));
  const allHunks = files.reduce((n, { hunks }) => n + hunks.length, 0);
  const place = document.getElementById('hunks');
  if (files.length === 0) {
    place.append(element('p', {}, 'Nothing would change.'));
    return;
  }

  // -- the files ---------------------------------------------------------------------------------

  const build = (file) => {
    file.fold = button({ class: 'fold', 'aria-expanded': 'true' }, '', () =>
      setOpen(file, !file.open),
    );
    file.fold.append(path(file.name));
    file.count = element('span', { class: 'n' });
    file.body = element('div', { class: 'body' });
    file.section = element(
      'section',
      { class: 'patch', 'aria-label': file.name },
      element('header', {}, element('h3', {}, file.fold), file.count),
      file.body,
    );
    fileOf.set(file.section, file);
    return file.section;
  };

  const fileOf = new WeakMap();
  const watcher = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries)
        if (isIntersecting) draw(fileOf.get(target));
    },
    { rootMargin: '1200px 0px' },
  );

  const draw = (file) => {
    if (!file.open || file.drawn) return;
    file.drawn = true;
    const told = new Set();
    file.body.replaceChildren(...file.shown.map((hunk) => report.drawHunk(hunk, told)));
    file.body.style.minHeight = '';
  };

  /** Empties a file whose hunks are others now; what is not drawn takes about the room that it will. */
  const renew = (file, shown) => {
    const isSame =
      shown.length === file.shown.length && shown.every((hunk, at) => hunk === file.shown[at]);
    file.section.hidden = shown.length === 0;
    if (isSame && file.drawn) return;
    file.shown = shown;
    file.drawn = false;
    file.body.replaceChildren();
    const lines = shown.reduce((n, [, , text]) => n + text.length + 2, 0);
    file.body.style.minHeight = `${lines * 20}px`;
    watch(file);
  };

  /** Asks anew whether the file is near: the observer tells only of what changes. */
  const watch = (file) => {
    watcher.unobserve(file.section);
    if (file.open && file.shown.length > 0) watcher.observe(file.section);
  };

  const setOpen = (file, open) => {
    file.open = open;
    file.fold.setAttribute('aria-expanded', open);
    file.body.hidden = !open;
    watch(file);
  };

  // -- the filter --------------------------------------------------------------------------------

  const { chosen } = filter;
  const facets = element('div');
  const result = element('p', { class: 'result', role: 'status' });
  const command = element('code', { tabindex: '0' });
  const remark = element('p', { class: 'remark' });
  const input = element('input', {
    type: 'search',
    id: 'file-filter',
    placeholder: 'part of a name, or a folder/',
    autocomplete: 'off',
    spellcheck: 'false',
  });

  const chip = (key, value, n) => {
    const isOn = chosen[key].has(value);
    const made = button(
      {
        class: `chip ${key === 'safety' ? value : ''}`,
        'aria-pressed': isOn,
        'data-value': `${key}=${value}`,
      },
      `${filter.FACETS[key].label(value)} `,
      () => {
        if (isOn) chosen[key].delete(value);
        else chosen[key].add(value);
        change();
      },
    );
    made.append(element('span', { class: 'n' }, number(n)));
    made.disabled = n === 0 && !isOn;
    return made;
  };

  const drawFacets = () => {
    const focused = document.activeElement?.dataset?.value;
    const groups = Object.entries(filter.FACETS).map(([key, { word }]) => {
      const counts = filter.counts(key, files);
      const values = filter.values(
        key,
        data.marks.map((mark) => String(mark[key])),
      );
      return element(
        'div',
        { class: 'facet', role: 'group', 'aria-label': word },
        element('span', { class: 'label' }, word),
        element(
          'div',
          { class: 'choices' },
          ...values.map((value) => chip(key, value, counts.get(value) ?? 0)),
        ),
      );
    });
    facets.replaceChildren(...groups);
    if (focused) facets.querySelector(`[data-value="${CSS.escape(focused)}"]`)?.focus();
  };

  const clear = button({ id: 'clear' }, 'Clear', () => {
    filter.clear();
    input.value = '';
    change();
  });
  input.addEventListener('input', () => {
    chosen.file = input.value;
    change();
  });
  const setAll = (open) => () => {
    for (const file of files) setOpen(file, open);
  };
  const openAll = button({}, 'Open all', setAll(true));
  const closeAll = button({}, 'Close all', setAll(false));
  const copy = element('button', { type: 'button', 'data-copy': '' }, 'Copy');
  document
    .getElementById('filter')
    .append(
      facets,
      element(
        'div',
        { class: 'facet' },
        element('label', { class: 'label', for: 'file-filter' }, 'File'),
        element('div', { class: 'choices' }, input, clear),
      ),
      element(
        'div',
        { class: 'bar-row' },
        result,
        element('div', { class: 'tools' }, openAll, closeAll),
      ),
      element('div', { class: 'command' }, command, copy),
      remark,
    );

  // -- all together ------------------------------------------------------------------------------

  const isReview = ([, , , numbers]) => numbers.some((n) => data.marks[n].safety === 'review');

  const update = () => {
    for (const file of files) {
      renew(file, filter.takesFile(file.name) ? file.hunks.filter(filter.takesHunk) : []);
      const of = file.shown.length < file.hunks.length ? `${number(file.shown.length)} of ` : '';
      file.count.textContent = of + plural(file.hunks.length, 'change');
    }
    const shown = files.filter((file) => file.shown.length > 0);
    const hunks = shown.reduce((n, file) => n + file.shown.length, 0);
    const total = `${plural(allHunks, 'change')} in ${plural(files.length, 'file')}`;
    result.textContent =
      hunks === allHunks
        ? `All ${total}.`
        : `${number(hunks)} of ${total}; ${plural(shown.length, 'file')} shown.`;
    drawFacets();
    const names = shown.map(({ name }) => name);
    const hasReview = shown.some((file) => file.shown.some(isReview));
    const proposed = filter.command(names, hasReview);
    command.textContent = proposed.text;
    command.parentElement.hidden = hunks === 0;
    remark.textContent = hunks === 0 ? '' : proposed.remark;
  };

  const change = () => {
    filter.keep();
    update();
  };

  const follow = () => {
    if (!filter.fromHash()) return;
    input.value = chosen.file;
    update();
    document.getElementById('diff').scrollIntoView();
  };

  place.append(...files.map(build));
  update();
  addEventListener('hashchange', follow);
  follow();
})();
