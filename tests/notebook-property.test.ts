/** Any notebook, however its JSON is laid out: one line of one cell changes, and nothing else. */

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Notebook } from '../src/notebook/notebook.ts';

/** Lines of code and of IPython; HERE is what changes. */
const line = fc.constantFrom(
  'x = 1',
  '%matplotlib inline',
  'files = !ls "it\'s"',
  '    ',
  'text = "ü ☃ 𝄞 \\\\ \\" \\u00e9"',
  "'''%who\n!ls'''",
  'work?',
  '%time y = (1, 2)',
  '\tindented',
  '# "quotes\r',
);
const cell = fc.record({
  kind: fc.constantFrom('code', 'code', 'markdown', 'raw'),
  lines: fc.array(line, { maxLength: 5 }),
  isList: fc.boolean(),
  endsWithNewline: fc.boolean(),
});
const layout = fc.record({
  indent: fc.constantFrom(0, 1, 2, '\t'),
  isAscii: fc.boolean(),
  hasEnd: fc.boolean(),
});

type Layout = typeof layout extends fc.Arbitrary<infer Value> ? Value : never;

function write(cells: object[], { indent, isAscii, hasEnd }: Layout) {
  const metadata = { language_info: { name: 'python' }, note: 'ü' };
  const text = JSON.stringify({ cells, metadata, nbformat: 4, nbformat_minor: 5 }, null, indent);
  const escaped = (unit: string) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return (isAscii ? text.replace(/[^ -~\n\t]/g, escaped) : text) + (hasEnd ? '\n' : '');
}

it('changes one line of one cell', () => {
  const program = fc.tuple(fc.array(cell, { minLength: 1, maxLength: 6 }), layout, fc.nat());
  fc.assert(
    fc.property(program, ([cells, how, chosen]) => {
      const target = chosen % cells.length;
      const sources = cells.map(({ lines, endsWithNewline }, at) => {
        const all = at === target ? [...lines, 'HERE'] : lines;
        return all.join('\n') + (endsWithNewline ? '\n' : '');
      });
      const written = (texts: readonly string[]) =>
        write(
          cells.map(({ kind, isList }, at) => {
            const text = texts[at] ?? '';
            const source = isList ? (text.match(/[^\n]*\n|[^\n]+$/g) ?? []) : text;
            return {
              cell_type: at === target ? 'code' : kind,
              metadata: {},
              source,
              outputs: ['HERE'],
            };
          }),
          how,
        );
      const raw = written(sources);
      const book = Notebook.read(raw);
      if (!book) throw new Error('it was not read');
      expect(book.rawWith(book.text)).toBe(raw);
      const changed = sources.map((text, at) =>
        at === target ? text.replace('HERE', 'a = "é"\nb') : text,
      );
      expect(book.rawWith(book.text.replace('HERE', 'a = "é"\nb'))).toBe(written(changed));
    }),
    { numRuns: 300, seed: process.env.CI ? 1 : undefined },
  );
});
