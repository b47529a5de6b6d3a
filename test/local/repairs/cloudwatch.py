from cases import case, ordinary, refused


def metric(aws, name="cpu"):
    aws.cloudwatch.put_metric_alarm(
        AlarmName=name,
        Namespace="AWS/RDS",
        MetricName="CPUUtilization",
        Statistic="Average",
        Period=60,
        EvaluationPeriods=10,
        Threshold=80,
        ComparisonOperator="GreaterThanThreshold",
        TreatMissingData="notBreaching",
        AlarmActions=["arn:aws:sns:us-east-1:123456789012:alerts"],
        Tags=[{"Key": "a", "Value": "b"}],
    )


@case
def a_composite_alarm_comes_back(aws):
    metric(aws)
    rule = 'ALARM("cpu")'
    aws.cloudwatch.put_composite_alarm(AlarmName="any", AlarmRule=rule, Tags=[{"Key": "c", "Value": "d"}])
    found = aws.cloudwatch.describe_alarms(AlarmNames=["any"], AlarmTypes=["CompositeAlarm"])["CompositeAlarms"]
    assert [(alarm["AlarmName"], alarm["AlarmRule"], alarm["ActionsEnabled"]) for alarm in found] == [("any", rule, True)]
    tags = aws.cloudwatch.list_tags_for_resource(ResourceARN=found[0]["AlarmArn"])["Tags"]
    assert tags == [{"Key": "c", "Value": "d"}]
    assert aws.cloudwatch.describe_alarms(AlarmNames=["any"])["CompositeAlarms"] == []
    aws.cloudwatch.delete_alarms(AlarmNames=["any"])
    assert aws.cloudwatch.describe_alarms(AlarmTypes=["CompositeAlarm"])["CompositeAlarms"] == []


@case
def the_rule_must_name_alarms_that_exist(aws):
    with refused("ValidationError"):
        aws.cloudwatch.put_composite_alarm(AlarmName="any", AlarmRule="ALARM(nothing)")


@case
def an_unknown_alarm_cannot_be_deleted(aws):
    with refused("ResourceNotFound"):
        aws.cloudwatch.delete_alarms(AlarmNames=["nothing"])


@ordinary
def a_metric_alarm_comes_back(aws):
    metric(aws)
    alarm = aws.cloudwatch.describe_alarms(AlarmNames=["cpu"])["MetricAlarms"][0]
    assert (alarm["Threshold"], alarm["TreatMissingData"], alarm["EvaluationPeriods"]) == (80, "notBreaching", 10)
    aws.cloudwatch.delete_alarms(AlarmNames=["cpu"])
    assert aws.cloudwatch.describe_alarms()["MetricAlarms"] == []
