import { spawnSync } from 'node:child_process';
import * as fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadParser } from '../src/syntax/parser.ts';
import { chooseRewrites, DEFAULTS, edit, editWith, makeFile } from './edit-harness.ts';

beforeAll(loadParser);

/** Imports that have nothing to do with the rewrites: all of them must be there afterwards. */
const OTHERS = [
  'import os',
  'import sys, json',
  'from typing import Any',
  'from collections.abc import (\n    Callable,\n    Iterable,\n)',
  'import aiohttp',
  'import requests  # pinned',
  'from yarl import URL',
  'import zope.interface as zi',
  'from app import models',
  'from . import views',
  'import anyio',
  'from anyio import create_task_group',
  'from functools import partial',
  'import re; import abc',
  'try:\n    import uvloop\nexcept ImportError:\n    uvloop = None',
  'if sys:\n    import secrets',
];

/** An import of asyncio and the expressions that it makes possible. */
interface Source {
  text: string;
  uses: string[];
}

const MODULE_USES = ['sleep(1)', 'Lock()', 'run(main())', 'to_thread(f)', 'gather()', 'Queue()'];

const SOURCES: Source[] = [
  { text: 'import asyncio', uses: MODULE_USES.map((use) => `asyncio.${use}`) },
  { text: 'import asyncio  # the loop', uses: MODULE_USES.map((use) => `asyncio.${use}`) },
  { text: 'import asyncio as aio', uses: MODULE_USES.map((use) => `aio.${use}`) },
  { text: 'import asyncio, queue', uses: ['asyncio.sleep(1)', 'asyncio.Event()'] },
  { text: 'import heapq, asyncio  # two', uses: ['asyncio.sleep(1)', 'asyncio.wait(x)'] },
  { text: 'import asyncio; import math', uses: ['asyncio.run(main())', 'asyncio.wait(x)'] },
  { text: 'from asyncio import sleep', uses: ['sleep(2)', 'sleep'] },
  { text: 'from asyncio import sleep as nap, gather', uses: ['nap(2)', 'gather()'] },
  { text: 'from asyncio import Lock as L, Event as E', uses: ['L()', 'E()', 'E'] },
  {
    text: 'from asyncio import (\n    BoundedSemaphore,  # limits\n    Lock,\n    # cares for tasks\n    wait,\n)',
    uses: ['BoundedSemaphore(2)', 'Lock()', 'wait(x)'],
  },
  {
    text: 'from asyncio import (Event, Lock,  # pair\n    Queue)',
    uses: ['Event()', 'Lock()', 'Queue()'],
  },
  {
    text: 'from asyncio import Event, \\\n    run, \\\n    wait',
    uses: ['Event()', 'run(main())', 'wait(x)'],
  },
  { text: 'from asyncio import *', uses: ['Lock()', 'sleep(1)', 'shield(x)'] },
  {
    text: 'try:\n    import asyncio as loop\nfinally:\n    pass',
    uses: ['loop.sleep(1)', 'loop.wait(x)'],
  },
  { text: 'if 1: import asyncio as late', uses: ['late.sleep(1)', 'late.wait(x)'] },
];

interface Program {
  text: string;
  newline: string;
}

const gap = fc.constantFrom('', '', '', '\n', '\n', '# a note\n', '\n# Local imports\n');
const opening = fc.constantFrom(
  '',
  '#!/usr/bin/env python3\n',
  '"""Doc."""\n',
  '# note\n\n"""Doc."""\n\n',
);
const wrap = fc.constantFrom(
  'value = USE',
  'def f():\n    return USE',
  'def g(p=USE):\n    p: "list[int]"',
);

const program: fc.Arbitrary<Program> = fc
  .record({
    opening,
    future: fc.boolean(),
    others: fc.shuffledSubarray(OTHERS, { maxLength: 6 }),
    sources: fc.shuffledSubarray(SOURCES, { minLength: 1, maxLength: 3 }),
    gaps: fc.array(gap, { minLength: 10, maxLength: 10 }),
    order: fc.array(fc.nat(), { minLength: 10, maxLength: 10 }),
    body: fc.array(fc.tuple(fc.nat(), wrap), { minLength: 1, maxLength: 6 }),
    local: fc.boolean(),
    newline: fc.constantFrom('\n', '\n', '\r\n'),
    final: fc.boolean(),
  })
  .map((parts) => {
    const lines = [...parts.others, ...parts.sources.map(({ text }) => text)]
      .map((line, at) => ({ line, key: parts.order[at] ?? 0 }))
      .sort((a, b) => a.key - b.key)
      .map(({ line }, at) => `${parts.gaps[at] ?? ''}${line}\n`);
    const uses = parts.sources.flatMap((source) => source.uses);
    const body = parts.body.map(([pick, form], at) => {
      const text = form.replace('USE', uses[pick % uses.length] ?? '');
      return `\n${text.replace('value', `value${at}`)}\n`;
    });
    const local = '\ndef local():\n    import asyncio.locks\n    return asyncio.sleep(0)\n';
    const header = parts.opening + (parts.future ? 'from __future__ import annotations\n\n' : '');
    const text = header + lines.join('') + body.join('') + (parts.local ? local : '');
    const ended = parts.final ? text : text.trimEnd();
    return { text: ended.replaceAll('\n', parts.newline), newline: parts.newline };
  });

const style = fc.constantFrom('keep', 'module', 'from') as fc.Arbitrary<'keep' | 'module' | 'from'>;

/** A third of the uses are left for the second run. */
function firstRun(text: string, importStyle: 'keep' | 'module' | 'from', modulus: number) {
  const file = makeFile(text);
  try {
    const rewrites = chooseRewrites(file, ({ span }) => span.start % 3 < modulus);
    return editWith(file, rewrites, { ...DEFAULTS, importStyle });
  } finally {
    file.dispose();
  }
}

/** Comments that meet on one line still count as two. */
const commentsIn = (text: string) =>
  (text.match(/#[^#\r\n]*/g) ?? []).map((comment) => comment.trim()).sort();
const longestGap = (text: string) =>
  Math.max(0, ...(text.replaceAll('\r\n', '\n').match(/\n{2,}/g) ?? []).map((run) => run.length));

describe('any header', () => {
  const outputs: string[] = [];

  it('is edited into a text that holds all that it held', { timeout: 60_000 }, () => {
    fc.assert(
      fc.property(
        program,
        style,
        fc.integer({ min: 1, max: 3 }),
        ({ text, newline }, how, part) => {
          const edited = firstRun(text, how, part);
          expect(edited.fault).toBeUndefined();
          expect(commentsIn(edited.text)).toEqual(commentsIn(text));
          expect(longestGap(edited.text)).toBeLessThanOrEqual(Math.max(2, longestGap(text)));
          for (const line of OTHERS.flatMap((other) => other.split('\n'))) {
            if (text.includes(line)) expect(edited.text).toContain(line.split(' import ')[0]);
          }
          if (newline === '\r\n') expect(edited.text.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);

          const again = edit(edited.text, { importStyle: how });
          expect(again.fault).toBeUndefined();
          const third = edit(again.text, { importStyle: how });
          expect(third.text).toBe(again.text);
          outputs.push(text, edited.text, again.text);
        },
      ),
      { numRuns: 300 },
    );
  });

  const python = spawnSync('python3', ['--version']).status === 0;

  it.skipIf(!python)('is accepted by Python', { timeout: 60_000 }, () => {
    const script = [
      'import json, sys',
      'for text in json.load(sys.stdin):',
      '    compile(text, "m.py", "exec", dont_inherit=True)',
    ].join('\n');
    const input = JSON.stringify(outputs);
    const { stderr, status } = spawnSync('python3', ['-c', script], { input, encoding: 'utf8' });
    expect(stderr).toBe('');
    expect(status).toBe(0);
    expect(outputs.length).toBeGreaterThan(0);
  });
});
