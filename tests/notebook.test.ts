/** Notebooks: what is masked, where places lie, and that every byte but the changed lines stays. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { maskCell, unmask } from '../src/notebook/mask.ts';
import { Notebook, NotebookError } from '../src/notebook/notebook.ts';
import { fixtureCases } from './fixture-cases.ts';

/** A notebook of code cells, as Jupyter writes it. */
function notebook(sources: readonly (string | string[])[], more: object = {}): string {
  const cells = sources.map((source) => ({
    cell_type: 'code',
    execution_count: null,
    metadata: {},
    outputs: [],
    source,
  }));
  return `${JSON.stringify({ cells, metadata: {}, nbformat: 4, nbformat_minor: 5, ...more }, null, 1)}\n`;
}

function read(raw: string): Notebook {
  const found = Notebook.read(raw);
  if (!found) throw new Error('not a Python notebook');
  return found;
}

function flaw(raw: string): NotebookError {
  try {
    Notebook.read(raw);
  } catch (error) {
    if (error instanceof NotebookError) return error;
  }
  throw new Error('it was read');
}

function masked(source: string) {
  let count = 0;
  return maskCell(source, () => `W${++count}`);
}

describe('masks', () => {
  it.each([
    ['%matplotlib inline', '"W1"'],
    ['!ls -l', '"W1"'],
    ['!!ls', '"W1"'],
    ['sleep?', '"W1"'],
    ['?sleep', '"W1"'],
    ['%time await work()', '"W1"; await work()'],
    ['%timeit -n 3 -r1 work()', '"W1"; work()'],
    ['%timeit for x in y: pass', 'f"W1{get_ipython(x, y)}"'],
    ['%unknown run(lock, key=1)', 'f"W1{get_ipython(run, lock, key)}"'],
    ['%pip install asyncio {extra}', 'f"W1{get_ipython(extra)}"'],
    ['files = !ls $folder', 'files = get_ipython("W1", folder)'],
    ['spent = %time work(1)', 'spent = get_ipython("W1", work)'],
    ['if a:\n    %who\nelse:\n    !ls', 'if a:\n    "W1"\nelse:\n    "W2"'],
    ['!echo \\\n  more\nx = 1', '"""W1\n"""\nx = 1'],
    ['%%time\nx = 1\n%who', '"W1"\nx = 1\n"W2"'],
    ['%%bash\necho asyncio', '"""W1\n"""'],
    ['\n%%mystery 3\nlock.release()', 'f"""W1{get_ipython(lock)}\n\n"""'],
    ['/f 1', 'f"W1{get_ipython(f)}"'],
  ])('%j', (source, text) => {
    const cell = masked(source);
    expect(cell.text).toBe(text);
    expect(unmask(cell.text, cell.masks)).toBe(source);
    expect(cell.isOpen).toBe(false);
  });

  it.each([
    'rest = (a\n    % b)',
    'text = """\n%time f()\n!ls\n"""',
    "text = 'one \\\n%two'",
    'a %= 3',
    'a != b',
    'x = 1  # why?',
    'print("why?")',
    '# %time\n#!ls',
    'total = 10 \\\n    % 3',
  ])('nothing in %j', (source) => {
    expect(masked(source).text).toBe(source);
  });

  it.each(['f(', 'text = """', 'x = 1 + \\'])('%j is open', (source) => {
    expect(masked(source).isOpen).toBe(true);
  });
});

describe('a notebook as one text', () => {
  it('holds the code cells, and knows places in them', () => {
    const raw = notebook(['import os\n', '', 'x = 1\n%time y = asyncio.sleep(x)']);
    const { text, lines } = read(raw);
    expect(lines.at(text.indexOf('x = 1'))).toMatchObject({ cell: 3, line: 1, column: 1 });
    expect(lines.at(text.indexOf('asyncio'))).toMatchObject({ cell: 3, line: 2, column: 11 });
    expect(lines.at(text.indexOf('import'))).toMatchObject({ cell: 1, line: 1, column: 1 });
  });

  it('numbers the cells among those of text too', () => {
    const raw = notebook(['# Title', 'x = 1']).replace('"code"', '"markdown"');
    expect(read(raw).text).toBe('x = 1\n');
    expect(read(raw).lines.at(0)).toMatchObject({ cell: 2, line: 1, column: 1 });
  });

  it('knows in which lines of the file they are written', () => {
    // One line in two literals, two lines in one, and one that ends with its newline.
    const raw = notebook([['a = ', '1\n', 'b = 2\nc = 3\n'], 'd = 4\ne = 5']);
    const { text, lines } = read(raw);
    const written = raw.split('\n');
    const where = (name: string) => {
      const { cell, line, fileLine = 0 } = lines.at(text.indexOf(name));
      expect(lines.inFile(fileLine)).toMatchObject({ cell });
      return [cell, line, written[fileLine - 1]?.trim()];
    };
    expect(where('a =')).toEqual([1, 1, '"a = ",']);
    expect(where('b =')).toEqual([1, 2, '"b = 2\\nc = 3\\n"']);
    expect(where('c =')).toEqual([1, 3, '"b = 2\\nc = 3\\n"']);
    expect(where('e =')).toEqual([2, 2, '"source": "d = 4\\ne = 5"']);
    expect(lines.inFile(1)).toBeUndefined();
  });

  it('knows what a magic may use', () => {
    const book = read(notebook(['%what sleep', 'sleep']));
    const first = book.text.indexOf('sleep');
    const second = book.text.lastIndexOf('sleep');
    expect(book.isMasked(first, first + 5)).toBe(true);
    expect(book.isMasked(second, second + 5)).toBe(false);
  });

  it('uses words that the notebook has not', () => {
    const raw = notebook(['"ipython-1"', '%who', '"ipython-2"']);
    const book = read(raw);
    expect(book.rawWith(book.text.replace('"ipython-2"', '"other"'))).toBe(
      raw.replace('ipython-2', 'other'),
    );
  });
});

describe('the way back', () => {
  it.each(fixtureCases().filter(({ name }) => name.startsWith('notebook/')))(
    'gives $name as it was',
    ({ before }) => {
      for (const [path, raw] of before) {
        if (!path.endsWith('.ipynb')) continue;
        const book = read(raw);
        expect(book.rawWith(book.text)).toBe(raw);
      }
    },
  );

  it('changes the lines of a list, and keeps its indentation', () => {
    const raw = notebook([['import os\n', 'x = 1\n', 'y = 2']]);
    const book = read(raw);
    const now = book.rawWith(book.text.replace('x = 1', 'x = 3\nz = 4'));
    expect(now).toBe(raw.replace('"x = 1\\n",', '"x = 3\\n",\n    "z = 4\\n",'));
  });

  it('makes a list of one longer, as wide as the list is', () => {
    const wide = notebook([['x = 1']]);
    expect(read(wide).rawWith('a\nb\n')).toBe(wide.replace('"x = 1"', '"a\\n",\n    "b"'));
    const narrow = '{"cells": [{"cell_type": "code", "source": ["x = 1"]}], "nbformat": 4}';
    expect(read(narrow).rawWith('a\nb\n')).toBe(narrow.replace('"x = 1"', '"a\\n", "b"'));
  });

  it('keeps the spelling of lines that stay', () => {
    const raw = notebook(['HERE']).replace('HERE', String.raw`PLACE\n\u0078 = \"\/\u00e9\"`);
    const book = read(raw);
    expect(book.text).toBe('PLACE\nx = "/é"\n');
    expect(book.rawWith(book.text.replace('PLACE', 'MOVED'))).toBe(raw.replace('PLACE', 'MOVED'));
  });

  it('escapes what is not ASCII where the notebook does', () => {
    const plain = notebook(['x = "é"']);
    const escaped = plain.replace('é', '\\u00e9');
    const change = (raw: string) => read(raw).rawWith('y = "ü𝄞"\n');
    expect(change(plain)).toBe(plain.replace('x = \\"é', 'y = \\"ü𝄞'));
    expect(change(escaped)).toBe(escaped.replace('x = \\"\\u00e9', 'y = \\"\\u00fc\\ud834\\udd1e'));
  });

  it('leaves no blank lines at the edge of a cell that had none', () => {
    const raw = notebook(['import asyncio\n\nx = 1', 'y = 2']);
    const book = read(raw);
    const now = book.rawWith(book.text.replace('import asyncio\n', '').replace('y = 2\n', ''));
    expect(JSON.parse(now).cells.map((cell: { source: string }) => cell.source)).toEqual([
      'x = 1',
      '',
    ]);
  });

  it('keeps line ends within a cell', () => {
    const raw = notebook(['a = 1\r\nb = 2\r\n']);
    const book = read(raw);
    expect(book.rawWith(book.text.replace('b = 2', 'b = 3'))).toBe(raw.replace('b = 2', 'b = 3'));
  });

  it('fails when cells cannot be told apart, or a magic would change', () => {
    const book = read(notebook(['x = 1', '%who\ny = 2']));
    const separator = book.text.split('\n')[1] ?? '';
    const why = 'the cells of the notebook cannot be told apart in the new text';
    expect(() => book.rawWith(book.text.replace(`${separator}\n`, ''))).toThrow(why);
    expect(() => book.rawWith(`${book.text}${separator}\n`)).toThrow(why);
    const mask = book.text.split('\n')[2] ?? '';
    expect(() => book.rawWith(book.text.replace(mask, 'z'))).toThrow(
      'the line `%who` would not stay as it is',
    );
  });

  it('gives the cells as Python', () => {
    const book = read(notebook(['!ls', 'x = 1']));
    const cells = book.pythonOf(book.text.replace('x = 1', 'x = 2'));
    expect(cells).toEqual([
      { cell: 1, text: expect.stringMatching(/^"ipython-\d"$/) },
      { cell: 2, text: 'x = 2' },
    ]);
  });
});

describe('what is not read', () => {
  it.each([
    ['[]', 'not a Jupyter notebook: it is not a JSON object'],
    ['{"cells": [}', 'not a Jupyter notebook: it is not a JSON object'],
    ['{"cells": []}', 'not a Jupyter notebook: it names no nbformat'],
  ])('%s', (raw, message) => {
    expect(flaw(raw).message).toBe(message);
  });

  it('an older format', () => {
    const raw = '{"worksheets": [], "metadata": {}, "nbformat": 3}';
    expect(flaw(raw).message).toMatch(/^nbformat 3 is not read here, only 4 is; .*nbconvert/);
  });

  it('another language', () => {
    const language = (metadata: object) => Notebook.read(notebook(['x'], { metadata }));
    expect(language({ kernelspec: { language: 'R', name: 'ir' } })).toBeUndefined();
    expect(language({ language_info: { name: 'julia' } })).toBeUndefined();
    expect(language({ kernelspec: { language: 'python', name: 'my-env' } })).toBeDefined();
  });

  it('a cell that ends within a statement', () => {
    const error = flaw(notebook(['x = 1', 'f(1,', '2)']));
    expect(error).toMatchObject({ message: 'the cell ends within a statement', cell: 2 });
  });

  it('a source that is no text', () => {
    expect(flaw(notebook(['x']).replace('"x"', '[1]'))).toMatchObject({ cell: 1 });
  });
});

it('the fixtures are written as Jupyter writes', () => {
  const folder = join(import.meta.dirname, '..', 'fixtures', 'notebook');
  const raw = readFileSync(join(folder, 'top-level-await', 'before.ipynb'), 'utf8');
  expect(`${JSON.stringify(JSON.parse(raw), null, 1)}\n`).toBe(raw);
});
