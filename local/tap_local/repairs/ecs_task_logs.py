"""What tasks print, in CloudWatch Logs: line by line while they run, or only after they have stopped."""

from __future__ import annotations

import time
from typing import Any

from ..repair import STATE, Call, repair


def plain(log: list[Any]) -> bool:
    return all(isinstance(line, str) for line in log)


def begin(call: Call, task: dict[str, Any]) -> None:
    """Its container has started: the driver opens the stream, and the first lines come."""
    log = task["_script"].get("log") or []
    task["_log"] = [log] if plain(log) else list(log)
    if not (plain(log) and task["_script"].get("logAfter")):
        more(call, task)


def more(call: Call, task: dict[str, Any]) -> None:
    """The next lines, if there are any that belong to a running task."""
    write(call, task, task["_log"].pop(0) if task.get("_log") else [])


def rest(call: Call, task: dict[str, Any]) -> None:
    """It has stopped: what is left comes now, or later."""
    if "_log" not in task:
        return
    looks = task["_script"].get("logAfter")
    if looks:
        STATE["ecs"].setdefault("late-logs", []).append({"task": task, "looks": looks})
        return
    while task["_log"]:
        more(call, task)


def streams(task: dict[str, Any]) -> list[tuple[str, str]]:
    """Group and stream of each container, named as the awslogs driver does: <prefix>/<container>/<task id>."""
    found = []
    for container in task["_definition"]["containerDefinitions"]:
        options = (container.get("logConfiguration") or {}).get("options") or {}
        if "awslogs-group" in options:
            prefix = options.get("awslogs-stream-prefix", "ecs")
            found.append(
                (options["awslogs-group"], f"{prefix}/{container['name']}/{task['taskArn'].rpartition('/')[2]}")
            )
    return found


def write(call: Call, task: dict[str, Any], lines: list[str]) -> None:
    """Nowhere when the group is missing."""
    at = max(int(time.time() * 1000), task.get("_printed", 0) + 1)
    task["_printed"] = at + len(lines)
    for group, stream in streams(task):
        there = call.backend("logs").groups.get(group)
        if there is None:
            continue
        where = {"logGroupName": group, "logStreamName": stream}
        if stream not in there.streams:
            call.ask("logs", "CreateLogStream", where)
        if lines:
            events = [{"timestamp": at + n, "message": line} for n, line in enumerate(lines)]
            call.ask("logs", "PutLogEvents", {**where, "logEvents": events})


@repair(
    "logs",
    ["GetLogEvents", "FilterLogEvents", "DescribeLogStreams"],
    "the stream of a task may appear some time after it has stopped",
    "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_awslogs.html",
)
def late_streams(call: Call) -> Any:
    asked = call.params
    group = (asked.get("logGroupName") or asked.get("logGroupIdentifier") or "").split(":log-group:")[-1]
    names = asked.get("logStreamNames") or [asked[name] for name in ("logStreamName",) if name in asked]
    late = STATE["ecs"].get("late-logs", [])
    for one in list(late):
        if any(where == group and (not names or stream in names) for where, stream in streams(one["task"])):
            one["looks"] -= 1
            if one["looks"] < 0:
                late.remove(one)
                while one["task"]["_log"]:
                    more(call, one["task"])
    return call.forward()
