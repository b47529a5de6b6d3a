"""ECS tasks: they start, write their log, stop with a reason and an exit code. A stand-in for containers: none runs.

`set/run-task` says how those of RunTask end, `set/rollout` (ecs_rollout.py) how those of a service do.
"""

from __future__ import annotations

import secrets
import time
from datetime import datetime, timezone
from typing import Any

from ..repair import STATE, Call, repair, setting
from ..wire import AwsError
from .ecs_scenarios import EXITED, script_of

API = "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_"
STOPPED = "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html"


@setting("run-task")
def set_run_task(value: dict[str, Any]) -> None:
    """{"scenario", "exitCode", "log": [lines], "reads": n, "failure": reason}: how tasks of RunTask go from now on.
    They run for n reads (1). With failure, RunTask starts none and says so.
    """
    STATE["ecs"]["run-task"] = script_of(value)


def tasks() -> dict[str, dict[str, Any]]:
    """DescribeTasks' documents by ARN; names that begin with _ are ours."""
    return STATE["ecs"].setdefault("tasks", {})


def now() -> datetime:
    return datetime.now(timezone.utc)


def start(call: Call, cluster: Any, definition_arn: str, script: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A new task in PROVISIONING."""
    found = call.ask("ecs", "DescribeTaskDefinition", {"taskDefinition": definition_arn})["taskDefinition"]
    id = secrets.token_hex(16)
    arn = f"arn:aws:ecs:{call.region}:{call.account}:task/{cluster.name}/{id}"
    address = f"10.0.10.{4 + len(tasks()) % 250}"
    interface = {"attachmentId": secrets.token_hex(8), "privateIpv4Address": address}
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
        **more,
    }
    return tasks()[arn]


def run(call: Call, task: dict[str, Any]) -> None:
    """Its containers have started, and what they print is in the log."""
    task.update(lastStatus="RUNNING", startedAt=now(), pullStoppedAt=now())
    for container in task["containers"]:
        container.update(lastStatus="RUNNING", runtimeId=container["containerArn"].rpartition("/")[2])
    write_log(call, task, task["_script"].get("log", []))


def stop(task: dict[str, Any], script: dict[str, Any], **why: str) -> None:
    code = script.get("exitCode")
    stopped = {
        "stopCode": script.get("stopCode", EXITED["stopCode"]),
        "stoppedReason": script.get("stoppedReason", EXITED["stoppedReason"]),
    }
    task.update(lastStatus="STOPPED", desiredStatus="STOPPED", stoppingAt=now(), stoppedAt=now(), **{**stopped, **why})
    for container in task["containers"]:
        container["lastStatus"] = "STOPPED"
        if code is not None:
            container["exitCode"] = code
        reason = script.get("reason") or (stopped["stoppedReason"] if code is None else None)
        if reason:
            container["reason"] = reason


def write_log(call: Call, task: dict[str, Any], lines: list[str]) -> None:
    """To <prefix>/<container>/<task id>, as the awslogs driver does; nowhere when the group is missing."""
    for container in task["_definition"]["containerDefinitions"]:
        options = (container.get("logConfiguration") or {}).get("options") or {}
        if not lines or "awslogs-group" not in options:
            continue
        stream = (
            f"{options.get('awslogs-stream-prefix', 'ecs')}/{container['name']}/{task['taskArn'].rpartition('/')[2]}"
        )
        where = {"logGroupName": options["awslogs-group"], "logStreamName": stream}
        at = int(time.time() * 1000)
        try:
            call.ask("logs", "CreateLogStream", where)
            events = [{"timestamp": at + n, "message": line} for n, line in enumerate(lines)]
            call.ask("logs", "PutLogEvents", {**where, "logEvents": events})
        except AwsError:
            return


# --- the API ------------------------------------------------------------------------------------------------------------


def cluster_of(call: Call) -> Any:
    cluster = call.backend().clusters.get((call.params.get("cluster") or "default").split("/")[-1])
    if cluster is None or cluster.status != "ACTIVE":
        raise AwsError("ClusterNotFoundException", "Cluster not found.")
    return cluster


@repair(
    "ecs",
    "RunTask",
    "needs no cpu, memory or security groups in containers; one token starts once",
    API + "RunTask.html",
)
def run_task(call: Call) -> Any:
    asked, cluster = call.params, cluster_of(call)
    token, runs = asked.get("clientToken"), call.state.setdefault("runs", {})
    if token in runs:
        return runs[token]
    script = call.state.get("run-task") or script_of({})
    if script.get("failure"):
        return {"tasks": [], "failures": [{"arn": cluster.arn, "reason": script["failure"]}]}
    found = call.ask("ecs", "DescribeTaskDefinition", {"taskDefinition": asked["taskDefinition"]})["taskDefinition"]
    if found["status"] != "ACTIVE":
        raise AwsError("InvalidParameterException", "TaskDefinition is inactive")
    if found.get("networkMode") == "awsvpc" and not asked.get("networkConfiguration"):
        raise AwsError(
            "InvalidParameterException",
            "Network Configuration must be provided when networkMode 'awsvpc' is specified.",
        )
    more = {
        "startedBy": asked.get("startedBy"),
        "group": asked.get("group") or f"family:{found['family']}",
        "overrides": asked.get("overrides") or {},
        "tags": asked.get("tags") or [],
    }
    made = [start(call, cluster, found["taskDefinitionArn"], script, **more) for _ in range(asked.get("count") or 1)]
    result = {"tasks": made, "failures": []}
    if token:
        runs[token] = result
    return result


@repair(
    "ecs", "DescribeTasks", "a task of RunTask goes on with every look; exit codes only when it has stopped", STOPPED
)
def describe_tasks(call: Call) -> Any:
    found, failures = [], []
    for name in call.params["tasks"]:
        task = next((one for arn, one in tasks().items() if arn.rpartition("/")[2] == name.rpartition("/")[2]), None)
        if task is None:
            failures.append({"arn": name, "reason": "MISSING"})
            continue
        if "_service" not in task:
            go_on(call, task)
        found.append(task)
    return {"tasks": found, "failures": failures}


def go_on(call: Call, task: dict[str, Any]) -> None:
    script = task["_script"]
    if task["lastStatus"] == "PROVISIONING":
        task["lastStatus"] = "PENDING"
    elif task["lastStatus"] == "PENDING" and script.get("exitCode") is None:
        stop(task, script)
    elif task["lastStatus"] == "PENDING":
        run(call, task)
    elif task["lastStatus"] == "RUNNING" and task["_reads"] > 1:
        task["_reads"] -= 1
    elif task["lastStatus"] == "RUNNING":
        stop(task, script)


@repair("ecs", "ListTasks", "filters by service, family, starter and status", API + "ListTasks.html")
def list_tasks(call: Call) -> Any:
    asked, cluster = call.params, cluster_of(call)
    status = asked.get("desiredStatus") or "RUNNING"
    service = asked.get("serviceName")

    def wanted(task: dict[str, Any]) -> bool:
        family = task["taskDefinitionArn"].rpartition("/")[2].rpartition(":")[0]
        return (
            task["clusterArn"] == cluster.arn
            and task["desiredStatus"] == status
            and (not service or task.get("_service", "").rpartition("/")[2] == service.rpartition("/")[2])
            and asked.get("family") in (None, family)
            and asked.get("startedBy") in (None, task.get("startedBy"))
        )

    return {"taskArns": [arn for arn, task in tasks().items() if wanted(task)]}


@repair("ecs", "StopTask", "stops it, and keeps the reason", API + "StopTask.html")
def stop_task(call: Call) -> Any:
    name = call.params["task"].rpartition("/")[2]
    task = next((one for arn, one in tasks().items() if arn.rpartition("/")[2] == name), None)
    if task is None:
        raise AwsError("InvalidParameterException", "The referenced task was not found.")
    if task["lastStatus"] != "STOPPED":
        reason = call.params.get("reason") or "Task stopped by user"
        stop(
            task,
            {"exitCode": 143 if task["lastStatus"] == "RUNNING" else None},
            stopCode="UserInitiated",
            stoppedReason=reason,
        )
    return {"task": task}


@repair(
    "elbv2",
    "DescribeTargetHealth",
    "shows the tasks of the services that use the group",
    "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html",
)
def describe_target_health(call: Call) -> Any:
    arn, shown = call.params["TargetGroupArn"], []
    for task in STATE["ecs"].get("tasks", {}).values():
        port = task.get("_targets", {}).get(arn)
        if port and task["lastStatus"] == "RUNNING":
            health = task["_script"].get("target") or {"State": "healthy"}
            shown.append(
                {"Target": {"Id": task["_address"], "Port": port}, "HealthCheckPort": str(port), "TargetHealth": health}
            )
    return {"TargetHealthDescriptions": shown} if shown and not call.params.get("Targets") else call.moto()
