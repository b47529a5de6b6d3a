"""Deployments that fail: tasks that end, the circuit breaker that counts them, and the way back.

"How the Amazon ECS deployment circuit breaker detects failures",
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html; the states are those of
"View service history using Amazon ECS service deployments",
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-deployment.html.
The texts of statusReason are not documented; where they are known, they are what AWS has been seen to say.
"""

from __future__ import annotations

from typing import Any

from ..repair import STATE, Call
from . import ecs_task_logs as logs
from . import ecs_tasks as tasks
from .ecs_facts import facts, fill
from .ecs_history import breaker, close, event, live_tasks, revisions, show
from .ecs_scenarios import chosen, script_of
from .ecs_service_tasks import begin, drop, fail, run, scale

# "service (service-name) is unable to consistently start tasks successfully", after so many failures in a row.
IMPAIRED = 3
CIRCUIT = "ECS deployment circuit breaker: "
EXCEEDED = "Service deployment {} because the circuit breaker threshold was exceeded."


def fail_once(call: Call, service: Any, one: dict[str, Any]) -> None:
    """The task of the last look gets older or fails, and the next one starts."""
    script = one["_script"]
    if script["reaches"] == "nothing":
        cannot_launch(call, service, script)
        return failed(call, service, one)
    mine = live_tasks(service, one["_id"])
    if mine and mine[0]["_reads"] > 1:
        mine[0]["_reads"] -= 1
        tasks.check(mine[0])
        logs.more(call, mine[0])
        return show(service, one, "IN_PROGRESS")
    for task in mine:
        fail(call, service, task, script)
        failed(call, service, one)
    if one["status"] == "IN_PROGRESS":
        task = attempt(call, service, one, script)
        if script.get("reads", 0) > 0:
            return show(service, one, "IN_PROGRESS")
        fail(call, service, task, script)
        failed(call, service, one)


def attempt(call: Call, service: Any, one: dict[str, Any], script: dict[str, Any]) -> dict[str, Any]:
    """A new task, as far as it gets."""
    task = begin(call, service, one, script)
    if script["reaches"] == "running":
        run(call, service, task)
    return task


def cannot_launch(call: Call, service: Any, script: dict[str, Any]) -> None:
    found = call.ask("ecs", "DescribeTaskDefinition", {"taskDefinition": service.task_definition})["taskDefinition"]
    known = {name: script[name] for name in ("refusal", "failure") if name in script} | facts(found)
    event(service, fill(script["event"], known), once=True)


def failed(call: Call, service: Any, one: dict[str, Any]) -> None:
    """One task more has failed; so has one that could not be launched (API_Deployment, failedTasks)."""
    circuit = one["deploymentCircuitBreaker"]
    one["_entry"]["failedTasks"] += 1
    counts = one["_script"].get("breakerCounts", True) and circuit["status"] == "MONITORING"
    circuit["failureCount"] += 1 if counts else 0
    if one["_entry"]["failedTasks"] == IMPAIRED:
        more = "For more information, see the Troubleshooting section of the Amazon ECS Developer Guide."
        event(service, f"is unable to consistently start tasks successfully. {more}")
    show(service, one, "IN_PROGRESS")
    if counts and circuit["failureCount"] >= circuit["threshold"]:
        circuit["status"] = "TRIGGERED"
        trip(call, service, one)


def trip(call: Call, service: Any, one: dict[str, Any]) -> None:
    event(service, f"(deployment {one['_id']}) deployment failed: tasks failed to start.")
    if breaker(service).get("rollback"):
        one["_entry"].update(rolloutState="FAILED", rolloutStateReason=f"{CIRCUIT}tasks failed to start.")
        return roll_back(call, service, one, EXCEEDED.format("rolled back"))
    drop(call, service, live_tasks(service, one["_id"]), one["_id"])
    one.update(status="STOP_REQUESTED", statusReason=EXCEEDED.format("failed"))
    show(service, one, "FAILED", f"{CIRCUIT}tasks failed to start.")


def roll_back(call: Call, service: Any, one: dict[str, Any], why: str) -> None:
    """To the deployment that was completed last: it comes first again, under its own id, the failed one behind it."""
    drop(call, service, live_tasks(service, one["_id"]), one["_id"])
    tripped = one["_entry"]["rolloutState"] == "FAILED"
    if one["_source"] is None:
        close(one, "ROLLBACK_FAILED", "No rollback candidate was found to run the rollback.")
        return show(service, one, "FAILED", f"{CIRCUIT}tasks failed to start." if tripped else None)
    source, revision = one["_source"]
    at = tasks.now()
    one.update(status="ROLLBACK_IN_PROGRESS", statusReason=why)
    one["rollback"] = {"reason": why, "startedAt": at, "serviceRevisionArn": revision}
    service.task_definition = revisions()[revision]["taskDefinition"]
    one["_behind"], one["_entry"] = [one["_entry"]], {**source, "failedTasks": 0, "createdAt": at}
    script = way_back(call, service, one)
    one["_back"] = {"reads": one["_script"].get("rollbackReads", 1), "script": script}
    event(service, f"rolling back to deployment {source['id']}.")
    if not well(script) and not script.get("endless"):
        for task in live_tasks(service, source["id"]):
            fail(call, service, task, script if script["reaches"] == "running" else script_of({"scenario": "crash"}))
    show(service, one, "IN_PROGRESS", f"{CIRCUIT}rolling back to deploymentId {source['id']}." if tripped else None)


def well(script: dict[str, Any]) -> bool:
    return script["scenario"] == "healthy"


def way_back(call: Call, service: Any, one: dict[str, Any]) -> dict[str, Any]:
    """How the tasks of the roll-back go: well, unless it is to fail, or their image has a scenario of its own."""
    if one["_script"].get("rollbackFails"):
        return script_of({"scenario": "crash"}) if well(one["_script"]) else one["_script"]
    found = call.ask("ecs", "DescribeTaskDefinition", {"taskDefinition": service.task_definition})["taskDefinition"]
    scripts = [named for named in STATE["ecs"].get("scripts", {}).get(service.name, []) if named.get("image")]
    return chosen(scripts, [container["image"] for container in found["containerDefinitions"]]) or script_of({})


def roll_on(call: Call, service: Any, one: dict[str, Any]) -> None:
    """The roll-back ends, after as many looks as it was told; one that fails loses a task with every look."""
    back, id, script = one["_back"], one["_entry"]["id"], one["_back"]["script"]
    if not script.get("endless"):
        back["reads"] -= 1
        if script["reaches"] == "nothing":
            cannot_launch(call, service, script)
        elif not well(script):
            fail(call, service, attempt(call, service, one, script), script)
    if back["reads"] > 0:
        return show(service, one, "IN_PROGRESS", one["_entry"]["rolloutStateReason"])
    if not well(script):
        event(service, f"(deployment {id}) deployment failed: tasks failed to start.")
        close(one, "ROLLBACK_FAILED", "Service deployment rollback failed.")
        return show(service, one, "FAILED", f"{CIRCUIT}tasks failed to start.")
    scale(call, service, script)
    close(one, "ROLLBACK_SUCCESSFUL", one["statusReason"])
    event(service, f"(deployment {id}) deployment completed.")
    event(service, "has reached a steady state.")
    show(service, one, "COMPLETED")
