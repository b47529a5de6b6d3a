import json

from cases import case, ordinary, refused

URL = "https://token.actions.githubusercontent.com"
TRUST = {"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"}


def policy(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def role(aws):
    aws.iam.create_role(RoleName="r", AssumeRolePolicyDocument=policy(TRUST))


def actions(count):
    return policy({"Effect": "Allow", "Action": [f"s3:Get{i:06}" for i in range(count)], "Resource": "*"})


@case
def a_provider_gains_and_loses_audiences(aws):
    arn = aws.iam.create_open_id_connect_provider(Url=URL, ClientIDList=["a"])["OpenIDConnectProviderArn"]
    aws.iam.add_client_id_to_open_id_connect_provider(OpenIDConnectProviderArn=arn, ClientID="b")
    aws.iam.add_client_id_to_open_id_connect_provider(OpenIDConnectProviderArn=arn, ClientID="b")
    aws.iam.remove_client_id_from_open_id_connect_provider(OpenIDConnectProviderArn=arn, ClientID="a")
    assert aws.iam.get_open_id_connect_provider(OpenIDConnectProviderArn=arn)["ClientIDList"] == ["b"]


@case
def a_trust_policy_without_statements_is_refused(aws):
    with refused("MalformedPolicyDocument"):
        aws.iam.create_role(RoleName="r", AssumeRolePolicyDocument=policy())


@case
def a_trust_policy_has_2048_characters_at_most(aws):
    role(aws)
    long = policy({**TRUST, "Condition": {"StringEquals": {"aws:SourceArn": "x" * 2000}}})
    with refused("LimitExceeded"):
        aws.iam.update_assume_role_policy(RoleName="r", PolicyDocument=long)


@case
def inline_policies_have_10240_characters_together(aws):
    role(aws)
    aws.iam.put_role_policy(RoleName="r", PolicyName="a", PolicyDocument=actions(400))
    aws.iam.put_role_policy(RoleName="r", PolicyName="a", PolicyDocument=actions(401))
    with refused("LimitExceeded"):
        aws.iam.put_role_policy(RoleName="r", PolicyName="b", PolicyDocument=actions(300))


@ordinary
def a_role_with_policies_cannot_be_deleted(aws):
    role(aws)
    aws.iam.put_role_policy(RoleName="r", PolicyName="a", PolicyDocument=actions(1))
    with refused("DeleteConflict"):
        aws.iam.delete_role(RoleName="r")
