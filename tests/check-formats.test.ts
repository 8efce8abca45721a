/** What `check` prints for GitHub Actions and for code scanning. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { beforeEach, describe, expect, it } from 'vitest';
import { checkAnnotations } from '../src/report/check-github.ts';
import { transforms } from '../transforms/index.ts';
import { CheckedProject, module, sleeper } from './check-harness.ts';
import { isolateGit } from './files-temporary.ts';

beforeEach(isolateGit);

const REFUSED =
  'event = asyncio.Event()\n\n\nasync def again():\n    event.clear()\n    await event.wait()\n';

/** nbformat 4, with one cell a source. */
function notebook(...sources: string[]): string {
  const cells = sources.map((source) => ({
    cell_type: 'code',
    execution_count: null,
    metadata: {},
    outputs: [],
    source: source.split(/(?<=\n)/),
  }));
  const metadata = {
    kernelspec: { name: 'python3', display_name: 'Python 3', language: 'python' },
  };
  return `${JSON.stringify({ cells, metadata, nbformat: 4, nbformat_minor: 4 }, null, 1)}\n`;
}

describe('a notebook', () => {
  const files = { 'a.ipynb': notebook('import asyncio', 'X = 1\nawait asyncio.sleep(1)\n') };

  it('is told by the cell', async () => {
    const project = new CheckedProject(files);
    const text = await project.check('a.ipynb');
    expect(text.out[0]).toBe('a.ipynb:cell 2:2:7: asyncio.sleep (phase 2 sleep): safe to rewrite');
    const github = await project.check('a.ipynb', '--format', 'github');
    expect(github.out[0]).toBe(
      '::error file=a.ipynb,line=19,title=asyncio.sleep (phase 2 sleep)::cell 2:2: safe to rewrite',
    );
    const sarif = JSON.parse((await project.check('a.ipynb', '--format', 'sarif')).text);
    const [result] = sarif.runs[0].results;
    expect(result.message.text).toBe('cell 2:2: asyncio.sleep: safe to rewrite');
    expect(result.locations[0].physicalLocation.region).toEqual({ startLine: 19 });
  });

  it('has its uses in the baseline like any other file', async () => {
    const project = new CheckedProject(files);
    expect((await project.update()).code).toBe(0);
    project.write({
      'a.ipynb': notebook('import asyncio', 'await asyncio.sleep(1)', 'await asyncio.sleep(2)'),
    });
    const { code, out } = await project.check();
    expect(code).toBe(1);
    expect(out.join(' ').replace(/ +/g, ' ')).toContain(
      'the top level has 2 uses of asyncio.sleep, and the baseline 1; one of these is new',
    );
  });
});

describe('--format github', () => {
  it('has an error for each use, and the sums below', async () => {
    const project = new CheckedProject({ 'app/a.py': module(sleeper('work')) });
    const { code, out, err } = await project.check('--format', 'github');
    expect({ code, err }).toEqual({ code: 1, err: '' });
    expect(out.slice(0, 2)).toEqual([
      '::error file=app/a.py,line=5,endLine=5,col=11,endColumn=24,title=asyncio.sleep (phase 2 sleep)::safe to rewrite',
      '1 use of asyncio (phases 1 and 2): asyncio.sleep 1.',
    ]);
  });

  it('names files from the root, also below it', async () => {
    const project = new CheckedProject({ 'app/a.py': module(sleeper('work')) });
    const { out } = await project.run(['check', '--format', 'github'], {
      cwd: join(project.root, 'app'),
    });
    expect(out[0]).toMatch(/^::error file=app\/a\.py,/);
  });

  it('escapes what would end a value, a property or a line', async () => {
    const project = new CheckedProject({ 'a,b:c%d.py': module(sleeper('work', 2)) });
    await project.update();
    project.write({ 'a,b:c%d.py': module(sleeper('work', 3)) });
    project.git('add', '--all');
    project.git('commit', '-qm', 'Both at once');
    const { out } = await project.check('--format', 'github');
    expect(out[0]).toMatch(/^::error file=a%2Cb%3Ac%25d\.py,line=/);
    expect(out[0]).toMatch(
      /::safe to rewrite%0Awork has 3 uses of asyncio\.sleep, and the baseline 2; /,
    );
    expect(out.filter((line) => line.startsWith('::'))).toHaveLength(3);
  });

  it('begins with the sum where GitHub shows only some, in plain text on a terminal too', async () => {
    const project = new CheckedProject({ 'a.py': module(sleeper('work', 11)) });
    const { out, text } = await project.run(['check', '--format', 'github'], { tty: true });
    expect(out[0]).toMatch(/^::error title=asyncio beyond the baseline::11 uses of asyncio/);
    expect(out.filter((line) => line.startsWith('::error'))).toHaveLength(12);
    expect(text).not.toContain('\u001b');
  });

  it('has no annotation where there is nothing to say', () => {
    expect(
      checkAnnotations({
        findings: [],
        migration: { root: '/', problems: [], notes: [] },
      } as never),
    ).toEqual([]);
  });
});

/**
 * The schema of OASIS (https://docs.oasis-open.org/sarif/sarif/v2.1.0/), as the npm package
 * @microsoft/jest-sarif 1.0.0-beta.0 (MIT) holds it. It is of JSON Schema draft 4, which ajv reads
 * like its own draft 7 once the two keywords that were renamed are out of the way.
 */
function sarifSchema(): object {
  const path = new URL('schemas/sarif-2.1.0-rtm.5.json', import.meta.url);
  const { $schema, id, ...rest } = JSON.parse(readFileSync(path, 'utf8'));
  expect($schema).toBe('http://json-schema.org/draft-04/schema#');
  expect(id).toContain('sarif-2.1.0');
  return rest;
}

const isUri = (text: string) => URL.canParse(text);
const isReference = (text: string) => URL.canParse(text, 'file:///') && !/[ "<>\\^`{|}]/.test(text);

describe('--format sarif', () => {
  const ajv = new Ajv({
    allErrors: true,
    strict: false,
    // The schema has a pattern that only the older kind of regular expression takes.
    unicodeRegExp: false,
    formats: { uri: isUri, 'uri-reference': isReference, 'date-time': true },
  });
  const validate = ajv.compile(sarifSchema());

  async function sarif(project: CheckedProject, ...words: string[]) {
    const { code, text, err } = await project.check('--format', 'sarif', ...words);
    const log = JSON.parse(text);
    validate(log);
    expect(validate.errors ?? []).toEqual([]);
    return { code, err, log, run: log.runs[0] };
  }

  it('is SARIF, with a rule for each transform that has a result', async () => {
    const project = new CheckedProject({
      'app/ä b.py': module(sleeper('work'), REFUSED, 'queue = asyncio.Queue()\n'),
    });
    const { code, err, run } = await sarif(project, '--phase', 'full');
    expect({ code, err }).toEqual({ code: 1, err: '' });
    const rules = run.tool.driver.rules.map(({ id }: { id: string }) => id);
    expect(rules).toEqual(['event', 'queues', 'sleep']);
    const sleep = transforms.find(({ id }) => id === 'sleep');
    expect(run.tool.driver.rules[2]).toMatchObject({
      name: 'Sleep',
      shortDescription: { text: sleep?.summary },
      fullDescription: { text: sleep?.safety },
    });
    for (const rule of run.tool.driver.rules) expect(rule.help.text).not.toBe('');
    for (const result of run.results) expect(rules[result.ruleIndex]).toBe(result.ruleId);
    expect(run.columnKind).toBe('utf16CodeUnits');
    expect(run.results[0].locations[0]).toEqual({
      physicalLocation: {
        artifactLocation: { uri: 'app/%C3%A4%20b.py', uriBaseId: 'SRCROOT' },
        region: { startLine: 5, startColumn: 11, endLine: 5, endColumn: 24 },
      },
      logicalLocations: [{ fullyQualifiedName: 'work' }],
    });
    const refused = run.results.find(({ ruleId }: { ruleId: string }) => ruleId === 'event');
    expect(refused.properties).toMatchObject({ verdict: 'refuse', code: 'event-clear' });
    expect(refused.relatedLocations[0].physicalLocation.region.startLine).toBe(12);
    // The corrected text of the standard wants it, which this copy of the schema does not say.
    for (const { locations } of run.results) {
      expect(locations[0].physicalLocation.region.startLine).toBeGreaterThan(0);
    }
  });

  it('has fingerprints that stay when lines move, one a result', async () => {
    const project = new CheckedProject({ 'a.py': module(sleeper('work', 2)) });
    const prints = async () =>
      (await sarif(project)).run.results.map(
        (result: { partialFingerprints: object }) => result.partialFingerprints,
      );
    const first = await prints();
    expect(first).toEqual([
      { 'site/v1': 'a.py::work::asyncio.sleep#1' },
      { 'site/v1': 'a.py::work::asyncio.sleep#2' },
    ]);
    project.write({ 'a.py': module('X = 1\n', sleeper('other', 0), sleeper('work', 2)) });
    expect(await prints()).toEqual(first);
  });

  it('has as results what is beyond the baseline alone, and none where nothing is', async () => {
    const project = new CheckedProject({ 'a.py': module(sleeper('work')) });
    await project.update();
    expect((await sarif(project)).run).toMatchObject({
      results: [],
      tool: { driver: { rules: [] } },
    });
    project.write({ 'b.py': module(sleeper('work')) });
    const { run } = await sarif(project);
    expect(run.results).toHaveLength(1);
    expect(run.results[0].baselineState).toBe('new');
  });

  it('tells files that could not be read', async () => {
    const project = new CheckedProject({ 'a.py': 'import asyncio\ndef (:\n' });
    const { code, run } = await sarif(project);
    expect(code).toBe(2);
    expect(run.invocations[0].executionSuccessful).toBe(false);
    expect(run.invocations[0].toolExecutionNotifications[0]).toMatchObject({
      descriptor: { id: 'syntax' },
      locations: [{ physicalLocation: { artifactLocation: { uri: 'a.py' } } }],
    });
  });
});
