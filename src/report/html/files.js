/** The table of packages and files: a tree, or a flat list, sorted by any column. */
(() => {
  const { data, STATES, WORDS, element, path, button, number, sum, bar } = report;
  /** Folders are opened until this many rows are there. */
  const FIRST_ROWS = 24;
  /** More rows than this are drawn when asked for. */
  const MOST_ROWS = 400;

  const toDo = (node) => sum(node.counts) - node.counts[0] - node.counts[5];
  const share = (node) => {
    const all = toDo(node) + node.counts[0];
    return all === 0 ? 1 : node.counts[0] / all;
  };

  const COLUMNS = [
    { key: 'name', word: 'Name', of: (node) => node.label },
    { key: 'share', word: 'How far', of: share },
    { key: 'todo', word: 'To do', of: toDo },
    ...STATES.map((key, at) => ({ key, word: WORDS[key], of: (node) => node.counts[at] })),
  ];

  const folder = (label, path) => ({ label, path, counts: STATES.map(() => 0), children: [] });

  const buildTree = () => {
    const root = folder('', '');
    const folders = new Map([['', root]]);
    const folderAt = (path) => {
      let found = folders.get(path);
      if (!found) {
        const at = path.lastIndexOf('/');
        found = folder(path.slice(at + 1), path);
        folders.set(path, found);
        folderAt(at < 0 ? '' : path.slice(0, at)).children.push(found);
      }
      return found;
    };
    for (const [path, counts] of data.files) {
      const at = path.lastIndexOf('/');
      folderAt(at < 0 ? '' : path.slice(0, at)).children.push({
        label: path.slice(at + 1),
        path,
        counts,
      });
    }
    return addUp(root);
  };

  /** Sums from the leaves up; a folder that holds only one folder is one with it. */
  const addUp = (node) => {
    if (!node.children) return node;
    node.children = node.children.map(addUp);
    for (const child of node.children) {
      child.counts.forEach((n, at) => {
        node.counts[at] += n;
      });
    }
    const [only] = node.children;
    if (node.path !== '' && node.children.length === 1 && only.children) {
      return { ...only, label: `${node.label}/${only.label}` };
    }
    return node;
  };

  const tree = buildTree();
  const changed = new Set(data.diff.map((file) => file.name));
  const hasChange = (node) =>
    node.children ? node.children.some(hasChange) : changed.has(node.path);
  const state = { by: 'name', down: false, flat: false, all: false, open: new Set() };

  const firstOpen = () => {
    let rows = tree.children.length;
    for (const queue = [...tree.children]; queue.length > 0; ) {
      const node = queue.shift();
      if (!node.children || rows + node.children.length > FIRST_ROWS) continue;
      rows += node.children.length;
      state.open.add(node.path);
      queue.push(...node.children);
    }
  };

  const sorted = (nodes) => {
    const { of } = COLUMNS.find(({ key }) => key === state.by);
    const sign = state.down ? -1 : 1;
    const order = (a, b) => {
      const [x, y] = [of(a), of(b)];
      if (typeof x === 'number' && x !== y) return (x - y) * sign;
      // Folders come first among names; equal numbers go by name.
      const kind = state.flat ? 0 : Number(Boolean(b.children)) - Number(Boolean(a.children));
      return kind || (a.path < b.path ? -1 : 1) * (state.by === 'name' ? sign : 1);
    };
    return [...nodes].sort(order);
  };

  function* treeRows(nodes, depth) {
    for (const node of sorted(nodes)) {
      yield { node, depth };
      if (node.children && state.open.has(node.path)) yield* treeRows(node.children, depth + 1);
    }
  }

  const leaves = (node) => (node.children ? node.children.flatMap(leaves) : [node]);

  const percent = (part) =>
    part === 1 ? '100%' : `${part > 0 ? Math.min(99, Math.max(1, Math.round(part * 100))) : 0}%`;

  const nameCell = (node, depth) => {
    const cell = element('th', { scope: 'row', class: 'name' });
    cell.style.setProperty('--depth', depth);
    if (node.children) {
      const isOpen = state.open.has(node.path);
      const toggle = button({ class: 'fold', 'aria-expanded': isOpen }, `${node.label}/`, () => {
        if (isOpen) state.open.delete(node.path);
        else state.open.add(node.path);
        draw(node.path);
      });
      toggle.dataset.path = node.path;
      cell.append(toggle);
    } else {
      cell.append(path(state.flat ? node.path : node.label));
    }
    if (hasChange(node)) {
      const below = node.children ? `${node.path}/` : node.path;
      const link = element('a', { href: `#file=${encodeURIComponent(below)}` }, 'diff');
      link.setAttribute('aria-label', `Changes in ${below}`);
      cell.append(' ', link);
    }
    return cell;
  };

  const row = ({ node, depth }) =>
    element(
      'tr',
      { class: node.children ? 'folder' : 'file' },
      nameCell(node, depth),
      element('td', { class: 'far' }, bar(node.counts), element('span', {}, percent(share(node)))),
      element('td', { class: 'todo' }, toDo(node) ? number(toDo(node)) : '–'),
      ...STATES.map((key, at) =>
        element('td', { class: `count ${key}` }, node.counts[at] ? number(node.counts[at]) : '–'),
      ),
    );

  const head = () =>
    element(
      'tr',
      {},
      ...COLUMNS.map(({ key, word }) => {
        const isBy = state.by === key;
        const cell = element('th', { scope: 'col', class: key });
        if (isBy) cell.setAttribute('aria-sort', state.down ? 'descending' : 'ascending');
        const sort = () => {
          // Of numbers, the large ones are looked for first.
          state.down = isBy ? !state.down : key !== 'name' && key !== 'share';
          state.by = key;
          draw();
          document.querySelector(`#file-table [data-sort="${key}"]`).focus();
        };
        cell.append(button({ 'data-sort': key }, word, sort));
        return cell;
      }),
    );

  const draw = (focus) => {
    const place = document.getElementById('file-table');
    if (data.files.length === 0) {
      place.replaceChildren(element('p', {}, 'No file uses asyncio or anyio.'));
      return;
    }
    const rows = state.flat
      ? sorted(leaves(tree)).map((node) => ({ node, depth: 0 }))
      : [...treeRows(tree.children, 0)];
    const shown = state.all ? rows : rows.slice(0, MOST_ROWS);
    const table = element(
      'table',
      { class: state.flat ? 'flat' : 'tree' },
      element('thead', {}, head()),
      element('tbody', {}, ...shown.map(row)),
    );
    place.replaceChildren(table);
    if (shown.length < rows.length) {
      const more = () => {
        state.all = true;
        draw();
      };
      place.append(button({}, `Show all ${rows.length} rows`, more));
    }
    if (focus !== undefined) {
      [...place.querySelectorAll('.fold')].find((each) => each.dataset.path === focus)?.focus();
    }
  };

  const flat = document.getElementById('flat');
  flat.addEventListener('click', () => {
    state.flat = !state.flat;
    flat.setAttribute('aria-pressed', state.flat);
    draw();
  });
  firstOpen();
  draw();
})();
