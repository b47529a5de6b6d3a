"""CloudFront: distributions come back as they were sent, under ETags that mean something."""

from __future__ import annotations

import copy
from datetime import datetime, timezone
from typing import Any

from .. import pace
from ..repair import STATE, Call, repair, setting
from ..stand_ins import edge_cache
from ..wire import AwsError
from .cloudfront_documents import API, NONE, completed, distributions, etag, matched
from .cloudfront_functions import functions
from .cloudfront_policies import CACHE_POLICIES, HEADERS_POLICIES


def check(call: Call, config: dict[str, Any], myself: str | None) -> None:
    """What CloudFront looks up before it takes a configuration."""
    controls = call.backend().origin_access_controls
    for origin in config["Origins"]["Items"]:
        if origin.get("OriginAccessControlId") and origin["OriginAccessControlId"] not in controls:
            raise AwsError("InvalidOriginAccessControl", "The origin access control is not valid.")
    for behavior in [config["DefaultCacheBehavior"], *config.get("CacheBehaviors", NONE).get("Items", [])]:
        policy = behavior.get("ResponseHeadersPolicyId")
        if policy and policy not in HEADERS_POLICIES:
            raise AwsError("NoSuchResponseHeadersPolicy", "The specified response headers policy does not exist.")
        policy = behavior.get("CachePolicyId")
        if policy and policy not in CACHE_POLICIES:
            raise AwsError("NoSuchCachePolicy", "The specified cache policy does not exist.")
        for association in behavior.get("FunctionAssociations", NONE).get("Items", []):
            if not any(f["live"] and f["arn"] == association["FunctionARN"] for f in functions(call).values()):
                raise AwsError("InvalidFunctionAssociation", "The function does not exist or is not published.")
    wanted = set(config.get("Aliases", NONE).get("Items", []))
    for other, doc in distributions(call).items():
        if other != myself and wanted & set(doc["config"]["Aliases"].get("Items", [])):
            raise AwsError(
                "CNAMEAlreadyExists",
                "One or more of the CNAMEs you provided are already associated with a different resource.",
            )
    arn = config.get("ViewerCertificate", {}).get("ACMCertificateArn")
    if arn:
        try:
            # A client of another region signs its calls to a local endpoint for that region.
            found = call.ask("acm", "DescribeCertificate", {"CertificateArn": arn}, region="us-east-1")
            issued = found["Certificate"]["Status"] == "ISSUED"
        except AwsError:
            issued = False
        if not issued or arn.split(":")[3] != "us-east-1":
            raise AwsError(
                "InvalidViewerCertificate",
                "The specified SSL certificate doesn't exist, isn't in us-east-1 region, isn't valid, or doesn't include a valid certificate chain.",
            )
    elif wanted:
        raise AwsError(
            "InvalidViewerCertificate",
            "To add an alternate domain name (CNAME) to a CloudFront distribution, you must attach a trusted certificate.",
        )


def distribution(call: Call, id: str) -> dict[str, Any]:
    try:
        return distributions(call)[id]
    except KeyError:
        raise AwsError("NoSuchDistribution", "The specified distribution does not exist.") from None


def deploying() -> dict[str, Any]:
    now = datetime.now(timezone.utc).replace(microsecond=0)
    reads = STATE["cloudfront"].get("reads", 0)
    return {"etag": etag(), "reads": reads, "due": pace.due("distribution"), "modified": now}


def in_progress(doc: dict[str, Any]) -> bool:
    return doc["reads"] > 0 or not pace.is_over(doc["due"])


def shown(result: dict[str, Any], doc: dict[str, Any], read: bool = False) -> dict[str, Any]:
    """moto's `Distribution` with what was really configured. `read`: deploying goes on with every look at it."""
    result["DistributionConfig"] = doc["config"]
    result["LastModifiedTime"] = doc["modified"]
    result["Status"] = "InProgress" if in_progress(doc) or not read else "Deployed"
    if read and doc["reads"] > 0:
        doc["reads"] -= 1
    return result


@setting("distribution")
def set_distribution(value: dict[str, Any]) -> None:
    """{"inProgressReads": n}: from now on a written distribution is InProgress for n reads, an invalidation too."""
    STATE["cloudfront"]["reads"] = value["inProgressReads"]


@repair(
    "cloudfront",
    ["CreateDistribution", "CreateDistributionWithTags"],
    "refuses what it cannot resolve, returns the whole configuration, InProgress at first",
    API + "CreateDistribution.html",
)
def create_distribution(call: Call) -> Any:
    given = call.params.get("DistributionConfigWithTags", call.params)["DistributionConfig"]
    config = completed(copy.deepcopy(given))
    check(call, config, None)
    result = call.moto()
    doc = {"config": config, **deploying()}
    distributions(call)[result["Distribution"]["Id"]] = doc
    return {**result, "Distribution": shown(result["Distribution"], doc), "ETag": doc["etag"]}


@repair(
    "cloudfront",
    "GetDistribution",
    "returns the configuration as sent, with the ETag of the last write",
    API + "GetDistribution.html",
)
def get_distribution(call: Call) -> Any:
    result = call.moto()
    doc = distribution(call, call.params["Id"])
    return {"Distribution": shown(result["Distribution"], doc, read=True), "ETag": doc["etag"]}


@repair(
    "cloudfront",
    "GetDistributionConfig",
    "returns the configuration as sent, with the ETag of the last write",
    API + "GetDistributionConfig.html",
)
def get_distribution_config(call: Call) -> Any:
    doc = distribution(call, call.params["Id"])
    return {"DistributionConfig": doc["config"], "ETag": doc["etag"]}


@repair("cloudfront", "ListDistributions", "summaries of the real configuration", API + "ListDistributions.html")
def list_distributions(call: Call) -> Any:
    result = call.moto()
    for summary in result["DistributionList"].get("Items") or []:
        doc = distribution(call, summary["Id"])
        config = {
            k: v for k, v in doc["config"].items() if k not in ("CallerReference", "Logging", "DefaultRootObject")
        }
        summary.update(config, ETag=doc["etag"], LastModifiedTime=doc["modified"])
        summary["Status"] = "InProgress" if in_progress(doc) else "Deployed"
    return result


@repair(
    "cloudfront",
    "UpdateDistribution",
    "wants the current ETag and the same CallerReference, makes a new ETag, redeploys",
    API + "UpdateDistribution.html",
)
def update_distribution(call: Call) -> Any:
    id = call.params["Id"]
    doc = distribution(call, id)
    matched(doc, call.params.get("IfMatch"))
    config = completed(copy.deepcopy(call.params["DistributionConfig"]))
    if config["CallerReference"] != doc["config"]["CallerReference"]:
        raise AwsError("IllegalUpdate", "The update contains modifications that are not allowed: CallerReference.")
    check(call, config, id)
    result = call.moto()
    doc.update(config=config, **deploying())
    return {"Distribution": shown(result["Distribution"], doc), "ETag": doc["etag"]}


@repair(
    "cloudfront",
    "DeleteDistribution",
    "wants the current ETag and a disabled, deployed distribution",
    API + "DeleteDistribution.html",
)
def delete_distribution(call: Call) -> Any:
    id = call.params["Id"]
    doc = distribution(call, id)
    matched(doc, call.params.get("IfMatch"))
    if doc["config"]["Enabled"] or in_progress(doc):
        raise AwsError(
            "DistributionNotDisabled",
            "The specified CloudFront distribution is not disabled. You must disable the distribution before you can delete it.",
        )
    result = call.moto()
    del distributions(call)[id]
    return result


@setting("invalidation")
def set_invalidation(value: dict[str, Any]) -> None:
    """{"inProgressReads": n}: from now on an invalidation is InProgress for n reads, and the site's edge forgets then."""
    STATE["cloudfront"]["invalidation-reads"] = value["inProgressReads"]


@repair(
    "cloudfront",
    ["CreateInvalidation", "GetInvalidation", "ListInvalidations"],
    "is InProgress, then Completed",
    API + "GetInvalidation.html",
)
def invalidation_status(call: Call) -> Any:
    result = call.moto()
    reads = call.state.setdefault("invalidations", {})
    if call.action == "ListInvalidations":
        for summary in result["InvalidationList"].get("Items") or []:
            summary["Status"] = "InProgress" if reads.get(summary["Id"], 0) > 0 else "Completed"
        return result
    invalidation = result["Invalidation"]
    id = invalidation["Id"]
    if call.action == "CreateInvalidation":
        reads[id] = call.state.get("invalidation-reads", call.state.get("reads", 0))
        invalidation["Status"] = "InProgress"
    else:
        invalidation["Status"] = "InProgress" if reads.get(id, 0) > 0 else "Completed"
        reads[id] = reads.get(id, 0) - 1
    # At AWS edges forget one by one until it is Completed. This one is the last of them.
    if reads[id] == 0:
        edge_cache.invalidate(call.params["DistributionId"], invalidation["InvalidationBatch"]["Paths"].get("Items") or [])
    return result
