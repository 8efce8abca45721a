/** The filter of the changes: what passes it, the address that keeps it, the command that it means. */
report.filter = (() => {
  const { data } = report;
  const { marks } = data;
  const PHASES = ['dependency', 'scripts', 'primitives', 'timeouts', 'queues', 'tasks', 'pytest'];
  const byName = (a, b) => (a < b ? -1 : 1);
  const FACETS = {
    phase: {
      word: 'Phase',
      label: (value) => `${value} ${PHASES[value] ?? ''}`,
      order: (a, b) => a - b,
    },
    safety: {
      word: 'Safety',
      label: (value) => ({ safe: 'safe', review: 'to review' })[value],
      order: (a, b) => byName(b, a),
    },
    transform: { word: 'Transform', label: (value) => value, order: byName },
  };
  const KEYS = Object.keys(FACETS);
  const chosen = { phase: new Set(), safety: new Set(), transform: new Set(), file: '' };

  const clear = () => {
    for (const key of KEYS) chosen[key].clear();
    chosen.file = '';
  };

  const values = (key, among) => [...new Set(among)].sort(FACETS[key].order);

  // -- what passes -------------------------------------------------------------------------------

  /** A folder ends in a slash and is where a name begins; anything else is looked for in the name. */
  const takesFile = (name) => {
    const wanted = chosen.file.trim();
    return wanted.endsWith('/') ? name.startsWith(wanted) : name.includes(wanted);
  };

  /** One rewrite has to fit all that is chosen: a safe one of phase 2 beside another is not "2, review". */
  const fits = (mark, but) =>
    KEYS.every(
      (key) => key === but || chosen[key].size === 0 || chosen[key].has(String(mark[key])),
    );

  const takesHunk = ([, , , numbers]) => numbers.some((n) => fits(marks[n]));

  /** How many hunks each value of a facet would show, beside what is chosen in the others. */
  const counts = (key, files) => {
    const found = new Map();
    for (const { name, hunks } of files) {
      if (!takesFile(name)) continue;
      for (const [, , , numbers] of hunks) {
        const mine = numbers.map((n) => marks[n]).filter((mark) => fits(mark, key));
        for (const value of new Set(mine.map((mark) => String(mark[key])))) {
          found.set(value, (found.get(value) ?? 0) + 1);
        }
      }
    }
    return found;
  };

  // -- the address -------------------------------------------------------------------------------

  const toHash = () => {
    const parts = KEYS.filter((key) => chosen[key].size > 0).map(
      (key) => `${key}=${values(key, chosen[key]).map(encodeURIComponent).join(',')}`,
    );
    if (chosen.file) parts.push(`file=${encodeURIComponent(chosen.file)}`);
    return parts.join('&');
  };

  const decode = (text) => {
    try {
      return decodeURIComponent(text);
    } catch {
      return text;
    }
  };

  /** @returns whether the address holds a filter, and no place in the page */
  const fromHash = () => {
    const text = location.hash.slice(1);
    if (!text.includes('=')) return false;
    clear();
    for (const part of text.split('&')) {
      const [key, value = ''] = part.split('=');
      if (key === 'file') chosen.file = decode(value);
      else if (KEYS.includes(key))
        for (const each of value.split(',')) chosen[key].add(decode(each));
    }
    return true;
  };

  const keep = () => {
    try {
      history.replaceState(null, '', `#${toHash() || 'diff'}`);
    } catch {
      // A browser may forbid it for a page that is a file: the filter works all the same.
    }
  };

  // -- the command -------------------------------------------------------------------------------

  const quote = (word) =>
    /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;

  const selectors = () => {
    const { phase, transform } = chosen;
    if (transform.size > 0) return `--transform ${values('transform', transform).join(',')}`;
    if (phase.size === 0) return data.commands.selectors;
    // The other phases count on the dependency that phase 0 declares.
    const all = data.needsDependency ? ['0', ...phase] : phase;
    return `--phase ${values('phase', all).join(',')}`;
  };

  /** The paths for a command; nothing where the filter cannot be said in a few of them. */
  const pathsFor = (names) => {
    if (!chosen.file) return data.commands.paths;
    if (chosen.file.endsWith('/')) return quote(chosen.file);
    const python = names.filter((name) => /\.(pyi?|ipynb)$/.test(name));
    return python.length > 0 && python.length <= 5 ? python.map(quote).join(' ') : undefined;
  };

  /**
   * @param names of the files that are shown
   * @param hasReview whether a rewrite to review is among what is shown
   * @returns the command that writes what is shown, and where it does otherwise
   */
  const command = (names, hasReview) => {
    const { apply, paths } = data.commands;
    const takesReview = /\s--include-review\b/.test(apply);
    const asks = chosen.safety.has('review') && !takesReview;
    const found = pathsFor(names);
    const [head, tail] = apply.split(' @PATHS@ @SELECTORS@');
    const text = [head, found ?? paths, selectors()].filter(Boolean).join(' ') + tail;
    const remarks = [
      hasReview && !asks && !takesReview
        ? 'It leaves out what needs a look; --include-review takes that too.'
        : '',
      asks && !chosen.safety.has('safe') ? 'It makes the safe changes as well.' : '',
      found === undefined ? 'The file filter is not part of it: end a folder with a slash.' : '',
    ];
    return {
      text: text + (asks ? ' --include-review' : ''),
      remark: remarks.filter(Boolean).join(' '),
    };
  };

  return {
    FACETS,
    chosen,
    clear,
    values,
    takesFile,
    takesHunk,
    counts,
    toHash,
    fromHash,
    keep,
    command,
  };
})();
