"""Runs one program on a backend under a time limit, or compiles many files: prints JSON.

    python run_case.py [--backend asyncio|trio] [--timeout SECONDS] program.py [arguments ...]
    python run_case.py --batch < jobs         JSON: [{"program", "backend", "cwd", "timeout"}]
    python run_case.py --compile < list       paths on stdin, each ended by a NUL

The libraries are those on PYTHONPATH. A run prints

    {"stdout", "stderr", "exception", "code", "timedOut"}

A batch prints a list of such results in the order of the jobs. Its programs run in forks of one
process that has the libraries loaded already, which is what takes the time.

`exception` is what left the program (SystemExit too), or null: `{"type", "message",
"exceptions"}`, the type with its module unless it is built in, `exceptions` the members of a
group. `code` is the interpreter's own exit code, negative for a signal, null after a time-out.
With `--backend trio`, `anyio.run` runs on trio wherever the program names no backend.

Compiling prints `[{"path", "line", "message"}]`, one for each file that Python rejects; `line` is
1-based, or null.
"""

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import warnings


PRELOADED = {'anyio', 'trio', 'sniffio'}


def main():
    options = _options()
    if options.compile:
        paths = [path for path in sys.stdin.read().split('\0') if path]
        result = [failure for path in paths if (failure := compile_file(path))]
    elif options.batch:
        result = run_batch(json.load(sys.stdin))
        if result is None:
            return
    elif options.report:
        _be_the_program(options)
        return
    else:
        result = run_program(options)
    json.dump(result, sys.stdout)


def _options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--backend', choices=['asyncio', 'trio'], default='asyncio')
    parser.add_argument('--timeout', type=float, default=10.0, metavar='SECONDS')
    parser.add_argument('--compile', action='store_true')
    parser.add_argument('--batch', action='store_true')
    # Set for the inner process: the file that tells the outer one which exception was raised.
    parser.add_argument('--report', help=argparse.SUPPRESS)
    parser.add_argument('program', nargs='?')
    parser.add_argument('arguments', nargs=argparse.REMAINDER)
    options = parser.parse_args()
    if not (options.compile or options.batch or options.program):
        parser.error('a program is needed')
    return options


def compile_file(path):
    """None when Python takes the file, and else the place and the reason."""
    try:
        with open(path, 'rb') as file, warnings.catch_warnings():
            warnings.simplefilter('ignore')
            compile(file.read(), path, 'exec', dont_inherit=True)
    except SyntaxError as error:
        return {'path': path, 'line': error.lineno, 'message': error.msg}
    except (OSError, ValueError, RecursionError, MemoryError) as error:
        return {'path': path, 'line': None, 'message': f'{type(error).__name__}: {error}'}
    return None


def run_program(options):
    """Runs the program in a process and a process group of its own."""
    with tempfile.TemporaryDirectory() as folder:
        report = os.path.join(folder, 'exception.json')
        inner = [sys.executable, '-s', __file__, '--report', report, '--backend', options.backend]
        process = subprocess.Popen(
            [*inner, options.program, *options.arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        stdout, stderr, timed_out = _communicate(process, options.timeout)
        return {
            'stdout': stdout.decode(errors='backslashreplace'),
            'stderr': stderr.decode(errors='backslashreplace'),
            'exception': _reported(report),
            'code': None if timed_out else process.returncode,
            'timedOut': timed_out,
        }


def run_batch(jobs):
    """The results in the order of the jobs; None in the fork that was one of the programs."""
    import anyio.to_thread  # noqa: F401
    import trio  # noqa: F401

    # Programs that are killed have hung, which takes time and no processor: they go on beside others.
    workers = max(1, os.cpu_count() or 1)
    hanging = 0.5
    # No context manager: a fork that leaves it would remove the folder under all others.
    folder = tempfile.mkdtemp()
    waiting = list(enumerate(jobs))
    running = {}
    results = [None] * len(jobs)
    while waiting or running:
        now = time.monotonic()
        busy = sum(now - start < hanging for _, _, start, _ in running.values())
        while waiting and busy < workers and len(running) < 8 * workers:
            busy += 1
            index, job = waiting.pop(0)
            base = os.path.join(folder, str(index))
            pid = os.fork()
            if pid == 0:
                return _be_a_job(job, base)
            start = time.monotonic()
            running[pid] = (index, base, start, start + job['timeout'])
        for pid in list(running):
            index, base, _, limit = running[pid]
            timed_out = time.monotonic() > limit
            if timed_out:
                os.kill(pid, signal.SIGKILL)
            ended, status = os.waitpid(pid, 0 if timed_out else os.WNOHANG)
            if ended:
                del running[pid]
                results[index] = _job_result(base, status, timed_out)
        time.sleep(0.002)
    shutil.rmtree(folder)
    return results


def _be_a_job(job, base):
    """In the fork: becomes the program, with its output in files; ends as an interpreter ends."""
    os.setpgid(0, 0)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    for number, name in ((1, '.out'), (2, '.err')):
        file = os.open(base + name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(file, number)
    os.chdir(job['cwd'])
    # A module of the program's own comes before a library that is loaded here already.
    own = {name.removesuffix('.py') for name in os.listdir(job['cwd'])}
    for name in [name for name in sys.modules if name.partition('.')[0] in own & PRELOADED]:
        del sys.modules[name]
    options = argparse.Namespace(
        backend=job['backend'], program=job['program'], arguments=[], report=base + '.json'
    )
    _be_the_program(options)


def _job_result(base, status, timed_out):
    text = {}
    for name in ('.out', '.err'):
        with open(base + name, 'rb') as file:
            text[name] = file.read().decode(errors='backslashreplace')
    return {
        'stdout': text['.out'],
        'stderr': text['.err'],
        'exception': _reported(base + '.json'),
        'code': None if timed_out else os.waitstatus_to_exitcode(status),
        'timedOut': timed_out,
    }


def _communicate(process, timeout):
    timed_out = False
    try:
        stdout, stderr = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        timed_out = True
        os.killpg(process.pid, signal.SIGKILL)
        stdout, stderr = process.communicate()
    return stdout, stderr, timed_out


def _reported(report):
    try:
        with open(report, encoding='utf-8') as file:
            return json.load(file)
    except FileNotFoundError:
        return None


def _be_the_program(options):
    """Runs the program in this process, as `python program.py` would, and tells how it ended."""
    import runpy

    if options.backend == 'trio':
        _run_on_trio()
    sys.argv = [options.program, *options.arguments]
    sys.path[0] = os.path.dirname(os.path.abspath(options.program))
    try:
        runpy.run_path(options.program, run_name='__main__')
    except BaseException as error:
        with open(options.report, 'w', encoding='utf-8') as file:
            json.dump(_described(error), file)
        raise


def _run_on_trio():
    import functools

    import anyio

    run = anyio.run

    @functools.wraps(run)
    def run_on_trio(func, *args, backend='trio', backend_options=None):
        return run(func, *args, backend=backend, backend_options=backend_options)

    anyio.run = run_on_trio


def _described(error):
    kind = type(error)
    # Python 3.10 has exception groups from the package exceptiongroup, later ones of their own.
    plain = kind.__module__ in ('builtins', 'exceptiongroup')
    members = getattr(error, 'exceptions', ())
    return {
        'type': kind.__qualname__ if plain else f'{kind.__module__}.{kind.__qualname__}',
        'message': str(error),
        'exceptions': [_described(member) for member in members],
    }


if __name__ == '__main__':
    main()
