from cases import case


@case
def a_caller_is_a_user_of_iam_or_who_was_told(aws):
    assert aws.sts.get_caller_identity()["Arn"] == "arn:aws:iam::123456789012:user/local"
    session = "arn:aws:sts::123456789012:assumed-role/Admin/me"
    aws.set("caller", arn=session)
    assert aws.sts.get_caller_identity()["Arn"] == session
