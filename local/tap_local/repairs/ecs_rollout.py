"""ECS service deployments: what a service runs, how it came to that, and what happens when tasks fail.

A deployment succeeds at once unless `set/rollout` gives the service a scenario; then it goes on with every
DescribeServices or DescribeServiceDeployments, so that no test has to wait.
"""

from __future__ import annotations

import random
import secrets
from typing import Any

from ..repair import STATE, Call, setting
from . import ecs_tasks as tasks
from .ecs_history import ONGOING, breaker, close, counted, event, history, revise, revisions, running_revision, show
from .ecs_scenarios import script_of

API = "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_"
GUIDE = "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/"
# Half of the desired count, at least 3, at most 200. https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html
FEWEST_FAILURES, MOST_FAILURES = 3, 200


@setting("rollout")
def set_rollout(value: dict[str, Any]) -> None:
    """{"service": name, "scenario": see ecs_scenarios.py, "reads": n, "log", "exitCode", "target", "rollbackFails"}:
    how its next deployments go. A healthy one takes n reads (2), a failing one loses a task with every read.
    """
    STATE["ecs"].setdefault("scripts", {})[value.pop("service")] = script_of({"reads": 2, **value})


def start(call: Call, service: Any) -> None:
    """A new deployment of what the service now says."""
    before = history(service)
    for one in before:
        if one["status"] in ONGOING:
            close(one, "STOPPED", "Service deployment was replaced by a newer one.")
    source = running_revision(service)
    script = STATE["ecs"].get("scripts", {}).get(service.name)
    running, at = len(live_tasks(service)), tasks.now()
    # The script is the deployment's own: it counts down.
    one = {
        "serviceDeploymentArn": f"{service.arn.replace(':service/', ':service-deployment/')}/{secrets.token_urlsafe(15)}",
        "serviceArn": service.arn,
        "clusterArn": service.cluster_arn,
        "createdAt": at,
        "startedAt": at,
        "updatedAt": at,
        "sourceServiceRevisions": [counted(source, running, running)] if source else [],
        "targetServiceRevision": counted(revise(call, service), service.desired_count, 0),
        "status": "IN_PROGRESS",
        "deploymentConfiguration": getattr(service, "deployment_configuration", None),
        "deploymentCircuitBreaker": {
            "status": "MONITORING" if breaker(service).get("enable") else "DISABLED",
            "failureCount": 0,
        },
        "_id": f"ecs-svc/{random.randrange(10**18, 10**19)}",
        "_before": service.deployments[0] if before else None,
        "_script": dict(script or {}),
    }
    one["deploymentCircuitBreaker"]["threshold"] = max(
        FEWEST_FAILURES, min(MOST_FAILURES, -(-service.desired_count // 2))
    )
    before.append(one)
    if script is None or service.desired_count == 0:
        succeed(call, service, one)
    else:
        service.running_count = running
        show(service, one, "IN_PROGRESS", f"ECS deployment {one['_id']} in progress.")


# --- tasks of a service -------------------------------------------------------------------------------------------------


def task_of(call: Call, service: Any, one: dict[str, Any]) -> dict[str, Any]:
    cluster = call.backend().clusters[service.cluster_name]
    balancing = {
        b["targetGroupArn"]: b["containerPort"] for b in service.load_balancers or [] if b.get("targetGroupArn")
    }
    more = {"group": f"service:{service.name}", "startedBy": one["_id"], "_service": service.arn, "_targets": balancing}
    made = tasks.start(call, cluster, service.task_definition, one["_script"], **more)
    event(service, f"has started 1 tasks: (task {made['taskArn'].rpartition('/')[2]}).")
    return made


def scaling(one: dict[str, Any]) -> str:
    return f"Scaling activity initiated by (deployment {one['_id']})"


def live_tasks(service: Any) -> list[dict[str, Any]]:
    return [
        one for one in tasks.tasks().values() if one.get("_service") == service.arn and one["lastStatus"] != "STOPPED"
    ]


def scale(call: Call, service: Any, keep: list[dict[str, Any]] | None = None) -> None:
    """As many running tasks as desired: those to keep, by default of the newest deployment, and new ones."""
    one = history(service)[-1]
    live = keep if keep is not None else [task for task in live_tasks(service) if task["startedBy"] == one["_id"]]
    for task in live_tasks(service):
        if task not in live[: service.desired_count]:
            tasks.stop(task, {"exitCode": 143}, stopCode="ServiceSchedulerInitiated", stoppedReason=scaling(one))
    for _ in range(service.desired_count - len(live)) if service.task_definition else ():
        tasks.run(call, task_of(call, service, one))
    service.running_count, service.pending_count = service.desired_count, 0
    one["targetServiceRevision"].update(
        counted(one["targetServiceRevision"]["arn"], service.desired_count, service.desired_count)
    )


# --- one step -----------------------------------------------------------------------------------------------------------


def step(call: Call, service: Any) -> None:
    one = history(service)[-1] if history(service) else None
    if one is None or one["status"] not in ONGOING:
        return
    one["updatedAt"] = tasks.now()
    if one["status"] == "STOP_REQUESTED":
        close(one, "STOPPED", "Service deployment was stopped.")
        show(service, one, "FAILED", "ECS deployment was stopped.")
    elif one["status"] == "ROLLBACK_REQUESTED":
        roll_back(call, service, one, "Service deployment rolled back because of a stop request.")
    elif one["status"] == "ROLLBACK_IN_PROGRESS":
        rolled_back(call, service, one)
    elif one["_script"].get("scenario") == "healthy":
        go_on(call, service, one)
    else:
        fail_once(call, service, one)


def go_on(call: Call, service: Any, one: dict[str, Any]) -> None:
    if one["_script"]["reads"] > 0:
        one["_script"]["reads"] -= 1
        if not any(task["startedBy"] == one["_id"] for task in live_tasks(service)):
            task_of(call, service, one)
        show(service, one, "IN_PROGRESS", f"ECS deployment {one['_id']} in progress.")
        return
    succeed(call, service, one)


def succeed(call: Call, service: Any, one: dict[str, Any]) -> None:
    for task in live_tasks(service):
        if task["startedBy"] == one["_id"]:
            tasks.run(call, task)
    scale(call, service)
    close(one, "SUCCESSFUL")
    event(service, f"(deployment {one['_id']}) deployment completed.")
    show(service, one, "COMPLETED", f"ECS deployment {one['_id']} completed.")


def fail_once(call: Call, service: Any, one: dict[str, Any]) -> None:
    script, circuit = one["_script"], one["deploymentCircuitBreaker"]
    task = task_of(call, service, one)
    groups = list(task["_targets"]) or ["none"]
    if script.get("exitCode") is not None:
        tasks.run(call, task)
    tasks.stop(task, {**script, "stoppedReason": script["stoppedReason"].format(targetGroup=groups[0])})
    if "target" in script:
        # One that answers badly is left for whoever looks at the target group now.
        for old in live_tasks(service):
            if old["startedBy"] == one["_id"]:
                tasks.stop(old, {**script, "stoppedReason": script["stoppedReason"].format(targetGroup=groups[0])})
        tasks.run(call, task_of(call, service, one))
    event(service, f"(task {task['taskArn'].rpartition('/')[2]}) failed: {task['stoppedReason']}")
    circuit["failureCount"] += 1
    show(service, one, "IN_PROGRESS", f"ECS deployment {one['_id']} in progress.")
    if circuit["status"] != "MONITORING" or circuit["failureCount"] < circuit["threshold"]:
        return
    circuit["status"] = "TRIGGERED"
    event(service, f"(deployment {one['_id']}) deployment failed: tasks failed to start.")
    if breaker(service).get("rollback") and one["sourceServiceRevisions"]:
        roll_back(
            call, service, one, "Service deployment rolled back because the circuit breaker threshold was exceeded."
        )
        return
    status = "ROLLBACK_FAILED" if breaker(service).get("rollback") else "STOPPED"
    close(one, status, "Service deployment failed because the circuit breaker threshold was exceeded.")
    drop_tasks(service, one)
    show(service, one, "FAILED", "ECS deployment circuit breaker: tasks failed to start.")


def drop_tasks(service: Any, one: dict[str, Any]) -> None:
    for task in live_tasks(service):
        if task["startedBy"] == one["_id"]:
            tasks.stop(task, {"exitCode": 143}, stopCode="ServiceSchedulerInitiated", stoppedReason=scaling(one))


def roll_back(call: Call, service: Any, one: dict[str, Any], why: str) -> None:
    drop_tasks(service, one)
    if not one["sourceServiceRevisions"]:
        close(one, "ROLLBACK_FAILED", "There is no earlier service revision to roll back to.")
        return
    source = one["sourceServiceRevisions"][0]["arn"]
    one.update(status="ROLLBACK_IN_PROGRESS", statusReason=why)
    one["rollback"] = {"reason": why, "startedAt": tasks.now(), "serviceRevisionArn": source}
    service.task_definition = revisions()[source]["taskDefinition"]
    show(service, one, "IN_PROGRESS", f"ECS deployment circuit breaker: rolling back to revision {source}.")


def rolled_back(call: Call, service: Any, one: dict[str, Any]) -> None:
    if one["_script"].get("rollbackFails"):
        close(one, "ROLLBACK_FAILED", "Service deployment rollback failed.")
        show(service, one, "FAILED", "ECS deployment rollback failed.")
        return
    one["_script"] = {}
    scale(call, service, live_tasks(service))
    close(one, "ROLLBACK_SUCCESSFUL", one["statusReason"])
    event(service, "rolled back to the previous service revision.")
    show(service, one, "COMPLETED", f"ECS deployment {one['_id']} completed.")
