"""CloudFront: the managed policies that every account has."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from ..repair import Call, repair
from ..wire import AwsError
from .cloudfront_documents import GUIDE

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
    "e61eb60c-9c35-4d20-a928-2b84e02af89c": {
        "Name": "Managed-CORS-and-SecurityHeadersPolicy",
        "SecurityHeadersConfig": SECURITY,
    },
    "eaab4381-ed33-4a86-88ca-d9558dc6cd63": {
        "Name": "Managed-CORS-with-preflight-and-SecurityHeadersPolicy",
        "SecurityHeadersConfig": SECURITY,
    },
    "67f7725c-6f97-4210-82d7-5512b31e9d03": {
        "Name": "Managed-SecurityHeadersPolicy",
        "SecurityHeadersConfig": SECURITY,
    },
}
CACHE_POLICIES = {
    "658327ea-f89d-4fab-a63d-7e88639e58f6": {
        "Name": "Managed-CachingOptimized",
        "MinTTL": 1,
        "DefaultTTL": 86400,
        "MaxTTL": 31536000,
    },
    "b2884449-e4de-46a7-ac36-70bc7f1ddd6d": {
        "Name": "Managed-CachingOptimizedForUncompressedObjects",
        "MinTTL": 1,
        "DefaultTTL": 86400,
        "MaxTTL": 31536000,
    },
    "4135ea2d-6df8-44a3-9df3-4b5a84be39ad": {
        "Name": "Managed-CachingDisabled",
        "MinTTL": 0,
        "DefaultTTL": 0,
        "MaxTTL": 0,
    },
    "83da9c7e-98b4-4e11-a168-04f0df8e2c65": {
        "Name": "UseOriginCacheControlHeaders",
        "MinTTL": 0,
        "DefaultTTL": 0,
        "MaxTTL": 31536000,
    },
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


@repair(
    "cloudfront",
    ["ListResponseHeadersPolicies", "GetResponseHeadersPolicy"],
    "the managed policies exist",
    GUIDE + "using-managed-response-headers-policies.html",
)
def response_headers_policies(call: Call) -> Any:
    return policies(call, "ResponseHeaders", HEADERS_POLICIES)


@repair(
    "cloudfront",
    ["ListCachePolicies", "GetCachePolicy"],
    "the managed policies exist",
    GUIDE + "using-managed-cache-policies.html",
)
def cache_policies(call: Call) -> Any:
    return policies(call, "Cache", CACHE_POLICIES)
