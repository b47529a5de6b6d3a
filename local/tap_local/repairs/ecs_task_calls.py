"""The calls for tasks: RunTask, DescribeTasks, ListTasks, StopTask."""

from __future__ import annotations

from typing import Any

from ..repair import STATE, Call, repair, setting
from ..wire import AwsError
from . import ecs_task_logs as logs
from . import ecs_tasks as tasks
from .ecs_facts import facts, fill
from .ecs_scenarios import chosen, put, script_of

API = "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_"
STOPPED = "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html"
LIFE = "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-lifecycle-explanation.html"


@setting("run-task")
def set_run_task(value: dict[str, Any]) -> None:
    """{"scenario", "image", "reads", "exitCode", "reason", "stopCode", "stoppedReason", "log", "logAfter", "agent",
    "failure"}: how tasks of RunTask go from now on; local/README.md tells what each means.
    """
    put(STATE["ecs"].setdefault("run-task", []), script_of(value, "failure"))


def cluster_of(call: Call) -> Any:
    cluster = call.backend().clusters.get((call.params.get("cluster") or "default").split("/")[-1])
    if cluster is None or cluster.status != "ACTIVE":
        raise AwsError("ClusterNotFoundException", "Cluster not found.")
    return cluster


def task_named(name: str) -> dict[str, Any] | None:
    id = name.rpartition("/")[2]
    return next((one for one in tasks.tasks().values() if tasks.task_id(one) == id), None)


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
    found = call.ask("ecs", "DescribeTaskDefinition", {"taskDefinition": asked["taskDefinition"]})["taskDefinition"]
    images = [one["image"] for one in found["containerDefinitions"]]
    script = chosen(call.state.get("run-task", []), images) or script_of({})
    if found["status"] != "ACTIVE":
        raise AwsError("InvalidParameterException", "TaskDefinition is inactive")
    if found.get("networkMode") == "awsvpc" and not asked.get("networkConfiguration"):
        raise AwsError(
            "InvalidParameterException",
            "Network Configuration must be provided when networkMode 'awsvpc' is specified.",
        )
    if "refusal" in script:
        raise AwsError("ClientException", fill(script["refusal"], facts(found)))
    if "failure" in script:
        return {"tasks": [], "failures": [{"reason": script["failure"]}]}
    more = {
        "startedBy": asked.get("startedBy"),
        "group": asked.get("group") or f"family:{found['family']}",
        "overrides": asked.get("overrides") or {},
        "tags": asked.get("tags") or [],
        "enableExecuteCommand": asked.get("enableExecuteCommand") or False,
    }
    count = asked.get("count") or 1
    made = [tasks.start(call, cluster, found["taskDefinitionArn"], script, **more) for _ in range(count)]
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
        task = task_named(name)
        if task is None:
            failures.append({"arn": name, "reason": "MISSING"})
            continue
        if "_service" not in task:
            go_on(call, task)
        found.append(task)
    return {"tasks": found, "failures": failures}


def go_on(call: Call, task: dict[str, Any]) -> None:
    """One state further. https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-lifecycle-explanation.html"""
    script, status = task["_script"], task["lastStatus"]
    if status == "PROVISIONING":
        task["lastStatus"] = "PENDING"
    elif status == "PENDING" and script["reaches"] == "running":
        tasks.run(call, task)
    elif status == "RUNNING" and (task["_reads"] > 1 or script.get("endless")):
        task["_reads"] -= 1
        logs.more(call, task)
    elif status == "DEACTIVATING":
        tasks.end(call, task, tasks.told(task), stopCode=task["stopCode"], stoppedReason=task["stoppedReason"])
    elif status == "DEPROVISIONING":
        tasks.close(call, task)
    elif status != "STOPPED" and not script.get("endless"):
        tasks.end(call, task, script)


@repair("ecs", "ListTasks", "filters by service, family, starter and status", API + "ListTasks.html")
def list_tasks(call: Call) -> Any:
    asked, cluster = call.params, cluster_of(call)
    status = asked.get("desiredStatus") or "RUNNING"
    service = asked.get("serviceName")
    if asked.get("startedBy") and (service or asked.get("family")):
        raise AwsError("InvalidParameterException", "startedBy must be the only filter.")

    def wanted(task: dict[str, Any]) -> bool:
        family = task["taskDefinitionArn"].rpartition("/")[2].rpartition(":")[0]
        return (
            task["clusterArn"] == cluster.arn
            and task["desiredStatus"] == status
            and (not service or task.get("_service", "").rpartition("/")[2] == service.rpartition("/")[2])
            and asked.get("family") in (None, family)
            and asked.get("startedBy") in (None, task.get("startedBy"))
        )

    return {"taskArns": [arn for arn, task in tasks.tasks().items() if wanted(task)]}


@repair("ecs", "StopTask", "stops it in steps, and keeps the reason", LIFE)
def stop_task(call: Call) -> Any:
    task = task_named(call.params["task"])
    if task is None:
        raise AwsError("InvalidParameterException", "The referenced task was not found.")
    why = {"stopCode": "UserInitiated", "stoppedReason": call.params.get("reason") or "Task stopped by user"}
    if task["desiredStatus"] == "STOPPED":
        return {"task": task}
    if "_service" in task:
        tasks.stop(call, task, **why)
    else:
        task.update(lastStatus="DEACTIVATING", desiredStatus="STOPPED", stoppingAt=tasks.now(), **why)
    return {"task": task}
