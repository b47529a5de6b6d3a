"""The S3 origin as CloudFront sees it: through the bucket policy, signed by an origin access control."""

from __future__ import annotations

import json
import os
from fnmatch import fnmatchcase
from typing import Any

from .http import Response

OAC = "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-s3.html"
# Names of object metadata as moto keeps them.
HEADERS = ("content-type", "cache-control", "content-encoding", "content-disposition", "content-language", "expires")


def fetch(origin: dict[str, Any], distribution_arn: str, name: str) -> Response:
    """GET of the object with this name (unescaped)."""
    from moto.s3.models import FakeDeleteMarker, s3_backends

    bucket_name = origin["DomainName"].partition(".s3.")[0]
    bucket = s3_backends[os.environ["MOTO_ACCOUNT_ID"]]["aws"].buckets.get(bucket_name)
    if bucket is None:
        return _error(404, "NoSuchBucket", "The specified bucket does not exist")
    name = f"{origin.get('OriginPath', '')}/{name}".lstrip("/") if origin.get("OriginPath") else name
    # Without an access control CloudFront asks as anyone, and buckets of tap let nobody in.
    signed = bool(origin.get("OriginAccessControlId"))

    def may(action: str, resource: str) -> bool:
        return signed and allowed(bucket.policy, action, resource, distribution_arn)

    if not may("s3:GetObject", f"{bucket.arn}/{name}"):
        return _error(403, "AccessDenied", "Access Denied")
    found = bucket.keys.get(name)
    if found is None or isinstance(found, FakeDeleteMarker):
        # Whoever may not list is not told what is missing. https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
        if may("s3:ListBucket", bucket.arn):
            return _error(404, "NoSuchKey", "The specified key does not exist.")
        return _error(403, "AccessDenied", "Access Denied")
    metadata = {header.lower(): value for header, value in found.metadata.items()}
    headers = {header: metadata[header] for header in HEADERS if metadata.get(header)}
    headers.update({name: value for name, value in metadata.items() if name.startswith("x-amz-meta-")})
    return Response(200, {**headers, "etag": found.etag, "last-modified": found.last_modified_RFC1123}, found.value)


def allowed(policy: bytes | str | None, action: str, resource: str, distribution_arn: str) -> bool:
    """Whether a bucket policy lets CloudFront do `action` for this distribution, over TLS."""
    document = json.loads(policy) if policy else {"Statement": []}
    effects = set()
    for statement in _list(document["Statement"]):
        principal = statement.get("Principal", {})
        named = principal == "*" or "*" in _list(principal.get("AWS", [])) or (
            "cloudfront.amazonaws.com" in _list(principal.get("Service", []))
        )
        if (
            named
            and any(fnmatchcase(action.lower(), one.lower()) for one in _list(statement["Action"]))
            and any(fnmatchcase(resource, one) for one in _list(statement["Resource"]))
            and _holds(statement, distribution_arn)
        ):
            effects.add(statement["Effect"])
    return effects == {"Allow"}


def _holds(statement: dict[str, Any], distribution_arn: str) -> bool:
    """Whether the conditions are met. One that is not understood here never allows, and always denies."""
    facts = {
        "aws:sourcearn": distribution_arn,
        "aws:sourceaccount": distribution_arn.split(":")[4],
        "aws:securetransport": "true",
    }
    for operator, conditions in statement.get("Condition", {}).items():
        for key, values in conditions.items():
            fact = facts.get(key.lower())
            if operator not in ("StringEquals", "ArnEquals", "StringLike", "ArnLike", "Bool") or fact is None:
                return bool(statement["Effect"] == "Deny")
            patterns = [str(value).lower() if operator == "Bool" else str(value) for value in _list(values)]
            like = fnmatchcase if operator != "StringEquals" else str.__eq__
            if not any(like(fact, pattern) for pattern in patterns):
                return False
    return True


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _error(status: int, code: str, message: str) -> Response:
    body = f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code><Message>{message}</Message></Error>'
    return Response(status, {"content-type": "application/xml"}, body.encode())
