/** The transforms, in the order in which `list` shows them. */

import type { Transform } from '../src/transform.ts';
import { barrier } from './barrier.ts';
import { cancelledError } from './cancelled-error.ts';
import { condition } from './condition.ts';
import { currentTask } from './current-task.ts';
import { event } from './event.ts';
import { fromThread } from './from-thread.ts';
import { iscoroutinefunction } from './iscoroutinefunction.ts';
import { lock } from './lock.ts';
import { pytest } from './pytest.ts';
import { run } from './run.ts';
import { runUntilComplete } from './run-until-complete.ts';
import { runner } from './runner.ts';
import { runningLoop } from './running-loop.ts';
import { semaphore } from './semaphore.ts';
import { shield } from './shield.ts';
import { sleep } from './sleep.ts';
import { streams } from './streams.ts';
import { subprocess } from './subprocess.ts';
import { timeout } from './timeout.ts';
import { timeoutError } from './timeout-error.ts';
import { toThread } from './to-thread.ts';
import { uvloop } from './uvloop.ts';
import { waitFor } from './wait-for.ts';

export const transforms: readonly Transform[] = [
  run,
  runUntilComplete,
  runner,
  uvloop,
  sleep,
  lock,
  event,
  semaphore,
  condition,
  barrier,
  waitFor,
  timeout,
  timeoutError,
  toThread,
  runningLoop,
  fromThread,
  shield,
  cancelledError,
  currentTask,
  iscoroutinefunction,
  subprocess,
  streams,
  pytest,
];
