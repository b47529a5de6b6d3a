"""CloudFront: distributions and access controls come back as they were sent, under ETags that mean something."""

from __future__ import annotations

import copy
import uuid
from datetime import datetime, timezone
from typing import Any

from ..repair import STATE, Call, repair, setting
from ..wire import AwsError

API = "https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_"
GUIDE = "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/"
NONE: dict[str, Any] = {"Quantity": 0}

# What CloudFront answers for the fields that a request leaves out.
DEFAULTS: dict[str, Any] = {
    "Aliases": NONE,
    "DefaultRootObject": "",
    "OriginGroups": NONE,
    "CacheBehaviors": NONE,
    "CustomErrorResponses": NONE,
    "Logging": {"Enabled": False, "IncludeCookies": False, "Bucket": "", "Prefix": ""},
    "PriceClass": "PriceClass_All",
    "ViewerCertificate": {
        "CloudFrontDefaultCertificate": True,
        "SSLSupportMethod": "vip",
        "MinimumProtocolVersion": "TLSv1",
        "CertificateSource": "cloudfront",
    },
    "Restrictions": {"GeoRestriction": {"RestrictionType": "none", "Quantity": 0}},
    "WebACLId": "",
    "HttpVersion": "http2",
    "IsIPV6Enabled": True,
    "ContinuousDeploymentPolicyId": "",
    "Staging": False,
}
ORIGIN_DEFAULTS: dict[str, Any] = {
    "OriginPath": "",
    "CustomHeaders": NONE,
    "ConnectionAttempts": 3,
    "ConnectionTimeout": 10,
    "OriginShield": {"Enabled": False},
    "OriginAccessControlId": "",
}
BEHAVIOR_DEFAULTS: dict[str, Any] = {
    "TrustedSigners": {"Enabled": False, "Quantity": 0},
    "TrustedKeyGroups": {"Enabled": False, "Quantity": 0},
    "AllowedMethods": {
        "Quantity": 2,
        "Items": ["HEAD", "GET"],
        "CachedMethods": {"Quantity": 2, "Items": ["HEAD", "GET"]},
    },
    "SmoothStreaming": False,
    "Compress": False,
    "LambdaFunctionAssociations": NONE,
    "FunctionAssociations": NONE,
    "FieldLevelEncryptionId": "",
    "GrpcConfig": {"Enabled": False},
}


def etag() -> str:
    return "E" + uuid.uuid4().hex[:13].upper()


def with_defaults(given: dict[str, Any], defaults: dict[str, Any]) -> dict[str, Any]:
    result = copy.deepcopy(defaults)
    result.update({name: value for name, value in given.items() if value is not None})
    return result


def completed(config: dict[str, Any]) -> dict[str, Any]:
    config = with_defaults(config, DEFAULTS)
    config["Origins"]["Items"] = [with_defaults(one, ORIGIN_DEFAULTS) for one in config["Origins"]["Items"]]
    behaviors = [config["DefaultCacheBehavior"], *config["CacheBehaviors"].get("Items", [])]
    for behavior in behaviors:
        behavior.update(with_defaults(behavior, BEHAVIOR_DEFAULTS))
        behavior["AllowedMethods"].setdefault("CachedMethods", BEHAVIOR_DEFAULTS["AllowedMethods"]["CachedMethods"])
    certificate = config["ViewerCertificate"]
    if certificate.get("ACMCertificateArn"):
        certificate["CloudFrontDefaultCertificate"] = False
        certificate.update(Certificate=certificate["ACMCertificateArn"], CertificateSource="acm")
    return config


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
            raise AwsError("CNAMEAlreadyExists", "One or more of the CNAMEs you provided are already associated with a different resource.")
    arn = config.get("ViewerCertificate", {}).get("ACMCertificateArn")
    if arn:
        try:
            issued = call.ask("acm", "DescribeCertificate", {"CertificateArn": arn})["Certificate"]["Status"] == "ISSUED"
        except AwsError:
            issued = False
        if not issued or arn.split(":")[3] != "us-east-1":
            raise AwsError(
                "InvalidViewerCertificate",
                "The specified SSL certificate doesn't exist, isn't in us-east-1 region, isn't valid, or doesn't include a valid certificate chain.",
            )
    elif wanted:
        raise AwsError("InvalidViewerCertificate", "To add an alternate domain name (CNAME) to a CloudFront distribution, you must attach a trusted certificate.")


def distributions(call: Call) -> dict[str, dict[str, Any]]:
    return call.state.setdefault("distributions", {})


def distribution(call: Call, id: str) -> dict[str, Any]:
    try:
        return distributions(call)[id]
    except KeyError:
        raise AwsError("NoSuchDistribution", "The specified distribution does not exist.") from None


def matched(doc: dict[str, Any], if_match: str | None) -> None:
    if not if_match:
        raise AwsError("InvalidIfMatchVersion", "The If-Match version is missing or not valid for the resource.")
    if if_match != doc["etag"]:
        raise AwsError("PreconditionFailed", "The request failed because it didn't meet the preconditions in one or more request-header fields.")


def deploying() -> dict[str, Any]:
    now = datetime.now(timezone.utc).replace(microsecond=0)
    return {"etag": etag(), "reads": STATE["cloudfront"].get("reads", 0), "modified": now}


def shown(result: dict[str, Any], doc: dict[str, Any], read: bool = False) -> dict[str, Any]:
    """moto's `Distribution` with what was really configured. `read`: deploying goes on with every look at it."""
    result["DistributionConfig"] = doc["config"]
    result["LastModifiedTime"] = doc["modified"]
    result["Status"] = "InProgress" if doc["reads"] > 0 or not read else "Deployed"
    if read and doc["reads"] > 0:
        doc["reads"] -= 1
    return result


@setting("distribution")
def set_distribution(value: dict[str, Any]) -> None:
    """{"inProgressReads": n}: from now on a written distribution is InProgress for n reads, an invalidation too."""
    STATE["cloudfront"]["reads"] = value["inProgressReads"]


@repair("cloudfront", ["CreateDistribution", "CreateDistributionWithTags"], "refuses what it cannot resolve, returns the whole configuration, InProgress at first", API + "CreateDistribution.html")
def create_distribution(call: Call) -> Any:
    given = call.params.get("DistributionConfigWithTags", call.params)["DistributionConfig"]
    config = completed(copy.deepcopy(given))
    check(call, config, None)
    result = call.moto()
    doc = {"config": config, **deploying()}
    distributions(call)[result["Distribution"]["Id"]] = doc
    return {**result, "Distribution": shown(result["Distribution"], doc), "ETag": doc["etag"]}


@repair("cloudfront", "GetDistribution", "returns the configuration as sent, with the ETag of the last write", API + "GetDistribution.html")
def get_distribution(call: Call) -> Any:
    result = call.moto()
    doc = distribution(call, call.params["Id"])
    return {"Distribution": shown(result["Distribution"], doc, read=True), "ETag": doc["etag"]}


@repair("cloudfront", "GetDistributionConfig", "returns the configuration as sent, with the ETag of the last write", API + "GetDistributionConfig.html")
def get_distribution_config(call: Call) -> Any:
    doc = distribution(call, call.params["Id"])
    return {"DistributionConfig": doc["config"], "ETag": doc["etag"]}


@repair("cloudfront", "ListDistributions", "summaries of the real configuration", API + "ListDistributions.html")
def list_distributions(call: Call) -> Any:
    result = call.moto()
    for summary in result["DistributionList"].get("Items") or []:
        doc = distribution(call, summary["Id"])
        config = {k: v for k, v in doc["config"].items() if k not in ("CallerReference", "Logging", "DefaultRootObject")}
        summary.update(config, ETag=doc["etag"], LastModifiedTime=doc["modified"])
        summary["Status"] = "InProgress" if doc["reads"] > 0 else "Deployed"
    return result


@repair("cloudfront", "UpdateDistribution", "wants the current ETag and the same CallerReference, makes a new ETag, redeploys", API + "UpdateDistribution.html")
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


@repair("cloudfront", "DeleteDistribution", "wants the current ETag and a disabled, deployed distribution", API + "DeleteDistribution.html")
def delete_distribution(call: Call) -> Any:
    id = call.params["Id"]
    doc = distribution(call, id)
    matched(doc, call.params.get("IfMatch"))
    if doc["config"]["Enabled"] or doc["reads"] > 0:
        raise AwsError("DistributionNotDisabled", "The specified CloudFront distribution is not disabled. You must disable the distribution before you can delete it.")
    result = call.moto()
    del distributions(call)[id]
    return result


@repair("cloudfront", ["CreateInvalidation", "GetInvalidation", "ListInvalidations"], "is InProgress, then Completed", API + "GetInvalidation.html")
def invalidation_status(call: Call) -> Any:
    result = call.moto()
    reads = call.state.setdefault("invalidations", {})
    if call.action == "ListInvalidations":
        for summary in result["InvalidationList"].get("Items") or []:
            summary["Status"] = "InProgress" if reads.get(summary["Id"], 0) > 0 else "Completed"
        return result
    id = result["Invalidation"]["Id"]
    if call.action == "CreateInvalidation":
        reads[id] = call.state.get("reads", 0)
        result["Invalidation"]["Status"] = "InProgress"
    else:
        result["Invalidation"]["Status"] = "InProgress" if reads.get(id, 0) > 0 else "Completed"
        reads[id] = reads.get(id, 0) - 1
    return result


@repair("cloudfront", "CreateOriginAccessControl", "names are unique in the account", API + "CreateOriginAccessControl.html")
def create_origin_access_control(call: Call) -> Any:
    name = call.params["OriginAccessControlConfig"]["Name"]
    if any(control.name == name for control in call.backend().origin_access_controls.values()):
        raise AwsError("OriginAccessControlAlreadyExists", f"An origin access control with the name {name} already exists.")
    return call.moto()


@repair("cloudfront", "GetOriginAccessControlConfig", "exists", API + "GetOriginAccessControlConfig.html")
def get_origin_access_control_config(call: Call) -> Any:
    found = call.ask("cloudfront", "GetOriginAccessControl", {"Id": call.params["Id"]})
    return {"OriginAccessControlConfig": found["OriginAccessControl"]["OriginAccessControlConfig"], "ETag": found["ETag"]}


@repair("cloudfront", "UpdateOriginAccessControl", "wants the current ETag and makes a new one", API + "UpdateOriginAccessControl.html")
def update_origin_access_control(call: Call) -> Any:
    control = access_control(call)
    matched({"etag": control.etag}, call.params.get("IfMatch"))
    result = call.moto()
    control.etag = etag()
    return {**result, "ETag": control.etag}


@repair("cloudfront", "DeleteOriginAccessControl", "wants the current ETag, refuses while a distribution uses it", API + "DeleteOriginAccessControl.html")
def delete_origin_access_control(call: Call) -> Any:
    control = access_control(call)
    matched({"etag": control.etag}, call.params.get("IfMatch"))
    for doc in distributions(call).values():
        if any(origin["OriginAccessControlId"] == control.id for origin in doc["config"]["Origins"]["Items"]):
            raise AwsError("OriginAccessControlInUse", "Cannot delete the origin access control because it's in use by one or more distributions.")
    return call.moto()


def access_control(call: Call) -> Any:
    try:
        return call.backend().origin_access_controls[call.params["Id"]]
    except KeyError:
        raise AwsError("NoSuchOriginAccessControl", "The specified origin access control does not exist.") from None


# --- managed policies -------------------------------------------------------------------------------------------------

SECURITY = {
    "XSSProtection": {"Override": False, "Protection": True, "ModeBlock": True},
    "FrameOptions": {"Override": False, "FrameOption": "SAMEORIGIN"},
    "ReferrerPolicy": {"Override": False, "ReferrerPolicy": "strict-origin-when-cross-origin"},
    "ContentTypeOptions": {"Override": True},
    "StrictTransportSecurity": {"Override": False, "AccessControlMaxAgeSec": 31536000},
}
HEADERS_POLICIES = {
    "60669652-455b-4ae9-85a4-c4c02393f86c": {"Name": "Managed-SimpleCORS"},
    "5cc3b908-e619-4b99-88e5-2cf7f45965bd": {"Name": "Managed-CORS-With-Preflight"},
    "e61eb60c-9c35-4d20-a928-2b84e02af89c": {"Name": "Managed-CORS-and-SecurityHeadersPolicy", "SecurityHeadersConfig": SECURITY},
    "eaab4381-ed33-4a86-88ca-d9558dc6cd63": {"Name": "Managed-CORS-with-preflight-and-SecurityHeadersPolicy", "SecurityHeadersConfig": SECURITY},
    "67f7725c-6f97-4210-82d7-5512b31e9d03": {"Name": "Managed-SecurityHeadersPolicy", "SecurityHeadersConfig": SECURITY},
}
CACHE_POLICIES = {
    "658327ea-f89d-4fab-a63d-7e88639e58f6": {"Name": "Managed-CachingOptimized", "MinTTL": 1, "DefaultTTL": 86400, "MaxTTL": 31536000},
    "b2884449-e4de-46a7-ac36-70bc7f1ddd6d": {"Name": "Managed-CachingOptimizedForUncompressedObjects", "MinTTL": 1, "DefaultTTL": 86400, "MaxTTL": 31536000},
    "4135ea2d-6df8-44a3-9df3-4b5a84be39ad": {"Name": "Managed-CachingDisabled", "MinTTL": 0, "DefaultTTL": 0, "MaxTTL": 0},
    "83da9c7e-98b4-4e11-a168-04f0df8e2c65": {"Name": "UseOriginCacheControlHeaders", "MinTTL": 0, "DefaultTTL": 0, "MaxTTL": 31536000},
    "2e54312d-136d-493c-8eb9-b001f22f67d2": {"Name": "Managed-Amplify", "MinTTL": 2, "DefaultTTL": 2, "MaxTTL": 600},
}
LONG_AGO = datetime(2021, 1, 1, tzinfo=timezone.utc)


def policies(call: Call, kind: str, known: dict[str, Any]) -> Any:
    """The answers to ListXPolicies and GetXPolicy for `kind` X."""

    def policy(id: str) -> dict[str, Any]:
        return {"Id": id, "LastModifiedTime": LONG_AGO, f"{kind}PolicyConfig": known[id]}

    if call.action.startswith("List"):
        managed = known if call.params.get("Type") != "custom" else {}
        items = [{"Type": "managed", f"{kind}Policy": policy(id)} for id in managed]
        return {f"{kind}PolicyList": {"MaxItems": 100, "Quantity": len(items), "Items": items}}
    if call.params["Id"] not in known:
        raise AwsError(f"NoSuch{kind}Policy", "The policy does not exist.")
    return {f"{kind}Policy": policy(call.params["Id"]), "ETag": "E23ZP02F085DFQ"}


@repair("cloudfront", ["ListResponseHeadersPolicies", "GetResponseHeadersPolicy"], "the managed policies exist", GUIDE + "using-managed-response-headers-policies.html")
def response_headers_policies(call: Call) -> Any:
    return policies(call, "ResponseHeaders", HEADERS_POLICIES)


@repair("cloudfront", ["ListCachePolicies", "GetCachePolicy"], "the managed policies exist", GUIDE + "using-managed-cache-policies.html")
def cache_policies(call: Call) -> Any:
    return policies(call, "Cache", CACHE_POLICIES)


# --- functions --------------------------------------------------------------------------------------------------------


def functions(call: Call) -> dict[str, dict[str, Any]]:
    """By name: arn, tags, and `live` and `development`, each {config, code, etag, created, modified} or None."""
    return call.state.setdefault("functions", {})


def function(call: Call, stage: str | None = None) -> dict[str, Any]:
    found = functions(call).get(call.params["Name"])
    if found is None or (stage and found[stage.lower()] is None):
        raise AwsError("NoSuchFunctionExists", "The function does not exist.")
    return found


def summary(call: Call, found: dict[str, Any], stage: str) -> dict[str, Any]:
    version = found[stage.lower()]
    unpublished = found["live"] is None or found["live"]["code"] != found["development"]["code"]
    metadata = {"FunctionARN": found["arn"], "Stage": stage, "CreatedTime": version["created"], "LastModifiedTime": version["modified"]}
    status = "DEPLOYED" if stage == "LIVE" else "UNPUBLISHED" if unpublished else "UNASSOCIATED"
    return {"Name": found["name"], "Status": status, "FunctionConfig": version["config"], "FunctionMetadata": metadata}


@repair("cloudfront", "CreateFunction", "has a development stage", API + "CreateFunction.html")
def create_function(call: Call) -> Any:
    name = call.params["Name"]
    if name in functions(call):
        raise AwsError("FunctionAlreadyExists", "A function with the same name already exists in this AWS account.")
    call.moto()
    now = datetime.now(timezone.utc).replace(microsecond=0)
    version = {"config": call.params["FunctionConfig"], "code": call.params["FunctionCode"], "etag": etag(), "created": now, "modified": now}
    found = {"name": name, "arn": f"arn:aws:cloudfront::{call.account}:function/{name}", "development": version, "live": None}
    functions(call)[name] = found
    return {"FunctionSummary": summary(call, found, "DEVELOPMENT"), "Location": found["arn"], "ETag": version["etag"]}


@repair("cloudfront", "UpdateFunction", "exists; changes the development stage", API + "UpdateFunction.html")
def update_function(call: Call) -> Any:
    found = function(call)
    matched(found["development"], call.params.get("IfMatch"))
    now = datetime.now(timezone.utc).replace(microsecond=0)
    found["development"] = {
        **found["development"],
        "config": call.params["FunctionConfig"],
        "code": call.params["FunctionCode"],
        "etag": etag(),
        "modified": now,
    }
    return {"FunctionSummary": summary(call, found, "DEVELOPMENT"), "ETag": found["development"]["etag"]}


@repair("cloudfront", "PublishFunction", "exists; copies development to live", API + "PublishFunction.html")
def publish_function(call: Call) -> Any:
    found = function(call)
    matched(found["development"], call.params.get("IfMatch"))
    found["live"] = {**found["development"], "etag": etag()}
    return {"FunctionSummary": summary(call, found, "LIVE")}


@repair("cloudfront", "DescribeFunction", "knows the stages", API + "DescribeFunction.html")
def describe_function(call: Call) -> Any:
    stage = call.params.get("Stage") or "DEVELOPMENT"
    found = function(call, stage)
    return {"FunctionSummary": summary(call, found, stage), "ETag": found[stage.lower()]["etag"]}


@repair("cloudfront", "GetFunction", "knows the stages", API + "GetFunction.html")
def get_function(call: Call) -> Any:
    version = function(call, call.params.get("Stage") or "DEVELOPMENT")[(call.params.get("Stage") or "DEVELOPMENT").lower()]
    return {"FunctionCode": version["code"], "ETag": version["etag"], "ContentType": "application/octet-stream"}


@repair("cloudfront", "ListFunctions", "lists both stages of each", API + "ListFunctions.html")
def list_functions(call: Call) -> Any:
    stages = [call.params["Stage"]] if call.params.get("Stage") else ["DEVELOPMENT", "LIVE"]
    items = [summary(call, f, stage) for f in functions(call).values() for stage in stages if f[stage.lower()]]
    return {"FunctionList": {"MaxItems": 100, "Quantity": len(items), "Items": items}}


@repair("cloudfront", "DeleteFunction", "wants the current ETag, refuses while a distribution uses it", API + "DeleteFunction.html")
def delete_function(call: Call) -> Any:
    found = function(call)
    matched(found["development"], call.params.get("IfMatch"))
    for doc in distributions(call).values():
        for association in doc["config"]["DefaultCacheBehavior"]["FunctionAssociations"].get("Items", []):
            if association["FunctionARN"] == found["arn"]:
                raise AwsError("FunctionInUse", "Cannot delete the function because it's attached to one or more cache behaviors.")
    call.moto()
    del functions(call)[call.params["Name"]]
    return {}
