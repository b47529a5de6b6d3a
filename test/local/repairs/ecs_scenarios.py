from datetime import timedelta

from cases import case, refused
from ecs_rollout import again, balanced, look, newest, running, service, targets
from ecs_tasks import ROLE, SECRET, ended, family, lines, run

PULL = "ResourceInitializationError: unable to pull secrets or registry auth: "
IMAGE = "123456789012.dkr.ecr.us-east-1.amazonaws.com/app@sha256:2"

# What each says in stoppedReason, beside what it begins with.
NOT_STARTED = {
    "pull-failed": ("CannotPullContainerError: ", f"failed to resolve ref {IMAGE}: not found"),
    "pull-denied": ("CannotPullContainerError: ", "failed with status code [manifests sha256:2]: 403 Forbidden"),
    "wrong-platform": ("CannotPullContainerError: ", "does not contain descriptor matching platform 'linux/arm64'"),
    "secret-missing": (PULL, f"{SECRET} from secrets manager: ResourceNotFoundException: Secrets Manager can't find"),
    "secret-key-missing": (PULL, "retrieved secret from Secrets Manager did not contain json key API_KEY"),
    "secret-denied": (PULL, "assumed-role/app-task/"),
    "parameter-missing": (PULL, "invalid ssm parameters: /app/level"),
    "no-route": (PULL, "There is a connection issue between the task and Amazon ECR."),
    "no-route-secrets": (PULL, "There is a connection issue between the task and AWS Secrets Manager."),
    "log-group-missing": (
        "ResourceInitializationError: failed to validate logger args: ",
        "ResourceNotFoundException: The specified log group does not exist.",
    ),
}


def stopped(aws):
    arns = aws.ecs.list_tasks(cluster="c", serviceName="s", desiredStatus="STOPPED")["taskArns"]
    return aws.ecs.describe_tasks(cluster="c", tasks=arns)["tasks"] if arns else []


def events(aws):
    """Oldest first, without the name of the service."""
    return [one["message"].removeprefix("(service s) ") for one in reversed(look(aws)["events"])]


def fails_with(aws, scenario, **more):
    """Rolls the scenario out over a healthy service, as far as its first failed task; that task."""
    aws.set("rollout", service="s", scenario=scenario, **more)
    again(aws, IMAGE)
    for _ in range(5):
        newest(aws)
        if stopped(aws):
            return stopped(aws)[0]
    raise AssertionError(f"{scenario}: no task has failed")


@case
def containers_that_never_were_tell_why(aws):
    service(aws)
    for scenario, (begins, says) in NOT_STARTED.items():
        aws.set("run-task", scenario=scenario)
        family(aws, IMAGE)
        task = ended(aws, run(aws)["tasks"][0]["taskArn"])
        assert task["stopCode"] == "TaskFailedToStart" and "startedAt" not in task, scenario
        assert task["stoppedReason"].startswith(begins) and says in task["stoppedReason"], task["stoppedReason"]
        container = task["containers"][0]
        assert "exitCode" not in container and container["reason"] == task["stoppedReason"], scenario
        assert "{" not in task["stoppedReason"], task["stoppedReason"]
        with refused("ResourceNotFoundException"):
            lines(aws, task["taskArn"])


@case
def a_service_says_why_its_tasks_do_not_start(aws):
    service(aws)
    task = fails_with(aws, "secret-key-missing")
    newest(aws)
    assert len(stopped(aws)) == 2
    assert task["stopCode"] == "TaskFailedToStart" and task["startedBy"] == look(aws)["deployments"][0]["id"]
    assert events(aws).count(f"was unable to place a task. Reason: {task['stoppedReason']}.") == 1


@case
def containers_that_end_have_an_exit_code_or_none(aws):
    family(aws)
    for scenario, code, reason, log in (
        ("crash", 1, None, "RuntimeError: boom"),
        ("out-of-memory", 137, "OutOfMemoryError: Container killed due to memory usage", None),
        ("exec-format", 255, None, "exec /usr/local/bin/uvicorn: exec format error"),
        ("exits-before-running", 1, None, "bad option: --prot"),
        ("no-exit-code", None, "CannotInspectContainerError: Could not transition to inspecting;", None),
    ):
        aws.set("run-task", scenario=scenario)
        task = ended(aws, run(aws)["tasks"][0]["taskArn"])
        assert task["stopCode"] == "EssentialContainerExited", scenario
        assert task["stoppedReason"] == "Essential container in task exited", scenario
        container = task["containers"][0]
        assert container.get("exitCode") == code and (reason or "") in container.get("reason", ""), scenario
        assert lines(aws, task["taskArn"])[-1:] == ([log] if log else []), scenario
        assert ("startedAt" in task) == (scenario != "exits-before-running"), scenario


@case
def a_role_that_cannot_be_assumed_is_an_event_and_no_task(aws):
    service(aws)
    aws.set("rollout", service="s", scenario="role-denied")
    again(aws)
    newest(aws)
    refusal = f"ECS was unable to assume the role '{ROLE}' that was provided for this task. "
    assert events(aws)[-1].startswith(f"failed to launch a task with (error {refusal}")
    assert stopped(aws) == [] and newest(aws)["deploymentCircuitBreaker"]["failureCount"] == 2
    aws.set("run-task", scenario="role-denied")
    with refused("ClientException"):
        run(aws)


@case
def no_capacity_is_an_event_and_no_task(aws):
    service(aws)
    aws.set("rollout", service="s", scenario="no-capacity")
    again(aws)
    newest(aws)
    said = "Capacity is unavailable at this time. Please try again later or in a different availability zone"
    assert events(aws)[-1] == f"was unable to place a task. Reason: {said}." and stopped(aws) == []
    aws.set("run-task", scenario="no-capacity")
    answer = run(aws)
    assert answer["tasks"] == [] and answer["failures"][0]["reason"] == said


@case
def the_load_balancer_finds_tasks_unhealthy_and_ends_them(aws):
    seen = {}
    for scenario in ("wrong-port", "wrong-path", "too-slow", "grace-too-short"):
        aws.post("reset")
        group = balanced(aws)
        aws.set("rollout", service="s", scenario=scenario)
        again(aws)
        first, second = [(newest(aws), targets(aws, group)[-1])[1] for _ in range(2)]
        assert first["State"] == "initial" and first["Reason"] == "Elb.InitialHealthChecking"
        assert running(aws)[-1] == look(aws)["deployments"][0]["taskDefinition"]
        seen[scenario] = (second["State"], second["Reason"], second["Description"])
        newest(aws)
        task = stopped(aws)[0]
        assert task["stopCode"] == "ServiceSchedulerInitiated" and task["containers"][0]["exitCode"] == 143
        assert task["stoppedReason"] == f"Task failed ELB health checks in (target-group {group})"
        assert task["stoppingAt"] - task["startedAt"] == timedelta(seconds=90), "as long as the grace period"
        id = task["taskArn"].split("/")[-1]
        told = f"(task {id}) (port 8000) is unhealthy in (target-group {group}) due to (reason {second['Description']})"
        assert told in events(aws)
        assert ("INFO:     Application startup complete." in lines(aws, task["taskArn"])) == (
            scenario != "grace-too-short"
        )
    assert seen == {
        "wrong-port": ("unhealthy", "Target.FailedHealthChecks", "Health checks failed"),
        "wrong-path": ("unhealthy", "Target.ResponseCodeMismatch", "Health checks failed with these codes: [404]"),
        "too-slow": ("unhealthy", "Target.Timeout", "Request timed out"),
        "grace-too-short": ("unhealthy", "Target.FailedHealthChecks", "Health checks failed"),
    }


@case
def the_containers_own_check_ends_tasks(aws):
    service(aws)
    aws.set("rollout", service="s", scenario="container-unhealthy")
    again(aws)
    newest(aws)
    newest(aws)
    arns = aws.ecs.list_tasks(cluster="c", serviceName="s")["taskArns"]
    healths = [task["healthStatus"] for task in aws.ecs.describe_tasks(cluster="c", tasks=arns)["tasks"]]
    assert sorted(healths) == ["UNHEALTHY", "UNKNOWN"]
    newest(aws)
    task = stopped(aws)[0]
    assert task["stoppedReason"] == "Task failed container health checks"
    assert f"(task {task['taskArn'].split('/')[-1]}) failed container health checks." in events(aws)


@case
def a_healthy_task_says_so_if_it_has_a_check(aws):
    aws.set("rollout", service="s", scenario="healthy", reads=1)
    family(aws)
    check = {"command": ["CMD-SHELL", "curl -f http://localhost/"]}
    service(aws, taskDefinition=family(aws, healthCheck=check))
    newest(aws)
    newest(aws)
    arns = aws.ecs.list_tasks(cluster="c", serviceName="s")["taskArns"]
    assert [task["healthStatus"] for task in aws.ecs.describe_tasks(cluster="c", tasks=arns)["tasks"]] == ["HEALTHY"]


@case
def what_a_scenario_says_can_be_said_otherwise(aws):
    group = balanced(aws)
    target = {"State": "unhealthy", "Reason": "Target.ResponseCodeMismatch", "Description": "codes: [503]"}
    aws.set(
        "rollout", service="s", scenario="wrong-path", target=target, livedSeconds=7, exitCode=0, reads=3, log=["a"]
    )
    again(aws)
    for _ in range(3):
        newest(aws)
        assert stopped(aws) == []
    assert targets(aws, group)[-1] == target
    newest(aws)
    task = stopped(aws)[0]
    assert task["containers"][0]["exitCode"] == 0 and lines(aws, task["taskArn"]) == ["a"]
    assert task["stoppingAt"] - task["startedAt"] == timedelta(seconds=7)
