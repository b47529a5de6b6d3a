"""The tasks of a service: how its scheduler starts, counts and stops them."""

from __future__ import annotations

from typing import Any

from ..repair import Call
from . import ecs_tasks as tasks
from .ecs_facts import fill
from .ecs_history import event, history, live_tasks


def groups(service: Any) -> dict[str, int]:
    """The target groups, and the port in each."""
    bound = service.load_balancers or []
    return {one["targetGroupArn"]: one["containerPort"] for one in bound if one.get("targetGroupArn")}


def begin(call: Call, service: Any, one: dict[str, Any], script: dict[str, Any]) -> dict[str, Any]:
    """A new task of the deployment that comes first in the service's list."""
    cluster = call.backend().clusters[service.cluster_name]
    more = {
        "group": f"service:{service.name}",
        "startedBy": one["_entry"]["id"],
        "enableExecuteCommand": bool(getattr(service, "enable_execute_command", False)),
        "_service": service.arn,
        "_targets": groups(service),
    }
    made = tasks.start(call, cluster, service.task_definition, script, **more)
    made["lastStatus"] = "PENDING"
    event(service, f"has started 1 tasks: (task {tasks.task_id(made)}).")
    return made


def run(call: Call, service: Any, task: dict[str, Any]) -> None:
    if task["lastStatus"] != "RUNNING":
        tasks.run(call, task)
        for group in task["_targets"]:
            event(service, f"registered 1 targets in (target-group {group})")


def serve(call: Call, service: Any, task: dict[str, Any]) -> None:
    """It runs, and its health checks are over."""
    run(call, service, task)
    tasks.check(task)


def drop(call: Call, service: Any, gone: list[dict[str, Any]], id: str) -> None:
    """The scheduler stops these, for the sake of the deployment `id`."""
    for task in gone:
        for group in task["_targets"] if task["_target"] else ():
            event(service, f"deregistered 1 targets in (target-group {group})")
        stopping = f"Scaling activity initiated by (deployment {id})"
        tasks.stop(call, task, stopCode="ServiceSchedulerInitiated", stoppedReason=stopping)
        event(service, f"has stopped 1 running tasks: (task {tasks.task_id(task)}).")


def fail(call: Call, service: Any, task: dict[str, Any], script: dict[str, Any]) -> None:
    """It ends as the script says, and the events tell what AWS tells: of a container that exits, nothing."""
    task["_script"] = script
    if "startedAt" in task and "target" in script:
        script = {"livedSeconds": patience(call, service), **script}
    if "event" in script:
        event(service, fill(script["event"], tasks.known(task)))
        event(service, f"has stopped 1 running tasks: (task {tasks.task_id(task)}).")
    tasks.stop(call, task, script)
    if script["stopCode"] == "TaskFailedToStart":
        event(service, f"was unable to place a task. Reason: {task['stoppedReason']}.", once=True)


def patience(call: Call, service: Any) -> int:
    """Seconds after which ECS stops a task that the load balancer finds unhealthy: when the checks have failed often
    enough, and not within the grace period.
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/load-balancer-healthcheck.html
    """
    failed = 0
    for arn in groups(service):
        found = call.ask("elbv2", "DescribeTargetGroups", {"TargetGroupArns": [arn]})["TargetGroups"][0]
        failed = max(failed, found["HealthCheckIntervalSeconds"] * found["UnhealthyThresholdCount"])
    return max(failed, getattr(service, "health_check_grace_period_seconds", None) or 0)


def scale(call: Call, service: Any, script: dict[str, Any]) -> None:
    """As many healthy tasks as desired, all of the deployment that comes first in the service's list."""
    one = history(service)[-1]
    id = one["_entry"]["id"]
    keep = live_tasks(service, id)[: service.desired_count]
    for _ in range(service.desired_count - len(keep)) if service.task_definition else ():
        keep.append(begin(call, service, one, script))
    for task in keep:
        serve(call, service, task)
    kept = {task["taskArn"] for task in keep}
    drop(call, service, [task for task in live_tasks(service) if task["taskArn"] not in kept], id)
