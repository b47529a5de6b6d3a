"""CloudFront's documents: defaults that are filled in, ETags, what the account has."""

from __future__ import annotations

import copy
import uuid
from typing import Any

from ..repair import Call
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


def distributions(call: Call) -> dict[str, dict[str, Any]]:
    return call.state.setdefault("distributions", {})


def matched(doc: dict[str, Any], if_match: str | None) -> None:
    if not if_match:
        raise AwsError("InvalidIfMatchVersion", "The If-Match version is missing or not valid for the resource.")
    if if_match != doc["etag"]:
        raise AwsError(
            "PreconditionFailed",
            "The request failed because it didn't meet the preconditions in one or more request-header fields.",
        )
