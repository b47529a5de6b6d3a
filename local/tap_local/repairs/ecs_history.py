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


def running_revision(service: Any) -> str | None:
    """The revision that the last deployment ended with."""
    for one in reversed(history(service)):
        if one["status"] == "SUCCESSFUL":
            return one["targetServiceRevision"]["arn"]
        if one["status"] == "ROLLBACK_SUCCESSFUL":
            return one["rollback"]["serviceRevisionArn"]
    return None


def close(one: dict[str, Any], status: str, reason: str | None = None) -> None:
    at = tasks.now()
    one.update(status=status, statusReason=reason, finishedAt=at, updatedAt=at)
    if status == "STOPPED":
        one["stoppedAt"] = at
    if one["deploymentCircuitBreaker"]["status"] == "MONITORING":
        one["deploymentCircuitBreaker"]["status"] = "MONITORING_COMPLETE"


def show(service: Any, one: dict[str, Any], state: str, reason: str) -> None:
    """The deployment in the service's own list, the one before it behind it while both are there."""
    target, at = one["targetServiceRevision"], tasks.now()
    primary = {
        "id": one["_id"],
        "status": "PRIMARY",
        "taskDefinition": service.task_definition,
        "desiredCount": target["requestedTaskCount"],
        "runningCount": target["runningTaskCount"],
        "pendingCount": target["pendingTaskCount"],
        "failedTasks": one["deploymentCircuitBreaker"]["failureCount"],
        "createdAt": one["createdAt"],
        "updatedAt": at,
        "capacityProviderStrategy": getattr(service, "capacity_provider_strategy", None),
        "launchType": service.launch_type,
        "platformVersion": "1.4.0",
        "platformFamily": "Linux",
        "networkConfiguration": service.network_configuration,
        "rolloutState": state,
        "rolloutStateReason": reason,
    }
    behind = [{**one["_before"], "status": "ACTIVE"}] if one["_before"] and state == "IN_PROGRESS" else []
    service.deployments = [primary, *behind]
    service.pending_count = target["pendingTaskCount"]


def event(service: Any, message: str) -> None:
    service.events.insert(
        0, {"id": secrets.token_hex(16), "createdAt": tasks.now(), "message": f"(service {service.name}) {message}"}
    )
