"""The public names of asyncio, by the submodule that defines them.

Source: `__all__` of each submodule in CPython 3.8 to 3.13, all together, with what the
documentation of 3.14 adds (asyncio.graph, futures' awaited-by functions) and what only Windows
has. A fixed table, so that a census says the same on every Python that it runs on. Beside it, the
libraries whose names count as well: uvloop and async_timeout.
"""

_DEFINED_IN = {
    'base_events': 'BaseEventLoop Server',
    'base_futures': '',
    'base_subprocess': '',
    'base_tasks': '',
    'constants': '',
    'coroutines': 'coroutine iscoroutine iscoroutinefunction',
    'events': '''
        AbstractEventLoop AbstractEventLoopPolicy AbstractServer Handle TimerHandle
        _get_running_loop _set_running_loop get_child_watcher get_event_loop
        get_event_loop_policy get_running_loop new_event_loop set_child_watcher
        set_event_loop set_event_loop_policy
    ''',
    'exceptions': '''
        BrokenBarrierError CancelledError IncompleteReadError InvalidStateError
        LimitOverrunError SendfileNotAvailableError TimeoutError
    ''',
    'format_helpers': '',
    'futures': '''
        Future future_add_to_awaited_by future_discard_from_awaited_by isfuture
        wrap_future
    ''',
    'graph': '''
        FrameCallGraphEntry FutureCallGraph capture_call_graph format_call_graph
        print_call_graph
    ''',
    'locks': 'Barrier BoundedSemaphore Condition Event Lock Semaphore',
    'log': '',
    'mixins': '',
    'proactor_events': 'BaseProactorEventLoop',
    'protocols': '''
        BaseProtocol BufferedProtocol DatagramProtocol Protocol SubprocessProtocol
    ''',
    'queues': 'LifoQueue PriorityQueue Queue QueueEmpty QueueFull QueueShutDown',
    'runners': 'Runner run',
    'selector_events': 'BaseSelectorEventLoop',
    'sslproto': '',
    'staggered': 'staggered_race',
    'streams': '''
        StreamReader StreamReaderProtocol StreamWriter open_connection
        open_unix_connection start_server start_unix_server
    ''',
    'subprocess': 'create_subprocess_exec create_subprocess_shell',
    'taskgroups': 'TaskGroup',
    'tasks': '''
        ALL_COMPLETED FIRST_COMPLETED FIRST_EXCEPTION Task _enter_task _leave_task
        _register_task _unregister_task all_tasks as_completed create_eager_task_factory
        create_task current_task eager_task_factory ensure_future gather
        run_coroutine_threadsafe shield sleep wait wait_for
    ''',
    'threads': 'to_thread',
    'timeouts': 'Timeout timeout timeout_at',
    'tools': '',
    'transports': '''
        BaseTransport DatagramTransport ReadTransport SubprocessTransport Transport
        WriteTransport
    ''',
    'trsock': '',
    'unix_events': '''
        AbstractChildWatcher DefaultEventLoopPolicy EventLoop FastChildWatcher
        MultiLoopChildWatcher PidfdChildWatcher SafeChildWatcher SelectorEventLoop
        ThreadedChildWatcher
    ''',
    'windows_events': '''
        DefaultEventLoopPolicy EventLoop IocpProactor ProactorEventLoop
        SelectorEventLoop WindowsProactorEventLoopPolicy WindowsSelectorEventLoopPolicy
        _DefaultEventLoopPolicy _WindowsProactorEventLoopPolicy
        _WindowsSelectorEventLoopPolicy
    ''',
    'windows_utils': '',
}

# Public in their submodule, and not exported by asyncio itself.
_NOT_EXPORTED = {'BaseProactorEventLoop', 'BaseSelectorEventLoop', 'staggered_race'}

SUBMODULES = frozenset(_DEFINED_IN)

_COMPANIONS = {
    'uvloop': frozenset('EventLoopPolicy Loop install new_event_loop run'.split()),
    'async_timeout': frozenset('Timeout timeout timeout_at'.split()),
}

LIBRARIES = frozenset(['asyncio', *_COMPANIONS])

PUBLIC = frozenset(' '.join(_DEFINED_IN.values()).split()) - _NOT_EXPORTED


def public_names(library):
    """What is public in a library itself, or in one of its submodules."""
    return _COMPANIONS.get(library, PUBLIC | SUBMODULES)


def star_names(module):
    """The names that `from <module> import *` binds; a library or a submodule of asyncio."""
    if module in _COMPANIONS:
        return _COMPANIONS[module]
    if module == 'asyncio':
        return PUBLIC
    return frozenset(_DEFINED_IN.get(module.removeprefix('asyncio.'), '').split())


def canonical(path):
    """One spelling for a dotted path that begins with a library.

    `path` is a list of names. A submodule is passed over when its member is public in asyncio
    itself: `asyncio.locks.Lock` is `asyncio.Lock`. Attributes of what is named are cut off:
    `asyncio.Queue.get` is `asyncio.Queue`.
    """
    if len(path) == 1 or path[0] in _COMPANIONS or path[1] not in SUBMODULES:
        return '.'.join(path[:2])
    if len(path) > 2 and path[2] in PUBLIC:
        return f'asyncio.{path[2]}'
    return '.'.join(path[:3])


def is_module(name):
    """Whether a canonical name is a library itself or a submodule of asyncio."""
    return name in LIBRARIES or name.removeprefix('asyncio.') in SUBMODULES
