/**
 * The promise of a family, that it misses no operation on its object: objects are sent through chains
 * of idioms, and whatever is done to them at the end must be recorded, or an escape on the way.
 */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CARRIERS, type Carrier, programOf } from './analysis-carriers.ts';
import { oneFile } from './analysis-harness.ts';
import { describeWithPython, newestPython, type PythonEnv, runPython } from './python/env.ts';

const RUNS = 400;
/** Idioms behind which an object is not found again, and which are reported as escapes. */
const ESCAPING = new Set([
  'map',
  'lambda',
  'lambda in a name',
  'lambda that closes over it',
  'partial',
  'partial of it',
  'match of a list',
  'bound method in a name',
  'functional named tuple',
  'computed getattr',
  'computed setattr',
  'attrgetter',
  'itemgetter',
  '__getitem__',
  '__setitem__',
  '__call__',
  '__iter__',
  '__enter__',
  'a subclass of dict',
  'a subclass of list',
  'an awaited queue',
  'a future',
  'a task',
  'gather',
  'a context variable',
  'a weak reference',
  'an exception',
  'send',
  'a registry of unknown class',
  'reduce',
  'a global of a module that is computed',
  'a simple namespace',
  'a dispatch table',
  'a callback',
  'a function as a parameter',
  'a returned closure',
  'a wrapped method',
]);
const SEED = 20_240_607;

/** Whether the last line's `clear()` is in the family of the event, or following ends before it. */
function outcome(chain: readonly Carrier[]): 'followed' | 'escaped' | 'missed' {
  const { text, lastLine } = programOf(chain);
  const [family] = oneFile(text).allFamilies;
  const operations = family?.operations ?? [];
  if (operations.some(({ name, place }) => name === 'clear' && place.line === lastLine))
    return 'followed';
  return operations.some(({ kind }) => kind === 'escape') ? 'escaped' : 'missed';
}

describe('an operation at the end of an idiom', () => {
  it.each(CARRIERS)('$name', (carrier) => {
    const expected = ESCAPING.has(carrier.name) ? 'escaped' : 'followed';
    expect(outcome([carrier])).toBe(expected);
    expect(outcome([carrier, carrier])).toBe(expected);
  });

  it('is not missed at the end of any chain of idioms', () => {
    fc.assert(
      fc.property(chainsOf(CARRIERS), (chain) => outcome(chain) !== 'missed'),
      { numRuns: RUNS, seed: SEED, endOnFailure: true },
    );
  });

  it('is found at the end of any chain of idioms that are followed', () => {
    const followed = CARRIERS.filter(({ name }) => !ESCAPING.has(name));
    fc.assert(
      fc.property(chainsOf(followed), (chain) => outcome(chain) === 'followed'),
      { numRuns: RUNS, seed: SEED, endOnFailure: true },
    );
  });
});

function chainsOf(carriers: readonly Carrier[]): fc.Arbitrary<Carrier[]> {
  return fc.array(fc.constantFrom(...carriers), { minLength: 2, maxLength: 5 });
}

describeWithPython('the idioms in real Python', (env: PythonEnv) => {
  it('carry the object itself', () => {
    const programs = CARRIERS.map(({ name }, at) => [
      name,
      programOf(CARRIERS.slice(at, at + 1)).text,
    ]);
    const run = runPython(newestPython(env), {
      script:
        'import asyncio, json, sys\nfor name, text in json.load(sys.stdin):\n  m = {"__name__": "__main__"}\n  sys.modules["__main__"].__dict__.update(m)\n  try:\n    exec(text, sys.modules["__main__"].__dict__)\n    asyncio.run(main())\n  except Exception as error:\n    print(name, repr(error))',
      input: JSON.stringify(programs),
    });
    expect(run.stderr).toBe('');
    expect(run.stdout).toBe('');
  });
});
