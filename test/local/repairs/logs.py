import time

import boto3
from botocore.config import Config
from cases import case, ordinary, refused


@case
def groups_are_filtered_by_name_and_arn(aws):
    for name in ("/a", "/a/b", "/c"):
        aws.logs.create_log_group(logGroupName=name)
    arn = "arn:aws:logs:us-east-1:123456789012:log-group:/c"
    found = aws.logs.describe_log_groups(logGroupIdentifiers=["/a", arn, "/absent"])["logGroups"]
    assert [one["logGroupName"] for one in found] == ["/a", "/c"]


def stream(aws, name, *lines):
    """A stream in the group /g with lines a second apart."""
    aws.logs.create_log_stream(logGroupName="/g", logStreamName=name)
    events = [{"timestamp": at, "message": line} for at, line in lines]
    aws.logs.put_log_events(logGroupName="/g", logStreamName=name, logEvents=events)


@case
def a_stream_that_does_not_exist_is_refused(aws):
    aws.logs.create_log_group(logGroupName="/g")
    with refused("ResourceNotFoundException"):
        aws.logs.filter_log_events(logGroupName="/g", logStreamNames=["absent"])


@case
def events_of_all_streams_come_in_their_order_page_by_page(aws):
    aws.logs.create_log_group(logGroupName="/g")
    now = int(time.time() * 1000)
    stream(aws, "a", (now, "1"), (now + 2, "3"))
    stream(aws, "b", (now + 1, "2"), (now + 3, "4"))
    pages, token = [], {}
    while True:
        page = aws.logs.filter_log_events(logGroupName="/g", limit=3, **token)
        pages.append([event["message"] for event in page["events"]])
        if "nextToken" not in page:
            break
        token = {"nextToken": page["nextToken"]}
    assert pages == [["1", "2", "3"], ["4"]]


@ordinary
def the_token_for_what_comes_next_stays_when_there_is_nothing(aws):
    aws.logs.create_log_group(logGroupName="/g")
    now = int(time.time() * 1000)
    stream(aws, "a", (now, "1"), (now + 1, "2"), (now + 2, "3"))
    where = {"logGroupName": "/g", "logStreamName": "a", "startFromHead": True}
    first = aws.logs.get_log_events(**where, limit=2)
    second = aws.logs.get_log_events(**where, nextToken=first["nextForwardToken"])
    last = aws.logs.get_log_events(**where, nextToken=second["nextForwardToken"])
    assert [[event["message"] for event in page["events"]] for page in (first, second, last)] == [["1", "2"], ["3"], []]
    assert last["nextForwardToken"] == second["nextForwardToken"]
    aws.logs.put_log_events(logGroupName="/g", logStreamName="a", logEvents=[{"timestamp": now + 3, "message": "4"}])
    more = aws.logs.get_log_events(**where, nextToken=last["nextForwardToken"])
    assert [event["message"] for event in more["events"]] == ["4"]


@case
def live_tail_is_refused(aws):
    here = {"region_name": "us-east-1", "endpoint_url": aws.endpoint}
    keys = {"aws_access_key_id": "local", "aws_secret_access_key": "local"}
    # There is no stream-127.0.0.1.
    logs = boto3.client("logs", **here, **keys, config=Config(inject_host_prefix=False))
    with refused("AccessDeniedException"):
        logs.start_live_tail(logGroupIdentifiers=["arn:aws:logs:us-east-1:123456789012:log-group:/g"])
