"""CloudFront: origin access controls have unique names and ETags that mean something."""

from __future__ import annotations

from typing import Any

from ..repair import Call, repair
from ..wire import AwsError
from .cloudfront_documents import API, distributions, etag, matched


@repair(
    "cloudfront", "CreateOriginAccessControl", "names are unique in the account", API + "CreateOriginAccessControl.html"
)
def create_origin_access_control(call: Call) -> Any:
    name = call.params["OriginAccessControlConfig"]["Name"]
    if any(control.name == name for control in call.backend().origin_access_controls.values()):
        raise AwsError(
            "OriginAccessControlAlreadyExists", f"An origin access control with the name {name} already exists."
        )
    return call.moto()


@repair(
    "cloudfront",
    "ListOriginAccessControls",
    "goes on where the page before has ended",
    API + "ListOriginAccessControls.html",
)
def list_origin_access_controls(call: Call) -> Any:
    most = int(call.params.get("MaxItems") or 100)
    found = [c for id, c in sorted(call.backend().origin_access_controls.items()) if id > call.params.get("Marker", "")]
    page = [
        {
            "Id": control.id,
            "Name": control.name,
            "Description": control.description,
            "SigningProtocol": control.signing_protocol,
            "SigningBehavior": control.signing_behavior,
            "OriginAccessControlOriginType": control.origin_type,
        }
        for control in found[:most]
    ]
    more = {"NextMarker": page[-1]["Id"]} if len(found) > most else {}
    listed = {"Marker": call.params.get("Marker", ""), "MaxItems": most, "IsTruncated": bool(more), **more}
    return {"OriginAccessControlList": {**listed, "Quantity": len(page), "Items": page}}


@repair("cloudfront", "GetOriginAccessControlConfig", "exists", API + "GetOriginAccessControlConfig.html")
def get_origin_access_control_config(call: Call) -> Any:
    found = call.ask("cloudfront", "GetOriginAccessControl", {"Id": call.params["Id"]})
    return {
        "OriginAccessControlConfig": found["OriginAccessControl"]["OriginAccessControlConfig"],
        "ETag": found["ETag"],
    }


@repair(
    "cloudfront",
    "UpdateOriginAccessControl",
    "wants the current ETag and makes a new one",
    API + "UpdateOriginAccessControl.html",
)
def update_origin_access_control(call: Call) -> Any:
    control = access_control(call)
    matched({"etag": control.etag}, call.params.get("IfMatch"))
    result = call.moto()
    control.etag = etag()
    return {**result, "ETag": control.etag}


@repair(
    "cloudfront",
    "DeleteOriginAccessControl",
    "wants the current ETag, refuses while a distribution uses it",
    API + "DeleteOriginAccessControl.html",
)
def delete_origin_access_control(call: Call) -> Any:
    control = access_control(call)
    matched({"etag": control.etag}, call.params.get("IfMatch"))
    for doc in distributions(call).values():
        if any(origin["OriginAccessControlId"] == control.id for origin in doc["config"]["Origins"]["Items"]):
            raise AwsError(
                "OriginAccessControlInUse",
                "Cannot delete the origin access control because it's in use by one or more distributions.",
            )
    return call.moto()


def access_control(call: Call) -> Any:
    try:
        return call.backend().origin_access_controls[call.params["Id"]]
    except KeyError:
        raise AwsError("NoSuchOriginAccessControl", "The specified origin access control does not exist.") from None
