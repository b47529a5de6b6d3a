"""ECS: clusters keep what they have, services keep what they were given, revisions have a state.

Deployments are in ecs_rollout.py, tasks in ecs_tasks.py; `set/ecsService` overrides what they show.
"""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from moto.core.utils import camelcase_to_underscores

from ..repair import STATE, Call, repair, setting
from ..wire import AwsError
from . import ecs_rollout

API = "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_"

# What CreateService takes and moto drops.
KEPT = (
    "availabilityZoneRebalancing",
    "capacityProviderStrategy",
    "deploymentConfiguration",
    "enableECSManagedTags",
    "enableExecuteCommand",
    "healthCheckGracePeriodSeconds",
)
# What starts a new deployment, says UpdateService.
DEPLOYS = ("taskDefinition", "networkConfiguration", "platformVersion", "loadBalancers", "serviceRegistries")


def invalid(message: str) -> AwsError:
    return AwsError("InvalidParameterException", message)


# --- clusters -----------------------------------------------------------------------------------------------------------


def cluster_of(call: Call) -> Any:
    return call.backend().clusters.get(call.params.get("cluster", "default").split("/")[-1])


@repair("ecs", "CreateCluster", "a cluster that exists is answered as it is", API + "CreateCluster.html")
def create_cluster(call: Call) -> Any:
    name = call.params.get("clusterName", "default")
    live = call.backend().clusters.get(name)
    if live is not None and live.status == "ACTIVE":
        include = ["SETTINGS", "TAGS"]
        return {"cluster": call.ask("ecs", "DescribeClusters", {"clusters": [name], "include": include})["clusters"][0]}
    return call.moto()


@repair("ecs", "DeleteCluster", "a cluster with services stays", API + "DeleteCluster.html")
def delete_cluster(call: Call) -> Any:
    cluster = cluster_of(call)
    services = call.backend().services.values()
    if cluster is not None and any(one.cluster_arn == cluster.arn and one.status != "INACTIVE" for one in services):
        raise AwsError(
            "ClusterContainsServicesException",
            "The Cluster cannot be deleted while Services are active.",
        )
    return call.moto()


# --- task definitions ---------------------------------------------------------------------------------------------------


@repair(
    "ecs",
    "DescribeTaskDefinition",
    "a family stands for its latest active revision",
    API + "DescribeTaskDefinition.html",
)
def describe_task_definition(call: Call) -> Any:
    name = call.params["taskDefinition"].split("/")[-1]
    if ":" in name:
        return call.moto()
    return call.moto({**call.params, "taskDefinition": latest_active(call, name)})


def latest_active(call: Call, family: str) -> str:
    revisions = call.backend().task_definitions.get(family, {})
    active = [revision for revision, one in revisions.items() if one.status == "ACTIVE"]
    if not active:
        raise AwsError("ClientException", "Unable to describe task definition.")
    return f"{family}:{max(active)}"


@repair(
    "ecs", "RegisterTaskDefinition", "revisions of a family are never used twice", API + "DeleteTaskDefinitions.html"
)
def register_task_definition(call: Call) -> Any:
    family = call.params["family"]
    revisions = call.backend().task_definitions.setdefault(family, {})
    last = max([*revisions, call.state.setdefault("revisions", {}).get(family, 0)])
    result = call.moto()
    made = revisions.pop(result["taskDefinition"]["revision"])
    made.revision = last + 1
    made.arn = f"{made.arn.rsplit(':', 1)[0]}:{last + 1}"
    revisions[last + 1] = made
    call.state["revisions"][family] = last + 1
    asked = {"taskDefinition": made.arn, "include": ["TAGS"]}
    return call.ask("ecs", "DescribeTaskDefinition", asked)


# --- services -----------------------------------------------------------------------------------------------------------


@setting("ecsService")
def set_service(value: dict[str, Any]) -> None:
    """{"service": name, "rolloutState": s, "rolloutStateReason": r, "runningCount": n, "failedTasks": n}: shown in its deployment from now on."""
    STATE["ecs"].setdefault("shown", {})[value.pop("service")] = value


def service_of(call: Call, name: str) -> Any:
    cluster = cluster_of(call)
    return cluster and call.backend().services.get(f"{cluster.name}:{name.split('/')[-1]}")


def described(call: Call, service: Any) -> Any:
    asked = {"cluster": service.cluster_arn, "services": [service.name], "include": ["TAGS"]}
    return {"service": call.ask("ecs", "DescribeServices", asked)["services"][0]}


@repair(
    "ecs",
    "CreateService",
    "a service keeps what it was given; its name and token are unique",
    API + "CreateService.html",
)
def create_service(call: Call) -> Any:
    asked = call.params
    cluster = cluster_of(call)
    if cluster is not None and cluster.status != "ACTIVE":
        raise AwsError("ClusterNotFoundException", "The referenced cluster was inactive.")
    live = service_of(call, asked["serviceName"])
    if live is not None and live.status == "DRAINING":
        raise invalid("Unable to Start a service that is still Draining.")
    if live is not None and live.status == "ACTIVE":
        token = asked.get("clientToken")
        if token is None or getattr(live, "client_token", None) != token:
            raise invalid("Creation of service was not idempotent.")
        return described(call, live)
    check_load_balancers(call)
    call.moto()
    service = service_of(call, asked["serviceName"])
    service.client_token = asked.get("clientToken")
    for name in KEPT:
        setattr(service, camelcase_to_underscores(name), asked.get(name))
    service.enable_execute_command = asked.get("enableExecuteCommand", False)
    service.enable_ecs_managed_tags = asked.get("enableECSManagedTags", False)
    service.created_at = datetime.now(timezone.utc)
    if asked.get("capacityProviderStrategy"):
        service.launch_type = None
    service.platform_version = asked.get("platformVersion") or "LATEST"
    ecs_rollout.start(call, service)
    return described(call, service)


def check_load_balancers(call: Call) -> None:
    groups = call.backend("elbv2").target_groups
    for binding in call.params.get("loadBalancers", []):
        arn = binding.get("targetGroupArn")
        if arn in groups and not groups[arn].load_balancer_arns:
            raise invalid(f"The target group with targetGroupArn {arn} does not have an associated load balancer.")


@repair("ecs", "UpdateService", "a new task definition is a new deployment", API + "UpdateService.html")
def update_service(call: Call) -> Any:
    asked = call.params
    service = service_of(call, asked["service"])
    if service is None:
        return call.moto()
    if service.status != "ACTIVE":
        raise AwsError("ServiceNotActiveException", "Service was not ACTIVE.")
    before = service.desired_count
    call.moto()
    if "taskDefinition" in asked:
        name = asked["taskDefinition"].split("/")[-1]
        revision = call.backend().describe_task_definition(name if ":" in name else latest_active(call, name))
        service.task_definition = revision.arn
    if asked.get("capacityProviderStrategy"):
        service.launch_type = None
    if asked.get("forceNewDeployment") or any(name in asked for name in DEPLOYS):
        ecs_rollout.start(call, service)
    elif service.desired_count != before:
        ecs_rollout.resize(call, service)
    return described(call, service)


@repair("ecs", "DescribeServices", "a deployment shows what the test has set", API + "Deployment.html")
def describe_services(call: Call) -> Any:
    result = call.moto()
    for service in result.get("services", []):
        shown = call.state.get("shown", {}).get(service["serviceName"])
        if shown and service.get("deployments"):
            service["deployments"][0] |= shown
            service["runningCount"] = shown.get("runningCount", service["runningCount"])
    return result
