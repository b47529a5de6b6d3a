from cases import case, refused

BOTH = ["MetricAlarm", "CompositeAlarm"]


def metric(aws, name="m"):
    aws.cloudwatch.put_metric_alarm(
        AlarmName=name,
        Namespace="AWS/RDS",
        MetricName="CPUUtilization",
        Statistic="Average",
        Period=60,
        EvaluationPeriods=5,
        Threshold=80,
        ComparisonOperator="GreaterThanThreshold",
    )


def composite(aws, **more):
    aws.cloudwatch.put_composite_alarm(AlarmName="c", AlarmRule='ALARM("m")', **more)


def live(aws):
    return aws.cloudwatch.describe_alarms(AlarmNames=["c"], AlarmTypes=BOTH)["CompositeAlarms"][0]


@case
def a_composite_alarm_comes_back_as_sent(aws):
    metric(aws)
    composite(
        aws,
        AlarmDescription="d",
        ActionsSuppressor="m",
        ActionsSuppressorWaitPeriod=1,
        ActionsSuppressorExtensionPeriod=2,
    )
    alarm = live(aws)
    assert (alarm["AlarmRule"], alarm["AlarmDescription"], alarm["ActionsSuppressor"]) == ('ALARM("m")', "d", "m")
    assert alarm["ActionsEnabled"] is True


@case
def a_second_put_replaces_all_but_the_tags(aws):
    metric(aws)
    composite(aws, AlarmDescription="d", ActionsSuppressor="m", Tags=[{"Key": "a", "Value": "1"}])
    composite(aws, ActionsEnabled=False, Tags=[{"Key": "a", "Value": "2"}])
    alarm = live(aws)
    assert alarm["ActionsEnabled"] is False and "ActionsSuppressor" not in alarm and not alarm.get("AlarmDescription")
    tags = aws.cloudwatch.list_tags_for_resource(ResourceARN=alarm["AlarmArn"])["Tags"]
    assert tags == [{"Key": "a", "Value": "1"}]


@case
def only_metric_alarms_are_described_by_default(aws):
    metric(aws)
    composite(aws)
    answer = aws.cloudwatch.describe_alarms()
    assert [alarm["AlarmName"] for alarm in answer["MetricAlarms"]] == ["m"] and not answer["CompositeAlarms"]


@case
def a_name_is_of_one_type(aws):
    metric(aws, "c")
    with refused("ValidationError"):
        composite(aws)
