from cases import case


@case
def alarms_are_found_by_their_state(aws):
    for name in ("app-a", "app-b"):
        aws.cloudwatch.put_metric_alarm(
            AlarmName=name, Namespace="n", MetricName="m", Statistic="Sum", Period=60, EvaluationPeriods=1, Threshold=1,
            ComparisonOperator="GreaterThanThreshold",
        )  # fmt: skip
    aws.cloudwatch.set_alarm_state(AlarmName="app-b", StateValue="ALARM", StateReason="r")
    found = aws.cloudwatch.describe_alarms(AlarmNamePrefix="app-", StateValue="ALARM")["MetricAlarms"]
    assert [one["AlarmName"] for one in found] == ["app-b"]
