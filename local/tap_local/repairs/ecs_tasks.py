"""ECS tasks: they start, write their log, stop with a reason and an exit code. A stand-in for containers: none runs.

What the API says of them is in ecs_task_calls.py, what a service does with them in ecs_service_tasks.py.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta, timezone
from typing import Any

from ..repair import STATE, Call
from . import ecs_task_logs as logs
from .ecs_facts import facts, fill
from .ecs_scenarios import EXITED, INITIAL

HEALTHY = {"State": "healthy"}
# https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ManagedAgent.html
AGENT = "ExecuteCommandAgent"


def tasks() -> dict[str, dict[str, Any]]:
    """DescribeTasks' documents by ARN; names that begin with _ are ours."""
    return STATE["ecs"].setdefault("tasks", {})


def now() -> datetime:
    return datetime.now(timezone.utc)


def task_id(task: dict[str, Any]) -> str:
    return task["taskArn"].rpartition("/")[2]


def start(call: Call, cluster: Any, definition_arn: str, script: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A new task in PROVISIONING."""
    found = call.ask("ecs", "DescribeTaskDefinition", {"taskDefinition": definition_arn})["taskDefinition"]
    arn = f"arn:aws:ecs:{call.region}:{call.account}:task/{cluster.name}/{secrets.token_hex(16)}"
    address = f"10.0.10.{4 + len(tasks()) % 250}"
    interface = {"attachmentId": secrets.token_hex(8), "privateIpv4Address": address}
    agents = [{"name": AGENT, "lastStatus": "PENDING"}] if more.get("enableExecuteCommand") else []
    containers = [
        {
            "containerArn": f"{arn.replace(':task/', ':container/')}/{secrets.token_hex(8)}",
            "taskArn": arn,
            "name": one["name"],
            "image": one["image"],
            "imageDigest": one["image"].partition("@")[2] or None,
            "lastStatus": "PENDING",
            "healthStatus": "UNKNOWN",
            "networkInterfaces": [interface],
            "managedAgents": [dict(agent) for agent in agents],
        }
        for one in found["containerDefinitions"]
    ]
    tasks()[arn] = {
        "taskArn": arn,
        "clusterArn": cluster.arn,
        "taskDefinitionArn": found["taskDefinitionArn"],
        "lastStatus": "PROVISIONING",
        "desiredStatus": "RUNNING",
        "cpu": found.get("cpu"),
        "memory": found.get("memory"),
        "launchType": "FARGATE",
        "platformVersion": "1.4.0",
        "platformFamily": "Linux",
        "connectivity": "CONNECTED",
        "healthStatus": "UNKNOWN",
        "enableExecuteCommand": False,
        "version": 1,
        "createdAt": now(),
        "containers": containers,
        "attachments": [
            {
                "id": interface["attachmentId"],
                "type": "ElasticNetworkInterface",
                "status": "ATTACHED",
                "details": [{"name": "privateIPv4Address", "value": address}],
            }
        ],
        "_script": script,
        "_reads": script.get("reads", 1),
        "_definition": found,
        "_address": address,
        "_target": None,
        **more,
    }
    return tasks()[arn]


def run(call: Call, task: dict[str, Any]) -> None:
    """Its containers have started, what they print is in the log, and the first health checks are under way."""
    if task["lastStatus"] == "RUNNING":
        return
    at, agent = now(), task["_script"].get("agent", "RUNNING")
    task.update(lastStatus="RUNNING", pullStartedAt=at, pullStoppedAt=at, startedAt=at, _target=INITIAL)
    for container in task["containers"]:
        container.update(lastStatus="RUNNING", runtimeId=container["containerArn"].rpartition("/")[2])
        for one in container["managedAgents"]:
            # One that is cut off still says that it runs.
            one.update(lastStatus="RUNNING" if agent == "DISCONNECTED" else agent, lastStartedAt=at)
    logs.begin(call, task)


def check(task: dict[str, Any]) -> None:
    """The first health checks are over: what the load balancer and the container's own check say of it."""
    script = task["_script"]
    good = script.get("scenario", "healthy") == "healthy"
    task["_target"] = script.get("target") or (HEALTHY if good else INITIAL)
    checked = any(one.get("healthCheck") for one in task["_definition"]["containerDefinitions"])
    task["healthStatus"] = script.get("health") or ("HEALTHY" if checked and good else "UNKNOWN")
    for container in task["containers"]:
        container["healthStatus"] = task["healthStatus"]


def known(task: dict[str, Any]) -> dict[str, str]:
    """What AWS's messages about this task may name."""
    group, port = next(iter(task.get("_targets", {}).items()), ("none", 0))
    description = (task["_script"].get("target") or {}).get("Description", "")
    return facts(task["_definition"], task=task_id(task), targetGroup=group, port=str(port), description=description)


def end(call: Call, task: dict[str, Any], script: dict[str, Any], **why: str) -> None:
    """Its containers have ended: DEPROVISIONING. `why`: stopCode and stoppedReason, if not the script's."""
    if script["reaches"] == "pending" and script.get("exitCode") is not None:
        logs.begin(call, task)
    code, at = script.get("exitCode"), now()
    if "startedAt" in task and "livedSeconds" in script:
        at = task["startedAt"] + timedelta(seconds=script["livedSeconds"])
    stopped = {"stopCode": EXITED["stopCode"], "stoppedReason": EXITED["stoppedReason"]}
    stopped |= {name: fill(script[name], known(task)) for name in stopped if name in script} | why
    task.update(lastStatus="DEPROVISIONING", desiredStatus="STOPPED", stoppingAt=at, executionStoppedAt=at, **stopped)
    task["_drains"], task["_target"] = task["_target"] is not None, None
    for container in task["containers"]:
        container["lastStatus"] = "STOPPED"
        for one in container["managedAgents"]:
            one.update(lastStatus="STOPPED", reason="Received Container Stopped event")
        if code is not None:
            container["exitCode"] = code
        reason = script.get("reason") or (
            stopped["stoppedReason"] if stopped["stopCode"] == "TaskFailedToStart" else None
        )
        if reason:
            container["reason"] = fill(reason, known(task))


def close(call: Call, task: dict[str, Any]) -> None:
    """The last step, to STOPPED."""
    task.update(lastStatus="STOPPED", stoppedAt=task["stoppingAt"])
    for one in task["attachments"]:
        one["status"] = "DELETED"
    logs.rest(call, task)


def stop(call: Call, task: dict[str, Any], script: dict[str, Any] | None = None, **why: str) -> None:
    """Both at once. Without a script its containers are told to stop, and do."""
    if task["lastStatus"] != "STOPPED":
        end(call, task, script or told(task), **why)
        close(call, task)


def told(task: dict[str, Any]) -> dict[str, Any]:
    """A script for containers that get a SIGTERM: 128 + 15; none for those that were never there."""
    ran = any(container["lastStatus"] == "RUNNING" for container in task["containers"])
    return {"reaches": "running", "exitCode": 143 if ran else None}
