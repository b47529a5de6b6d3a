"""Parameter Store."""

from __future__ import annotations

from typing import Any

from ..repair import Call, repair
from ..wire import AwsError

API = "https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_"


@repair("ssm", "PutParameter", "never changes the type of a parameter", API + "PutParameter.html")
def put_parameter(call: Call) -> Any:
    versions = call.backend()._parameters.get(call.params["Name"])
    given = call.params.get("Type")
    if versions and call.params.get("Overwrite") and given and given != versions[-1].parameter_type:
        raise AwsError(
            "HierarchyTypeMismatch",
            "Parameter Store doesn't support changing a parameter type in a hierarchy. You must create a new, unique parameter.",
        )
    return call.moto()
