"""ECS service deployments: what a service runs, how it came to that, and what happens when tasks fail.

A deployment succeeds at once unless `set/rollout` gives the service a scenario; then it goes on with every
DescribeServices or DescribeServiceDeployments, so that no test has to wait.
"""

from __future__ import annotations

import random
import secrets
from typing import Any

from ..repair import STATE, Call, repair, setting
from ..wire import AwsError
from . import ecs_tasks as tasks

API = "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_"
GUIDE = "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/"
ONGOING = ("PENDING", "IN_PROGRESS", "STOP_REQUESTED", "ROLLBACK_REQUESTED", "ROLLBACK_IN_PROGRESS")
# Half of the desired count, at least 3, at most 200. https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html
FEWEST_FAILURES, MOST_FAILURES = 3, 200


@setting("rollout")
def set_rollout(value: dict[str, Any]) -> None:
    """{"service": name, "scenario": see ecs_tasks.py, "reads": n, "log", "exitCode", "target", "rollbackFails"}:
    how its next deployments go. A healthy one takes n reads (2), a failing one loses a task with every read.
    """
    STATE["ecs"].setdefault("scripts", {})[value.pop("service")] = tasks.script_of({"reads": 2, **value})


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
        "deploymentCircuitBreaker": {"status": "MONITORING" if breaker(service).get("enable") else "DISABLED", "failureCount": 0},
        "_id": f"ecs-svc/{random.randrange(10**18, 10**19)}",
        "_before": service.deployments[0] if before else None,
        "_script": dict(script or {}),
    }
    one["deploymentCircuitBreaker"]["threshold"] = max(FEWEST_FAILURES, min(MOST_FAILURES, -(-service.desired_count // 2)))
    before.append(one)
    if script is None or service.desired_count == 0:
        succeed(call, service, one)
    else:
        service.running_count = running
        show(service, one, "IN_PROGRESS", f"ECS deployment {one['_id']} in progress.")


def counted(arn: str, requested: int, running: int) -> dict[str, Any]:
    return {"arn": arn, "requestedTaskCount": requested, "runningTaskCount": running, "pendingTaskCount": requested - running}


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
    service.events.insert(0, {"id": secrets.token_hex(16), "createdAt": tasks.now(), "message": f"(service {service.name}) {message}"})


# --- tasks of a service -------------------------------------------------------------------------------------------------


def task_of(call: Call, service: Any, one: dict[str, Any]) -> dict[str, Any]:
    cluster = call.backend().clusters[service.cluster_name]
    balancing = {b["targetGroupArn"]: b["containerPort"] for b in service.load_balancers or [] if b.get("targetGroupArn")}
    more = {"group": f"service:{service.name}", "startedBy": one["_id"], "_service": service.arn, "_targets": balancing}
    made = tasks.start(call, cluster, service.task_definition, one["_script"], **more)
    event(service, f"has started 1 tasks: (task {made['taskArn'].rpartition('/')[2]}).")
    return made


def scaling(one: dict[str, Any]) -> str:
    return f"Scaling activity initiated by (deployment {one['_id']})"


def live_tasks(service: Any) -> list[dict[str, Any]]:
    return [one for one in tasks.tasks().values() if one.get("_service") == service.arn and one["lastStatus"] != "STOPPED"]


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
    one["targetServiceRevision"].update(counted(one["targetServiceRevision"]["arn"], service.desired_count, service.desired_count))


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
        roll_back(call, service, one, "Service deployment rolled back because the circuit breaker threshold was exceeded.")
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


# --- the API ------------------------------------------------------------------------------------------------------------


@repair("ecs", "DescribeServices", "names the current deployment and revisions; deployments go on", GUIDE + "service-deployment.html")
def describe_services(call: Call) -> Any:
    by_arn = {service.arn: service for service in call.backend().services.values()}
    for name in [] if call.inside else call.params["services"]:
        for service in by_arn.values():
            if name in (service.name, service.arn) and service.status == "ACTIVE":
                step(call, service)
    result = call.moto()
    for shown in result.get("services", []):
        past = history(by_arn[shown["serviceArn"]])
        if past:
            shown["currentServiceDeployment"] = past[-1]["serviceDeploymentArn"]
            running = running_revision(by_arn[shown["serviceArn"]])
            shown["currentServiceRevisions"] = [counted(running, shown["desiredCount"], shown["runningCount"])] if running else []
    return result


@repair("ecs", "DeleteService", "its tasks stop and its deployments are gone", API + "DeleteService.html")
def delete_service(call: Call) -> Any:
    result = call.moto()
    for service in call.backend().services.values():
        if service.arn == result["service"]["serviceArn"]:
            for task in live_tasks(service):
                tasks.stop(task, {"exitCode": 143}, stopCode="ServiceSchedulerInitiated", stoppedReason="Scaling activity initiated by deletion of the service")
            STATE["ecs"].get("rollouts", {}).pop(service.arn, None)
    return result


def found(call: Call, arn: str) -> tuple[Any, dict[str, Any]] | None:
    for service in call.backend().services.values():
        for one in history(service):
            if one["serviceDeploymentArn"] == arn:
                return service, one
    return None


@repair("ecs", "ListServiceDeployments", "exists; newest first", API + "ListServiceDeployments.html")
def list_service_deployments(call: Call) -> Any:
    name, wanted = call.params["service"].rpartition("/")[2], call.params.get("status") or []
    cluster = (call.params.get("cluster") or "default").rpartition("/")[2]
    service = call.backend().services.get(f"{cluster}:{name}")
    if service is None:
        raise AwsError("ServiceNotFoundException", "Service not found.")
    shown = [one for one in reversed(history(service)) if not wanted or one["status"] in wanted]
    return {"serviceDeployments": [{**one, "targetServiceRevisionArn": one["targetServiceRevision"]["arn"]} for one in shown]}


@repair("ecs", "DescribeServiceDeployments", "exists; the deployment goes on with every look", API + "DescribeServiceDeployments.html")
def describe_service_deployments(call: Call) -> Any:
    shown, failures = [], []
    for arn in call.params["serviceDeploymentArns"]:
        pair = found(call, arn)
        if pair is None:
            failures.append({"arn": arn, "reason": "MISSING"})
            continue
        step(call, pair[0])
        shown.append(pair[1])
    return {"serviceDeployments": shown, "failures": failures}


@repair("ecs", "DescribeServiceRevisions", "exists", API + "DescribeServiceRevisions.html")
def describe_service_revisions(call: Call) -> Any:
    arns = call.params["serviceRevisionArns"]
    return {
        "serviceRevisions": [revisions()[arn] for arn in arns if arn in revisions()],
        "failures": [{"arn": arn, "reason": "MISSING"} for arn in arns if arn not in revisions()],
    }


@repair("ecs", "StopServiceDeployment", "exists; asks for a stop or a roll-back", GUIDE + "stop-service-deployment.html")
def stop_service_deployment(call: Call) -> Any:
    arn = call.params["serviceDeploymentArn"]
    pair = found(call, arn)
    if pair is None:
        raise AwsError("ServiceDeploymentNotFoundException", "Service deployment not found.")
    one = pair[1]
    if one["status"] not in ONGOING:
        raise AwsError("ConflictException", f"Service deployment is already in {one['status']}.")
    if one["status"] in ("PENDING", "IN_PROGRESS"):
        one["status"] = "STOP_REQUESTED" if call.params.get("stopType") == "ABORT" else "ROLLBACK_REQUESTED"
    return {"serviceDeploymentArn": arn}
