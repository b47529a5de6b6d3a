"""What tasks print, in CloudWatch Logs: line by line while they run, or only after they have stopped."""

from __future__ import annotations

import time
from typing import Any

from ..repair import STATE, Call, repair
from ..wire import AwsError

API = "https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_"
AWSLOGS = "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_awslogs.html"


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
            found.append((options["awslogs-group"], f"{prefix}/{container['name']}/{task['taskArn'].rpartition('/')[2]}"))
    return found


def write(call: Call, task: dict[str, Any], lines: list[str]) -> None:
    """Nowhere when the group is missing."""
    at = max(int(time.time() * 1000), task.get("_printed", 0) + 1)
    task["_printed"] = at + len(lines)
    for group, stream in streams(task):
        where = {"logGroupName": group, "logStreamName": stream}
        if stream not in getattr(call.backend("logs").groups.get(group), "streams", {stream: None}):
            call.ask("logs", "CreateLogStream", where)
        events = [{"timestamp": at + n, "message": line} for n, line in enumerate(lines)]
        try:
            if events:
                call.ask("logs", "PutLogEvents", {**where, "logEvents": events})
        except AwsError:
            return


@repair(
    "logs",
    ["GetLogEvents", "FilterLogEvents", "DescribeLogStreams"],
    "a stream appears some time after the task",
    AWSLOGS,
)
def late_streams(call: Call) -> Any:
    asked = call.params
    group = asked.get("logGroupName") or asked.get("logGroupIdentifier", "").split(":log-group:")[-1]
    names = asked.get("logStreamNames") or [asked["logStreamName"]] if asked.keys() & {"logStreamName", "logStreamNames"} else None
    late = STATE["ecs"].get("late-logs", [])
    for one in list(late):
        if not any(where == group and (names is None or stream in names) for where, stream in streams(one["task"])):
            continue
        one["looks"] -= 1
        if one["looks"] < 0:
            late.remove(one)
            while one["task"]["_log"]:
                more(call, one["task"])
    return call.forward()


@repair(
    "logs",
    "FilterLogEvents",
    "streams that do not exist are refused; events of all streams in order",
    API + "FilterLogEvents.html",
)
def filter_log_events(call: Call) -> Any:
    asked = call.params
    name = asked.get("logGroupName") or asked.get("logGroupIdentifier", "").split(":log-group:")[-1]
    group = call.backend("logs").groups.get(name)
    if group is not None and any(one not in group.streams for one in asked.get("logStreamNames") or []):
        raise AwsError("ResourceNotFoundException", "The specified log stream does not exist.")
    return call.moto({**asked, "logGroupName": name, "interleaved": True})
