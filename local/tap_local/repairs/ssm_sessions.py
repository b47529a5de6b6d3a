"""Session Manager: sessions to the containers of ECS, or why there is none."""

from __future__ import annotations

import secrets
from typing import Any

from ..repair import Call, repair
from ..wire import AwsError
from . import ecs_tasks as tasks

API = "https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_"


@repair("ssm", "StartSession", "exists; takes containers that run and whose agent is connected", API + "StartSession.html")
def start_session(call: Call) -> Any:
    target = call.params["Target"]
    if not any(connected(task, target) for task in tasks.tasks().values()):
        raise AwsError("TargetNotConnected", f"{target} is not connected.")
    id = f"local-{secrets.token_hex(9)[:17]}"
    return {
        "SessionId": id,
        "StreamUrl": f"wss://ssmmessages.{call.region}.amazonaws.com/v1/data-channel/{id}?role=publish_subscribe",
        "TokenValue": secrets.token_urlsafe(48),
    }


def connected(task: dict[str, Any], target: str) -> bool:
    cluster = task["clusterArn"].rpartition("/")[2]
    return (
        task["lastStatus"] == "RUNNING"
        and task["_script"].get("agent") != "DISCONNECTED"
        and any(
            f"ecs:{cluster}_{tasks.task_id(task)}_{one.get('runtimeId')}" == target
            and any(agent["lastStatus"] == "RUNNING" for agent in one["managedAgents"])
            for one in task["containers"]
        )
    )
