from cases import case, refused

LOCAL = "arn:aws:iam::123456789012:user/local"


def decisions(aws):
    answer = aws.iam.simulate_principal_policy(PolicySourceArn=LOCAL, ActionNames=["ec2:CreateVpc", "iam:CreateRole"])
    return [one["EvalDecision"] for one in answer["EvaluationResults"]]


@case
def everything_is_allowed_unless_told_otherwise(aws):
    assert decisions(aws) == ["allowed", "allowed"]
    aws.set("simulation", denied=["iam:*"])
    assert decisions(aws) == ["allowed", "implicitDeny"]


@case
def a_session_has_no_policies_of_its_own(aws):
    with refused("InvalidInput"):
        aws.iam.simulate_principal_policy(
            PolicySourceArn="arn:aws:sts::123456789012:assumed-role/Admin/me", ActionNames=["ec2:CreateVpc"]
        )
