/** Hunks as elements: the lines with their numbers, and in changed lines the part that changed. */
report.drawHunk = (() => {
  const { data, element } = report;
  const KINDS = { '+': 'add', '-': 'del', '\\': 'end' };

  /** How long the same beginning and the same end are; nothing where too little is the same. */
  const commonEnds = (a, b) => {
    const most = Math.min(a.length, b.length);
    let start = 0;
    while (start < most && a[start] === b[start]) start++;
    let end = 0;
    while (end < most - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end++;
    if ((start + end) * 2 < most) return undefined;
    // A word is changed as a whole: `asyncio` to `anyio`, not `sync` to `ny`.
    const isInside = (text, at) => /\w/.test(text[at - 1] ?? '') && /\w/.test(text[at] ?? '');
    while (start > 0 && (isInside(a, start) || isInside(b, start))) start--;
    while (end > 0 && (isInside(a, a.length - end) || isInside(b, b.length - end))) end--;
    return [start, end];
  };

  const runOf = (lines, sign, from) => {
    let at = from;
    while (lines[at]?.[0] === sign) at++;
    return at;
  };

  /** The changed part of each line that is taken out and put in again, one for one. */
  const changedParts = (lines) => {
    const parts = new Map();
    for (let at = 0; at < lines.length; ) {
      const out = runOf(lines, '-', at);
      const into = runOf(lines, '+', out);
      const count = out - at;
      for (let i = at; i < out && into - out === count; i++) {
        const [a, b] = [lines[i].slice(1), lines[i + count].slice(1)];
        const common = commonEnds(a, b);
        if (!common) continue;
        parts.set(i, [common[0], a.length - common[1]]);
        parts.set(i + count, [common[0], b.length - common[1]]);
      }
      at = Math.max(into, at + 1);
    }
    return parts;
  };

  const textOf = (text, part) =>
    part
      ? [text.slice(0, part[0]), element('b', {}, text.slice(...part)), text.slice(part[1])]
      : [text];

  const drawLines = (oldStart, newStart, lines) => {
    let [before, after] = [oldStart, newStart];
    const parts = changedParts(lines);
    const width = String(Math.max(oldStart, newStart) + lines.length).length;
    const numbered = (n) => String(n).padStart(width);
    const rows = lines.map((line, at) => {
      const kind = KINDS[line[0]] ?? 'same';
      const row = element(
        'span',
        { class: `row ${kind}` },
        ...textOf(line.slice(1), parts.get(at)),
        '\n',
      );
      row.dataset.o = numbered(kind === 'same' || kind === 'del' ? before++ : '');
      row.dataset.n = numbered(kind === 'same' || kind === 'add' ? after++ : '');
      row.dataset.s = kind === 'add' || kind === 'del' ? line[0] : ' ';
      return row;
    });
    return element('pre', { class: 'code diff', tabindex: '0' }, element('code', {}, ...rows));
  };

  /** @param told the notes that the file has shown already: many of its hunks have the same */
  return ([oldStart, newStart, lines, numbers], told) => {
    const marks = numbers.map((n) => data.marks[n]);
    const head = element(
      'div',
      { class: 'hunk-head' },
      element('span', { class: 'at' }, `line ${Math.max(1, oldStart)}`),
    );
    for (const transform of new Set(marks.map((mark) => mark.transform))) {
      head.append(element('span', { class: 'tag' }, transform));
    }
    if (marks.some(({ safety }) => safety === 'review')) {
      head.append(element('span', { class: 'tag review' }, 'review'));
    }
    const notes = new Set(marks.map(({ note }) => note).filter((note) => note && !told.has(note)));
    for (const note of notes) told.add(note);
    return element(
      'div',
      { class: 'hunk' },
      head,
      ...[...notes].map((note) => element('p', { class: 'note' }, note)),
      drawLines(oldStart, newStart, lines),
    );
  };
})();
