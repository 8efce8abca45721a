/**
 * `asyncio.Barrier` has no counterpart in anyio, and is refused.
 *
 * It works on under anyio on the asyncio backend, but it is a primitive like those of its phase and
 * keeps a program from trio, so a person should know of each (semantics, section 6). A barrier is a
 * few lines over an Event, which can be written by hand.
 */

import type { Transform, Use, Verdict } from '../src/transform.ts';
import { refuse } from '../src/verdicts.ts';

export const barrier: Transform = {
  id: 'barrier',
  phase: 2,
  names: ['asyncio.Barrier'],
  summary: 'asyncio.Barrier: no counterpart, refused with what to write instead',
  examples: [],
  safety: 'Nothing is rewritten.',
  diagnostics: [
    {
      code: 'barrier-unsupported',
      title: 'anyio has no barrier',
      why: 'Nothing in anyio lets a number of tasks wait for each other. asyncio.Barrier works on while the program runs on asyncio; for trio, write one over an Event. abort() and reset() need more than the lines below.',
      instead:
        'class Barrier:\n' +
        '    def __init__(self, parties):\n' +
        '        self.parties = parties\n' +
        '        self.waiting = 0\n' +
        '        self.passed = anyio.Event()\n\n' +
        '    async def wait(self):\n' +
        '        position = self.waiting\n' +
        '        self.waiting += 1\n' +
        '        if self.waiting < self.parties:\n' +
        '            await self.passed.wait()\n' +
        '        else:\n' +
        '            self.passed.set()\n' +
        '            self.waiting = 0\n' +
        '            self.passed = anyio.Event()\n' +
        '        return position',
    },
  ],

  judge(use: Use): Verdict {
    if (use.role === 'patch-target') return { kind: 'leave', reason: 'the barrier itself stays' };
    return refuse(
      'barrier-unsupported',
      'anyio has no barrier; this one works on while the program runs on asyncio',
      'keep it, or write one over anyio.Event (anyio-codemod explain barrier-unsupported)',
    );
  },
};
