"""Elastic Load Balancing: unique names and ports, refused deletions, actions with their defaults."""

from __future__ import annotations

from typing import Any

from ..repair import Call, repair
from ..wire import AwsError

API = "https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_"

REDIRECT_DEFAULTS = {
    "Protocol": "#{protocol}",
    "Port": "#{port}",
    "Host": "#{host}",
    "Path": "/#{path}",
    "Query": "#{query}",
}


@repair("elbv2", "CreateLoadBalancer", "a name belongs to one load balancer", API + "CreateLoadBalancer.html")
def create_load_balancer(call: Call) -> Any:
    asked = call.params
    for balancer in call.backend().load_balancers.values():
        if balancer.name != asked["Name"]:
            continue
        same = (
            {subnet.id for subnet in balancer.subnets} == set(asked.get("Subnets", ()))
            and set(balancer.security_groups) == set(asked.get("SecurityGroups", ()))
            and balancer.scheme == asked.get("Scheme", "internet-facing")
        )
        if same:
            return call.ask("elbv2", "DescribeLoadBalancers", {"LoadBalancerArns": [balancer.arn]})
        raise AwsError("DuplicateLoadBalancerName", "A load balancer with the same name exists, but with different settings")
    return call.moto()


@repair("elbv2", "DeleteLoadBalancer", "a protected one stays; its target groups are free", API + "DeleteLoadBalancer.html")
def delete_load_balancer(call: Call) -> Any:
    arn = call.params["LoadBalancerArn"]
    balancer = call.backend().load_balancers.get(arn)
    if balancer is not None and balancer.attrs.get("deletion_protection.enabled") == "true":
        raise AwsError("OperationNotPermitted", f"Load balancer '{arn}' cannot be deleted because deletion protection is enabled")
    result = call.moto()
    for group in call.backend().target_groups.values():
        group.load_balancer_arns = [other for other in group.load_balancer_arns if other != arn]
    return result


@repair("elbv2", "CreateListener", "a port has one listener", API + "CreateListener.html")
def create_listener(call: Call) -> Any:
    balancer = call.backend().load_balancers.get(call.params["LoadBalancerArn"])
    if balancer is not None and any(one.port == call.params.get("Port") for one in balancer.listeners.values()):
        raise AwsError("DuplicateListener", "A listener already exists on this port for this load balancer")
    return call.moto()


@repair(
    "elbv2",
    ["CreateListener", "ModifyListener", "DescribeListeners"],
    "a redirect has all its parts",
    API + "RedirectActionConfig.html",
)
def redirect_defaults(call: Call) -> Any:
    result = call.moto()
    for listener in result.get("Listeners", []):
        for action in listener.get("DefaultActions", []):
            if action.get("Type") == "redirect":
                action["RedirectConfig"] = {**REDIRECT_DEFAULTS, **action.get("RedirectConfig", {})}
    return result
