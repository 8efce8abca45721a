import { describe, expect, test } from 'vitest';
import { parseSelection } from '../src/phases.ts';
import { nearest, UsageError } from '../src/usage.ts';

const KNOWN = [
  { id: 'dependency', phase: 0 },
  { id: 'run', phase: 1 },
  { id: 'sleep', phase: 2 },
  { id: 'lock', phase: 2 },
];

function phases(...phase: string[]) {
  return parseSelection({ phase }, KNOWN, 'all').phases;
}

function transforms(...transform: string[]) {
  const selection = parseSelection({ transform }, KNOWN, 'all');
  return [selection.phases, [...selection.transforms]];
}

describe('--phase', () => {
  test.each<[string[], number[]]>([
    [['1'], [1]],
    [['1,2'], [1, 2]],
    [['2,1,2'], [1, 2]],
    [
      ['2', '0'],
      [0, 2],
    ],
    [['1, 2'], [1, 2]],
    [['0-2'], [0, 1, 2]],
    [['2-2'], [2]],
    [['scripts'], [1]],
    [['Scripts,PRIMITIVES'], [1, 2]],
    [['hybrid'], [0, 1, 2]],
    [['full'], [0, 1, 2, 3, 4, 5, 6]],
    [['hybrid,3'], [0, 1, 2, 3]],
    [['4'], [4]],
  ])('%j means %j', (words, wanted) => {
    expect(phases(...words)).toEqual(wanted);
  });

  test('takes the transforms of its phases', () => {
    const { transforms: ids } = parseSelection({ phase: ['1,2'] }, KNOWN, 'all');
    expect(ids).toEqual(new Set(['run', 'sleep', 'lock']));
  });

  test.each([
    ['scirpts', "did you mean 'scripts'"],
    ['hybird', "did you mean 'hybrid'"],
    ['7', "unknown phase '7' (0 to 6"],
    ['2-1', "unknown phase '2-1'"],
    ['1-9', "unknown phase '1-9'"],
    ['constructor', "unknown phase 'constructor'"],
    ['', '--phase needs a value'],
    [' , ', '--phase needs a value'],
  ])('%j is refused', (word, message) => {
    expect(() => phases(word)).toThrow(UsageError);
    expect(() => phases(word)).toThrow(message);
  });
});

describe('--transform', () => {
  test('takes ids, in any case, and knows their phases', () => {
    expect(transforms('sleep')).toEqual([[2], ['sleep']]);
    expect(transforms('Lock,run', 'sleep')).toEqual([
      [1, 2],
      ['lock', 'run', 'sleep'],
    ]);
    expect(transforms('dependency')).toEqual([[0], ['dependency']]);
  });

  test('an unknown one names the nearest and where all are', () => {
    expect(() => transforms('slep')).toThrow("unknown transform 'slep'; did you mean 'sleep'?");
    expect(() => transforms('slep')).toThrow('anyio-codemod list');
    expect(() => transforms('zzzzzz')).not.toThrow('did you mean');
  });

  test('excludes --phase', () => {
    const both = { phase: ['1'], transform: ['sleep'] };
    expect(() => parseSelection(both, KNOWN, 'all')).toThrow('exclude each other');
  });
});

test('without a selector the fallback counts', () => {
  expect(parseSelection({}, KNOWN, 'hybrid').phases).toEqual([0, 1, 2]);
  expect(parseSelection({ phase: [], transform: [] }, KNOWN, 'all').phases).toEqual([
    0, 1, 2, 3, 4, 5, 6,
  ]);
});

test('the nearest name is near', () => {
  expect(nearest('ecent', ['lock', 'event'])).toBe('event');
  expect(nearest('EVENT', ['lock', 'event'])).toBe('event');
  expect(nearest('x', ['y'])).toBeUndefined();
  expect(nearest('timeouts', ['queues'])).toBeUndefined();
});
