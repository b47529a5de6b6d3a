import time

from cases import case


@case
def events_are_those_of_streams_that_begin_as_asked(aws):
    aws.logs.create_log_group(logGroupName="/a")
    for name in ("web/1", "web/2", "other/1"):
        aws.logs.create_log_stream(logGroupName="/a", logStreamName=name)
        event = {"timestamp": int(time.time() * 1000), "message": name}
        aws.logs.put_log_events(logGroupName="/a", logStreamName=name, logEvents=[event])
    found = aws.logs.filter_log_events(logGroupName="/a", logStreamNamePrefix="web/")["events"]
    assert sorted(one["message"] for one in found) == ["web/1", "web/2"]
