from cases import case


@case
def groups_are_filtered_by_name_and_arn(aws):
    for name in ("/a", "/a/b", "/c"):
        aws.logs.create_log_group(logGroupName=name)
    arn = "arn:aws:logs:us-east-1:123456789012:log-group:/c"
    found = aws.logs.describe_log_groups(logGroupIdentifiers=["/a", arn, "/absent"])["logGroups"]
    assert [one["logGroupName"] for one in found] == ["/a", "/c"]
