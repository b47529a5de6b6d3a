from cases import case, ordinary, refused

OPTIMIZED, SECURITY = "658327ea-f89d-4fab-a63d-7e88639e58f6", "67f7725c-6f97-4210-82d7-5512b31e9d03"


def access_control(aws, name="oac"):
    return aws.cloudfront.create_origin_access_control(
        OriginAccessControlConfig={
            "Name": name,
            "Description": "",
            "SigningProtocol": "sigv4",
            "SigningBehavior": "always",
            "OriginAccessControlOriginType": "s3",
        }
    )


def config(oac="", **more):
    return {
        "CallerReference": "ref",
        "Comment": "",
        "Enabled": True,
        "Origins": {
            "Quantity": 1,
            "Items": [
                {
                    "Id": "spa",
                    "DomainName": "b.s3.us-east-1.amazonaws.com",
                    "S3OriginConfig": {"OriginAccessIdentity": ""},
                    "OriginAccessControlId": oac,
                }
            ],
        },
        "DefaultCacheBehavior": {
            "TargetOriginId": "spa",
            "ViewerProtocolPolicy": "redirect-to-https",
            "Compress": True,
            "CachePolicyId": OPTIMIZED,
            "ResponseHeadersPolicyId": SECURITY,
        },
        **more,
    }


def create(aws, tags=(), **more):
    tags = {"Items": [{"Key": k, "Value": v} for k, v in tags]}
    return aws.cloudfront.create_distribution_with_tags(
        DistributionConfigWithTags={"DistributionConfig": config(**more), "Tags": tags}
    )


@case
def the_configuration_comes_back_as_sent(aws):
    oac = access_control(aws)["OriginAccessControl"]["Id"]
    errors = {
        "Quantity": 1,
        "Items": [
            {"ErrorCode": 403, "ResponsePagePath": "/index.html", "ResponseCode": "200", "ErrorCachingMinTTL": 0}
        ],
    }
    made = create(aws, oac=oac, CustomErrorResponses=errors, HttpVersion="http2and3", DefaultRootObject="index.html")
    for doc in (
        aws.cloudfront.get_distribution_config(Id=made["Distribution"]["Id"])["DistributionConfig"],
        aws.cloudfront.get_distribution(Id=made["Distribution"]["Id"])["Distribution"]["DistributionConfig"],
    ):
        origin = doc["Origins"]["Items"][0]
        assert origin["OriginAccessControlId"] == oac
        assert origin["S3OriginConfig"] == {"OriginAccessIdentity": ""}
        assert doc["CustomErrorResponses"] == errors
        assert doc["HttpVersion"] == "http2and3" and doc["DefaultRootObject"] == "index.html"
        assert doc["DefaultCacheBehavior"]["ResponseHeadersPolicyId"] == SECURITY
        assert "ForwardedValues" not in doc["DefaultCacheBehavior"]


@case
def the_answer_can_be_sent_back_and_the_etag_changes_with_it(aws):
    made = create(aws)
    id, first = made["Distribution"]["Id"], made["ETag"]
    doc = aws.cloudfront.get_distribution_config(Id=id)["DistributionConfig"]
    second = aws.cloudfront.update_distribution(Id=id, IfMatch=first, DistributionConfig=doc)["ETag"]
    assert first != second == aws.cloudfront.get_distribution(Id=id)["ETag"]
    with refused("PreconditionFailed"):
        aws.cloudfront.update_distribution(Id=id, IfMatch=first, DistributionConfig=doc)


@case
def only_a_disabled_distribution_can_be_deleted(aws):
    made = create(aws)
    id = made["Distribution"]["Id"]
    with refused("DistributionNotDisabled"):
        aws.cloudfront.delete_distribution(Id=id, IfMatch=made["ETag"])
    off = aws.cloudfront.update_distribution(Id=id, IfMatch=made["ETag"], DistributionConfig=config(Enabled=False))
    aws.cloudfront.delete_distribution(Id=id, IfMatch=off["ETag"])
    with refused("NoSuchDistribution"):
        aws.cloudfront.get_distribution(Id=id)


@case
def a_written_distribution_is_in_progress_as_long_as_told(aws):
    aws.set("distribution", inProgressReads=2)
    id = create(aws)["Distribution"]["Id"]
    seen = [aws.cloudfront.get_distribution(Id=id)["Distribution"]["Status"] for _ in range(3)]
    assert seen == ["InProgress", "InProgress", "Deployed"]


@case
def a_certificate_must_be_issued(aws):
    arn = aws.acm.request_certificate(DomainName="example.com", ValidationMethod="DNS")["CertificateArn"]
    aliases = {"Quantity": 1, "Items": ["example.com"]}
    certificate = {"ACMCertificateArn": arn, "SSLSupportMethod": "sni-only", "MinimumProtocolVersion": "TLSv1.2_2021"}
    with refused("InvalidViewerCertificate"):
        create(aws, Aliases=aliases, ViewerCertificate=certificate)


@case
def an_alias_belongs_to_one_distribution(aws):
    arn = aws.acm.request_certificate(DomainName="example.com", ValidationMethod="DNS")["CertificateArn"]
    aws.set("certificate", arn=arn, status="ISSUED")
    domain = {
        "Aliases": {"Quantity": 1, "Items": ["example.com"]},
        "ViewerCertificate": {"ACMCertificateArn": arn, "SSLSupportMethod": "sni-only"},
    }
    create(aws, **domain)
    with refused("CNAMEAlreadyExists"):
        create(aws, **{**domain, "CallerReference": "other"})


@case
def access_controls_have_unique_names_and_live_etags(aws):
    made = access_control(aws)
    id, sent = made["OriginAccessControl"]["Id"], made["OriginAccessControl"]["OriginAccessControlConfig"]
    with refused("OriginAccessControlAlreadyExists"):
        access_control(aws)
    sent["Description"] = "new"
    second = aws.cloudfront.update_origin_access_control(Id=id, IfMatch=made["ETag"], OriginAccessControlConfig=sent)[
        "ETag"
    ]
    read = aws.cloudfront.get_origin_access_control_config(Id=id)
    assert read["ETag"] == second != made["ETag"] and read["OriginAccessControlConfig"]["Description"] == "new"
    with refused("PreconditionFailed"):
        aws.cloudfront.delete_origin_access_control(Id=id, IfMatch=made["ETag"])


@case
def access_controls_are_listed_page_by_page(aws):
    ids = sorted(access_control(aws, name)["OriginAccessControl"]["Id"] for name in ("one", "two", "three"))
    first = aws.cloudfront.list_origin_access_controls(MaxItems="2")["OriginAccessControlList"]
    assert first["IsTruncated"] and [item["Id"] for item in first["Items"]] == ids[:2]
    rest = aws.cloudfront.list_origin_access_controls(Marker=first["NextMarker"])["OriginAccessControlList"]
    assert not rest["IsTruncated"] and [item["Id"] for item in rest["Items"]] == ids[2:]


@case
def an_access_control_in_use_stays(aws):
    made = access_control(aws)
    create(aws, oac=made["OriginAccessControl"]["Id"])
    with refused("OriginAccessControlInUse"):
        aws.cloudfront.delete_origin_access_control(Id=made["OriginAccessControl"]["Id"], IfMatch=made["ETag"])


@case
def the_managed_policies_exist(aws):
    headers = aws.cloudfront.list_response_headers_policies(Type="managed")["ResponseHeadersPolicyList"]["Items"]
    assert SECURITY in [one["ResponseHeadersPolicy"]["Id"] for one in headers]
    assert (
        aws.cloudfront.get_cache_policy(Id=OPTIMIZED)["CachePolicy"]["CachePolicyConfig"]["Name"]
        == "Managed-CachingOptimized"
    )
    cache = aws.cloudfront.list_cache_policies(Type="managed")["CachePolicyList"]["Items"]
    assert OPTIMIZED in [one["CachePolicy"]["Id"] for one in cache]
    with refused("NoSuchResponseHeadersPolicy"):
        bad = config()
        bad["DefaultCacheBehavior"]["ResponseHeadersPolicyId"] = "00000000-0000-0000-0000-000000000000"
        aws.cloudfront.create_distribution(DistributionConfig=bad)


@case
def an_invalidation_completes(aws):
    id = create(aws)["Distribution"]["Id"]
    batch = {"Paths": {"Quantity": 1, "Items": ["/*"]}, "CallerReference": "1"}
    made = aws.cloudfront.create_invalidation(DistributionId=id, InvalidationBatch=batch)["Invalidation"]
    assert made["Status"] == "InProgress"
    assert aws.cloudfront.get_invalidation(DistributionId=id, Id=made["Id"])["Invalidation"]["Status"] == "Completed"


@case
def functions_have_stages(aws):
    about = {"Comment": "", "Runtime": "cloudfront-js-2.0"}
    made = aws.cloudfront.create_function(Name="f", FunctionConfig=about, FunctionCode=b"one")
    with refused("NoSuchFunctionExists"):
        aws.cloudfront.describe_function(Name="f", Stage="LIVE")
    aws.cloudfront.publish_function(Name="f", IfMatch=made["ETag"])
    changed = aws.cloudfront.update_function(Name="f", IfMatch=made["ETag"], FunctionConfig=about, FunctionCode=b"two")
    code = {s: aws.cloudfront.get_function(Name="f", Stage=s)["FunctionCode"].read() for s in ("DEVELOPMENT", "LIVE")}
    assert code == {"DEVELOPMENT": b"two", "LIVE": b"one"}
    aws.cloudfront.delete_function(Name="f", IfMatch=changed["ETag"])
    assert aws.cloudfront.list_functions()["FunctionList"]["Quantity"] == 0


@ordinary
def tags_stay(aws):
    arn = create(aws, tags=[("a", "b")])["Distribution"]["ARN"]
    assert aws.cloudfront.list_tags_for_resource(Resource=arn)["Tags"]["Items"] == [{"Key": "a", "Value": "b"}]
