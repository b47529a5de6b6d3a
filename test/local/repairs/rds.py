import json

from cases import case, ordinary, refused


def make(aws, **more):
    wanted = {
        "DBInstanceIdentifier": "db", "Engine": "postgres", "EngineVersion": "16", "DBInstanceClass": "db.t4g.micro",
        "AllocatedStorage": 20, "MasterUsername": "app_admin", "ManageMasterUserPassword": True, **more,
    }  # fmt: skip
    return aws.rds.create_db_instance(**wanted)["DBInstance"]


def live(aws):
    return aws.rds.describe_db_instances(DBInstanceIdentifier="db")["DBInstances"][0]


def available(aws, **more):
    make(aws, **more)
    live(aws)


def modify(aws, **change):
    return aws.rds.modify_db_instance(DBInstanceIdentifier="db", **change)["DBInstance"]


def subnets(aws):
    return [one["SubnetId"] for one in aws.ec2.describe_subnets()["Subnets"]]


@case
def an_instance_takes_its_time(aws):
    make(aws)
    first, second = live(aws), live(aws)
    assert first["DBInstanceStatus"] == "creating" and "Endpoint" not in first
    assert second["DBInstanceStatus"] == "available" and second["Endpoint"]["Port"] == 5432


@case
def a_major_version_becomes_a_full_one(aws):
    assert make(aws)["EngineVersion"].startswith("16.")


@case
def an_unknown_security_group_is_refused(aws):
    with refused("InvalidParameterValue"):
        make(aws, VpcSecurityGroupIds=["sg-00000000"])


@case
def the_managed_secret_names_the_master_user(aws):
    arn = make(aws)["MasterUserSecret"]["SecretArn"]
    assert json.loads(aws.secretsmanager.get_secret_value(SecretId=arn)["SecretString"])["username"] == "app_admin"
    assert aws.secretsmanager.describe_secret(SecretId=arn)["RotationRules"] == {"AutomaticallyAfterDays": 7}


@case
def instances_have_ids_of_their_own(aws):
    one, other = make(aws), make(aws, DBInstanceIdentifier="other")
    assert one["DbiResourceId"] != other["DbiResourceId"]


@case
def a_change_waits_for_the_maintenance_window(aws):
    available(aws)
    modify(aws, DBInstanceClass="db.t4g.small")
    for _ in range(2):
        assert live(aws)["DBInstanceClass"] == "db.t4g.micro"
        assert live(aws)["PendingModifiedValues"]["DBInstanceClass"] == "db.t4g.small"


@case
def a_change_to_be_made_at_once_is_pending_first(aws):
    available(aws)
    modify(aws, DBInstanceClass="db.t4g.small", DBPortNumber=5433, ApplyImmediately=True)
    first, second = live(aws), live(aws)
    assert first["DBInstanceClass"] == "db.t4g.micro" and first["PendingModifiedValues"]["Port"] == 5433
    assert second["DBInstanceClass"] == "db.t4g.small" and second["Endpoint"]["Port"] == 5433
    assert not second.get("PendingModifiedValues")


@ordinary
def what_needs_no_window_changes_now(aws):
    available(aws)
    modify(aws, DeletionProtection=True)
    assert live(aws)["DeletionProtection"]


@case
def storage_does_not_shrink(aws):
    available(aws, AllocatedStorage=40)
    with refused("InvalidParameterCombination"):
        modify(aws, AllocatedStorage=20, ApplyImmediately=True)


@case
def a_major_upgrade_must_be_allowed(aws):
    available(aws)
    with refused("InvalidParameterCombination"):
        modify(aws, EngineVersion="17", ApplyImmediately=True)


@case
def there_is_no_way_back_to_an_earlier_version(aws):
    available(aws, EngineVersion="16.9")
    with refused("InvalidParameterCombination"):
        modify(aws, EngineVersion="16.4", ApplyImmediately=True)


@case
def a_deletion_needs_a_word_about_the_snapshot(aws):
    available(aws)
    with refused("InvalidParameterCombination"):
        aws.rds.delete_db_instance(DBInstanceIdentifier="db")


@case
def a_deleted_instance_is_shown_on_its_way_out(aws):
    available(aws)
    aws.rds.delete_db_instance(DBInstanceIdentifier="db", FinalDBSnapshotIdentifier="last")
    assert live(aws)["DBInstanceStatus"] == "deleting"
    with refused("DBInstanceNotFound"):
        live(aws)


@case
def a_busy_instance_is_not_changed(aws):
    available(aws)
    aws.set("dbInstance", identifier="db", status="backing-up")
    with refused("InvalidDBInstanceState"):
        modify(aws, DeletionProtection=True)


@case
def a_stopped_instance_starts(aws):
    available(aws)
    aws.set("dbInstance", identifier="db", status="stopped")
    aws.rds.start_db_instance(DBInstanceIdentifier="db")
    assert live(aws)["DBInstanceStatus"] == "available"


@case
def a_failed_instance_leaves_no_snapshot(aws):
    available(aws)
    aws.set("dbInstance", identifier="db", status="failed")
    with refused("InvalidDBInstanceState"):
        aws.rds.delete_db_instance(DBInstanceIdentifier="db", FinalDBSnapshotIdentifier="last")


@case
def a_subnet_group_spans_two_zones(aws):
    with refused("DBSubnetGroupDoesNotCoverEnoughAZs"):
        aws.rds.create_db_subnet_group(DBSubnetGroupName="g", DBSubnetGroupDescription="d", SubnetIds=subnets(aws)[:1])


@case
def a_subnet_group_has_its_name_alone(aws):
    wanted = {"DBSubnetGroupName": "g", "DBSubnetGroupDescription": "d", "SubnetIds": subnets(aws)[:2]}
    aws.rds.create_db_subnet_group(**wanted)
    with refused("DBSubnetGroupAlreadyExists"):
        aws.rds.create_db_subnet_group(**wanted)


@case
def a_changed_subnet_group_stays(aws):
    aws.rds.create_db_subnet_group(DBSubnetGroupName="g", DBSubnetGroupDescription="d", SubnetIds=subnets(aws)[:2])
    aws.rds.modify_db_subnet_group(DBSubnetGroupName="g", SubnetIds=subnets(aws)[:3])
    (group,) = aws.rds.describe_db_subnet_groups(DBSubnetGroupName="g")["DBSubnetGroups"]
    assert len(group["Subnets"]) == 3 and group["DBSubnetGroupDescription"] == "d"


@case
def a_subnet_group_in_use_stays(aws):
    aws.rds.create_db_subnet_group(DBSubnetGroupName="g", DBSubnetGroupDescription="d", SubnetIds=subnets(aws)[:2])
    available(aws, DBSubnetGroupName="g")
    with refused("InvalidDBSubnetGroupStateFault"):
        aws.rds.delete_db_subnet_group(DBSubnetGroupName="g")
