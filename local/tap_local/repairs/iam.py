"""IAM: audiences of identity providers; limits on a role's policies."""

from __future__ import annotations

import json
import re
from typing import Any

from ..repair import Call, repair
from ..wire import AwsError

API = "https://docs.aws.amazon.com/IAM/latest/APIReference/API_"
QUOTAS = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html"
TRUST, INLINE = 2_048, 10_240


def provider(call: Call) -> Any:
    arn = call.params["OpenIDConnectProviderArn"]
    found = call.backend().open_id_providers.get(arn)
    if found is None:
        raise AwsError("NoSuchEntity", f"OpenIDConnect Provider not found for arn {arn}", 404)
    return found


@repair("iam", "AddClientIDToOpenIDConnectProvider", "exists", API + "AddClientIDToOpenIDConnectProvider.html")
def add_client_id(call: Call) -> Any:
    ids = provider(call).client_id_list
    if call.params["ClientID"] not in ids:
        ids.append(call.params["ClientID"])
    return {}


@repair(
    "iam", "RemoveClientIDFromOpenIDConnectProvider", "exists", API + "RemoveClientIDFromOpenIDConnectProvider.html"
)
def remove_client_id(call: Call) -> Any:
    ids = provider(call).client_id_list
    if call.params["ClientID"] in ids:
        ids.remove(call.params["ClientID"])
    return {}


def size(document: str) -> int:
    """White space does not count."""
    return len(re.sub(r"\s", "", document))


@repair(
    "iam",
    ["CreateRole", "UpdateAssumeRolePolicy"],
    "a trust policy has statements and at most 2,048 characters",
    QUOTAS,
)
def trust(call: Call) -> Any:
    document = call.params.get("AssumeRolePolicyDocument") or call.params.get("PolicyDocument") or ""
    try:
        empty = not json.loads(document).get("Statement")
    except ValueError:
        empty = True
    if empty:
        raise AwsError("MalformedPolicyDocument", "Syntax errors in policy.", 400)
    if size(document) > TRUST:
        raise AwsError("LimitExceeded", f"Cannot exceed quota for ACLSizePerRole: {TRUST}", 409)
    return call.forward()


@repair("iam", "PutRolePolicy", "all inline policies of a role have at most 10,240 characters together", QUOTAS)
def put_role_policy(call: Call) -> Any:
    given = call.params
    names = call.ask("iam", "ListRolePolicies", {"RoleName": given["RoleName"]})["PolicyNames"]
    others = [name for name in names if name != given["PolicyName"]]
    total = size(given["PolicyDocument"])
    for name in others:
        live = call.ask("iam", "GetRolePolicy", {"RoleName": given["RoleName"], "PolicyName": name})["PolicyDocument"]
        total += size(live if isinstance(live, str) else json.dumps(live))
    if total > INLINE:
        raise AwsError(
            "LimitExceeded", f"Maximum policy size of {INLINE} bytes exceeded for role {given['RoleName']}", 409
        )
    return call.forward()
