"""Stands in for uvloop 0.22 in the fixtures: its names, over an asyncio loop of another class.

The real one is compiled for one version of Python. What the fixtures say of it was also seen with
the real one: which code makes the loop, and by whose policy.
"""

import asyncio
import sys
import warnings


class Loop(asyncio.SelectorEventLoop):
    pass


def new_event_loop():
    return Loop()


class EventLoopPolicy(asyncio.DefaultEventLoopPolicy):
    def new_event_loop(self):
        return new_event_loop()


def install():
    with warnings.catch_warnings():
        warnings.simplefilter('ignore', DeprecationWarning)
        asyncio.set_event_loop_policy(EventLoopPolicy())


def run(main, *, loop_factory=new_event_loop, debug=None):
    async def wrapper():
        if not isinstance(asyncio.get_running_loop(), Loop):
            raise TypeError('uvloop.run() uses a non-uvloop event loop')
        return await main

    if sys.version_info >= (3, 11):
        with asyncio.Runner(loop_factory=loop_factory, debug=debug) as runner:
            return runner.run(wrapper())
    loop = loop_factory()
    try:
        if debug is not None:
            loop.set_debug(debug)
        return loop.run_until_complete(wrapper())
    finally:
        loop.close()
