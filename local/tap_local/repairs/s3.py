"""S3: what a new bucket has of its own, tags in CreateBucket, and the owner that the caller expects."""

from __future__ import annotations

import json
import os
from datetime import timedelta
from typing import Any

from ..repair import Call, repair, setting
from ..wire import AwsError

API = "https://docs.aws.amazon.com/AmazonS3/latest/API/API_"
GUIDE = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/"
SSE_S3 = {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": False}]}
BLOCKED = {"BlockPublicAcls": True, "IgnorePublicAcls": True, "BlockPublicPolicy": True, "RestrictPublicBuckets": True}


@setting("s3Age")
def set_age(value: dict[str, Any]) -> None:
    """{"prefix": p, "seconds": n}: the objects of all buckets whose keys begin so were last written that much earlier."""
    from moto.s3.models import s3_backends

    for backend in s3_backends[os.environ["MOTO_ACCOUNT_ID"]].values():
        for bucket in backend.buckets.values():
            for key in bucket.keys.values():
                if key.name.startswith(value["prefix"]):
                    key.last_modified -= timedelta(seconds=value["seconds"])


def or_default(call: Call, absent: str, name: str, default: dict[str, Any], deleted: str) -> Any:
    """moto's answer, or the default of a new bucket where the setting was never deleted."""
    try:
        return call.moto()
    except AwsError as refused:
        if refused.code != absent or (deleted, call.params["Bucket"]) in call.state:
            raise
        return {name: default}


@repair(
    "s3", "GetBucketEncryption", "every bucket is encrypted with SSE-S3 at least", GUIDE + "default-encryption-faq.html"
)
def get_bucket_encryption(call: Call) -> Any:
    return or_default(
        call, "ServerSideEncryptionConfigurationNotFoundError", "ServerSideEncryptionConfiguration", SSE_S3, "-"
    )


@repair("s3", "GetPublicAccessBlock", "a new bucket blocks all public access", GUIDE + "create-bucket-faq.html")
def get_public_access_block(call: Call) -> Any:
    return or_default(
        call,
        "NoSuchPublicAccessBlockConfiguration",
        "PublicAccessBlockConfiguration",
        BLOCKED,
        "DeletePublicAccessBlock",
    )


@repair("s3", "GetBucketOwnershipControls", "a new bucket's owner is enforced", GUIDE + "create-bucket-faq.html")
def get_bucket_ownership_controls(call: Call) -> Any:
    rules = {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    return or_default(
        call, "OwnershipControlsNotFoundError", "OwnershipControls", rules, "DeleteBucketOwnershipControls"
    )


@repair(
    "s3",
    ["DeletePublicAccessBlock", "DeleteBucketOwnershipControls"],
    "takes the default away as well",
    GUIDE + "create-bucket-faq.html",
)
def delete_default(call: Call) -> Any:
    call.state[call.action, call.params["Bucket"]] = True
    return call.forward()


@repair("s3", "DeleteBucket", "refuses a bucket that holds versions", API + "DeleteBucket.html")
def delete_bucket(call: Call) -> Any:
    bucket = call.params["Bucket"]
    held = call.backend().buckets.get(bucket)
    if held is not None and any(held.keys.getlist(key) for key in held.keys.keys()):
        raise AwsError(
            "BucketNotEmpty",
            "The bucket you tried to delete is not empty. You must delete all versions in the bucket.",
            409,
        )
    for action in ("DeletePublicAccessBlock", "DeleteBucketOwnershipControls"):
        call.state.pop((action, bucket), None)
    return call.forward()


@repair("s3", "CreateBucket", "keeps the tags of its configuration", API + "CreateBucketConfiguration.html")
def create_bucket(call: Call) -> Any:
    answer = call.forward()
    tags = (call.params.get("CreateBucketConfiguration") or {}).get("Tags")
    if tags and answer.status < 300:
        call.ask("s3", "PutBucketTagging", {"Bucket": call.params["Bucket"], "Tagging": {"TagSet": tags}})
    return answer


@repair("s3", "*", "refuses when the bucket's owner is not the expected one", GUIDE + "bucket-owner-condition.html")
def expected_bucket_owner(call: Call) -> Any:
    owner = call.header("x-amz-expected-bucket-owner")
    if owner and owner != call.account:
        raise AwsError("AccessDenied", "Access Denied", 403)
    return call.forward()


OBJECT_ACTIONS = [
    "PutObject", "GetObject", "HeadObject", "DeleteObject", "DeleteObjects", "CopyObject", "GetObjectAttributes",
    "CreateMultipartUpload", "UploadPart", "UploadPartCopy", "CompleteMultipartUpload", "AbortMultipartUpload", "ListParts",
]  # fmt: skip


@repair(
    "s3", OBJECT_ACTIONS, "a statement whose conditions are not met does not deny", GUIDE + "amazon-s3-policy-keys.html"
)
def statements_with_conditions(call: Call) -> Any:
    """moto takes an unmet condition for a refusal. It cannot tell TLS or the calling service: such statements are left out."""
    bucket = call.backend().buckets.get(call.params["Bucket"])
    if bucket is None or not bucket.policy:
        return call.forward()
    policy = bucket.policy
    document = json.loads(policy)
    statements = document["Statement"] if isinstance(document["Statement"], list) else [document["Statement"]]
    kept = [statement for statement in statements if not statement.get("Condition")]
    bucket.policy = json.dumps({**document, "Statement": kept}).encode()
    try:
        return call.forward()
    finally:
        bucket.policy = policy
