import json

from cases import case, ordinary, refused


def make(aws, name="tap/a", value="1"):
    return aws.secretsmanager.create_secret(Name=name, SecretString=value)


def put(aws, value):
    return aws.secretsmanager.put_secret_value(SecretId="tap/a", SecretString=value)["VersionId"]


def managed(aws):
    instance = aws.rds.create_db_instance(
        DBInstanceIdentifier="db", Engine="postgres", DBInstanceClass="db.t4g.micro", AllocatedStorage=20,
        MasterUsername="app_admin", ManageMasterUserPassword=True,
    )["DBInstance"]  # fmt: skip
    return instance["MasterUserSecret"]["SecretArn"]


@case
def the_name_of_a_deleted_secret_is_taken(aws):
    make(aws)
    aws.secretsmanager.delete_secret(SecretId="tap/a")
    with refused("InvalidRequestException"):
        make(aws, value="2")


@case
def a_deleted_secret_takes_no_tags(aws):
    make(aws)
    aws.secretsmanager.delete_secret(SecretId="tap/a")
    with refused("InvalidRequestException"):
        aws.secretsmanager.tag_resource(SecretId="tap/a", Tags=[{"Key": "a", "Value": "b"}])


@case
def a_deleted_secret_takes_no_value(aws):
    make(aws)
    aws.secretsmanager.delete_secret(SecretId="tap/a")
    with refused("InvalidRequestException"):
        put(aws, "2")


@ordinary
def a_restored_secret_is_as_before(aws):
    make(aws)
    aws.secretsmanager.delete_secret(SecretId="tap/a")
    aws.secretsmanager.restore_secret(SecretId="tap/a")
    assert aws.secretsmanager.get_secret_value(SecretId="tap/a")["SecretString"] == "1"


@case
def versions_without_a_label_are_not_described(aws):
    first = make(aws)["VersionId"]
    put(aws, "2")
    put(aws, "3")
    assert first not in aws.secretsmanager.describe_secret(SecretId="tap/a")["VersionIdsToStages"]


@case
def versions_without_a_label_are_listed_when_asked_for(aws):
    first = make(aws)["VersionId"]
    put(aws, "2")
    put(aws, "3")
    listed = aws.secretsmanager.list_secret_version_ids(SecretId="tap/a")["Versions"]
    assert first not in [one["VersionId"] for one in listed]
    listed = aws.secretsmanager.list_secret_version_ids(SecretId="tap/a", IncludeDeprecated=True)["Versions"]
    assert first in [one["VersionId"] for one in listed]


@case
def the_label_decides_which_value_is_current(aws):
    first = make(aws)["VersionId"]
    second = put(aws, "2")
    aws.secretsmanager.update_secret_version_stage(
        SecretId="tap/a", VersionStage="AWSCURRENT", MoveToVersionId=first, RemoveFromVersionId=second
    )
    assert aws.secretsmanager.get_secret_value(SecretId="tap/a")["SecretString"] == "1"


@case
def a_schedule_alone_changes_no_password(aws):
    arn = managed(aws)
    before = aws.secretsmanager.describe_secret(SecretId=arn)["VersionIdsToStages"]
    aws.secretsmanager.rotate_secret(
        SecretId=arn, RotationRules={"AutomaticallyAfterDays": 365}, RotateImmediately=False
    )
    after = aws.secretsmanager.describe_secret(SecretId=arn)
    assert after["VersionIdsToStages"] == before
    assert after["RotationRules"] == {"AutomaticallyAfterDays": 365}


@case
def a_schedule_is_shown_as_it_was_given(aws):
    arn = managed(aws)
    rules = {"ScheduleExpression": "rate(365 days)"}
    aws.secretsmanager.rotate_secret(SecretId=arn, RotationRules=rules, RotateImmediately=False)
    assert aws.secretsmanager.describe_secret(SecretId=arn)["RotationRules"] == rules


@case
def a_rotation_makes_a_new_password(aws):
    arn = managed(aws)
    before = json.loads(aws.secretsmanager.get_secret_value(SecretId=arn)["SecretString"])
    aws.secretsmanager.rotate_secret(SecretId=arn)
    after = json.loads(aws.secretsmanager.get_secret_value(SecretId=arn)["SecretString"])
    assert after["username"] == before["username"] == "app_admin"
    assert after["password"] != before["password"]
