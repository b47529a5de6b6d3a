"""RDS: which versions of PostgreSQL there are, and which instance classes where."""

from __future__ import annotations

from typing import Any

from ..repair import STATE, Call, repair, setting
from ..wire import AwsError

API = "https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_"
# A few minor versions of each major one; the first is what `full_version` picks.
MINORS = {"14": ["18", "17"], "15": ["13", "12"], "16": ["9", "8", "4"], "17": ["5", "4"]}


@setting("dbOffers")
def set_offers(value: dict[str, Any]) -> None:
    """{"class": c, "zones": [...]}: the zones that have the instance class; default: all of the region."""
    STATE["rds"].setdefault("offers", {})[value["class"]] = value["zones"]


@repair("rds", "DescribeDBEngineVersions", "exists", API + "DescribeDBEngineVersions.html")
def describe_engine_versions(call: Call) -> Any:
    given = call.params
    family = given.get("DBParameterGroupFamily")
    if family and family.removeprefix("postgres") not in MINORS:
        raise AwsError("InvalidParameterValue", f"DBParameterGroupFamily {family} does not exist.")
    return {
        "DBEngineVersions": [
            {"Engine": "postgres", "EngineVersion": f"{major}.{minor}", "DBParameterGroupFamily": f"postgres{major}"}
            for major, minors in MINORS.items()
            for minor in minors
            if given.get("Engine", "postgres") == "postgres"
            and family in (None, f"postgres{major}")
            and given.get("EngineVersion") in (None, f"{major}.{minor}")
        ]
    }


@repair(
    "rds",
    "DescribeOrderableDBInstanceOptions",
    "knows PostgreSQL",
    API + "DescribeOrderableDBInstanceOptions.html",
)
def describe_orderable_options(call: Call) -> Any:
    given = call.params
    if given["Engine"] != "postgres":
        return call.moto()
    zones = [one["ZoneName"] for one in call.ask("ec2", "DescribeAvailabilityZones")["AvailabilityZones"]]
    size = given.get("DBInstanceClass", "db.t4g.micro")
    offered = call.state.get("offers", {}).get(size, zones)
    return {
        "OrderableDBInstanceOptions": [
            {
                "Engine": "postgres",
                "EngineVersion": given.get("EngineVersion", "16.9"),
                "DBInstanceClass": size,
                "StorageType": storage,
                "Vpc": True,
                "MultiAZCapable": True,
                "AvailabilityZones": [{"Name": zone} for zone in offered],
            }
            for storage in ("gp2", "gp3", "io1")
            if offered
        ]
    }
