from cases import case, ordinary, refused


def request(aws, domain="example.com", **more):
    return aws.acm.request_certificate(
        DomainName=domain, SubjectAlternativeNames=[f"*.{domain}"], ValidationMethod="DNS", **more
    )["CertificateArn"]


def describe(aws, arn):
    return aws.acm.describe_certificate(CertificateArn=arn)["Certificate"]


def upsert(aws, zone, record, action="UPSERT"):
    change = {
        "Name": record["Name"],
        "Type": record["Type"],
        "TTL": 300,
        "ResourceRecords": [{"Value": record["Value"]}],
    }
    batch = {"Changes": [{"Action": action, "ResourceRecordSet": change}]}
    aws.route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch=batch)


@case
def a_name_and_its_wildcard_share_one_record_that_differs_between_domains(aws):
    def records(domain):
        options = describe(aws, request(aws, domain))["DomainValidationOptions"]
        assert len(options) == 2
        return {option["ResourceRecord"]["Value"] for option in options}

    assert len(records("example.com")) == 1
    assert records("example.com") != records("example.org")


@case
def it_is_issued_when_the_records_are_in_route_53(aws):
    zone = aws.route53.create_hosted_zone(Name="example.com", CallerReference="1")["HostedZone"]["Id"]
    arn = request(aws)
    assert describe(aws, arn)["Status"] == "PENDING_VALIDATION"
    upsert(aws, zone, describe(aws, arn)["DomainValidationOptions"][0]["ResourceRecord"])
    issued = describe(aws, arn)
    assert issued["Status"] == "ISSUED"
    assert {option["ValidationStatus"] for option in issued["DomainValidationOptions"]} == {"SUCCESS"}


@case
def it_is_issued_by_hand_where_the_zone_is_elsewhere(aws):
    arn = request(aws)
    assert "NotAfter" not in describe(aws, arn)
    aws.set("certificate", arn=arn, status="ISSUED")
    assert describe(aws, arn)["Status"] == "ISSUED"
    assert aws.acm.list_certificates(CertificateStatuses=["ISSUED"])["CertificateSummaryList"]


@case
def one_in_use_cannot_be_deleted(aws):
    arn = request(aws)
    aws.set("certificate", arn=arn, status="ISSUED")
    config = {
        "CallerReference": "ref",
        "Comment": "",
        "Enabled": True,
        "Aliases": {"Quantity": 1, "Items": ["example.com"]},
        "ViewerCertificate": {"ACMCertificateArn": arn, "SSLSupportMethod": "sni-only"},
        "Origins": {
            "Quantity": 1,
            "Items": [
                {
                    "Id": "spa",
                    "DomainName": "b.s3.us-east-1.amazonaws.com",
                    "S3OriginConfig": {"OriginAccessIdentity": ""},
                }
            ],
        },
        "DefaultCacheBehavior": {"TargetOriginId": "spa", "ViewerProtocolPolicy": "redirect-to-https"},
    }
    aws.cloudfront.create_distribution(DistributionConfig=config)
    assert len(describe(aws, arn)["InUseBy"]) == 1
    with refused("ResourceInUseException"):
        aws.acm.delete_certificate(CertificateArn=arn)


@ordinary
def the_token_makes_a_request_idempotent(aws):
    tags = [{"Key": "a", "Value": "b"}]
    assert request(aws, IdempotencyToken="t", Tags=tags) == request(aws, IdempotencyToken="t", Tags=tags)
