/** What is on anyio already, by file and phase: the part of the way that a team has gone. */

import { anyioPaths } from './analysis/anyio-names.ts';
import type { Project } from './analysis/project.ts';
import type { Arrived } from './result.ts';

/**
 * The names of anyio that stand where the rewrites of a phase put them. A name that no phase writes
 * (`anyio.Path`) says nothing of how far a project is, and is not counted.
 */
const NAMES: Readonly<Record<number, string>> = {
  1: 'anyio.run',
  2: `anyio.sleep anyio.sleep_forever anyio.sleep_until anyio.lowlevel anyio.Lock anyio.Event
      anyio.Semaphore anyio.Condition anyio.CapacityLimiter`,
  3: `anyio.fail_after anyio.move_on_after anyio.fail_at anyio.move_on_at anyio.CancelScope
      anyio.abc.CancelScope anyio.current_effective_deadline anyio.current_time
      anyio.get_cancelled_exc_class anyio.get_current_task anyio.to_thread anyio.from_thread
      anyio.run_process anyio.open_process anyio.abc.Process anyio.connect_tcp anyio.connect_unix
      anyio.create_tcp_listener anyio.create_unix_listener anyio.abc.SocketStream
      anyio.abc.ByteStream anyio.streams.buffered anyio.EndOfStream anyio.IncompleteRead
      anyio.DelimiterNotFound anyio.open_signal_receiver`,
  4: 'anyio.create_memory_object_stream anyio.streams.memory anyio.WouldBlock',
  5: `anyio.create_task_group anyio.abc.TaskGroup anyio.abc.TaskStatus anyio.TASK_STATUS_IGNORED
      anyio.TaskGroup anyio.TaskHandle anyio.gather anyio.as_completed`,
  6: 'pytest.mark.anyio',
};

const phaseByName = new Map<string, number>();
for (const [phase, names] of Object.entries(NAMES)) {
  for (const name of names.split(/\s+/)) phaseByName.set(name, Number(phase));
}

/** The longest beginning of a path that has a phase decides: `anyio.to_thread.run_sync`. */
export function phaseOfPath(path: readonly string[]): number | undefined {
  for (let length = Math.min(path.length, 3); length > 1; length--) {
    const phase = phaseByName.get(path.slice(0, length).join('.'));
    if (phase !== undefined) return phase;
  }
  return undefined;
}

/** How often names of anyio stand in the selected files. Only files whose bytes say `anyio` are read. */
export function countArrived(project: Project): Arrived[] {
  const { store } = project;
  const found: Arrived[] = [];
  for (const candidate of store.candidates) {
    if (!candidate.selected || !store.mentions(candidate, ['anyio'])) continue;
    const file = store.load(candidate);
    // A project may have a module of its own by this name: anyio itself does.
    if (!file || file.root.hasError || project.module('anyio', file)) continue;
    const uses = new Map<number, number>();
    for (const path of anyioPaths(file)) {
      const phase = phaseOfPath(path);
      if (phase !== undefined) uses.set(phase, (uses.get(phase) ?? 0) + 1);
    }
    for (const [phase, times] of uses) found.push({ path: file.path, phase, uses: times });
  }
  return found;
}
