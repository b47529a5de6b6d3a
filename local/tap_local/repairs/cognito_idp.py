"""Cognito user pools: tags, deletion rules, unique domains and providers, updates that reset what they leave out."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from ..repair import STATE, Call, repair, setting
from ..wire import AwsError

API = "https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_"

# What a pool keeps from its creation whatever an update says.
FIXED = ("UsernameAttributes", "UsernameConfiguration", "AliasAttributes", "UserPoolTags")
CLIENT_DEFAULTS = {
    "AllowedOAuthFlowsUserPoolClient": False,
    "AuthSessionValidity": 3,
    "EnablePropagateAdditionalUserContextData": False,
    "EnableTokenRevocation": True,
    "RefreshTokenValidity": 30,
}
GOOGLE = {
    "attributes_url": "https://people.googleapis.com/v1/people/me?personFields=",
    "attributes_url_add_attributes": "true",
    "authorize_url": "https://accounts.google.com/o/oauth2/v2/auth",
    "oidc_issuer": "https://accounts.google.com",
    "token_request_method": "POST",
    "token_url": "https://www.googleapis.com/oauth2/v4/token",
}


def invalid(message: str) -> AwsError:
    return AwsError("InvalidParameterException", message)


def user_pool(call: Call, id: str | None = None) -> Any:
    id = id or call.params["UserPoolId"]
    try:
        return call.backend().user_pools[id]
    except KeyError:
        raise AwsError("ResourceNotFoundException", f"User pool {id} does not exist.") from None


def domains_of(call: Call, pool_id: str) -> list[Any]:
    return [one for one in call.backend().user_pool_domains.values() if one.user_pool_id == pool_id]


# --- pools --------------------------------------------------------------------------------------------------------------


def check_validity_days(call: Call) -> None:
    password = call.params.get("Policies", {}).get("PasswordPolicy", {})
    admin = call.params.get("AdminCreateUserConfig", {})
    if "TemporaryPasswordValidityDays" in password and "UnusedAccountValidityDays" in admin:
        raise invalid("Please use TemporaryPasswordValidityDays in PasswordPolicy instead of UnusedAccountValidityDays")


@repair(
    "cognito-idp",
    "CreateUserPool",
    "TemporaryPasswordValidityDays replaces UnusedAccountValidityDays",
    API + "PasswordPolicyType.html",
)
def create_user_pool(call: Call) -> Any:
    check_validity_days(call)
    if call.params.get("MfaConfiguration", "OFF") != "OFF" and "SmsConfiguration" not in call.params:
        raise invalid(
            "SMS configuration and Auto verification for phone_number are required when MFA is required/optional"
        )
    return call.moto()


@repair(
    "cognito-idp",
    "DescribeUserPool",
    "tells prefix and custom domain apart, and the validity of temporary passwords by both names",
    API + "UserPoolType.html",
)
def describe_user_pool(call: Call) -> Any:
    result = call.moto()
    pool = result["UserPool"]
    pool.pop("Domain", None)
    for domain in domains_of(call, pool["Id"]):
        pool["CustomDomain" if domain.custom_domain_config else "Domain"] = domain.domain
    days = pool.get("Policies", {}).get("PasswordPolicy", {}).get("TemporaryPasswordValidityDays")
    if days is not None:
        pool["AdminCreateUserConfig"]["UnusedAccountValidityDays"] = days
    return result


@repair(
    "cognito-idp",
    "UpdateUserPool",
    "resets what it is not given, keeps what cannot change, renames",
    API + "UpdateUserPool.html",
)
def update_user_pool(call: Call) -> Any:
    pool = user_pool(call)
    check_validity_days(call)
    mfa = call.params.get("MfaConfiguration", "OFF")
    if mfa == "ON" and pool.mfa_config != "ON":
        raise invalid("Cannot turn MFA functionality ON, once the user pool has been created.")
    fixed = {name: pool.extended_config[name] for name in FIXED if name in pool.extended_config}
    call.moto()
    pool.extended_config.update({**fixed, **{k: v for k, v in call.params.items() if k == "UserPoolTags"}})
    pool.name = call.params.get("PoolName", pool.name)
    pool.mfa_config = mfa
    return {}


@repair(
    "cognito-idp",
    "SetUserPoolMfaConfig",
    "DescribeUserPool shows the mode as well; OFF takes no factor",
    API + "SetUserPoolMfaConfig.html",
)
def set_user_pool_mfa_config(call: Call) -> Any:
    factors = ("SmsMfaConfiguration", "SoftwareTokenMfaConfiguration", "EmailMfaConfiguration")
    if call.params.get("MfaConfiguration") == "OFF" and any(factor in call.params for factor in factors):
        raise invalid("Invalid MFA configuration given, can't turn off MFA and configure an MFA together.")
    result = call.moto()
    pool = user_pool(call)
    pool.extended_config["MfaConfiguration"] = pool.mfa_config
    return result


@repair(
    "cognito-idp", "DeleteUserPool", "refuses while the pool is protected or has a domain", API + "DeleteUserPool.html"
)
def delete_user_pool(call: Call) -> Any:
    pool = user_pool(call)
    if pool.extended_config.get("DeletionProtection") == "ACTIVE":
        raise invalid(
            "The user pool cannot be deleted because deletion protection is activated. Deletion protection must be inactivated first."
        )
    if domains_of(call, pool.id):
        raise invalid("User pool cannot be deleted. It has a domain configured that should be deleted first.")
    return call.moto()


@repair("cognito-idp", ["TagResource", "UntagResource", "ListTagsForResource"], "exist", API + "TagResource.html")
def tags(call: Call) -> Any:
    pool = user_pool(call, call.params["ResourceArn"].rpartition("/")[2])
    live = pool.extended_config.setdefault("UserPoolTags", {})
    if call.action == "TagResource":
        live.update(call.params["Tags"])
    elif call.action == "UntagResource":
        for key in call.params["TagKeys"]:
            live.pop(key, None)
    return {"Tags": live} if call.action == "ListTagsForResource" else {}


# --- domains ------------------------------------------------------------------------------------------------------------


@setting("userPoolDomain")
def set_domain(value: dict[str, Any]) -> None:
    """{"domain": d, "status": "CREATING"}: from now on the domain is shown in this state. {"taken": d}: another account has it."""
    if "taken" in value:
        STATE["cognito-idp"].setdefault("taken", set()).add(value["taken"])
    else:
        STATE["cognito-idp"].setdefault("status", {})[value["domain"]] = value["status"]


@repair(
    "cognito-idp",
    "CreateUserPoolDomain",
    "a domain belongs to one pool of all accounts, a pool has one of a sort",
    API + "CreateUserPoolDomain.html",
)
def create_user_pool_domain(call: Call) -> Any:
    domain = call.params["Domain"]
    pool = user_pool(call)
    if domain in call.backend().user_pool_domains or domain in call.state.get("taken", ()):
        raise invalid("Domain already associated with another user pool.")
    custom = bool(call.params.get("CustomDomainConfig"))
    if any(bool(one.custom_domain_config) == custom for one in domains_of(call, pool.id)):
        raise invalid("User pool already has a domain configured.")
    result = call.moto()
    call.state.setdefault("login", {})[domain] = call.params.get("ManagedLoginVersion", 1)
    return result


@repair(
    "cognito-idp",
    "UpdateUserPoolDomain",
    "changes the version of the login page and the certificate",
    API + "UpdateUserPoolDomain.html",
)
def update_user_pool_domain(call: Call) -> Any:
    domain = call.params["Domain"]
    found = call.backend().user_pool_domains.get(domain)
    if found is None:
        raise AwsError("ResourceNotFoundException", "Domain does not exist.")
    config = call.params.get("CustomDomainConfig") or found.custom_domain_config
    result = call.moto({**call.params, "CustomDomainConfig": config} if config else None)
    call.state.setdefault("login", {})[domain] = call.params.get("ManagedLoginVersion", 1)
    return result


@repair(
    "cognito-idp",
    "DescribeUserPoolDomain",
    "tells account, certificate and the version of the login page",
    API + "DomainDescriptionType.html",
)
def describe_user_pool_domain(call: Call) -> Any:
    domain = call.params["Domain"]
    result = call.moto()
    found = call.backend().user_pool_domains.get(domain)
    if found is None:
        return {"DomainDescription": {}}
    description = result["DomainDescription"]
    description.update(AWSAccountId=call.account, Version="20240101000000", S3Bucket="aws-cognito-prod-iad-assets")
    description["ManagedLoginVersion"] = call.state.get("login", {}).get(domain, 1)
    description["Status"] = call.state.get("status", {}).get(domain, "ACTIVE")
    if found.custom_domain_config:
        description["CustomDomainConfig"] = found.custom_domain_config
    return result


# --- identity providers -------------------------------------------------------------------------------------------------


@repair(
    "cognito-idp",
    "CreateIdentityProvider",
    "names are unique in the pool; Google's addresses are filled in",
    API + "CreateIdentityProvider.html",
)
def create_identity_provider(call: Call) -> Any:
    name = call.params["ProviderName"]
    if name in user_pool(call).identity_providers:
        raise AwsError("DuplicateProviderException", f"An identity provider with name {name} already exists.")
    call.moto()
    return provider(call)


@repair(
    "cognito-idp",
    "UpdateIdentityProvider",
    "replaces the provider's details as a whole",
    API + "UpdateIdentityProvider.html",
)
def update_identity_provider(call: Call) -> Any:
    call.moto()
    return provider(call)


def provider(call: Call) -> Any:
    one = user_pool(call).identity_providers[call.params["ProviderName"]]
    if one.extended_config.get("ProviderType") == "Google":
        one.extended_config["ProviderDetails"] = {**GOOGLE, **one.extended_config["ProviderDetails"]}
    return {"IdentityProvider": {**one.to_json(extended=True), "UserPoolId": call.params["UserPoolId"]}}


# --- clients ------------------------------------------------------------------------------------------------------------


def check_providers(call: Call) -> None:
    known = {"COGNITO", *user_pool(call).identity_providers}
    for name in call.params.get("SupportedIdentityProviders") or []:
        if name not in known:
            raise invalid(f"The provider {name} does not exist for User Pool {call.params['UserPoolId']}.")


@repair(
    "cognito-idp",
    "CreateUserPoolClient",
    "wants the pool to have the identity providers; is dated",
    API + "CreateUserPoolClient.html",
)
def create_user_pool_client(call: Call) -> Any:
    check_providers(call)
    result = call.moto()
    now = datetime.now(timezone.utc)
    dates = {"CreationDate": now, "LastModifiedDate": now}
    user_pool(call).clients[result["UserPoolClient"]["ClientId"]].extended_config.update(dates)
    result["UserPoolClient"].update(dates)
    return result


@repair("cognito-idp", "UpdateUserPoolClient", "resets what it is not given", API + "UpdateUserPoolClient.html")
def update_user_pool_client(call: Call) -> Any:
    check_providers(call)
    client = user_pool(call).clients.get(call.params["ClientId"])
    if client is not None:
        kept = {
            name: client.extended_config[name]
            for name in ("ClientName", "CreationDate")
            if name in client.extended_config
        }
        client.extended_config = {**CLIENT_DEFAULTS, **kept, "LastModifiedDate": datetime.now(timezone.utc)}
    return call.moto()
