"""CloudWatch Logs: which log streams a call is about."""

from __future__ import annotations

from typing import Any

from ..repair import Call, repair

API = "https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_"


@repair("logs", "FilterLogEvents", "keeps to streams whose names begin as asked", API + "FilterLogEvents.html")
def filter_log_events(call: Call) -> Any:
    result = call.moto()
    prefix = call.params.get("logStreamNamePrefix") or ""
    result["events"] = [one for one in result.get("events", []) if one["logStreamName"].startswith(prefix)]
    return result
