"""IAM: what a principal may do, as told. The local AWS checks no permissions, so by default that is everything."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Any

from ..repair import STATE, Call, repair, setting
from ..wire import AwsError

API = "https://docs.aws.amazon.com/IAM/latest/APIReference/API_"


@setting("simulation")
def set_simulation(value: dict[str, Any]) -> None:
    """{"denied": ["ec2:CreateVpc", "iam:*"]}: simulations answer implicitDeny for these; nothing else refuses them."""
    STATE["iam"]["simulation"] = value


@repair("iam", "SimulatePrincipalPolicy", "exists", API + "SimulatePrincipalPolicy.html")
def simulate(call: Call) -> Any:
    given = call.params
    source = given["PolicySourceArn"]
    if ":iam::" not in source or source.partition(":iam::")[2].partition(":")[2].split("/")[0] not in ("role", "user", "group"):
        raise AwsError("InvalidInput", f"Invalid Entity Arn: {source} does not clearly define entity type and name.", 400)
    denied = call.state.get("simulation", {}).get("denied", [])
    return {
        "IsTruncated": False,
        "EvaluationResults": [
            {
                "EvalActionName": action,
                "EvalResourceName": resource,
                "EvalDecision": "implicitDeny" if any(fnmatchcase(action, one) for one in denied) else "allowed",
                "MatchedStatements": [],
                "MissingContextValues": [],
            }
            for action in given["ActionNames"]
            for resource in given.get("ResourceArns") or ["*"]
        ],
    }
