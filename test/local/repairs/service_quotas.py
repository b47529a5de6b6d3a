from cases import case, ordinary, refused


def value(answer):
    return answer["Quota"]["Value"]


@case
def quotas_of_ec2_and_load_balancing_are_known(aws):
    quotas = aws.service_quotas
    assert value(quotas.get_service_quota(ServiceCode="ec2", QuotaCode="L-0263D0A3")) == 5
    assert value(quotas.get_service_quota(ServiceCode="elasticloadbalancing", QuotaCode="L-53DA6B97")) == 50


@case
def the_default_stays_what_it_is(aws):
    aws.set("quota", code="L-F678F1CE", value=7)
    asked = {"ServiceCode": "vpc", "QuotaCode": "L-F678F1CE"}
    assert value(aws.service_quotas.get_service_quota(**asked)) == 7
    assert value(aws.service_quotas.get_aws_default_service_quota(**asked)) == 5


@case
def a_quota_without_an_applied_value_has_only_its_default(aws):
    aws.set("quota", code="L-F678F1CE", value=None)
    with refused("NoSuchResourceException"):
        aws.service_quotas.get_service_quota(ServiceCode="vpc", QuotaCode="L-F678F1CE")


@ordinary
def an_unknown_quota_is_refused(aws):
    with refused("NoSuchResourceException"):
        aws.service_quotas.get_service_quota(ServiceCode="ec2", QuotaCode="L-00000000")
