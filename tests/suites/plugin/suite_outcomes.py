"""A pytest plugin: what became of each test, and which of the wanted lines ran.

Writes one JSON object a line, as it happens, so that a run that is killed leaves what it knows.
(pytest's own JUnit file is written at the end alone, and gives two parametrised tests one name.)

- `SUITE_OUTCOMES`: the file to write: `{"test": node id, "outcome": ...}` for each test, with
  passed, failed, skipped, xfailed or xpassed; `{"collection": node id}` for what could not be
  collected; `{"ran": [path, line]}` for each wanted line; and at the end `{"module": the file of
  SUITE_MODULE}`.
- `SUITE_LINES`: a file with the lines to look for: `{absolute path: [1-based line, ...]}`.
"""

import gc
import json
import os
import sys
import threading

import pytest

outcomes = open(os.environ["SUITE_OUTCOMES"], "a", encoding="utf-8", buffering=1)
parts = {}


def write(**fact) -> None:
    if not outcomes.closed:
        outcomes.write(json.dumps(fact) + "\n")


def watch_lines(wanted: dict) -> None:
    lines = {path: set(numbers) for path, numbers in wanted.items()}

    def on_line(code, line):
        of_file = lines.get(code.co_filename)
        if of_file and line in of_file:
            of_file.discard(line)
            write(ran=[code.co_filename, line])

    if hasattr(sys, "monitoring"):
        monitor(on_line)
    else:
        trace(on_line, lines)


def monitor(on_line) -> None:
    monitoring = sys.monitoring
    tool = 4

    def on_first(code, line):
        on_line(code, line)
        return monitoring.DISABLE

    monitoring.use_tool_id(tool, "suite_outcomes")
    monitoring.register_callback(tool, monitoring.events.LINE, on_first)
    monitoring.set_events(tool, monitoring.events.LINE)


def trace(on_line, files) -> None:
    """For Python 3.11 and older: costs a call for each function that is entered, in any file."""

    def in_file(frame, event, _):
        if event == "line":
            on_line(frame.f_code, frame.f_lineno)
        return in_file

    def on_call(frame, event, _):
        return in_file if files.get(frame.f_code.co_filename) else None

    threading.settrace(on_call)
    sys.settrace(on_call)


if os.environ.get("SUITE_LINES"):
    with open(os.environ["SUITE_LINES"], encoding="utf-8") as file:
        watch_lines(json.load(file))


def outcome_of(reports) -> str:
    if any(report.failed for report in reports):
        return "failed"
    for report in reports:
        if hasattr(report, "wasxfail"):
            return "xpassed" if report.passed else "xfailed"
    return "skipped" if any(report.skipped for report in reports) else "passed"


def pytest_collection_finish() -> None:
    # Left alone, the collector runs whenever enough was allocated, which any rewrite shifts; what
    # it finds (an unclosed transport, a coroutine that nobody awaited) then fails another test.
    gc.disable()
    gc.collect()
    gc.freeze()


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown() -> None:
    gc.collect()


def pytest_runtest_logreport(report) -> None:
    parts.setdefault(report.nodeid, []).append(report)
    if report.when == "teardown":
        write(test=report.nodeid, outcome=outcome_of(parts.pop(report.nodeid)))


def pytest_collectreport(report) -> None:
    if report.failed:
        write(collection=report.nodeid)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish() -> None:
    module = sys.modules.get(os.environ["SUITE_MODULE"])
    write(module=getattr(module, "__file__", None))


@pytest.hookimpl(trylast=True)
def pytest_unconfigure() -> None:
    # A suite may leave threads and processes behind, for which Python would wait.
    outcomes.close()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)
