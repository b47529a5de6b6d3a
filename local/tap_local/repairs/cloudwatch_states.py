"""CloudWatch: the states of alarms."""

from __future__ import annotations

from typing import Any

from ..repair import Call, repair

API = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_"


@repair("cloudwatch", "DescribeAlarms", "keeps to alarms in the state that is asked for", API + "DescribeAlarms.html")
def describe_alarms(call: Call) -> Any:
    result, state = call.moto(), call.params.get("StateValue")
    for kind in ("MetricAlarms", "CompositeAlarms") if state else ():
        result[kind] = [one for one in result.get(kind, []) if one["StateValue"] == state]
    return result
