/** `check` on projects of its own: what fails, what does not, and what becomes of the baseline. */

import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { beforeEach, describe, expect, it } from 'vitest';
import { COMMANDS } from '../src/cli/commands.ts';
import { BASELINE, CheckedProject, module, sleeper } from './check-harness.ts';
import { isolateGit } from './files-temporary.ts';

beforeEach(isolateGit);

const schema = new URL('../src/report/schema.json', import.meta.url);
const validate = new Ajv2020({ strictRequired: false, allowUnionTypes: true }).compile(
  JSON.parse(readFileSync(schema, 'utf8')),
);
const schemaErrors = (report: unknown) => (validate(report) ? [] : validate.errors);

const sites = (project: CheckedProject, file = BASELINE): Record<string, Record<string, number>> =>
  JSON.parse(readFileSync(join(project.root, file), 'utf8')).phases;

describe('without a baseline', () => {
  it('each use fails, with its place, and the way to begin is told', async () => {
    const project = new CheckedProject({ 'a.py': module(sleeper('work')) });
    const { code, out, err } = await project.check();
    expect({ code, err }).toEqual({ code: 1, err: '' });
    expect(out[0]).toBe('a.py:5:11: asyncio.sleep (phase 2 sleep): safe to rewrite');
    expect(out).toContain('1 use of asyncio (phases 1 and 2): asyncio.sleep 1.');
    expect(out).toContain('  anyio-codemod apply --phase 2');
    expect(out).toContain('  # anyio-codemod: ignore[sleep] WHY');
    expect(out).toContain('  anyio-codemod check --update-baseline');
  });

  it('a project without asyncio passes', async () => {
    const project = new CheckedProject({ 'a.py': 'print(1)\n' });
    const { code, text } = await project.check();
    expect(code).toBe(0);
    expect(text).toBe('No use of asyncio (phases 1 and 2).\n');
  });

  it('a file that is named by hand must be there', async () => {
    const project = new CheckedProject({ 'a.py': module(sleeper('work')) });
    const { code, err } = await project.check('--baseline', 'none.json');
    expect(code).toBe(2);
    expect(err).toContain('there is no none.json; --update-baseline makes it');
  });
});

describe('what counts', () => {
  it('is what the chosen phases cover: rewritable, for review, refused, and without a transform', async () => {
    const project = new CheckedProject({
      'a.py': module(
        sleeper('work'),
        'event = asyncio.Event()\nevent.clear()\nqueue = asyncio.Queue()\n',
        'async def stop(task: asyncio.Task):\n    await asyncio.wait_for(task, 1)\n',
      ),
    });
    const names = async (...words: string[]) =>
      (await project.check(...words)).out
        .filter((line) => line.startsWith('a.py'))
        .map((line) => line.split(' ')[1]);
    expect(await names()).toEqual(['asyncio.sleep', 'asyncio.Event']);
    expect(await names('--phase', '4')).toEqual(['asyncio.Queue']);
    expect(await names('--phase', '3,4')).toEqual(['asyncio.Queue', 'asyncio.wait_for']);
    expect(await names('--transform', 'sleep')).toEqual(['asyncio.sleep']);
    expect(await names('--phase', '0')).toEqual([]);
    expect((await project.check('--phase', '4')).out[0]).toBe(
      'a.py:10:9: asyncio.Queue (phase 4 queues):',
    );
  });

  it('is not what the configuration keeps, which is said', async () => {
    const project = new CheckedProject({
      'a.py': module(sleeper('work')),
      'pyproject.toml':
        '[project]\nname = "app"\n\n[tool.anyio-codemod]\nphase = "2"\nbaseline = "ci/asyncio.json"\n' +
        'leave-out = [{where = "a.py::work::asyncio.sleep", reason = "it is the point of it"},\n' +
        '  {where = "a.py::gone::asyncio.sleep", reason = "as above"}]\n',
    });
    const { code, text, err } = await project.check();
    expect({ code, text }).toEqual({
      code: 0,
      text:
        'No use of asyncio (phase 2).\n' +
        'Let pass: 1 kept by an ignore comment or the configuration.\n',
    });
    expect(err).toMatch(/^pyproject\.toml:\d+: note: /);
    project.write({ 'b.py': module(sleeper('work')) });
    expect((await project.check()).code).toBe(1);
    await project.update();
    expect(sites(project, 'ci/asyncio.json')).toEqual({
      primitives: { 'b.py::work::asyncio.sleep': 1 },
    });
    const github = await project.check('--format', 'github');
    expect({ code: github.code, err: github.err }).toEqual({ code: 0, err: '' });
    expect(github.out[0]).toMatch(
      /^::warning file=pyproject\.toml,line=\d+,title=unused-leave-out::/,
    );
  });

  it('is not what a comment keeps; one that keeps nothing is told', async () => {
    const keep = '# anyio-codemod: ignore[sleep] the loop is what is tested';
    const project = new CheckedProject({ 'a.py': module(sleeper('work')) });
    expect((await project.check()).code).toBe(1);
    const text = module(sleeper('work').trimEnd(), `X = 1  ${keep}\n`);
    project.write({ 'a.py': text.replace('sleep(1)', `sleep(1)  ${keep}`) });
    const { code, text: said, err } = await project.check();
    expect({ code, said }).toEqual({
      code: 0,
      said:
        'No use of asyncio (phases 1 and 2).\n' +
        'Let pass: 1 kept by an ignore comment or the configuration.\n',
    });
    expect(err).toMatch(/^a\.py:7: note: /);
    const github = await project.check('--format', 'github');
    expect(github.err).toBe('');
    expect(github.out[0]).toMatch(/^::warning file=a\.py,line=7,title=unused-ignore::/);
    const sarif = JSON.parse((await project.check('--format', 'sarif')).text).runs[0];
    expect(sarif.invocations[0].toolExecutionNotifications).toHaveLength(1);
  });

  it('leaves out what the configuration excludes', async () => {
    const project = new CheckedProject({
      'a.py': module(sleeper('work')),
      'pyproject.toml': '[project]\nname = "app"\n\n[tool.anyio-codemod]\nexclude = ["a.py"]\n',
      'b.py': '',
    });
    expect(await project.check()).toMatchObject({ code: 0, err: '' });
  });

  it('is judged with the whole project in view, also for one file', async () => {
    const project = new CheckedProject({
      'locks.py': module('lock = asyncio.Lock()\n'),
      'use.py':
        'from locks import lock\n\n\nasync def work():\n    async with lock:\n        pass\n',
    });
    expect((await project.check('locks.py')).out[0]).toMatch(
      /^locks\.py:4:8: .*: safe to rewrite$/,
    );
  });
});

describe('beyond a baseline', () => {
  it('moving lines does not fail, one use more does', async () => {
    const project = new CheckedProject({ 'a.py': module(sleeper('work'), sleeper('rest', 2)) });
    expect((await project.update()).code).toBe(0);
    project.write({ 'a.py': module('# moved\n\n\nX = 1\n', sleeper('rest', 2), sleeper('work')) });
    expect(await project.check()).toMatchObject({ code: 0, err: '' });
    project.write({ 'a.py': module(sleeper('work'), sleeper('rest', 2), sleeper('more')) });
    const { code, out } = await project.check();
    expect(code).toBe(1);
    expect(out.filter((line) => line.includes('a.py:'))).toEqual([
      'a.py:14:11: asyncio.sleep (phase 2 sleep): safe to rewrite',
    ]);
    expect(out).toContain(
      '1 use of asyncio beyond the baseline (phases 1 and 2): asyncio.sleep 1.',
    );
    expect(out).toContain('Let pass: 3 in the baseline.');
  });

  it('tells which use of a function is new by the lines that were added since', async () => {
    const project = new CheckedProject({ 'a.py': module(sleeper('work', 2)) });
    await project.update();
    project.git('add', '--all');
    project.git('commit', '-qm', 'The baseline');
    const text = module(sleeper('work', 2)).replace(
      'sleep(2)',
      'sleep(0)\n    await asyncio.sleep(2)',
    );
    project.write({ 'a.py': text });
    const { out } = await project.check();
    expect(out.slice(0, 3)).toEqual([
      'a.py:6:11: asyncio.sleep (phase 2 sleep): safe to rewrite',
      '    work has 3 uses of asyncio.sleep, and the baseline 2',
      '',
    ]);
    // In CI it is committed by then.
    project.git('commit', '-qam', 'One more');
    expect((await project.check()).out).toEqual(out);
  });

  it('shows all uses of the function where it cannot be told', async () => {
    const project = new CheckedProject({ 'a.py': module(sleeper('work', 2)) });
    await project.update();
    project.write({ 'a.py': module(sleeper('work', 3)) });
    project.git('add', '--all');
    project.git('commit', '-qm', 'Both at once');
    const { out } = await project.check();
    expect(out.filter((line) => line.startsWith('a.py:'))).toHaveLength(3);
    expect(out).toContain(
      '    work has 3 uses of asyncio.sleep, and the baseline 2; one of these is new',
    );
  });

  it('another object of the same name in another place is new', async () => {
    const project = new CheckedProject({ 'a.py': module(sleeper('work')) });
    await project.update();
    project.write({ 'a.py': module('sleeps = [asyncio.sleep]\n', sleeper('work')) });
    expect((await project.check()).code).toBe(1);
  });
});

describe('code that has moved', () => {
  const moved = () => {
    const project = new CheckedProject({ 'a.py': module(sleeper('work', 2)), 'b.py': module() });
    return project;
  };

  it('fails, and is told to have moved', async () => {
    const project = moved();
    await project.update();
    project.write({ 'a.py': module(), 'b.py': module(sleeper('work', 2)) });
    const { code, out } = await project.check();
    expect(code).toBe(1);
    expect(out).toContain('    moved? the baseline has 2 of a.py in work, where none is left');
    expect(out).toContain('  anyio-codemod check --update-baseline --allow-moved');
    // Which would take away what the moved code needs.
    expect(out).not.toContain('  anyio-codemod check --update-baseline');
  });

  it('is told so too when only the new file is checked, and the old one is gone', async () => {
    const project = moved();
    await project.update();
    rmSync(join(project.root, 'a.py'));
    project.write({ 'b.py': module(sleeper('work', 2)) });
    expect((await project.check('b.py')).text).toContain('moved? the baseline has 2 of a.py');
  });

  it('is taken over by --allow-moved alone, and nothing else with it', async () => {
    const project = moved();
    await project.update();
    project.write({ 'a.py': module(), 'b.py': module(sleeper('work', 2), sleeper('new')) });
    expect((await project.update()).code).toBe(1);
    expect(sites(project).primitives).toEqual({});
    const again = moved();
    await again.update();
    again.write({ 'a.py': module(), 'b.py': module(sleeper('work', 2), sleeper('new')) });
    const { code, out } = await again.update('--allow-moved');
    expect(sites(again).primitives).toEqual({ 'b.py::work::asyncio.sleep': 2 });
    expect(code).toBe(1);
    expect(out[0]).toMatch(/^b\.py:10:11: /);
  });

  it('with another number of uses is new', async () => {
    const project = moved();
    await project.update();
    project.write({ 'a.py': module(), 'b.py': module(sleeper('work', 3)) });
    expect((await project.check()).text).not.toContain('moved?');
  });
});

describe('--update-baseline', () => {
  it('writes one site a line, sorted, and again the very same', async () => {
    const project = new CheckedProject({
      'b.py': module(sleeper('work', 2)),
      'a.py': module(sleeper('z'), sleeper('a'), 'asyncio.run(z())\n'),
    });
    const { code, out } = await project.update();
    expect(code).toBe(0);
    expect(out[0]).toBe(`${BASELINE} is made: it lets 5 uses pass.`);
    const text = readFileSync(join(project.root, BASELINE), 'utf8');
    expect(text.split('\n').slice(4, -3)).toEqual([
      '  "phases": {',
      '    "scripts": {',
      '      "a.py::::asyncio.run": 1',
      '    },',
      '    "primitives": {',
      '      "a.py::a::asyncio.sleep": 1,',
      '      "a.py::z::asyncio.sleep": 1,',
      '      "b.py::work::asyncio.sleep": 2',
      '    }',
    ]);
    expect((await project.update()).out[0]).toBe(`${BASELINE} is as small as it can be.`);
    expect(readFileSync(join(project.root, BASELINE), 'utf8')).toBe(text);
  });

  it('shrinks, and never grows', async () => {
    const project = new CheckedProject({
      'a.py': module(sleeper('work', 3), sleeper('gone')),
      'old.py': module(sleeper('work')),
    });
    await project.update();
    rmSync(join(project.root, 'old.py'));
    project.write({ 'a.py': module(sleeper('work', 2), sleeper('new', 5)) });
    const check = await project.check();
    expect(check.out).toContain('3 uses of the baseline are gone; take them out:');
    const { code } = await project.update();
    expect(code).toBe(1);
    expect(sites(project)).toEqual({ scripts: {}, primitives: { 'a.py::work::asyncio.sleep': 2 } });
    expect((await project.update('--allow-new')).code).toBe(0);
    expect(sites(project).primitives).toEqual({
      'a.py::new::asyncio.sleep': 5,
      'a.py::work::asyncio.sleep': 2,
    });
  });

  it('leaves the phases alone that were not chosen, and takes in one that it does not have', async () => {
    const files = {
      'a.py': module(sleeper('work'), 'asyncio.run(work())\nqueue = asyncio.Queue()\n'),
    };
    const project = new CheckedProject(files);
    await project.update('--phase', '1');
    expect(sites(project)).toEqual({ scripts: { 'a.py::::asyncio.run': 1 } });
    const check = await project.check('--phase', '1,4');
    expect(check.code).toBe(1);
    expect(check.out).toContain('The baseline knows nothing of phase 4; take in what is there:');
    await project.update('--phase', '4');
    expect(sites(project)).toEqual({
      scripts: { 'a.py::::asyncio.run': 1 },
      queues: { 'a.py::::asyncio.Queue': 1 },
    });
    project.write({ 'a.py': 'print(1)\n' });
    expect((await project.update('--phase', '4')).code).toBe(0);
    expect(sites(project)).toEqual({ scripts: { 'a.py::::asyncio.run': 1 }, queues: {} });
  });

  it('of some files touches the sites of those alone', async () => {
    const project = new CheckedProject({
      'a.py': module(sleeper('work')),
      'b.py': module(sleeper('work')),
      'old/c.py': module(sleeper('work')),
      'old/d.py': module(sleeper('work')),
    });
    await project.update();
    project.write({ 'a.py': 'print(1)\n', 'b.py': 'print(1)\n' });
    rmSync(join(project.root, 'old/c.py'));
    await project.update('a.py');
    const paths = () =>
      Object.keys(sites(project).primitives ?? {}).map((key) => key.split('::')[0]);
    expect(paths()).toEqual(['b.py', 'old/c.py', 'old/d.py']);
    await project.update('old');
    expect(paths()).toEqual(['b.py', 'old/d.py']);
    await project.update();
    expect(paths()).toEqual(['old/d.py']);
  });

  it('keeps what it cannot see: files that are excluded, or cannot be read', async () => {
    const project = new CheckedProject({
      'a.py': module(sleeper('work')),
      'b.py': module(sleeper('work')),
    });
    await project.update();
    const before = sites(project);
    project.write({ 'b.py': 'import asyncio\ndef (:\n' });
    expect((await project.update('--exclude', 'a.py')).code).toBe(2);
    expect(sites(project)).toEqual(before);
  });

  it('goes by phase', async () => {
    const project = new CheckedProject({ 'a.py': module(sleeper('work')) });
    const { code, err } = await project.update('--transform', 'sleep');
    expect(code).toBe(2);
    expect(err).toContain('kept by phase');
  });

  it('is what the flags that let it grow need', async () => {
    const project = new CheckedProject({ 'a.py': '' });
    for (const flag of ['--allow-new', '--allow-moved']) {
      const { code, err } = await project.check(flag);
      expect({ code, err }).toEqual({
        code: 2,
        err: `anyio-codemod: ${flag} needs --update-baseline\n`,
      });
    }
  });
});

it('the examples of the help are command lines that work', async () => {
  const { examples } = COMMANDS.find(({ name }) => name === 'check') ?? { examples: [] };
  expect(examples).toHaveLength(5);
  const project = new CheckedProject({ 'app/a.py': module(sleeper('work')) });
  for (const [example] of examples) {
    const [, ...words] = /anyio-codemod[^>]*/.exec(example)?.[0].trim().split(' ') ?? [];
    const { code, err } = await project.run(words);
    expect([example, code, err]).toEqual([example, 0, '']);
  }
});

describe('a check of some files', () => {
  it('holds those alone against the baseline, from any folder', async () => {
    const project = new CheckedProject({
      'app/a.py': module(sleeper('work')),
      'app/b.py': module(sleeper('work')),
    });
    await project.update();
    project.write({ 'app/a.py': module(sleeper('work', 2)), 'app/b.py': module() });
    expect((await project.check('app/b.py')).code).toBe(0);
    const { code, out } = await project.run(['check', 'a.py'], { cwd: join(project.root, 'app') });
    expect(code).toBe(1);
    expect(out[0]).toMatch(/^a\.py:6:11: /);
    expect(out.join('\n')).not.toContain('is gone');
  });

  it('finds another file by --baseline, which the next step repeats', async () => {
    const project = new CheckedProject({ 'a.py': module(sleeper('work')) });
    expect((await project.update('--baseline', 'ci/asyncio.json')).code).toBe(0);
    expect((await project.check()).code).toBe(1);
    expect((await project.check('--baseline', 'ci/asyncio.json')).code).toBe(0);
    project.write({ 'a.py': 'print(1)\n' });
    expect((await project.check('--baseline', 'ci/asyncio.json')).out).toContain(
      '  anyio-codemod check --baseline ci/asyncio.json --update-baseline',
    );
  });
});

describe('a baseline that is broken', () => {
  it.each([
    ['nonsense', 'is no JSON'],
    ['[]', 'is no baseline'],
    ['<<<<<<< ours\n{}\n=======\n{}\n>>>>>>> theirs\n', 'has conflicts of a merge'],
    ['{"format": 2, "phases": {}}', 'has the format 2, and this version reads 1'],
    ['{"format": 1, "phases": {"script": {}}}', "did you mean 'scripts'?"],
    ['{"format": 1, "phases": {"scripts": {"a": 0}}}', 'needs a whole number above 0'],
    ['{"format": 1, "phases": {"scripts": []}}', 'is no object of sites'],
  ])('is told in one line: %j', async (text, message) => {
    const project = new CheckedProject({ 'a.py': '', [BASELINE]: text });
    for (const words of [[], ['--update-baseline']]) {
      const { code, err } = await project.check(...words);
      expect(code).toBe(2);
      expect(err).toContain(message);
      expect(err.trimEnd()).not.toContain('\n');
      expect(readFileSync(join(project.root, BASELINE), 'utf8')).toBe(text);
    }
  });
});

describe('--format json', () => {
  it('is described by the schema, and points at the uses', async () => {
    const project = new CheckedProject({
      'a.py': module(sleeper('work', 2), sleeper('gone')),
      'b.py': module(sleeper('work')),
    });
    await project.update();
    project.write({ 'a.py': module(sleeper('work', 4)), 'c.py': module(sleeper('gone')) });
    const { code, text, err } = await project.check('--format', 'json');
    expect({ code, err }).toEqual({ code: 1, err: '' });
    const report = JSON.parse(text);
    expect(schemaErrors(report)).toEqual([]);
    expect(report.check.baseline).toEqual({
      file: BASELINE,
      exists: true,
      update: 'none',
      missingPhases: [],
    });
    expect(report.check.counts).toEqual({ counted: 6, passed: 3, beyond: 3, kept: 0 });
    const [work, gone] = report.check.beyond;
    expect(work).toMatchObject({ site: 'a.py::work::asyncio.sleep', found: 4, allowed: 2 });
    expect(work.told).toBe(true);
    expect(work.uses.map((at: number) => report.uses[at].line)).toEqual([7, 8]);
    expect(gone).toMatchObject({ path: 'c.py', symbol: 'gone', told: true });
    expect(gone.moved.site).toBe('a.py::gone::asyncio.sleep');
    expect(report.check.stale).toEqual([gone.moved]);
    const { check, ...without } = report;
    expect(schemaErrors(without)).not.toEqual([]);
    expect(schemaErrors({ ...without, command: 'plan', check })).not.toEqual([]);
  });

  it('of some files has those alone', async () => {
    const project = new CheckedProject({ 'a.py': module(sleeper('work')), 'b.py': module() });
    const report = JSON.parse((await project.check('--json', 'b.py')).text);
    expect(schemaErrors(report)).toEqual([]);
    expect(report.uses.map(({ file }: { file: string }) => file)).toEqual(['b.py']);
    expect(report.totals).toMatchObject({ found: 1, left: 1, filesSeen: 1, filesWithUses: 1 });
    expect(report.check.baseline).toMatchObject({ exists: false, missingPhases: [1, 2] });
  });
});
