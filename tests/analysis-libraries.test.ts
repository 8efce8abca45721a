/** The libraries beside asyncio whose names are uses: uvloop and async_timeout. */

import { describe, expect, it } from 'vitest';
import { describeUse, oneFile, type Texts, Workspace } from './analysis-harness.ts';

function uses(text: string): string[] {
  return oneFile(text).uses.map(describeUse);
}

/** `app/main.py: uvloop.run call 3`, over all files of a project. */
function allUses(texts: Texts): string[] {
  return new Workspace(texts).uses.map(
    (use) => `${use.file.path.replace('/project/', '')}: ${describeUse(use)}`,
  );
}

describe('names of other libraries', () => {
  it.each([
    ['the module', 'import uvloop\nuvloop.install()', 'uvloop.install call 2'],
    ['an alias', 'import uvloop as uv\nuv.run(x)', 'uvloop.run call 2'],
    ['a member', 'from uvloop import run\nrun(x)', 'uvloop.run call 2'],
    ['a class', 'import uvloop\nx: uvloop.Loop', 'uvloop.Loop annotation 2'],
    ['an attribute', 'import uvloop\nuvloop.Loop.close', 'uvloop.Loop reference 2'],
    ['a star', 'from async_timeout import *\ntimeout(1)', 'async_timeout.timeout call 2'],
    ['never used', 'import uvloop', 'uvloop import 1'],
    ['as a value', 'import uvloop\nif uvloop: pass', 'uvloop module 2'],
    ['by a string', 'importlib.import_module("uvloop")', 'uvloop import 1'],
    ['by getattr', 'import uvloop\ngetattr(uvloop, "run")', 'uvloop.run getattr 2'],
    ['of a patch', 'patch("uvloop.install")', 'uvloop.install patch-target 1'],
    ['of a patch elsewhere', 'patch("x.y.uvloop.run")', 'uvloop.run patch-target 1'],
    ['in sys.modules', 'sys.modules["uvloop"] = None', 'uvloop patch-target 1'],
    ['in an annotation', 'import uvloop\nx: "uvloop.Loop"', 'uvloop.Loop annotation 2'],
    [
      'in pieces',
      'import async_timeout\nx: "async_timeout." "Timeout" = async_timeout',
      'async_timeout annotation 2,async_timeout module 2',
    ],
  ])('%s', (_, text, expected) => {
    expect(uses(text)).toEqual(expected.split(','));
  });

  it.each([
    ['a look-alike', 'import uvloops\nuvloops.run(x)'],
    ['a star that has no such name', 'from uvloop import *\nsleep(1)'],
    ['a relative module', 'from . import uvloop\nuvloop.run(x)'],
    ['a plain string', 'x = "uvloop.run"'],
    ["a patch of another package's own module", 'patch("x.uvloop.other")'],
  ])('%s is none', (_, text) => {
    expect(uses(text).filter((use) => !use.includes(' import '))).toEqual([]);
  });

  it.each([
    ['from asyncio import timeout', 'from async_timeout import timeout'],
    ['from async_timeout import timeout', 'from asyncio import timeout'],
  ])('%s, or %s, is a doubt about asyncio', (first, second) => {
    const found = oneFile(`if x:\n  ${first}\nelse:\n  ${second}\ntimeout(1)`).uses;
    expect(found.map(describeUse)).toEqual(['asyncio.timeout call 5']);
    expect(found[0]?.doubt).toContain('also bound');
  });

  it('each of two imports that nothing refers to has its own name', () => {
    expect(
      uses('if x:\n  from asyncio import timeout\nelse:\n  from async_timeout import timeout'),
    ).toEqual(['asyncio.timeout import 2', 'async_timeout.timeout import 4']);
  });
});

describe('across files', () => {
  it('a module of the project that has the name of a library is none', () => {
    expect(
      allUses({
        'uvloop/__init__.py': 'def run(): ...',
        'main.py':
          'import uvloop, async_timeout\nfrom uvloop import *\nuvloop.run()\nrun()\n' +
          'patch("uvloop.run")\nimport_module("uvloop")\nsys.modules["uvloop"] = None\n' +
          'async_timeout.timeout(1)',
      }),
    ).toEqual(['main.py: async_timeout.timeout call 8']);
  });

  it('a name goes from module to module', () => {
    expect(
      allUses({
        'app/__init__.py': '',
        'app/compat.py': 'from async_timeout import timeout\nimport uvloop',
        'app/main.py': 'from .compat import timeout, uvloop\ntimeout(1), uvloop.run(x)',
        'tests.py': 'import app.compat\nwith patch("app.compat.uvloop.run"): ...',
      }),
    ).toEqual([
      'app/compat.py: async_timeout.timeout import 1',
      'app/compat.py: uvloop import 2',
      'app/main.py: async_timeout.timeout call 2',
      'app/main.py: uvloop.run call 2',
      'tests.py: uvloop.run patch-target 2',
    ]);
  });
});
