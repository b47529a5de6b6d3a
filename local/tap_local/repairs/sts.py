"""STS: who calls."""

from __future__ import annotations

from typing import Any

from ..repair import STATE, Call, repair, setting

API = "https://docs.aws.amazon.com/STS/latest/APIReference/API_"


@setting("caller")
def set_caller(value: dict[str, Any]) -> None:
    """{"arn": a}: as whom callers with made-up keys are known."""
    STATE["sts"]["caller"] = value["arn"]


@repair("sts", "GetCallerIdentity", "users have ARNs of IAM", API + "GetCallerIdentity.html")
def get_caller_identity(call: Call) -> Any:
    result = call.moto()
    if result["Arn"].endswith(":user/moto"):
        result["Arn"] = call.state.get("caller", f"arn:aws:iam::{call.account}:user/local")
    return result
