/** What became of each test, from the JUnit XML that pytest writes. */

import { DOMParser, type Element } from '@xmldom/xmldom';

export type Outcome = 'passed' | 'failed' | 'skipped';

/** The tests of one run by their names: `tests.test_rooms.RoomsTest::test_move[north]`. */
export interface TestResults {
  outcomes: Map<string, Outcome>;
  /** Of tests that failed: the first line of what they say. */
  messages: Map<string, string>;
  /** How long the slowest test took, in seconds. */
  slowest: number;
}

/**
 * Reads a report. A test that fails and whose teardown fails too comes twice in it, and has failed.
 *
 * @throws {Error} when the text is not XML
 */
export function readJunit(xml: string): TestResults {
  const results: TestResults = { outcomes: new Map(), messages: new Map(), slowest: 0 };
  const document = new DOMParser({
    onError: (level, message) => {
      if (level !== 'warning') throw new Error(`the JUnit report is not XML: ${message}`);
    },
  }).parseFromString(xml, 'text/xml');
  const seen = new Map<string, number>();
  for (const element of document.getElementsByTagName('testcase')) {
    const name = nameOf(element);
    const seconds = Number(element.getAttribute('time') ?? 0);
    if (seconds > results.slowest) results.slowest = seconds;
    const outcome = outcomeOf(element);
    const known = results.outcomes.get(name);
    // The second entry of a test is its teardown's, which is there when that failed.
    const isTeardown = known !== undefined && outcome === 'failed';
    const times = (seen.get(name) ?? 0) + (isTeardown ? 0 : 1);
    seen.set(name, times);
    const key = isTeardown || times === 1 ? name : `${name}#${times}`;
    results.outcomes.set(key, outcome);
    if (outcome === 'failed') results.messages.set(key, messageOf(element));
  }
  return results;
}

/** Several reports as one; tests of one name are kept apart, in the order of the reports. */
export function together(reports: readonly TestResults[]): TestResults {
  const all: TestResults = { outcomes: new Map(), messages: new Map(), slowest: 0 };
  for (const { outcomes, messages, slowest } of reports) {
    all.slowest = Math.max(all.slowest, slowest);
    for (const [name, outcome] of outcomes) {
      let key = name;
      for (let times = 2; all.outcomes.has(key); times++) key = `${name}#${times}`;
      all.outcomes.set(key, outcome);
      const message = messages.get(name);
      if (message !== undefined) all.messages.set(key, message);
    }
  }
  return all;
}

function nameOf(element: Element): string {
  const owner = element.getAttribute('classname') ?? '';
  const name = element.getAttribute('name') ?? '';
  // What could not be collected has no class name.
  return owner === '' ? name : `${owner}::${name}`;
}

function outcomeOf(element: Element): Outcome {
  const has = (tag: string) => element.getElementsByTagName(tag).length > 0;
  if (has('failure') || has('error')) return 'failed';
  return has('skipped') ? 'skipped' : 'passed';
}

function messageOf(element: Element): string {
  const [told] = [
    ...element.getElementsByTagName('failure'),
    ...element.getElementsByTagName('error'),
  ];
  const message = told?.getAttribute('message') || told?.textContent || '';
  return message.trim().split('\n')[0] ?? '';
}
