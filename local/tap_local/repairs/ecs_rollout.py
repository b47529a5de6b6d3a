"""ECS service deployments: what a service runs, how it came to that, and what happens when tasks fail.

A deployment succeeds at once unless `set/rollout` gives the service a scenario; then it goes on with every
DescribeServices or DescribeServiceDeployments, so that no test has to wait. With `set/pace` it also takes its time.
How it fails is in ecs_failure.py.
"""

from __future__ import annotations

import random
import secrets
from typing import Any

from .. import pace
from ..repair import STATE, Call, setting
from . import ecs_task_logs as logs
from . import ecs_tasks as tasks
from .ecs_failure import fail_once, roll_back, roll_on
from .ecs_history import (
    ONGOING,
    breaker,
    close,
    counted,
    entry,
    event,
    history,
    live_tasks,
    revise,
    running,
    show,
    stable,
)
from .ecs_scenarios import chosen, put, script_of
from .ecs_service_tasks import begin, run, scale

# Half of the desired count, at least 3, at most 200. https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html
FEWEST_FAILURES, MOST_FAILURES = 3, 200
MORE = ("service", "target", "livedSeconds", "breakerCounts", "rollbackReads", "rollbackFails", "overtake")


@setting("rollout")
def set_rollout(value: dict[str, Any]) -> None:
    """{"service": name, "scenario", "image", "reads", "exitCode", "reason", "stopCode", "stoppedReason", "log",
    "logAfter", "agent", "target", "livedSeconds", "breakerCounts", "rollbackReads", "rollbackFails", "overtake"}:
    how the next deployments of a service go; local/README.md tells what each means.
    """
    if "overtake" in value:
        overtaking(value["overtake"])
    put(STATE["ecs"].setdefault("scripts", {}).setdefault(value["service"], []), script_of(value, *MORE))


def overtaking(value: dict[str, Any]) -> dict[str, Any]:
    """How the deployment goes that overtakes: {"after": n, "image", "scenario", ...}; healthy unless told."""
    return script_of({name: one for name, one in value.items() if name != "image"}, "after", *MORE[1:-1])


def script_for(call: Call, service: Any) -> dict[str, Any] | None:
    scripts = STATE["ecs"].get("scripts", {}).get(service.name, [])
    found = call.ask("ecs", "DescribeTaskDefinition", {"taskDefinition": service.task_definition}) if scripts else {}
    images = [one["image"] for one in found.get("taskDefinition", {}).get("containerDefinitions", [])]
    return chosen(scripts, images)


def start(call: Call, service: Any, script: dict[str, Any] | None = None) -> None:
    """A new deployment of what the service now says. The script, if it is not the one that was set for the service."""
    past = history(service)
    for one in past:
        if one["status"] in ONGOING:
            # AWS gives it no reason that is documented.
            close(one, "STOPPED")
    source, script = stable(service), script or script_for(call, service)
    at, id = tasks.now(), f"ecs-svc/{random.randrange(10**18, 10**19)}"
    one = {
        "serviceDeploymentArn": f"{service.arn.replace(':service/', ':service-deployment/')}/{secrets.token_urlsafe(15)}",
        "serviceArn": service.arn,
        "clusterArn": service.cluster_arn,
        "createdAt": at,
        "startedAt": at,
        "updatedAt": at,
        "sourceServiceRevisions": [counted(source[1], running(service), running(service))] if source else [],
        "targetServiceRevision": counted(revise(call, service), service.desired_count, 0),
        "status": "IN_PROGRESS",
        "deploymentConfiguration": getattr(service, "deployment_configuration", None),
        "deploymentCircuitBreaker": {
            "status": "MONITORING" if breaker(service).get("enable") else "DISABLED",
            "failureCount": 0,
            "threshold": max(FEWEST_FAILURES, min(MOST_FAILURES, -(-service.desired_count // 2))),
        },
        "_id": id,
        "_entry": entry(service, id),
        "_behind": [dict(shown) for shown in service.deployments] if past else [],
        "_source": source,
        # The script is the deployment's own: it counts down.
        "_script": dict(script or script_of({})),
        "_steps": 0,
        "_due": pace.due("service"),
        "_seen": {},
    }
    past.append(one)
    if (script is None and one["_due"] is None) or service.desired_count == 0:
        succeed(call, service, one)
    else:
        show(service, one, "IN_PROGRESS")


def resize(call: Call, service: Any) -> None:
    """Another desired count, and no new deployment. One that has failed starts no tasks."""
    one = history(service)[-1]
    if one["status"] in ("SUCCESSFUL", "ROLLBACK_SUCCESSFUL") or service.desired_count == 0:
        scale(call, service, one["_back"]["script"] if "_back" in one else one["_script"])
    show(service, one, one["_entry"]["rolloutState"], one["_entry"]["rolloutStateReason"])


# --- one step -----------------------------------------------------------------------------------------------------------


def step(call: Call, service: Any) -> None:
    """One step further, unless this kind of call has not shown the last one yet: no state is skipped by asking both."""
    one = history(service)[-1] if history(service) else None
    if one is None or one["status"] not in ONGOING:
        return
    fresh = one["_seen"].get(call.action, 0) < one["_steps"]
    one["_seen"][call.action] = one["_steps"] + (0 if fresh else 1)
    if fresh:
        return
    one["_steps"] += 1
    one["updatedAt"] = tasks.now()
    overtake = one["_script"].get("overtake")
    if overtake and one["_steps"] > overtake.get("after", 0):
        register_and_update(call, service, overtake)
    elif one["status"] == "STOP_REQUESTED":
        close(one, "STOPPED", one.get("statusReason"))
        tripped = one["_entry"]["rolloutState"] == "FAILED"
        show(service, one, "FAILED", one["_entry"]["rolloutStateReason"] if tripped else None)
    elif one["status"] == "ROLLBACK_REQUESTED":
        roll_back(call, service, one, "Service deployment rolled back by user.")
    elif one["status"] == "ROLLBACK_IN_PROGRESS":
        roll_on(call, service, one)
    elif service.desired_count == 0:
        succeed(call, service, one)
    elif one["_script"]["scenario"] in ("healthy", "never-starts", "never-ends"):
        go_on(call, service, one)
    else:
        fail_once(call, service, one)


def go_on(call: Call, service: Any, one: dict[str, Any]) -> None:
    """First its tasks are pending, then they run, then they are found healthy."""
    script, mine = one["_script"], live_tasks(service, one["_id"])
    if one["_steps"] > script.get("reads", 2) and not script.get("endless") and pace.is_over(one["_due"]):
        return succeed(call, service, one)
    for task in mine if script["reaches"] == "running" else ():
        if task["lastStatus"] == "RUNNING":
            logs.more(call, task)
        run(call, service, task)
    for _ in range(service.desired_count - len(mine)):
        begin(call, service, one, script)
    show(service, one, "IN_PROGRESS")


def succeed(call: Call, service: Any, one: dict[str, Any]) -> None:
    scale(call, service, one["_script"])
    close(one, "SUCCESSFUL")
    event(service, f"(deployment {one['_id']}) deployment completed.")
    event(service, "has reached a steady state.")
    show(service, one, "COMPLETED")


def register_and_update(call: Call, service: Any, overtake: dict[str, Any]) -> None:
    """What another run does: a revision of its own, and UpdateService."""
    found = call.ask("ecs", "DescribeTaskDefinition", {"taskDefinition": service.task_definition})["taskDefinition"]
    kept = call.backend().describe_task_definition(service.task_definition)
    containers = [{**one, "image": overtake.get("image", one["image"])} for one in found["containerDefinitions"]]
    names = ("family", "taskRoleArn", "executionRoleArn", "networkMode", "requiresCompatibilities", "cpu", "memory")
    names += ("volumes", "runtimePlatform", "placementConstraints")
    asked = {name: found[name] for name in names if name in found}
    made = call.ask(
        "ecs", "RegisterTaskDefinition", {**asked, "containerDefinitions": containers, "tags": kept.tags or []}
    )
    service.task_definition = made["taskDefinition"]["taskDefinitionArn"]
    start(call, service, overtaking(overtake))
