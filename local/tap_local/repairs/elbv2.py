"""Elastic Load Balancing: the same create again is the first one, refused changes, attributes and actions with their defaults."""

from __future__ import annotations

import json
from typing import Any

from .. import pace
from ..repair import Call, repair
from ..wire import AwsError

API = "https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_"
LOGS = "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html"
ZONES = "https://docs.aws.amazon.com/general/latest/gr/elb.html"

HOSTED_ZONES = {
    "us-east-1": "Z35SXDOTRQ7X7K",
    "us-east-2": "Z3AADJGX6KTTL2",
    "us-west-1": "Z368ELLRRE2KJ0",
    "us-west-2": "Z1H1FL5HABSF5",
    "eu-west-1": "Z32O12XQLNTSW2",
    "eu-central-1": "Z215JYRZR1TBD5",
}
ATTRIBUTE_DEFAULTS = {
    "access_logs.s3.enabled": "false",
    "client_keep_alive.seconds": "3600",
    "connection_logs.s3.bucket": "",
    "connection_logs.s3.enabled": "false",
    "connection_logs.s3.prefix": "",
    "idle_timeout.timeout_seconds": "60",
    "ipv6.deny_all_igw_traffic": "false",
    "load_balancing.cross_zone.enabled": "true",
    "routing.http.desync_mitigation_mode": "defensive",
    "routing.http.drop_invalid_header_fields.enabled": "false",
    "routing.http.preserve_host_header.enabled": "false",
    "routing.http.x_amzn_tls_version_and_cipher_suite.enabled": "false",
    "routing.http.xff_client_port.enabled": "false",
    "routing.http.xff_header_processing.mode": "append",
    "routing.http2.enabled": "true",
    "waf.fail_open.enabled": "false",
    "zonal_shift.config.enabled": "false",
}
REDIRECT_DEFAULTS = {
    "Protocol": "#{protocol}",
    "Port": "#{port}",
    "Host": "#{host}",
    "Path": "/#{path}",
    "Query": "#{query}",
}


# --- load balancers -----------------------------------------------------------------------------------------------------


@repair(
    "elbv2", "CreateLoadBalancer", "a name belongs to one load balancer in two zones", API + "CreateLoadBalancer.html"
)
def create_load_balancer(call: Call) -> Any:
    asked = call.params
    for balancer in call.backend().load_balancers.values():
        if balancer.name != asked["Name"]:
            continue
        same = (
            {subnet.id for subnet in balancer.subnets} == set(asked.get("Subnets", ()))
            and set(balancer.security_groups) == set(asked.get("SecurityGroups", ()))
            and (balancer.scheme or "internet-facing") == asked.get("Scheme", "internet-facing")
        )
        if same:
            return call.ask("elbv2", "DescribeLoadBalancers", {"LoadBalancerArns": [balancer.arn]})
        raise AwsError(
            "DuplicateLoadBalancerName", "A load balancer with the same name exists, but with different settings"
        )
    subnets = (
        call.backend("ec2").describe_subnets(subnet_ids=asked.get("Subnets") or None) if asked.get("Subnets") else []
    )
    if asked.get("Type", "application") == "application" and len({one.availability_zone for one in subnets}) < 2:
        raise AwsError("ValidationError", "At least two subnets in two different Availability Zones must be specified")
    result = call.moto()
    arn = result["LoadBalancers"][0]["LoadBalancerArn"]
    made = call.backend().load_balancers[arn]
    made.canonical_hosted_zone_id = HOSTED_ZONES.get(call.region, made.canonical_hosted_zone_id)
    if asked.get("Type", "application") == "application":
        made.attrs = {**made.attrs, **ATTRIBUTE_DEFAULTS}
    result["LoadBalancers"][0]["CanonicalHostedZoneId"] = made.canonical_hosted_zone_id
    call.state.setdefault("due", {})[arn] = pace.due("load-balancer")
    return result


@repair("elbv2", "DescribeLoadBalancers", "takes its time where `set/pace` says so", API + "LoadBalancerState.html")
def describe_load_balancers(call: Call) -> Any:
    result = call.moto()
    for shown in result.get("LoadBalancers", []):
        if not pace.is_over(call.state.get("due", {}).get(shown["LoadBalancerArn"])):
            shown["State"] = {"Code": "provisioning"}
    return result


@repair("elbv2", "ModifyLoadBalancerAttributes", "access logs want a bucket that ELB may write to", LOGS)
def modify_load_balancer_attributes(call: Call) -> Any:
    balancer = call.backend().load_balancers.get(call.params["LoadBalancerArn"])
    asked = {one["Key"]: one.get("Value", "") for one in call.params.get("Attributes", [])}
    wanted = {**(balancer.attrs if balancer else {}), **asked}
    logs = any(key.startswith("access_logs.") for key in asked)
    if logs and wanted.get("access_logs.s3.enabled") == "true":
        bucket = wanted.get("access_logs.s3.bucket", "")
        if not may_write(call, bucket):
            raise AwsError(
                "InvalidConfigurationRequest", f"Access Denied for bucket: {bucket}. Please check S3bucket permission"
            )
    return call.moto()


# The second is the account of ELB in us-east-1, from before there was a principal for all regions.
LOG_WRITERS = ("logdelivery.elasticloadbalancing.amazonaws.com", "arn:aws:iam::127311923021:root")


def may_write(call: Call, bucket: str) -> bool:
    found = call.backend("s3").buckets.get(bucket)
    statements = json.loads(found.policy)["Statement"] if found is not None and found.policy else []
    return any(
        one["Effect"] == "Allow"
        and any(writer in json.dumps(one.get("Principal")) for writer in LOG_WRITERS)
        and "s3:PutObject" in json.dumps(one["Action"])
        and f"arn:aws:s3:::{bucket}/" in json.dumps(one["Resource"])
        for one in (statements if isinstance(statements, list) else [statements])
    )


@repair(
    "elbv2", "DeleteLoadBalancer", "a protected one stays; its target groups are free", API + "DeleteLoadBalancer.html"
)
def delete_load_balancer(call: Call) -> Any:
    arn = call.params["LoadBalancerArn"]
    balancer = call.backend().load_balancers.get(arn)
    if balancer is not None and balancer.attrs.get("deletion_protection.enabled") == "true":
        raise AwsError(
            "OperationNotPermitted", f"Load balancer '{arn}' cannot be deleted because deletion protection is enabled"
        )
    result = call.moto()
    for group in call.backend().target_groups.values():
        group.load_balancer_arns = [other for other in group.load_balancer_arns if other != arn]
    return result


# --- target groups ------------------------------------------------------------------------------------------------------


@repair("elbv2", "CreateTargetGroup", "the same one again is the first one", API + "CreateTargetGroup.html")
def create_target_group(call: Call) -> Any:
    asked = call.params
    for group in call.backend().target_groups.values():
        same = (group.protocol, group.port, group.vpc_id) == (
            asked.get("Protocol"),
            asked.get("Port"),
            asked.get("VpcId"),
        )
        if group.name == asked["Name"] and same:
            return call.ask("elbv2", "DescribeTargetGroups", {"TargetGroupArns": [group.arn]})
    return call.moto()


# --- listeners ----------------------------------------------------------------------------------------------------------


@repair(
    "elbv2",
    "CreateListener",
    "a port has one listener; the same one again is the first one",
    API + "CreateListener.html",
)
def create_listener(call: Call) -> Any:
    asked = call.params
    balancer = call.backend().load_balancers.get(asked["LoadBalancerArn"])
    for live in balancer.listeners.values() if balancer is not None else ():
        if live.port != asked.get("Port"):
            continue
        actions = [dict(action.data) for action in live.default_actions]
        if live.protocol == asked.get("Protocol") and actions == asked.get("DefaultActions"):
            return call.ask("elbv2", "DescribeListeners", {"ListenerArns": [live.arn]})
        raise AwsError("DuplicateListener", "A listener already exists on this port for this load balancer")
    check_certificates(call)
    return call.moto()


@repair("elbv2", "ModifyListener", "a listener wants an issued certificate", API + "ModifyListener.html")
def modify_listener(call: Call) -> Any:
    check_certificates(call)
    return call.moto()


def check_certificates(call: Call) -> None:
    for one in call.params.get("Certificates", []):
        arn = one["CertificateArn"]
        try:
            status = call.ask("acm", "DescribeCertificate", {"CertificateArn": arn})["Certificate"]["Status"]
        except AwsError:
            raise AwsError("CertificateNotFound", f"Certificate '{arn}' not found") from None
        if status != "ISSUED":
            raise AwsError(
                "UnsupportedCertificate",
                f"The certificate '{arn}' must have a fully-qualified domain name, a supported signature, and a supported key size.",
            )


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
