"""ECS Exec: a session for session-manager-plugin, or why there is none."""

from __future__ import annotations

import secrets
from typing import Any

from ..repair import Call, repair
from ..wire import AwsError
from . import ecs_tasks as tasks
from .ecs_task_calls import cluster_of, task_named

EXEC = "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec-troubleshooting.html"


def invalid(message: str) -> AwsError:
    return AwsError("InvalidParameterException", message)


@repair("ecs", "ExecuteCommand", "exists; refuses tasks and agents that do not run", EXEC)
def execute_command(call: Call) -> Any:
    asked = call.params
    cluster_of(call)
    task = task_named(asked["task"])
    if task is None or task["desiredStatus"] == "STOPPED":
        raise invalid("The specified task was not found or is stopped.")
    if not asked.get("interactive"):
        raise invalid("Interactive is the only mode supported currently.")
    containers = [one for one in task["containers"] if asked.get("container") in (None, one["name"])]
    if len(containers) != 1:
        raise invalid("The container name must be that of one container of the task.")
    container = containers[0]
    agents = [one for one in container["managedAgents"] if one["name"] == tasks.AGENT]
    if not any(one["lastStatus"] == "RUNNING" for one in agents):
        raise invalid(
            "The execute command failed because execute command was not enabled when the task was run or the execute command "
            "agent isn’t running. Wait and try again or run a new task with execute command enabled and try again."
        )
    if task["_script"].get("agent") == "DISCONNECTED":
        raise AwsError(
            "TargetNotConnectedException", "The execute command failed due to an internal error. Try again later."
        )
    id = f"ecs-execute-command-{secrets.token_hex(9)[:17]}"
    return {
        "clusterArn": task["clusterArn"],
        "taskArn": task["taskArn"],
        "containerArn": container["containerArn"],
        "containerName": container["name"],
        "interactive": True,
        "session": {
            "sessionId": id,
            "streamUrl": f"wss://ssmmessages.{call.region}.amazonaws.com/v1/data-channel/{id}?role=publish_subscribe",
            "tokenValue": secrets.token_urlsafe(48),
        },
    }
