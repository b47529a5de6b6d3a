"""The load balancer's view of the tasks of a service."""

from __future__ import annotations

from typing import Any

from ..repair import STATE, Call, repair

DRAINING = {
    "State": "draining",
    "Reason": "Target.DeregistrationInProgress",
    "Description": "Target deregistration is in progress",
}


@repair(
    "elbv2",
    "DescribeTargetHealth",
    "shows the tasks of the services that use the group; what has stopped drains for one look",
    "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html",
)
def describe_target_health(call: Call) -> Any:
    arn, shown = call.params["TargetGroupArn"], []
    asked = {one["Id"] for one in call.params.get("Targets") or []}
    ours = [task for task in STATE["ecs"].get("tasks", {}).values() if arn in task.get("_targets", {})]
    for task in ours:
        health = DRAINING if task.pop("_drains", False) else task["_target"]
        if health is not None and (not asked or task["_address"] in asked):
            port = task["_targets"][arn]
            target = {"Id": task["_address"], "Port": port}
            shown.append({"Target": target, "HealthCheckPort": str(port), "TargetHealth": health})
    return {"TargetHealthDescriptions": shown} if ours and (shown or not asked) else call.moto()
