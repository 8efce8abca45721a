/**
 * The names of asyncio: what is public, which submodules there are, and one spelling for each name.
 * Source: `asyncio.__all__` and the package's modules in CPython 3.8, 3.10, 3.12 and 3.13, the
 * additions of 3.14, and the names that only Windows has.
 */

export const PUBLIC_NAMES: ReadonlySet<string> = new Set(
  `
  ALL_COMPLETED AbstractChildWatcher AbstractEventLoop AbstractEventLoopPolicy AbstractServer
  Barrier BaseEventLoop BaseProtocol BaseTransport BoundedSemaphore BrokenBarrierError
  BufferedProtocol CancelledError Condition DatagramProtocol DatagramTransport
  DefaultEventLoopPolicy Event EventLoop FIRST_COMPLETED FIRST_EXCEPTION FastChildWatcher
  FrameCallGraphEntry Future FutureCallGraph Handle IncompleteReadError InvalidStateError
  IocpProactor LifoQueue LimitOverrunError Lock MultiLoopChildWatcher PidfdChildWatcher
  PriorityQueue ProactorEventLoop Protocol Queue QueueEmpty QueueFull QueueShutDown
  ReadTransport Runner SafeChildWatcher SelectorEventLoop Semaphore SendfileNotAvailableError
  Server StreamReader StreamReaderProtocol StreamWriter SubprocessProtocol SubprocessTransport
  Task TaskGroup ThreadedChildWatcher Timeout TimeoutError TimerHandle Transport
  WindowsProactorEventLoopPolicy WindowsSelectorEventLoopPolicy WriteTransport _enter_task
  _get_running_loop _leave_task _register_task _set_running_loop _unregister_task all_tasks
  as_completed capture_call_graph coroutine create_eager_task_factory create_subprocess_exec
  create_subprocess_shell create_task current_task eager_task_factory ensure_future
  format_call_graph future_add_to_awaited_by future_discard_from_awaited_by gather
  get_child_watcher get_event_loop get_event_loop_policy get_running_loop iscoroutine
  iscoroutinefunction isfuture new_event_loop open_connection open_unix_connection
  print_call_graph run run_coroutine_threadsafe set_child_watcher set_event_loop
  set_event_loop_policy shield sleep start_server start_unix_server timeout timeout_at
  to_thread wait wait_for wrap_future
  `
    .trim()
    .split(/\s+/),
);

const SUBMODULES: ReadonlySet<string> = new Set(
  `
  base_events base_futures base_subprocess base_tasks constants coroutines events exceptions
  format_helpers futures graph locks log mixins proactor_events protocols queues runners
  selector_events sslproto staggered streams subprocess taskgroups tasks threads timeouts tools
  transports trsock unix_events windows_events windows_utils compat
  `
    .trim()
    .split(/\s+/),
);

/** Names of asyncio that are builtins as well, where no import binds them. */
export const BUILTIN_TOO: ReadonlySet<string> = new Set(['TimeoutError']);

/** The pytest plugin whose names tests use beside asyncio's own. */
const PLUGIN = 'pytest_asyncio';

/** How much of a dotted path is the asyncio name, and what its one spelling is. */
export interface CanonicalName {
  /** `asyncio.Lock`, also for `asyncio.locks.Lock`; `asyncio` or `asyncio.locks` for a module. */
  name: string;
  /** How many parts of the path it took: further ones are attributes of the object. */
  parts: number;
}

/**
 * Reduces a dotted path that begins with `asyncio` (or `pytest_asyncio`): submodules are passed over when their member
 * is public in `asyncio` itself (`asyncio.locks.Lock` is `asyncio.Lock`), and kept when it is not
 * (`asyncio.subprocess.PIPE`).
 */
export function canonical(path: readonly string[]): CanonicalName {
  const [first, second, third] = path;
  if (first === PLUGIN) {
    return second === undefined
      ? { name: PLUGIN, parts: 1 }
      : { name: `${PLUGIN}.${second}`, parts: 2 };
  }
  if (second === undefined) return { name: 'asyncio', parts: 1 };
  if (!SUBMODULES.has(second)) return { name: `asyncio.${second}`, parts: 2 };
  if (third === undefined) return { name: `asyncio.${second}`, parts: 2 };
  return PUBLIC_NAMES.has(third)
    ? { name: `asyncio.${third}`, parts: 3 }
    : { name: `asyncio.${second}.${third}`, parts: 3 };
}

/** Whether a canonical name is asyncio itself, one of its submodules, or the pytest plugin. */
export function isModuleName(name: string): boolean {
  if (name === 'asyncio' || name === PLUGIN) return true;
  const [, member, ...rest] = name.split('.');
  return rest.length === 0 && member !== undefined && SUBMODULES.has(member);
}

/** Whether a dotted path is asyncio, or lies in it. */
export function isAsyncioPath(path: string): boolean {
  return path === 'asyncio' || path.startsWith('asyncio.');
}

/** Whether a dotted path is pytest-asyncio's module, or lies in it. */
export function isPluginPath(path: string): boolean {
  return path === PLUGIN || path.startsWith(`${PLUGIN}.`);
}

/**
 * Whether `from <module> import *` of asyncio, or of a submodule, may bind the name. Submodules are
 * not told apart, but for the one name that is a builtin too where the star does not bind it.
 */
export function starHas(module: string, name: string): boolean {
  if (BUILTIN_TOO.has(name)) return module === 'asyncio' || module === 'asyncio.exceptions';
  return PUBLIC_NAMES.has(name);
}

/**
 * The asyncio name that a dotted patch target leads to: `asyncio.sleep` of `game.loop.asyncio.sleep`.
 * Undefined for another package's own module of the name: `sqlalchemy.ext.asyncio.AsyncSession`.
 */
export function patchedName(parts: readonly string[]): string | undefined {
  const at = parts.lastIndexOf('asyncio');
  if (at < 0) return undefined;
  const member = parts[at + 1];
  const ours =
    member !== undefined && (PUBLIC_NAMES.has(member) || isModuleName(`asyncio.${member}`));
  return at > 0 && !ours ? undefined : canonical(parts.slice(at)).name;
}
