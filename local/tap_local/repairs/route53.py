"""Route 53: a batch is judged whole before it is applied, and wildcards are written in octal."""

from __future__ import annotations

import copy
from typing import Any

from ..repair import Call, repair
from ..wire import AwsError

API = "https://docs.aws.amazon.com/Route53/latest/APIReference/API_"
FORMAT = "https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DomainNameFormat.html"


def plain(name: str) -> str:
    """`\\052.Example.com` as moto keeps it: `*.example.com.`"""
    return name.lower().replace("\\052", "*").rstrip(".") + "."


def octal(name: str) -> str:
    return name.replace("*", "\\052")


def content(record: dict[str, Any]) -> Any:
    values = sorted(one["Value"] for one in record.get("ResourceRecords") or [])
    alias = record.get("AliasTarget")
    return (
        (int(record["TTL"]) if record.get("TTL") is not None else None, values)
        if not alias
        else (alias["HostedZoneId"], plain(alias["DNSName"]), alias["EvaluateTargetHealth"])
    )


@repair(
    "route53",
    "ChangeResourceRecordSets",
    "CREATE of what exists, and DELETE of what is not exactly so, are refused, and the batch with them",
    API + "ChangeResourceRecordSets.html",
)
def change_resource_record_sets(call: Call) -> Any:
    params = copy.deepcopy(call.params)
    zone = params["HostedZoneId"].rpartition("/")[2]
    if zone not in call.backend().zones:
        return call.forward()
    now = {}
    for record in call.ask("route53", "ListResourceRecordSets", {"HostedZoneId": zone})["ResourceRecordSets"]:
        now[plain(record["Name"]), record["Type"], record.get("SetIdentifier")] = record
    problems = []
    for change in params["ChangeBatch"]["Changes"]:
        record = change["ResourceRecordSet"]
        record["Name"] = plain(record["Name"])
        key, named = (
            (record["Name"], record["Type"], record.get("SetIdentifier")),
            f"resource record set [name='{octal(record['Name'])}', type='{record['Type']}']",
        )
        if change["Action"] == "CREATE" and key in now:
            problems.append(f"Tried to create {named} but it already exists")
        if change["Action"] == "DELETE" and key not in now:
            problems.append(f"Tried to delete {named} but it was not found")
        elif change["Action"] == "DELETE" and content(now[key]) != content(record):
            problems.append(f"Tried to delete {named} but the values provided do not match the current values")
        if (
            change["Action"] != "DELETE"
            and record["Type"] == "CNAME"
            and record["Name"] == plain(call.backend().zones[zone].name)
        ):
            problems.append(
                f"RRSet of type CNAME with DNS name {record['Name']} is not permitted at apex in zone {record['Name']}"
            )
        if change["Action"] == "DELETE":
            now.pop(key, None)
        else:
            now[key] = record
            # moto refuses to create again what it has ever created, if a later name is there.
            change["Action"] = "UPSERT"
    if problems:
        raise AwsError("InvalidChangeBatch", f"[{', '.join(problems)}]")
    return call.moto(params)


@repair("route53", "ListResourceRecordSets", "writes the asterisk as \\052", FORMAT)
def list_resource_record_sets(call: Call) -> Any:
    result = (
        call.moto({**call.params, "StartRecordName": plain(call.params["StartRecordName"])})
        if call.params.get("StartRecordName")
        else call.moto()
    )
    for record in result["ResourceRecordSets"]:
        record["Name"] = octal(record["Name"])
    if result.get("NextRecordName"):
        result["NextRecordName"] = octal(result["NextRecordName"])
    return result


def reversed_labels(name: str) -> list[str]:
    """The order of names: `example.com.` before `a.example.com.`"""
    return plain(name).rstrip(".").split(".")[::-1]


@repair(
    "route53",
    "ListHostedZonesByName",
    "begins at the name and goes on with its successors",
    API + "ListHostedZonesByName.html",
)
def list_hosted_zones_by_name(call: Call) -> Any:
    start, most = call.params.get("DNSName"), int(call.params.get("MaxItems") or 100)
    zones = sorted(call.moto({})["HostedZones"], key=lambda zone: (reversed_labels(zone["Name"]), zone["Id"]))
    rest = [zone for zone in zones if not start or reversed_labels(zone["Name"]) >= reversed_labels(start)]
    result = {"HostedZones": rest[:most], "IsTruncated": len(rest) > most, "MaxItems": str(most)}
    if start:
        result["DNSName"] = start
    if len(rest) > most:
        result |= {"NextDNSName": rest[most]["Name"], "NextHostedZoneId": rest[most]["Id"].split("/")[-1]}
    return result


@repair("route53", "CreateHostedZone", "a caller reference makes one zone", API + "CreateHostedZone.html")
def create_hosted_zone(call: Call) -> Any:
    if any(zone.caller_reference == call.params["CallerReference"] for zone in call.backend().zones.values()):
        raise AwsError(
            "HostedZoneAlreadyExists",
            f"A hosted zone has already been created with the specified caller reference {call.params['CallerReference']}.",
        )
    return call.forward()
