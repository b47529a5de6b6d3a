"""ACM: a certificate is issued when its validation records are there, and not because time has passed."""

from __future__ import annotations

import hashlib
from typing import Any

from moto.backends import get_backend

from .. import pace
from ..repair import STATE, Call, repair, setting
from ..wire import AwsError

DNS = "https://docs.aws.amazon.com/acm/latest/userguide/dns-validation.html"
API = "https://docs.aws.amazon.com/acm/latest/APIReference/API_"


@setting("certificate")
def set_certificate(value: dict[str, Any]) -> None:
    """{"arn", "status"}: ISSUED, PENDING_VALIDATION, FAILED ..., whatever the records say."""
    STATE["acm"].setdefault("forced", {})[value["arn"]] = value["status"]


def validation_record(account: str, domain: str) -> dict[str, str]:
    """One and the same for a name and its wildcard, in every certificate of the account."""
    base = domain.removeprefix("*.")
    name = hashlib.md5(f"{account} {base} name".encode()).hexdigest()
    value = hashlib.md5(f"{account} {base} value".encode()).hexdigest()
    return {"Name": f"_{name}.{base}.", "Type": "CNAME", "Value": f"_{value}.acmlocal.acm-validations.aws."}


def validated(call: Call, domain: str) -> bool:
    """Whether a public hosted zone of this account has the record that proves control of the domain."""
    wanted = validation_record(call.account, domain)
    for zone in call.backend("route53").zones.values():
        if zone.private_zone or not f".{wanted['Name']}".endswith(f".{zone.name.rstrip('.')}."):
            continue
        for record in zone.rrsets:
            if record.type == "CNAME" and record.name.lower().rstrip(".") == wanted["Name"].rstrip("."):
                return any(value.rstrip(".") == wanted["Value"].rstrip(".") for value in record.records or [])
    return False


def settle(call: Call, bundle: Any) -> None:
    forced = call.state.get("forced", {}).get(bundle.arn)
    if forced:
        bundle.status = forced
    elif bundle.type == "AMAZON_ISSUED" and bundle.status == "PENDING_VALIDATION":
        if is_proved(call, bundle) and pace.is_over(issuance(bundle.arn)):
            bundle.status = "ISSUED"


def is_proved(call: Call, bundle: Any) -> bool:
    return all(validated(call, domain) for domain in {bundle.common_name, *bundle.sans})


def issuance(arn: str) -> float | None:
    """When a certificate is issued whose records are there, or were first seen now."""
    dues = STATE["acm"].setdefault("due", {})
    if arn not in dues:
        dues[arn] = pace.due("certificate-validation")
    return dues[arn]


@repair("route53", "ChangeResourceRecordSets", "ACM sees the records that it waits for", DNS)
def change_record_sets(call: Call) -> Any:
    answer = call.forward()
    for backend in get_backend("acm")[call.account].values():
        for bundle in backend._certificates.values():
            if bundle.status == "PENDING_VALIDATION" and is_proved(call, bundle):
                issuance(bundle.arn)
    return answer


def in_use_by(call: Call, arn: str) -> list[str]:
    users = []
    for balancer in call.backend("elbv2").load_balancers.values():
        if any(arn in str(listener.certificates) for listener in balancer.listeners.values()):
            users.append(balancer.arn)
    for id, doc in STATE["cloudfront"].get("distributions", {}).items():
        if doc["config"]["ViewerCertificate"].get("ACMCertificateArn") == arn:
            users.append(f"arn:aws:cloudfront::{call.account}:distribution/{id}")
    return users


@repair(
    "acm",
    "DescribeCertificate",
    "is ISSUED when the validation records are in Route 53, and only then; one record serves a name and its wildcard",
    DNS,
)
def describe_certificate(call: Call) -> Any:
    bundle = call.backend()._certificates.get(call.params["CertificateArn"])
    if bundle:
        settle(call, bundle)
    result = call.moto()
    certificate = result["Certificate"]
    names = sorted(certificate["SubjectAlternativeNames"], key=lambda name: (name != certificate["DomainName"], name))
    certificate["SubjectAlternativeNames"] = names
    certificate["InUseBy"] = in_use_by(call, certificate["CertificateArn"])
    if certificate["Type"] != "AMAZON_ISSUED":
        return result
    issued = certificate["Status"] == "ISSUED"
    for absent in [] if issued else ["IssuedAt", "NotBefore", "NotAfter", "Serial"]:
        certificate.pop(absent, None)
    certificate["RenewalEligibility"] = "ELIGIBLE" if issued and certificate["InUseBy"] else "INELIGIBLE"
    certificate["DomainValidationOptions"] = [
        {
            "DomainName": name,
            "ValidationDomain": name,
            "ValidationStatus": "SUCCESS"
            if issued
            else "FAILED"
            if certificate["Status"] == "FAILED"
            else "PENDING_VALIDATION",
            "ValidationMethod": "DNS",
            "ResourceRecord": validation_record(call.account, name),
        }
        for name in names
    ]
    return result


@repair("acm", "ListCertificates", "knows which are issued", API + "ListCertificates.html")
def list_certificates(call: Call) -> Any:
    for bundle in call.backend()._certificates.values():
        settle(call, bundle)
    result = call.moto()
    for summary in result.get("CertificateSummaryList", []):
        summary["InUse"] = bool(in_use_by(call, summary["CertificateArn"]))
    return result


@repair(
    "acm", "DeleteCertificate", "refuses while a load balancer or distribution uses it", API + "DeleteCertificate.html"
)
def delete_certificate(call: Call) -> Any:
    arn = call.params["CertificateArn"]
    users = in_use_by(call, arn)
    if users:
        raise AwsError("ResourceInUseException", f"Certificate {arn} in account {call.account} is in use.")
    return call.forward()
