/**
 * The asyncio names that no transform owns yet: the phase that will move them, or why they stay.
 * A name that is in no table stays too, with a reason that says so.
 */

/** Names by the phase that they belong to. */
const LATER: Readonly<Record<number, string>> = {
  3: `Timeout to_thread shield
      iscoroutinefunction current_task run_coroutine_threadsafe create_subprocess_exec
      create_subprocess_shell`,
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
    `get_running_loop get_event_loop new_event_loop set_event_loop AbstractEventLoop BaseEventLoop
     EventLoop SelectorEventLoop ProactorEventLoop Handle TimerHandle Server AbstractServer
     _get_running_loop _set_running_loop`,
    'it speaks of the event loop itself; under anyio on the asyncio backend there still is one',
  ],
  [
    `get_event_loop_policy set_event_loop_policy AbstractEventLoopPolicy DefaultEventLoopPolicy
     WindowsSelectorEventLoopPolicy WindowsProactorEventLoopPolicy`,
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
    'CancelledError',
    'on the asyncio backend anyio raises this very class; get_cancelled_exc_class() matters on trio alone, and has to be called inside a running loop',
  ],
  ['Barrier', 'anyio has no barrier'],
  ['Runner', 'anyio has no public runner object'],
  ['iscoroutine coroutine', 'it asks about Python coroutines, not about the library'],
  ['subprocess', "constants and types of asyncio's subprocesses stay with them"],
];

const phaseByName = new Map<string, number>();
for (const [phase, names] of Object.entries(LATER)) {
  for (const name of names.split(/\s+/)) phaseByName.set(`asyncio.${name}`, Number(phase));
}

const reasonByName = new Map<string, string>();
for (const [names, reason] of STAYING) {
  for (const name of names.split(/\s+/)) reasonByName.set(`asyncio.${name}`, reason);
}

/** The phase of a name that has no transform yet, or undefined. */
export function laterPhase(name: string): number | undefined {
  return phaseByName.get(name);
}

/** Why a name stays with asyncio; for any name, the unknown ones included. */
export function reasonToStay(name: string): string {
  if (name === 'asyncio') return 'the module itself is used as a value';
  const reason = reasonByName.get(name) ?? reasonByName.get(name.split('.').slice(0, 2).join('.'));
  return reason ?? RUNS_ON;
}
