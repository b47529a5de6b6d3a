"""CloudWatch Logs: what moto lacks."""

from __future__ import annotations

from typing import Any

from ..repair import Call, repair
from ..wire import AwsError

API = "https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_"


@repair("logs", "DescribeLogGroups", "filters by names and ARNs", API + "DescribeLogGroups.html")
def describe_log_groups(call: Call) -> Any:
    asked = call.params.get("logGroupIdentifiers")
    if not asked:
        return call.moto()
    names = {one.split(":log-group:")[-1] for one in asked}
    groups = call.backend("logs").groups
    return {"logGroups": [groups[name].to_describe_dict() for name in sorted(names) if name in groups]}


@repair(
    "logs",
    "FilterLogEvents",
    "a stream that does not exist is refused; events of all streams in their order",
    API + "FilterLogEvents.html",
)
def filter_log_events(call: Call) -> Any:
    asked = call.params
    name = (asked.get("logGroupName") or asked.get("logGroupIdentifier") or "").split(":log-group:")[-1]
    result = call.moto({**asked, "logGroupName": name, "interleaved": True})
    streams = call.backend().groups[name].streams
    if any(one not in streams for one in asked.get("logStreamNames") or []):
        raise AwsError("ResourceNotFoundException", "The specified log stream does not exist.")
    return result


@repair("logs", "StartLiveTail", "is refused, as to a caller who may not", API + "StartLiveTail.html")
def start_live_tail(call: Call) -> Any:
    raise AwsError(
        "AccessDeniedException",
        "User is not authorized to perform: logs:StartLiveTail, says the local AWS: it has none.",
    )
