"""Runs a program in a terminal of its own, types into it, and tells what was on the screen.

Reads one JSON object from stdin: `argv`, `cwd`, `env`, `columns`, `rows`, and `keys`, a list of
`[text, keys]`: when the text has come up, behind the one before, the keys are typed. Writes one:
`code` (the exit code), `output`, all that the program wrote, with its control sequences, and
`left`, the keys that were not typed.
"""

import fcntl
import json
import os
import pty
import re
import select
import struct
import sys
import termios
import time

PATIENCE = 60.0
CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def main() -> None:
    ask = json.load(sys.stdin)
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(ask["cwd"])
        # The program must find its terminal as wide as it will be.
        size = struct.pack("HHHH", ask["rows"], ask["columns"], 0, 0)
        fcntl.ioctl(0, termios.TIOCSWINSZ, size)
        os.execve(ask["argv"][0], ask["argv"], ask["env"])
    output, at = b"", 0
    keys = list(ask["keys"])
    deadline = time.monotonic() + PATIENCE
    while True:
        ready, _, _ = select.select([terminal], [], [], max(0.0, deadline - time.monotonic()))
        if not ready:
            os.kill(child, 9)
            break
        try:
            chunk = os.read(terminal, 65536)
        except OSError:  # what Linux says when the other end is closed
            break
        if not chunk:
            break
        output += chunk
        shown = CONTROL.sub("", output.decode("utf-8", "replace"))
        while keys and (found := shown.find(keys[0][0], at)) >= 0:
            text, typed = keys.pop(0)
            os.write(terminal, typed.encode())
            at = found + len(text)
            deadline = time.monotonic() + PATIENCE
    _, status = os.waitpid(child, 0)
    result = {
        "code": os.waitstatus_to_exitcode(status),
        "output": output.decode("utf-8", "replace"),
        "left": keys,
    }
    print(json.dumps(result))


main()
