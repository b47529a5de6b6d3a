"""ECR: the Tagging API lists repositories."""

from __future__ import annotations

from typing import Any

from ..repair import Call, repair

TAGGING = "https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/supported-services.html"


@repair("resourcegroupstaggingapi", "GetResources", "lists repositories", TAGGING)
def get_resources(call: Call) -> Any:
    result = call.moto()
    types = call.params.get("ResourceTypeFilters") or []
    if result.get("PaginationToken") or (types and not {"ecr", "ecr:repository"} & set(types)):
        return result
    rows = result.setdefault("ResourceTagMappingList", [])
    known = {row["ResourceARN"] for row in rows}
    for repository in call.backend("ecr").repositories.values():
        answer = call.ask("ecr", "ListTagsForResource", {"resourceArn": repository.arn})
        live = {tag["Key"]: tag["Value"] for tag in answer.get("tags", [])}
        filters = call.params.get("TagFilters") or []
        fits = all(f["Key"] in live and (not f.get("Values") or live[f["Key"]] in f["Values"]) for f in filters)
        if live and fits and repository.arn not in known:
            rows.append({"ResourceARN": repository.arn, "Tags": [{"Key": k, "Value": v} for k, v in live.items()]})
    return result
