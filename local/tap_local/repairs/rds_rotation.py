"""RDS: a new master password on demand."""

from __future__ import annotations

from typing import Any

from ..repair import STATE, Call, repair, setting
from ..wire import AwsError

API = "https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_"


@setting("dbSecret")
def set_secret(value: dict[str, Any]) -> None:
    """{"identifier": i, "status": s}: from now on the secret of the instance's master user is in this state; null: the true one."""
    STATE["rds"].setdefault("secret-status", {})[value["identifier"]] = value["status"]


@repair(
    "rds",
    "ModifyDBInstance",
    "RotateMasterUserPassword begins a rotation",
    API + "ModifyDBInstance.html",
)
def rotate(call: Call) -> Any:
    params = dict(call.params)
    name = params["DBInstanceIdentifier"].lower()
    if not params.get("RotateMasterUserPassword") or not params.get("ApplyImmediately"):
        return call.moto()
    # moto changes the secret at once, and loses its value.
    params.pop("RotateMasterUserPassword")
    result = call.moto(params)
    if shown(call, name) == "impaired":
        raise AwsError("InvalidParameterCombination", "The secret is impaired and cannot be rotated.")
    call.state.setdefault("rotating", {})[name] = 1
    return result


def shown(call: Call, name: str) -> str | None:
    return call.state.get("secret-status", {}).get(name.lower())


@repair(
    "rds",
    "DescribeDBInstances",
    "a rotation takes its time; then the new password is in force",
    API + "MasterUserSecret.html",
)
def describe(call: Call) -> Any:
    result = call.moto()
    rotating = call.state.get("rotating", {})
    for instance in result.get("DBInstances", []):
        name, secret = instance["DBInstanceIdentifier"], instance.get("MasterUserSecret")
        if secret is None:
            continue
        if name in rotating and rotating[name] == 0:
            rotating.pop(name)
            call.ask("secretsmanager", "RotateSecret", {"SecretId": secret["SecretArn"], "RotateImmediately": True})
        if name in rotating:
            rotating[name] -= 0 if call.inside else 1
            secret["SecretStatus"] = "rotating"
        secret["SecretStatus"] = shown(call, name) or secret["SecretStatus"]
    return result
