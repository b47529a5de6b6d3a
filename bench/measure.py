"""Runs a command and prints {"wall", "cpu", "rss", "code"}: seconds, seconds of CPU of the command and all that it has
started, MB at the peak of its process tree. Linux only. What this program itself takes is in none of them."""

import ctypes
import json
import os
import resource
import subprocess
import sys
import threading
import time

PR_SET_CHILD_SUBREAPER = 36


def children() -> dict[int, list[int]]:
    tree: dict[int, list[int]] = {}
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{name}/stat") as file:
                parent = int(file.read().rsplit(")", 1)[1].split()[1])
        except OSError:
            continue
        tree.setdefault(parent, []).append(int(name))
    return tree


def tree_memory(root: int) -> float:
    """Megabytes of the process and all below it."""
    tree, todo, total = children(), [root], 0
    while todo:
        pid = todo.pop()
        todo += tree.get(pid, [])
        try:
            with open(f"/proc/{pid}/statm") as file:
                total += int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
        except OSError:
            pass
    return total / 1e6


def reap_orphans() -> None:
    """The CPU time of a process counts once it is waited for; a plugin whose parent did not is waited for here."""
    try:
        while True:
            os.waitpid(-1, 0)
    except ChildProcessError:
        pass


def main() -> None:
    peak = 0.0
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    # A wrapper that became this process may have had children.
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.monotonic()
    with open(os.environ.get("MEASURE_LOG", os.devnull), "w") as log:
        process = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        done = threading.Event()

        def watch() -> None:
            nonlocal peak
            while not done.wait(0.1 if os.environ.get("MEASURE_MEMORY") else 3600):
                peak = max(peak, tree_memory(process.pid))

        watcher = threading.Thread(target=watch)
        watcher.start()
        code = process.wait()
        wall = time.monotonic() - start
        done.set()
        watcher.join()
    reap_orphans()
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = used.ru_utime + used.ru_stime - before.ru_utime - before.ru_stime
    # The kernel knows the peak of the largest single process exactly; the tree is looked at ten times a second.
    largest = used.ru_maxrss * 1024 / 1e6 if used.ru_maxrss > before.ru_maxrss else 0
    print(json.dumps({"wall": wall, "cpu": cpu, "rss": max(peak, largest), "code": code}))


main()
