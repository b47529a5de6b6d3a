"""CloudFront functions: a development and a live stage."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from ..repair import Call, repair
from ..wire import AwsError
from .cloudfront_documents import API, distributions, etag, matched


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
    metadata = {
        "FunctionARN": found["arn"],
        "Stage": stage,
        "CreatedTime": version["created"],
        "LastModifiedTime": version["modified"],
    }
    status = "DEPLOYED" if stage == "LIVE" else "UNPUBLISHED" if unpublished else "UNASSOCIATED"
    return {"Name": found["name"], "Status": status, "FunctionConfig": version["config"], "FunctionMetadata": metadata}


@repair("cloudfront", "CreateFunction", "has a development stage", API + "CreateFunction.html")
def create_function(call: Call) -> Any:
    name = call.params["Name"]
    if name in functions(call):
        raise AwsError("FunctionAlreadyExists", "A function with the same name already exists in this AWS account.")
    call.moto()
    now = datetime.now(timezone.utc).replace(microsecond=0)
    version = {
        "config": call.params["FunctionConfig"],
        "code": call.params["FunctionCode"],
        "etag": etag(),
        "created": now,
        "modified": now,
    }
    found = {
        "name": name,
        "arn": f"arn:aws:cloudfront::{call.account}:function/{name}",
        "development": version,
        "live": None,
    }
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
    version = function(call, call.params.get("Stage") or "DEVELOPMENT")[
        (call.params.get("Stage") or "DEVELOPMENT").lower()
    ]
    return {"FunctionCode": version["code"], "ETag": version["etag"], "ContentType": "application/octet-stream"}


@repair("cloudfront", "ListFunctions", "lists both stages of each", API + "ListFunctions.html")
def list_functions(call: Call) -> Any:
    stages = [call.params["Stage"]] if call.params.get("Stage") else ["DEVELOPMENT", "LIVE"]
    items = [summary(call, f, stage) for f in functions(call).values() for stage in stages if f[stage.lower()]]
    return {"FunctionList": {"MaxItems": 100, "Quantity": len(items), "Items": items}}


@repair(
    "cloudfront",
    "DeleteFunction",
    "wants the current ETag, refuses while a distribution uses it",
    API + "DeleteFunction.html",
)
def delete_function(call: Call) -> Any:
    found = function(call)
    matched(found["development"], call.params.get("IfMatch"))
    for doc in distributions(call).values():
        for association in doc["config"]["DefaultCacheBehavior"]["FunctionAssociations"].get("Items", []):
            if association["FunctionARN"] == found["arn"]:
                raise AwsError(
                    "FunctionInUse", "Cannot delete the function because it's attached to one or more cache behaviors."
                )
    call.moto()
    del functions(call)[call.params["Name"]]
    return {}
