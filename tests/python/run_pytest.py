"""Runs pytest in several folders, each in a process forked from this one: the imports are paid once.

Reads JSON from stdin, `[{"cwd": "/a/folder", "args": ["-p", "no:asyncio"]}, …]`, and prints JSON,
one item a job in their order: `{"outcomes": {"test_a.py::test_b": "passed"}, "output": "…"}`. A
test's outcome is the worst of its set-up, call and tear-down; a folder that cannot be collected has
the outcome `{"": "error"}`. Each job may take a minute.
"""

import contextlib
import io
import json
import os
import select
import signal
import sys

import anyio.pytest_plugin  # noqa: F401
import pytest
import pytest_asyncio.plugin  # noqa: F401

SECONDS = 60
WORST = ["passed", "xfailed", "xpassed", "skipped", "failed"]


class Recorder:
    """A plugin that keeps what became of each test."""

    def __init__(self):
        self.outcomes = {}

    def pytest_runtest_logreport(self, report):
        outcome = report.outcome
        if hasattr(report, "wasxfail"):
            outcome = "xfailed" if report.skipped else "xpassed"
        if report.when != "call" and outcome == "passed":
            return
        known = self.outcomes.get(report.nodeid, outcome)
        self.outcomes[report.nodeid] = max(known, outcome, key=WORST.index)


def run(job):
    os.chdir(job["cwd"])
    sys.path.insert(0, job["cwd"])
    recorder = Recorder()
    output = io.StringIO()
    args = ["-p", "no:cacheprovider", "-rA", *job["args"]]
    with contextlib.redirect_stdout(output), contextlib.redirect_stderr(output):
        code = pytest.main(args, plugins=[recorder])
    outcomes = recorder.outcomes
    if code not in (0, 1):
        outcomes = {"": "error"}
    return {"outcomes": outcomes, "output": output.getvalue()}


def forked(job):
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        with os.fdopen(writing, "w") as pipe:
            json.dump(run(job), pipe)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        ready, _, _ = select.select([pipe], [], [], SECONDS)
        if not ready:
            os.kill(child, signal.SIGKILL)
        text = pipe.read()
    os.waitpid(child, 0)
    return json.loads(text or '{"outcomes": {"": "timeout"}, "output": ""}')


if __name__ == "__main__":
    sys.dont_write_bytecode = True
    json.dump([forked(job) for job in json.load(sys.stdin)], sys.stdout)
