"""CloudWatch: composite alarms."""

from __future__ import annotations

from typing import Any

from ..repair import Call, repair
from ..wire import AwsError

API = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_"
SUPPRESSOR = ("ActionsSuppressor", "ActionsSuppressorWaitPeriod", "ActionsSuppressorExtensionPeriod")


@repair("cloudwatch", "PutCompositeAlarm", "exists", API + "PutCompositeAlarm.html")
def put_composite_alarm(call: Call) -> Any:
    given, backend = call.params, call.backend()
    name = given["AlarmName"]
    existing = backend.alarms.get(name)
    if existing is not None and existing.rule is None:
        raise AwsError("ValidationError", f"{name} is a metric alarm")
    backend.put_metric_alarm(
        name=name,
        namespace=None,
        metric_name=None,
        comparison_operator=None,
        evaluation_periods=None,
        period=None,
        threshold=None,
        statistic=None,
        description=given.get("AlarmDescription"),
        dimensions=[],
        alarm_actions=given.get("AlarmActions", []),
        ok_actions=given.get("OKActions", []),
        insufficient_data_actions=given.get("InsufficientDataActions", []),
        actions_enabled=given.get("ActionsEnabled", True),
        rule=given["AlarmRule"],
        # Tags of an existing alarm stay as they are.
        tags=given.get("Tags") if existing is None else None,
    )
    call.state[name] = {key: given[key] for key in SUPPRESSOR if key in given}
    return {}


@repair(
    "cloudwatch",
    "DescribeAlarms",
    "only metric alarms unless AlarmTypes says more; suppressors",
    API + "DescribeAlarms.html",
)
def describe_alarms(call: Call) -> Any:
    result = call.moto()
    types = call.params.get("AlarmTypes") or ["MetricAlarm"]
    for kind in ("MetricAlarm", "CompositeAlarm"):
        if kind not in types:
            result[f"{kind}s"] = []
    for alarm in result.get("CompositeAlarms", []):
        alarm.update(call.state.get(alarm["AlarmName"], {}))
    return result
