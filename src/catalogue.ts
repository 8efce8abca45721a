/**
 * The asyncio names that no transform owns yet: the phase that will move them, or why they stay.
 * A name that is in no table stays too, with a reason that says so.
 */

import { isLibrary } from './analysis/names.ts';

/** Names by the phase that they belong to. */
const LATER: Readonly<Record<number, string>> = {
  4: 'Queue PriorityQueue LifoQueue QueueEmpty QueueFull QueueShutDown',
  5: 'create_task ensure_future gather TaskGroup as_completed wait',
};

const RUNS_ON =
  'it works on under anyio on the asyncio backend, and has no counterpart that is needed there';

/** Names that stay, with the reason. */
const STAYING: readonly (readonly [names: string, reason: string])[] = [
  [
    'Task all_tasks ALL_COMPLETED FIRST_COMPLETED FIRST_EXCEPTION eager_task_factory create_eager_task_factory',
    'it speaks of asyncio tasks, which stay until the code that makes them moves',
  ],
  [
    'Future isfuture wrap_future',
    'futures are what callback-based code needs; anyio runs on top of them',
  ],
  [
    `get_event_loop new_event_loop set_event_loop AbstractEventLoop BaseEventLoop
     EventLoop SelectorEventLoop ProactorEventLoop IocpProactor _get_running_loop
     _set_running_loop`,
    'it speaks of the event loop itself; under anyio on the asyncio backend there still is one',
  ],
  [
    'Handle TimerHandle',
    'it is a callback that the event loop is to call; callbacks run on under anyio on asyncio',
  ],
  ['Server AbstractServer', 'it is what listens for asyncio, and stays with what makes it'],
  [
    `get_event_loop_policy set_event_loop_policy AbstractEventLoopPolicy DefaultEventLoopPolicy
     WindowsSelectorEventLoopPolicy WindowsProactorEventLoopPolicy _DefaultEventLoopPolicy
     _WindowsSelectorEventLoopPolicy _WindowsProactorEventLoopPolicy`,
    'the event loop policy is honoured by anyio.run as well',
  ],
  [
    `Protocol BaseProtocol DatagramProtocol BufferedProtocol SubprocessProtocol Transport
     BaseTransport ReadTransport WriteTransport DatagramTransport SubprocessTransport
     StreamReaderProtocol`,
    'transports and protocols have no anyio twin; they work on under anyio on asyncio',
  ],
  [
    'InvalidStateError SendfileNotAvailableError BrokenBarrierError',
    'the error comes from asyncio code that stays',
  ],
  [
    `AbstractChildWatcher FastChildWatcher MultiLoopChildWatcher PidfdChildWatcher
     SafeChildWatcher ThreadedChildWatcher get_child_watcher set_child_watcher`,
    "child watchers tell asyncio's loop that a process has ended, also one that anyio starts; Python 3.14 has none any more",
  ],
  [
    `capture_call_graph format_call_graph print_call_graph FutureCallGraph FrameCallGraphEntry
     future_add_to_awaited_by future_discard_from_awaited_by`,
    "it shows which task awaits which, for debugging; anyio's tasks on the asyncio backend are asyncio's own",
  ],
  [
    '_enter_task _leave_task _register_task _unregister_task',
    'it is for those who write a task class or an event loop of their own, on which anyio runs as well',
  ],
  [
    'Timeout',
    'it is the class of what asyncio.timeout gives, for those that hand it on and keep it',
  ],
  ['iscoroutine', 'it asks about Python coroutines, not about the library'],
  [
    'coroutine',
    'it makes a coroutine of a generator, which Python has had no more since 3.11: write an async def first',
  ],
  ['subprocess', "constants and types of asyncio's subprocesses stay with them"],
];

/** The same for the names of other libraries. */
const STAYING_BESIDE: readonly (readonly [name: string, reason: string])[] = [
  ['uvloop.EventLoopPolicy', 'the event loop policy is honoured by anyio.run as well'],
  [
    'uvloop.new_event_loop',
    'it makes an event loop; anyio.run takes it as backend_options={"loop_factory": …}',
  ],
  [
    'async_timeout.Timeout',
    'it is the class of what async_timeout gives, for those that hand it on and keep it',
  ],
  ['uvloop.Loop', 'it is the class of the event loop, which under anyio is the same'],
];

const phaseByName = new Map<string, number>();
for (const [phase, names] of Object.entries(LATER)) {
  for (const name of names.split(/\s+/)) phaseByName.set(`asyncio.${name}`, Number(phase));
}

const reasonByName = new Map<string, string>();
for (const [names, reason] of STAYING) {
  for (const name of names.split(/\s+/)) reasonByName.set(`asyncio.${name}`, reason);
}

for (const [name, reason] of STAYING_BESIDE) reasonByName.set(name, reason);

/** Whether a name is in one of the tables; the reason for one that is in none fits any name. */
export function isKnown(name: string): boolean {
  return phaseByName.has(name) || reasonByName.has(name);
}

/** The phase of a name that has no transform yet, or undefined. */
export function laterPhase(name: string): number | undefined {
  return phaseByName.get(name);
}

/** Why a name stays with asyncio; for any name, the unknown ones included. */
export function reasonToStay(name: string): string {
  if (isLibrary(name)) return 'the module itself is used as a value';
  const reason = reasonByName.get(name) ?? reasonByName.get(name.split('.').slice(0, 2).join('.'));
  return reason ?? RUNS_ON;
}
