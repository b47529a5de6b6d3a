"""The Tagging API: the kinds of resources that AWS's knows and moto's does not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..repair import Call, repair

SUPPORTED = "https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/supported-services.html"
GLOBAL_REGION = "us-east-1"

Row = tuple[str, str, dict[str, str]]


def pairs(tags: Any) -> dict[str, str]:
    """Tags as a dict, from a dict or a list of Key and Value in either spelling."""
    if isinstance(tags, dict):
        return tags
    return {one.get("Key", one.get("key")): one.get("Value", one.get("value")) for one in tags or []}


def missing(call: Call) -> Iterator[Row]:
    """Resource type, ARN and tags of what moto leaves out."""
    ec2, here = call.backend("ec2"), f"{call.region}:{call.account}"
    for address in ec2.addresses:
        id = address.allocation_id
        yield "ec2:elastic-ip", f"arn:aws:ec2:{here}:elastic-ip/{id}", pairs(ec2.tags.get(id))
    for endpoint in ec2.vpc_end_points.values():
        if endpoint.state != "deleted":
            yield "ec2:vpc-endpoint", f"arn:aws:ec2:{here}:vpc-endpoint/{endpoint.id}", pairs(ec2.tags.get(endpoint.id))
    for repository in call.backend("ecr").repositories.values():
        tags = call.ask("ecr", "ListTagsForResource", {"resourceArn": repository.arn})["tags"]
        yield "ecr:repository", repository.arn, pairs(tags)
    for pool in call.backend("cognito-idp").user_pools.values():
        yield "cognito-idp:userpool", pool.arn, pairs(pool.extended_config.get("UserPoolTags"))
    for group in call.backend("rds").subnet_groups.values():
        yield "rds:subgrp", group.arn, pairs(group.get_tags())
    balancing = call.backend("elbv2")
    for balancer in balancing.load_balancers.values():
        for arn in balancer.listeners:
            tags = balancing.tagging_service.get_tag_dict_for_resource(arn)
            yield "elasticloadbalancing:listener", arn, tags
    if call.region == GLOBAL_REGION:
        route53 = call.backend("route53")
        for id in route53.zones:
            tags = call.ask("route53", "ListTagsForResource", {"ResourceType": "hostedzone", "ResourceId": id})
            yield "route53:hostedzone", f"arn:aws:route53:::hostedzone/{id}", pairs(tags["ResourceTagSet"].get("Tags"))
        for arn, provider in call.backend("iam").open_id_providers.items():
            yield (
                "iam:oidc-provider",
                arn,
                pairs(list(provider.tags.values()) if isinstance(provider.tags, dict) else provider.tags),
            )


def fits(row: Row, asked: dict[str, Any]) -> bool:
    kind, arn, tags = row
    kinds, arns = asked.get("ResourceTypeFilters"), asked.get("ResourceARNList")
    of_kind = not kinds or any(kind == one or kind.startswith(f"{one}:") for one in kinds)
    tagged = all(
        one["Key"] in tags and (not one.get("Values") or tags[one["Key"]] in one["Values"])
        for one in asked.get("TagFilters") or []
    )
    return bool(tags) and of_kind and tagged and (not arns or arn in arns)


@repair(
    "resourcegroupstaggingapi",
    "GetResources",
    "lists addresses, endpoints, repositories, user pools, DB subnet groups, listeners, zones and OIDC providers",
    SUPPORTED,
)
def get_resources(call: Call) -> Any:
    # Pages are counted in resources; moto ends one after 100 tags even when it is not asked to.
    result = call.moto({"TagsPerPage": 500, **call.params})
    rows = result.setdefault("ResourceTagMappingList", [])
    if result.get("PaginationToken"):
        return result
    for row in missing(call):
        if fits(row, call.params):
            tags = [{"Key": key, "Value": value} for key, value in row[2].items()]
            rows.append({"ResourceARN": row[1], "Tags": tags})
    return result
