/** The transforms, in the order in which `list` shows them. */

import type { Transform } from '../src/transform.ts';
import { condition } from './condition.ts';
import { event } from './event.ts';
import { lock } from './lock.ts';
import { pytest } from './pytest.ts';
import { run } from './run.ts';
import { runUntilComplete } from './run-until-complete.ts';
import { semaphore } from './semaphore.ts';
import { sleep } from './sleep.ts';
import { streams } from './streams.ts';
import { timeout } from './timeout.ts';
import { timeoutError } from './timeout-error.ts';
import { waitFor } from './wait-for.ts';

export const transforms: readonly Transform[] = [
  run,
  runUntilComplete,
  sleep,
  lock,
  event,
  semaphore,
  condition,
  waitFor,
  timeout,
  timeoutError,
  streams,
  pytest,
];
