from cases import case, refused


@case
def versions_of_a_family(aws):
    found = aws.rds.describe_db_engine_versions(Engine="postgres", DBParameterGroupFamily="postgres16")
    versions = [one["EngineVersion"] for one in found["DBEngineVersions"]]
    assert versions and all(one.startswith("16.") for one in versions)
    with refused("InvalidParameterValue"):
        aws.rds.describe_db_engine_versions(Engine="postgres", DBParameterGroupFamily="postgres99")


def zones(aws, **more):
    asked = {"Engine": "postgres", "EngineVersion": "16.9", "DBInstanceClass": "db.t4g.micro", **more}
    options = aws.rds.describe_orderable_db_instance_options(**asked)["OrderableDBInstanceOptions"]
    return {zone["Name"] for one in options if one["StorageType"] == "gp3" for zone in one["AvailabilityZones"]}


@case
def an_instance_class_is_offered_in_some_zones(aws):
    assert "us-east-1a" in zones(aws)
    aws.set("dbOffers", **{"class": "db.t4g.micro", "zones": ["us-east-1f"]})
    assert zones(aws) == {"us-east-1f"}
