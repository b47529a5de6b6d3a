"""ECS's view of service deployments: list, describe, stop. What happens in them is in ecs_rollout.py."""

from __future__ import annotations

from typing import Any

from ..repair import STATE, Call, repair
from ..wire import AwsError
from . import ecs_tasks as tasks
from .ecs_history import ONGOING, counted, history, live_tasks, revisions, running
from .ecs_rollout import step

API = "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_"
GUIDE = "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/"


@repair(
    "ecs",
    "DescribeServices",
    "names the current deployment and revisions; deployments go on",
    GUIDE + "service-deployment.html",
)
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
            shown["currentServiceRevisions"] = in_use(by_arn[shown["serviceArn"]], past[-1])
    return result


def in_use(service: Any, newest: dict[str, Any]) -> list[dict[str, Any]]:
    """The revisions of the deployments that the service shows."""
    arns = {newest["_id"]: newest["targetServiceRevision"]["arn"]}
    if newest["_source"]:
        arns[newest["_source"][0]["id"]] = newest["_source"][1]
    shown = [(one["desiredCount"], one["id"]) for one in service.deployments if one["id"] in arns]
    return [counted(arns[id], wanted, running(service, id)) for wanted, id in shown]


@repair("ecs", "DeleteService", "its tasks stop and its deployments are gone", API + "DeleteService.html")
def delete_service(call: Call) -> Any:
    result = call.moto()
    for service in call.backend().services.values():
        if service.arn == result["service"]["serviceArn"]:
            for task in live_tasks(service):
                tasks.stop(
                    call,
                    task,
                    stopCode="ServiceSchedulerInitiated",
                    stoppedReason="Scaling activity initiated by deletion of the service",
                )
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
    return {
        "serviceDeployments": [
            {**one, "targetServiceRevisionArn": one["targetServiceRevision"]["arn"]} for one in shown
        ]
    }


@repair(
    "ecs",
    "DescribeServiceDeployments",
    "exists; the deployment goes on with every look",
    API + "DescribeServiceDeployments.html",
)
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


@repair(
    "ecs", "StopServiceDeployment", "exists; asks for a stop or a roll-back", GUIDE + "stop-service-deployment.html"
)
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
