"""How tasks of ECS end, in the words of AWS.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html
"""

from __future__ import annotations

from typing import Any

EXITED = {"stopCode": "EssentialContainerExited", "stoppedReason": "Essential container in task exited"}
NOT_STARTED = {"stopCode": "TaskFailedToStart"}

# How tasks end, by name. `exitCode` None: the container never ran.
SCENARIOS: dict[str, dict[str, Any]] = {
    "healthy": {"exitCode": 0},
    "crash": {**EXITED, "exitCode": 1, "log": ["Traceback (most recent call last):", "RuntimeError: boom"]},
    "out-of-memory": {**EXITED, "exitCode": 137, "reason": "OutOfMemoryError: Container killed due to memory usage"},
    "exec-format": {**EXITED, "exitCode": 255, "log": ["exec /usr/local/bin/uvicorn: exec format error"]},
    "pull-failed": {
        **NOT_STARTED,
        "stoppedReason": "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref: not found",
        "exitCode": None,
    },
    "secret-missing": {
        **NOT_STARTED,
        "stoppedReason": "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: "
        "unable to retrieve secret from asm: service call has been retried 1 time(s): failed to fetch secret from secrets manager: "
        "ResourceNotFoundException: Secrets Manager can't find the specified secret.",
        "exitCode": None,
    },
    "no-route": {
        **NOT_STARTED,
        "stoppedReason": "ResourceInitializationError: unable to pull secrets or registry auth: The task cannot pull registry auth "
        "from Amazon ECR: There is a connection issue between the task and Amazon ECR. Check your task network configuration.",
        "exitCode": None,
    },
    "unhealthy": {
        "stopCode": "ServiceSchedulerInitiated",
        "stoppedReason": "Task failed ELB health checks in (target-group {targetGroup})",
        "exitCode": 143,
        "target": {
            "State": "unhealthy",
            "Reason": "Target.ResponseCodeMismatch",
            "Description": "Health checks failed with these codes: [404]",
        },
    },
}


def script_of(value: dict[str, Any]) -> dict[str, Any]:
    """A scenario by name, with what the test says otherwise."""
    name = value.get("scenario", "healthy")
    if name not in SCENARIOS:
        raise ValueError(f"scenario must be one of {', '.join(SCENARIOS)}, not {name}")
    return {**SCENARIOS[name], "scenario": name, **value}
