/** What the runs of one verification share: a temporary folder, and a module for pytest and Python. */

import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The pytest plugin's module. */
export const PLUGIN_NAME = 'anyio_codemod_verify';

/**
 * Has every pytest that runs write a report of its own, in the order in which they begin; chooses the
 * tests that are asked for, by the names that the report gives them; has a test that hangs fail, or
 * the tests after it would not be heard of; and has anyio's own fixture say the backend that is asked
 * for.
 */
const PLUGIN = `
import os
import shutil
import signal
import threading
import time

import pytest

BACKEND = os.environ.get("ANYIO_CODEMOD_BACKEND")
LIMIT = float(os.environ.get("ANYIO_CODEMOD_TEST_LIMIT", "0"))


REPORTS = {}


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config):
    name = f"{time.time_ns():020}-{os.getpid()}.xml"
    report = os.path.join(os.environ["ANYIO_CODEMOD_REPORTS"], name)
    wanted = getattr(config.option, "xmlpath", None)
    if wanted:
        wanted = os.path.abspath(os.path.expanduser(os.path.expandvars(wanted)))
    REPORTS[config] = report, wanted
    config.option.xmlpath = report


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config):
    # Who asks for a report of their own gets it as well.
    report, wanted = REPORTS.pop(config, (None, None))
    if wanted and os.path.exists(report):
        os.makedirs(os.path.dirname(wanted), exist_ok=True)
        shutil.copyfile(report, wanted)


def _stop(signum, frame):
    pytest.fail(f"it took longer than {LIMIT:g} seconds")


def _limited(item):
    is_ours = LIMIT > 0 and not item.config.pluginmanager.hasplugin("timeout")
    if (
        not is_ours
        or not hasattr(signal, "setitimer")
        or threading.current_thread() is not threading.main_thread()
    ):
        yield
        return
    before = signal.signal(signal.SIGALRM, _stop)
    signal.setitimer(signal.ITIMER_REAL, LIMIT)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_setup(item):
    yield from _limited(item)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_call(item):
    yield from _limited(item)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_teardown(item):
    yield from _limited(item)


def pytest_collection_modifyitems(config, items):
    wanted = os.environ.get("ANYIO_CODEMOD_ONLY")
    if not wanted:
        return
    from _pytest.junitxml import mangle_test_address

    with open(wanted, encoding="utf-8") as file:
        names = set(file.read().splitlines())
    kept, dropped = [], []
    for item in items:
        *owner, name = mangle_test_address(item.nodeid)
        (kept if ".".join(owner) + "::" + name in names else dropped).append(item)
    if kept:
        items[:] = kept
        config.hook.pytest_deselected(items=dropped)


@pytest.hookimpl(tryfirst=True)
def pytest_fixture_setup(fixturedef, request):
    if BACKEND is None or fixturedef.argname != "anyio_backend":
        return None
    fixturedef.cached_result = (BACKEND, fixturedef.cache_key(request), None)
    return BACKEND
`;

/**
 * Python imports this at every start. It gives way to the sitecustomize that would have been found
 * without it, and then has \`anyio.run\` take the backend that is asked for.
 */
const SITE = `
import os
import sys


def _next_sitecustomize():
    import importlib.util

    here = os.path.dirname(os.path.abspath(__file__))
    for folder in [path for path in sys.path if os.path.abspath(path or ".") != here]:
        path = os.path.join(folder, "sitecustomize.py")
        if os.path.isfile(path):
            spec = importlib.util.spec_from_file_location("sitecustomize", path)
            spec.loader.exec_module(importlib.util.module_from_spec(spec))
            return


def _choose_backend(backend):
    try:
        import anyio
    except ImportError:
        return
    original = anyio.run

    def run(func, *args, backend=backend, backend_options=None):
        return original(func, *args, backend=backend, backend_options=backend_options)

    anyio.run = run


_next_sitecustomize()
if os.environ.get("ANYIO_CODEMOD_BACKEND"):
    _choose_backend(os.environ["ANYIO_CODEMOD_BACKEND"])
`;

export interface Support {
  /** Absolute; all that a verification leaves lies in it. */
  folder: string;
  /** Absolute; for PYTHONPATH. */
  modules: string;
  /** Writes the names of tests into a folder and gives the file. */
  listFile(folder: string, names: readonly string[]): string;
  /** Removes the folder. */
  remove(): void;
}

/** Makes the folder and the modules. */
export function makeSupport(): Support {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'anyio-codemod-verify-'));
  const modules = join(folder, 'python');
  mkdirSync(modules);
  writeFileSync(join(modules, `${PLUGIN_NAME}.py`), PLUGIN);
  writeFileSync(join(modules, 'sitecustomize.py'), SITE);
  return {
    folder,
    modules,
    listFile(target, names) {
      const file = join(target, 'only.txt');
      writeFileSync(file, `${names.join('\n')}\n`);
      return file;
    },
    remove: () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }),
  };
}
