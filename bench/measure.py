"""Runs a command and prints {"wall", "cpu", "rss", "code"}: seconds, seconds of CPU, MB at the peak of its process tree."""

import json
import os
import resource
import subprocess
import sys
import threading
import time


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


def main() -> None:
    peak = 0.0
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
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = used.ru_utime + used.ru_stime - before.ru_utime - before.ru_stime
    print(json.dumps({"wall": wall, "cpu": cpu, "rss": peak, "code": code}))


main()
