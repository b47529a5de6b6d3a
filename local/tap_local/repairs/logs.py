"""CloudWatch Logs: what moto lacks."""

from __future__ import annotations

from typing import Any

from ..repair import Call, repair

API = "https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_"


@repair("logs", "DescribeLogGroups", "filters by names and ARNs", API + "DescribeLogGroups.html")
def describe_log_groups(call: Call) -> Any:
    asked = call.params.get("logGroupIdentifiers")
    if not asked:
        return call.moto()
    names = {one.split(":log-group:")[-1] for one in asked}
    groups = call.backend("logs").groups
    return {"logGroups": [groups[name].to_describe_dict() for name in sorted(names) if name in groups]}
