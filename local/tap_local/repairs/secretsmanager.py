"""Secrets Manager: managed rotation, the recovery window, versions without a label."""

from __future__ import annotations

import json
import secrets
from typing import Any

from ..repair import Call, repair
from ..wire import AwsError

API = "https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_"
DELETED = "You can't perform this operation on the secret because it was marked for deletion."


def find(call: Call) -> Any:
    return call.backend().secrets.get(call.params.get("SecretId") or call.params.get("Name") or "")


@repair(
    "secretsmanager",
    "CreateSecret",
    "the name of a deleted secret is free only after its recovery window",
    API + "DeleteSecret.html",
)
def create_secret(call: Call) -> Any:
    secret = find(call)
    if secret is not None and secret.is_deleted():
        raise AwsError(
            "InvalidRequestException",
            "You can't create this secret because a secret with this name is already scheduled for deletion.",
        )
    return call.moto()


@repair(
    "secretsmanager",
    ["PutSecretValue", "UpdateSecret", "UpdateSecretVersionStage", "TagResource", "UntagResource", "RotateSecret"],
    "a deleted secret cannot be changed",
    API + "DeleteSecret.html",
)
def refuse_deleted(call: Call) -> Any:
    secret = find(call)
    if secret is not None and secret.is_deleted():
        raise AwsError("InvalidRequestException", DELETED)
    return call.forward()


@repair("secretsmanager", "DescribeSecret", "shows only versions that have a label", API + "DescribeSecret.html")
def describe_secret(call: Call) -> Any:
    result = call.moto()
    if "VersionIdsToStages" in result:
        result["VersionIdsToStages"] = {k: v for k, v in result["VersionIdsToStages"].items() if v}
    return result


@repair(
    "secretsmanager",
    "ListSecretVersionIds",
    "versions without a label only when asked for",
    API + "ListSecretVersionIds.html",
)
def list_secret_version_ids(call: Call) -> Any:
    result = call.moto()
    result["NextToken"] = result.get("NextToken") or None
    if not call.params.get("IncludeDeprecated"):
        result["Versions"] = [one for one in result["Versions"] if one.get("VersionStages")]
    return result


@repair(
    "secretsmanager",
    "UpdateSecretVersionStage",
    "the current value is the version that has the label",
    API + "UpdateSecretVersionStage.html",
)
def update_secret_version_stage(call: Call) -> Any:
    result = call.moto()
    secret = find(call)
    for version, facts in secret.versions.items():
        if "AWSCURRENT" in facts["version_stages"]:
            secret.set_default_version_id(version)
    return result


@repair(
    "secretsmanager",
    "RotateSecret",
    "RotateImmediately=false only sets the schedule; the owning service makes the new password",
    API + "RotateSecret.html",
)
def rotate_secret(call: Call) -> Any:
    secret = find(call)
    if secret is None or secret.owning_service is None:
        return call.moto()
    rules = call.params.get("RotationRules")
    if rules and ("AutomaticallyAfterDays" in rules) == ("ScheduleExpression" in rules):
        raise AwsError(
            "InvalidParameterException",
            "Specify either AutomaticallyAfterDays or ScheduleExpression in RotationRules, but not both.",
        )
    if rules:
        call.state.setdefault("rules", {})[secret.arn] = rules
    secret.rotation_requested = secret.rotation_enabled = True
    if call.params.get("RotateImmediately", True):
        value = json.loads(secret.versions[secret.default_version_id]["secret_string"])
        value["password"] = f"{secrets.token_urlsafe(12)}#?%&:+[]"
        version = call.params.get("ClientRequestToken") or secrets.token_hex(16)
        secret.reset_default_version(
            {
                "createdate": 0,
                "version_id": version,
                "version_stages": ["AWSCURRENT"],
                "secret_string": json.dumps(value),
            },
            version,
        )
    return {"ARN": secret.arn, "Name": secret.name, "VersionId": secret.default_version_id}


@repair("secretsmanager", "DescribeSecret", "shows the schedule as it was given", API + "RotationRulesType.html")
def describe_schedule(call: Call) -> Any:
    result = call.moto()
    rules = call.state.get("rules", {}).get(result["ARN"])
    if rules:
        result["RotationRules"] = rules
    return result
