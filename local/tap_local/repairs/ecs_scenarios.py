"""How tasks of ECS go, by name, in the words of AWS.

A scenario says how far a task gets (`reaches`: "nothing", "pending" or "running") and how it ends. `exitCode` None: the
container has none. What stands in braces is filled in from the task definition (ecs_facts.py).

The words: stopCode, stoppedReason and containers[].reason are those of "Amazon ECS stopped tasks error messages",
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html, and of the pages it lists;
events are those of "Amazon ECS service event messages",
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-event-messages-list.html.
"""

from __future__ import annotations

from typing import Any

EXITED = {"stopCode": "EssentialContainerExited", "stoppedReason": "Essential container in task exited"}
INITIAL = {
    "State": "initial",
    "Reason": "Elb.InitialHealthChecking",
    "Description": "Initial health checks in progress",
}
UVICORN = ["INFO:     Started server process [1]", "INFO:     Waiting for application startup."]
SERVING = [*UVICORN, "INFO:     Application startup complete."]


def not_started(reason: str) -> dict[str, Any]:
    """The container never was: "Troubleshooting Amazon ECS TaskFailedToStart errors"."""
    return {"reaches": "pending", "stopCode": "TaskFailedToStart", "stoppedReason": reason, "exitCode": None}


def secrets(reason: str) -> dict[str, Any]:
    """As in "Troubleshooting Amazon ECS ResourceInitializationError errors"."""
    return not_started(f"ResourceInitializationError: unable to pull secrets or registry auth: {reason}")


def from_manager(reason: str) -> dict[str, Any]:
    said = "execution resource retrieval failed: unable to retrieve secret from asm: service call has been retried 1 time(s)"
    return secrets(f"{said}: {reason}")


def unhealthy(reason: str, description: str, log: list[str]) -> dict[str, Any]:
    """The load balancer's checks end it. Reasons: "Health checks for Application Load Balancer target groups",
    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html
    """
    return {
        "stopCode": "ServiceSchedulerInitiated",
        "stoppedReason": "Task failed ELB health checks in (target-group {targetGroup})",
        "event": "(task {task}) (port {port}) is unhealthy in (target-group {targetGroup}) due to (reason {description})",
        "exitCode": 143,
        "reads": 2,
        "log": log,
        "target": {"State": "unhealthy", "Reason": reason, "Description": description},
    }


SCENARIOS: dict[str, dict[str, Any]] = {
    "healthy": {**EXITED, "exitCode": 0},
    "crash": {**EXITED, "exitCode": 1, "log": ["Traceback (most recent call last):", "RuntimeError: boom"]},
    # "Troubleshooting Amazon ECS OutOfMemoryError errors"
    "out-of-memory": {**EXITED, "exitCode": 137, "reason": "OutOfMemoryError: Container killed due to memory usage"},
    # What the kernel says of a binary for another processor, https://man7.org/linux/man-pages/man2/execve.2.html
    "exec-format": {**EXITED, "exitCode": 255, "log": ["exec /usr/local/bin/uvicorn: exec format error"]},
    # "Amazon ECS task lifecycle": a container may exit while the task is still being activated.
    "exits-before-running": {**EXITED, "reaches": "pending", "exitCode": 1, "log": ["bad option: --prot"]},
    # "Troubleshooting Amazon ECS CannotInspectContainerError errors"
    "no-exit-code": {
        **EXITED,
        "exitCode": None,
        "reason": "CannotInspectContainerError: Could not transition to inspecting; timed out after waiting 30s",
    },
    # "CannotPullContainer task errors in Amazon ECS"
    "pull-failed": not_started(
        "CannotPullContainerError: pull image manifest has been retried 7 time(s): failed to resolve ref {image}: not found"
    ),
    "pull-denied": not_started(
        "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref {image}: "
        "pulling from host {registry} failed with status code [manifests {tag}]: 403 Forbidden"
    ),
    "wrong-platform": not_started(
        "CannotPullContainerError: pull image manifest has been retried 7 time(s): "
        "image Manifest does not contain descriptor matching platform '{platform}'"
    ),
    # "Troubleshooting Amazon ECS ResourceInitializationError errors", and so are the next six.
    "secret-missing": from_manager(
        "failed to fetch secret {secret} from secrets manager: "
        "ResourceNotFoundException: Secrets Manager can't find the specified secret."
    ),
    "secret-key-missing": from_manager("retrieved secret from Secrets Manager did not contain json key {key}"),
    "secret-denied": from_manager(
        "failed to fetch secret {secret} from secrets manager: AccessDeniedException: User: {session} is not authorized to "
        "perform: secretsmanager:GetSecretValue on resource: {secret} because no identity-based policy allows the "
        "secretsmanager:GetSecretValue action"
    ),
    "parameter-missing": secrets(
        "execution resource retrieval failed: unable to retrieve secrets from ssm: service call has been retried 1 time(s): "
        "invalid ssm parameters: {parameter}"
    ),
    "no-route": secrets(
        "The task cannot pull registry auth from Amazon ECR: There is a connection issue between the task and Amazon ECR. "
        "Check your task network configuration. operation error ECR: GetAuthorizationToken, exceeded maximum number of "
        'attempts, 3, https response error StatusCode: 0, RequestID: , request send failed, Post "https://api.ecr.{region}.'
        'amazonaws.com/": dial tcp 10.0.10.9:443: i/o timeout'
    ),
    "no-route-secrets": secrets(
        "unable to retrieve secret from asm: There is a connection issue between the task and AWS Secrets Manager. Check your "
        "task network configuration. failed to fetch secret {secret} from secrets manager: operation error Secrets Manager: "
        "GetSecretValue, https response error StatusCode: 0, RequestID: , canceled, context deadline exceeded"
    ),
    "log-group-missing": not_started(
        "ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times: failed to create "
        "Cloudwatch log stream: operation error CloudWatch Logs: CreateLogStream, https response error StatusCode: 400, "
        "ResourceNotFoundException: The specified log group does not exist. : exit status 1"
    ),
    # "Amazon ECS service event messages"; RunTask refuses in the same words.
    "role-denied": {
        "reaches": "nothing",
        "event": "failed to launch a task with (error {refusal}).",
        "refusal": "ECS was unable to assume the role '{role}' that was provided for this task. Please verify that the role "
        "being passed has the proper trust relationship and permissions and that your IAM user has permissions to pass this role.",
    },
    # "Amazon ECS service event messages"; in RunTask "Amazon ECS API failure reasons",
    # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/api_failures_messages.html
    "no-capacity": {
        "reaches": "nothing",
        "event": "was unable to place a task. Reason: {failure}.",
        "failure": "Capacity is unavailable at this time. Please try again later or in a different availability zone",
    },
    # "Amazon ECS service unhealthy event messages", and the reason codes of the page named in unhealthy().
    "wrong-port": unhealthy("Target.FailedHealthChecks", "Health checks failed", SERVING),
    "wrong-path": unhealthy("Target.ResponseCodeMismatch", "Health checks failed with these codes: [404]", SERVING),
    "too-slow": unhealthy("Target.Timeout", "Request timed out", SERVING),
    "grace-too-short": unhealthy("Target.FailedHealthChecks", "Health checks failed", UVICORN),
    # "Determine Amazon ECS task health using container health checks",
    # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/healthcheck.html
    "container-unhealthy": {
        "stopCode": "ServiceSchedulerInitiated",
        "stoppedReason": "Task failed container health checks",
        "event": "(task {task}) failed container health checks.",
        "exitCode": 137,
        "reads": 2,
        "health": "UNHEALTHY",
    },
    # "If the service fails to reach a steady state": with the breaker off, or uncounted, nothing ends (API_Deployment).
    "never-starts": {"reaches": "pending", "endless": True},
    "never-ends": {**EXITED, "endless": True, "target": INITIAL},
}

OPTIONS = {"scenario", "image", "reads", "exitCode", "reason", "stopCode", "stoppedReason", "log", "logAfter", "agent"}


def script_of(value: dict[str, Any], *options: str) -> dict[str, Any]:
    """A scenario by name, with what the test says otherwise: OPTIONS and `options`."""
    name = value.get("scenario", "healthy")
    if name not in SCENARIOS:
        raise ValueError(f"scenario must be one of {', '.join(SCENARIOS)}, not {name}")
    unknown = value.keys() - OPTIONS - set(options)
    if unknown:
        raise ValueError(
            f"there is no {', '.join(sorted(unknown))} here; known: {', '.join(sorted(OPTIONS | set(options)))}"
        )
    return {"reaches": "running", **SCENARIOS[name], "scenario": name, **value}


def chosen(scripts: list[dict[str, Any]], images: list[str]) -> dict[str, Any] | None:
    """The script for these images: one that names one of them before one that names none."""
    named = (one for one in scripts if one.get("image") and any(one["image"] in image for image in images))
    return next(named, None) or next((one for one in scripts if not one.get("image")), None)


def put(scripts: list[dict[str, Any]], script: dict[str, Any]) -> None:
    """Adds it, in the place of what was said for the same image."""
    scripts[:] = [one for one in scripts if one.get("image") != script.get("image")] + [script]
