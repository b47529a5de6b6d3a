"""CloudWatch: composite alarms exist."""

from __future__ import annotations

import re
from datetime import datetime, timezone
from typing import Any

from ..repair import Call, repair
from ..wire import AwsError

API = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_"


def composites(call: Call) -> dict[str, dict[str, Any]]:
    return call.state.setdefault("composites", {}).setdefault(call.region, {})


@repair("cloudwatch", "PutCompositeAlarm", "exists; the alarms in the rule must exist", API + "PutCompositeAlarm.html")
def put_composite_alarm(call: Call) -> Any:
    given = dict(call.params)
    name, now = given["AlarmName"], datetime.now(timezone.utc)
    known = {*call.backend().alarms, *composites(call)}
    missing = [one for one in re.findall(r"(?:ALARM|OK|INSUFFICIENT_DATA)\(\s*[\"']?([^\"')]+?)[\"']?\s*\)", given["AlarmRule"]) if one.split(":")[-1] not in known]
    if missing:
        raise AwsError("ValidationError", f"Could not save the composite alarm as alarms [{', '.join(missing)}] in the alarm rule do not exist")
    arn = f"arn:aws:cloudwatch:{call.region}:{call.account}:alarm:{name}"
    tags = {tag["Key"]: tag["Value"] for tag in given.pop("Tags", None) or []}
    before = composites(call).get(name)
    if before is None and tags:
        call.backend().tagger.tag_resource(arn, [{"Key": k, "Value": v} for k, v in tags.items()])
    composites(call)[name] = {
        "ActionsEnabled": True,
        "AlarmActions": [],
        "OKActions": [],
        "InsufficientDataActions": [],
        **{field: value for field, value in given.items() if value is not None},
        "AlarmArn": arn,
        "AlarmConfigurationUpdatedTimestamp": now,
        "StateValue": before["StateValue"] if before else "OK",
        "StateReason": "Created by the local AWS",
        "StateUpdatedTimestamp": now,
        "StateTransitionedTimestamp": now,
    }
    return {}


@repair("cloudwatch", "DescribeAlarms", "lists composite alarms when AlarmTypes asks for them", API + "DescribeAlarms.html")
def describe_alarms(call: Call) -> Any:
    # "If you omit this parameter, only metric alarms are returned, even if composite alarms exist in the account."
    types = call.params.get("AlarmTypes") or ["MetricAlarm"]
    result = call.moto()
    if "MetricAlarm" not in types:
        result["MetricAlarms"] = []
    result["CompositeAlarms"] = []
    if "CompositeAlarm" in types:
        names, prefix = call.params.get("AlarmNames"), call.params.get("AlarmNamePrefix") or ""
        result["CompositeAlarms"] = [
            alarm for name, alarm in composites(call).items() if (not names or name in names) and name.startswith(prefix)
        ]
    return result


@repair("cloudwatch", "DeleteAlarms", "deletes composite alarms, and refuses unknown names", API + "DeleteAlarms.html")
def delete_alarms(call: Call) -> Any:
    names = call.params["AlarmNames"]
    known = {*call.backend().alarms, *composites(call)}
    missing = [name for name in names if name not in known]
    if missing:
        raise AwsError("ResourceNotFound", f"Alarms not found: {', '.join(missing)}")
    metric = [name for name in names if name in call.backend().alarms]
    for name in names:
        composites(call).pop(name, None)
    return call.moto({"AlarmNames": metric}) if metric else {}
