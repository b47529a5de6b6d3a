"""What AWS names in its messages: the image, the secret, the role of a task."""

from __future__ import annotations

from typing import Any

PLATFORMS = {"X86_64": "linux/amd64", "ARM64": "linux/arm64"}


def facts(definition: dict[str, Any], **more: str) -> dict[str, str]:
    """By the names that stand in braces in ecs_scenarios.py."""
    containers = definition["containerDefinitions"]
    image = containers[0]["image"]
    refs = [one["valueFrom"] for container in containers for one in container.get("secrets") or []]
    secret = next(
        (one for one in refs if ":secretsmanager:" in one), "arn:aws:secretsmanager:us-east-1:123456789012:secret:none"
    )
    parameter = next((one for one in refs if ":secretsmanager:" not in one), "none")
    role = definition.get("taskRoleArn") or definition.get("executionRoleArn") or "none"
    execution = (definition.get("executionRoleArn") or role).rpartition("/")[2]
    region, account = definition["taskDefinitionArn"].split(":")[3:5]
    architecture = (definition.get("runtimePlatform") or {}).get("cpuArchitecture") or "X86_64"
    return {
        "image": image,
        "registry": image.partition("/")[0],
        "tag": image.partition("@")[2] or image.rpartition(":")[2],
        "platform": PLATFORMS.get(architecture, architecture),
        # An ARN ends after seven parts; the rest is key, stage and version.
        "secret": ":".join(secret.split(":")[:7]),
        "key": (*secret.split(":")[7:8], "")[0] or "none",
        "parameter": parameter.rpartition(":parameter")[2] or parameter,
        "role": role,
        "session": f"arn:aws:sts::{account}:assumed-role/{execution}/{'0' * 32}",
        "region": region,
        **more,
    }


def fill(text: str, known: dict[str, str]) -> str:
    for name, value in known.items():
        text = text.replace(f"{{{name}}}", value)
    return text
