"""Service Quotas: those of VPC, EC2 and load balancing that an environment needs."""

from __future__ import annotations

from typing import Any

from ..repair import STATE, Call, repair, setting
from ..wire import AwsError

API = "https://docs.aws.amazon.com/servicequotas/2019-06-24/apireference/API_"
# Default values: "Amazon VPC quotas", "Amazon EC2 endpoints and quotas", "Quotas for your Application Load Balancers".
DEFAULTS = {
    ("vpc", "L-F678F1CE"): ("VPCs per Region", 5),
    ("vpc", "L-FE5A380F"): ("NAT gateways per Availability Zone", 5),
    ("vpc", "L-A4707A72"): ("Internet gateways per Region", 5),
    ("ec2", "L-0263D0A3"): ("EC2-VPC Elastic IPs", 5),
    ("elasticloadbalancing", "L-53DA6B97"): ("Application Load Balancers per Region", 50),
}


@setting("quota")
def set_quota(value: dict[str, Any]) -> None:
    """{"code": c, "value": n}: the value that is applied to this account; null: none, so that the default counts."""
    STATE["service-quotas"].setdefault("applied", {})[value["code"]] = value["value"]


def quota(call: Call, value: float | None) -> Any:
    given = call.params
    found = DEFAULTS.get((given["ServiceCode"], given["QuotaCode"]))
    if found is None or value is None:
        raise AwsError("NoSuchResourceException", "The specified quota does not exist.", 404)
    return {
        "Quota": {
            "ServiceCode": given["ServiceCode"],
            "QuotaCode": given["QuotaCode"],
            "QuotaName": found[0],
            "Value": float(value),
            "Adjustable": True,
            "GlobalQuota": False,
        }
    }


def default(call: Call) -> float | None:
    return DEFAULTS.get((call.params["ServiceCode"], call.params["QuotaCode"]), (None, None))[1]


@repair("service-quotas", "GetServiceQuota", "knows EC2 and load balancing as well", API + "GetServiceQuota.html")
def get_service_quota(call: Call) -> Any:
    return quota(call, call.state.get("applied", {}).get(call.params["QuotaCode"], default(call)))


@repair("service-quotas", "GetAWSDefaultServiceQuota", "exists", API + "GetAWSDefaultServiceQuota.html")
def get_default_quota(call: Call) -> Any:
    return quota(call, default(call))
