from cases import case, ordinary


def topic(aws):
    return aws.sns.create_topic(Name="alerts")["TopicArn"]


@case
def a_mail_address_must_confirm_first(aws):
    arn = topic(aws)
    said = aws.sns.subscribe(TopicArn=arn, Protocol="email", Endpoint="ops@example.com")
    assert said["SubscriptionArn"] == "pending confirmation"
    (listed,) = aws.sns.list_subscriptions_by_topic(TopicArn=arn)["Subscriptions"]
    assert listed["SubscriptionArn"] == "PendingConfirmation"


@ordinary
def a_confirmed_address_has_an_arn(aws):
    arn = topic(aws)
    aws.sns.subscribe(TopicArn=arn, Protocol="email", Endpoint="ops@example.com")
    aws.set("subscription", endpoint="Ops@example.com")
    (listed,) = aws.sns.list_subscriptions_by_topic(TopicArn=arn)["Subscriptions"]
    assert listed["SubscriptionArn"].startswith(arn + ":")
