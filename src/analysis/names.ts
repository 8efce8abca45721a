/**
 * The names of asyncio: what is public, which submodules there are, and one spelling for each name.
 * Source: `asyncio.__all__` and the package's modules in CPython 3.8 to 3.15, and the names that
 * only Windows has. Beside it, two libraries whose names are uses as well, since they do what
 * asyncio does: uvloop runs its loop, async_timeout came before `asyncio.timeout`.
 */

export const PUBLIC_NAMES: ReadonlySet<string> = new Set(
  `
  ALL_COMPLETED AbstractChildWatcher AbstractEventLoop AbstractEventLoopPolicy AbstractServer
  Barrier BaseEventLoop BaseProtocol BaseTransport BoundedSemaphore BrokenBarrierError
  BufferedProtocol CancelledError Condition DatagramProtocol DatagramTransport
  DefaultEventLoopPolicy Event EventLoop FIRST_COMPLETED FIRST_EXCEPTION FastChildWatcher
  FrameCallGraphEntry Future FutureCallGraph Handle IncompleteReadError InvalidStateError
  IocpProactor LifoQueue LimitOverrunError Lock MultiLoopChildWatcher PidfdChildWatcher
  PriorityQueue ProactorEventLoop Protocol Queue QueueEmpty QueueFull QueueShutDown ReadTransport
  Runner SafeChildWatcher SelectorEventLoop Semaphore SendfileNotAvailableError Server
  StreamReader StreamReaderProtocol StreamWriter SubprocessProtocol SubprocessTransport Task
  TaskGroup ThreadedChildWatcher Timeout TimeoutError TimerHandle Transport
  WindowsProactorEventLoopPolicy WindowsSelectorEventLoopPolicy WriteTransport
  _DefaultEventLoopPolicy _WindowsProactorEventLoopPolicy _WindowsSelectorEventLoopPolicy
  _enter_task _get_running_loop _leave_task _register_task _set_running_loop _unregister_task
  all_tasks as_completed capture_call_graph coroutine create_eager_task_factory
  create_subprocess_exec create_subprocess_shell create_task current_task eager_task_factory
  ensure_future format_call_graph future_add_to_awaited_by future_discard_from_awaited_by gather
  get_child_watcher get_event_loop get_event_loop_policy get_running_loop iscoroutine
  iscoroutinefunction isfuture new_event_loop open_connection open_unix_connection
  print_call_graph run run_coroutine_threadsafe set_child_watcher set_event_loop
  set_event_loop_policy shield sleep start_server start_unix_server timeout timeout_at to_thread
  wait wait_for wrap_future
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

/** The other libraries, with the public names of each; source: uvloop 0.22, async_timeout 5. */
const COMPANIONS: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ['uvloop', new Set(['EventLoopPolicy', 'Loop', 'install', 'new_event_loop', 'run'])],
  ['async_timeout', new Set(['Timeout', 'timeout', 'timeout_at'])],
]);

/** The modules whose names are uses. */
export const LIBRARIES: readonly string[] = ['asyncio', ...COMPANIONS.keys()];

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
 * Reduces a dotted path that begins with a library (or `pytest_asyncio`). Submodules of asyncio are
 * passed over when their member is public in `asyncio` itself (`asyncio.locks.Lock` is
 * `asyncio.Lock`), and kept when it is not (`asyncio.subprocess.PIPE`).
 */
export function canonical(path: readonly string[]): CanonicalName {
  const [first, second, third] = path;
  if (first !== undefined && (first === PLUGIN || COMPANIONS.has(first))) {
    return second === undefined
      ? { name: first, parts: 1 }
      : { name: `${first}.${second}`, parts: 2 };
  }
  if (second === undefined) return { name: 'asyncio', parts: 1 };
  if (!SUBMODULES.has(second)) return { name: `asyncio.${second}`, parts: 2 };
  if (third === undefined) return { name: `asyncio.${second}`, parts: 2 };
  return PUBLIC_NAMES.has(third)
    ? { name: `asyncio.${third}`, parts: 3 }
    : { name: `asyncio.${second}.${third}`, parts: 3 };
}

/** Whether a canonical name is a library itself, a submodule of asyncio, or the pytest plugin. */
export function isModuleName(name: string): boolean {
  if (isLibrary(name) || name === PLUGIN) return true;
  const [, member, ...rest] = name.split('.');
  return isAsyncioPath(name) && rest.length === 0 && SUBMODULES.has(member ?? '');
}

/** Whether a top-level module is one of those whose names are uses. */
export function isLibrary(module: string): boolean {
  return LIBRARIES.includes(module);
}

/** Whether a dotted path is one of these libraries, or lies in it. */
export function isLibraryPath(path: string): boolean {
  return isLibrary(libraryOf(path));
}

/** Whether a dotted path lies in one of these beside asyncio: it may be missing where asyncio never is. */
export function isCompanionPath(path: string): boolean {
  return COMPANIONS.has(libraryOf(path));
}

/** The top-level module of a dotted path: `uvloop` of `uvloop.run`. */
export function libraryOf(path: string): string {
  const [module = ''] = path.split('.', 1);
  return module;
}

/** The names that `import *` of a library, or of a submodule of it, may bind. */
export function publicNames(path: string): ReadonlySet<string> {
  return COMPANIONS.get(libraryOf(path)) ?? PUBLIC_NAMES;
}

function isAsyncioPath(path: string): boolean {
  return libraryOf(path) === 'asyncio';
}

/** Whether a dotted path is pytest-asyncio's module, or lies in it. */
export function isPluginPath(path: string): boolean {
  return libraryOf(path) === PLUGIN;
}

/**
 * Whether `from <module> import *` of a library, or of a submodule, may bind the name. Submodules
 * are not told apart, but for the one name that is a builtin too where the star does not bind it.
 */
export function starHas(module: string, name: string): boolean {
  if (BUILTIN_TOO.has(name)) return module === 'asyncio' || module === 'asyncio.exceptions';
  return publicNames(module).has(name);
}

/**
 * The asyncio name that a dotted patch target leads to: `asyncio.sleep` of `game.loop.asyncio.sleep`.
 * Undefined for another package's own module of the name: `sqlalchemy.ext.asyncio.AsyncSession`.
 */
export function patchedName(parts: readonly string[]): string | undefined {
  const at = parts.findLastIndex(isLibrary);
  const [library, member] = parts.slice(at);
  if (at < 0 || library === undefined) return undefined;
  const ours =
    member !== undefined &&
    (publicNames(library).has(member) || isModuleName(`${library}.${member}`));
  return at > 0 && !ours ? undefined : canonical(parts.slice(at)).name;
}
