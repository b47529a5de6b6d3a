import json

from cases import case, ordinary, refused
from rds import available, live, modify


def password(aws, arn):
    return json.loads(aws.secretsmanager.get_secret_value(SecretId=arn)["SecretString"])["password"]


@case
def a_rotation_takes_its_time_and_then_the_new_password_is_in_force(aws):
    available(aws)
    arn = live(aws)["MasterUserSecret"]["SecretArn"]
    before = password(aws, arn)
    modify(aws, RotateMasterUserPassword=True, ApplyImmediately=True)
    assert live(aws)["MasterUserSecret"]["SecretStatus"] == "rotating"
    assert password(aws, arn) == before
    assert live(aws)["MasterUserSecret"]["SecretStatus"] == "active"
    assert password(aws, arn) != before


@ordinary
def a_rotation_does_not_wait_for_the_maintenance_window(aws):
    available(aws)
    with refused("InvalidParameterCombination"):
        modify(aws, RotateMasterUserPassword=True)
