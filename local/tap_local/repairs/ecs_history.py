"""The records of ECS service deployments and revisions, in the shape of the API; names that begin with _ are ours."""

from __future__ import annotations

import random
import secrets
from typing import Any

from ..repair import STATE, Call
from . import ecs_tasks as tasks

ONGOING = ("PENDING", "IN_PROGRESS", "STOP_REQUESTED", "ROLLBACK_REQUESTED", "ROLLBACK_IN_PROGRESS")


def history(service: Any) -> list[dict[str, Any]]:
    """The service's deployments, oldest first, as DescribeServiceDeployments shows them."""
    return STATE["ecs"].setdefault("rollouts", {}).setdefault(service.arn, [])


def revisions() -> dict[str, dict[str, Any]]:
    return STATE["ecs"].setdefault("service-revisions", {})


def revise(call: Call, service: Any) -> str:
    """A new service revision, and its ARN."""
    arn = f"{service.arn.replace(':service/', ':service-revision/')}/{random.randrange(10**18, 10**19)}"
    containers = []
    if service.task_definition:
        found = call.ask("ecs", "DescribeTaskDefinition", {"taskDefinition": service.task_definition})
        containers = found["taskDefinition"]["containerDefinitions"]
    revisions()[arn] = {
        "serviceRevisionArn": arn,
        "serviceArn": service.arn,
        "clusterArn": service.cluster_arn,
        "taskDefinition": service.task_definition,
        "launchType": service.launch_type,
        "capacityProviderStrategy": getattr(service, "capacity_provider_strategy", None),
        "platformVersion": "1.4.0",
        "platformFamily": "Linux",
        "loadBalancers": service.load_balancers,
        "networkConfiguration": service.network_configuration,
        "containerImages": [
            {"containerName": one["name"], "image": one["image"], "imageDigest": one["image"].partition("@")[2] or None}
            for one in containers
        ],
        "guardDutyEnabled": False,
        "createdAt": tasks.now(),
    }
    return arn


def counted(arn: str, requested: int, running: int) -> dict[str, Any]:
    return {
        "arn": arn,
        "requestedTaskCount": requested,
        "runningTaskCount": running,
        "pendingTaskCount": requested - running,
    }


def breaker(service: Any) -> dict[str, Any]:
    return (getattr(service, "deployment_configuration", None) or {}).get("deploymentCircuitBreaker") or {}


def stable(service: Any) -> tuple[dict[str, Any], str] | None:
    """The most recent deployment that was completed, as the service's list shows it, and its revision: what a roll-back
    goes back to. https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html
    """
    for one in reversed(history(service)):
        if one["status"] == "SUCCESSFUL":
            return one["_entry"], one["targetServiceRevision"]["arn"]
        if one["status"] == "ROLLBACK_SUCCESSFUL":
            return one["_entry"], one["rollback"]["serviceRevisionArn"]
    return None


def entry(service: Any, id: str) -> dict[str, Any]:
    """A deployment in the service's own list: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Deployment.html"""
    at = tasks.now()
    return {
        "id": id,
        "status": "PRIMARY",
        "taskDefinition": service.task_definition,
        "desiredCount": service.desired_count,
        "pendingCount": 0,
        "runningCount": 0,
        "failedTasks": 0,
        "createdAt": at,
        "updatedAt": at,
        "capacityProviderStrategy": getattr(service, "capacity_provider_strategy", None),
        "launchType": service.launch_type,
        "platformVersion": "1.4.0",
        "platformFamily": "Linux",
        "networkConfiguration": service.network_configuration,
        "rolloutState": "IN_PROGRESS",
        "rolloutStateReason": f"ECS deployment {id} in progress.",
    }


def close(one: dict[str, Any], status: str, reason: str | None = None) -> None:
    at = tasks.now()
    one.update(status=status, statusReason=reason, finishedAt=at, updatedAt=at)
    if status == "STOPPED":
        one["stoppedAt"] = at
    if one["deploymentCircuitBreaker"]["status"] == "MONITORING":
        one["deploymentCircuitBreaker"]["status"] = "MONITORING_COMPLETE"


def running(service: Any, id: str | None = None) -> int:
    return sum(task["lastStatus"] == "RUNNING" for task in live_tasks(service, id))


def live_tasks(service: Any, id: str | None = None) -> list[dict[str, Any]]:
    """Those of a service that have not stopped; of one of its deployments."""
    return [
        task
        for task in tasks.tasks().values()
        if task.get("_service") == service.arn
        and task["desiredStatus"] == "RUNNING"
        and id in (None, task["startedBy"])
    ]


def show(service: Any, one: dict[str, Any], state: str, reason: str | None = None) -> None:
    """Counts and states as they are now: of the deployment, and of the service's own list, where it stands first."""
    primary, target = one["_entry"], one["targetServiceRevision"]
    primary.update(desiredCount=service.desired_count, updatedAt=tasks.now(), rolloutState=state)
    primary["rolloutStateReason"] = reason or f"ECS deployment {primary['id']} {state.lower().replace('_', ' ')}."
    for shown in (primary, *one["_behind"]):
        shown["runningCount"] = running(service, shown["id"])
        shown["pendingCount"] = len(live_tasks(service, shown["id"])) - shown["runningCount"]
    for shown in one["_behind"]:
        shown.update(status="ACTIVE", desiredCount=shown["runningCount"])
    target.update(counted(target["arn"], service.desired_count, running(service, one["_id"])))
    for source in one["sourceServiceRevisions"]:
        there = running(service, one["_source"][0]["id"])
        source.update(counted(source["arn"], there, there))
    # What is not finished yet, or still runs, stays in sight.
    over = state != "IN_PROGRESS"
    service.deployments = [primary, *(one for one in one["_behind"] if not over or one["runningCount"])]
    service.running_count = running(service)
    service.pending_count = len(live_tasks(service)) - service.running_count


def event(service: Any, message: str, once: bool = False) -> None:
    """The newest first, and a hundred of them. `once`: the same again is left out until the service is steady.
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-event-messages.html
    """
    said = f"(service {service.name}) {message}"
    for told in service.events if once else ():
        if told["message"] == said:
            return
        if told["message"].endswith("steady state."):
            break
    service.events.insert(0, {"id": secrets.token_hex(16), "createdAt": tasks.now(), "message": said})
    del service.events[100:]
