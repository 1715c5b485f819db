"""Run a program for as long as standard input stays open: `python guard.py UID PROGRAM ARGS…`.

The tests hold the other end of the pipe. It closes however they end, `kill -9` included, so no
server outlives them.
"""

import os
import signal
import subprocess
import sys
import threading


def main(uid: str, *command: str) -> None:
    user = int(uid)
    other = user != os.geteuid()
    child = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        user=user if other else None,
        group=user if other else None,
        extra_groups=[] if other else None,
    )
    threading.Thread(target=lambda: os._exit(child.wait()), daemon=True).start()
    sys.stdin.buffer.read()
    child.send_signal(signal.SIGINT)  # PostgreSQL would wait for its clients at a SIGTERM
    try:
        child.wait(10)
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()


main(*sys.argv[1:])
