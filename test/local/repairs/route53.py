from cases import case, ordinary, refused


def zone(aws, reference="1"):
    return aws.route53.create_hosted_zone(Name="example.com", CallerReference=reference)["HostedZone"]["Id"]


def change(aws, zone, action, name="www.example.com", value="1.2.3.4", type="A", more=()):
    record = {"Name": name, "Type": type, "TTL": 60, "ResourceRecords": [{"Value": value}]}
    changes = [{"Action": action, "ResourceRecordSet": record}, *more]
    return aws.route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": changes})


def names(aws, zone, **more):
    return [
        r["Name"]
        for r in aws.route53.list_resource_record_sets(HostedZoneId=zone, **more)["ResourceRecordSets"]
        if r["Type"] == "A"
    ]


@case
def a_record_is_created_once(aws):
    id = zone(aws)
    change(aws, id, "CREATE")
    with refused("InvalidChangeBatch"):
        change(aws, id, "CREATE", value="5.6.7.8")
    change(aws, id, "UPSERT", value="5.6.7.8")


@case
def only_what_is_there_can_be_deleted(aws):
    id = zone(aws)
    change(aws, id, "CREATE")
    change(aws, id, "UPSERT", value="5.6.7.8")
    with refused("InvalidChangeBatch"):
        change(aws, id, "DELETE")
    change(aws, id, "DELETE", value="5.6.7.8")
    with refused("InvalidChangeBatch"):
        change(aws, id, "DELETE", value="5.6.7.8")


@case
def a_batch_is_applied_whole_or_not_at_all(aws):
    id = zone(aws)
    change(aws, id, "CREATE")
    again = {"Name": "www.example.com", "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "9.9.9.9"}]}
    with refused("InvalidChangeBatch"):
        change(aws, id, "CREATE", name="new.example.com", more=[{"Action": "CREATE", "ResourceRecordSet": again}])
    assert names(aws, id) == ["www.example.com."]


@case
def a_wildcard_is_listed_in_octal(aws):
    id = zone(aws)
    change(aws, id, "CREATE", name="*.example.com")
    assert names(aws, id) == ["\\052.example.com."]
    assert names(aws, id, StartRecordName="\\052.example.com", StartRecordType="A") == ["\\052.example.com."]
    change(aws, id, "DELETE", name="\\052.example.com.")
    assert names(aws, id) == []


@case
def the_apex_takes_no_cname(aws):
    with refused("InvalidChangeBatch"):
        change(aws, zone(aws), "CREATE", name="example.com", type="CNAME", value="example.org")


@case
def a_caller_reference_makes_one_zone(aws):
    zone(aws)
    with refused("HostedZoneAlreadyExists"):
        zone(aws)


@ordinary
def an_alias_comes_back(aws):
    id = zone(aws)
    target = {"HostedZoneId": "Z2FDTNDATAQYW2", "DNSName": "d1.cloudfront.net", "EvaluateTargetHealth": False}
    record = {"Name": "example.com", "Type": "A", "AliasTarget": target}
    for action in ("CREATE", "DELETE"):
        aws.route53.change_resource_record_sets(
            HostedZoneId=id, ChangeBatch={"Changes": [{"Action": action, "ResourceRecordSet": record}]}
        )
    assert names(aws, id) == []
    aws.route53.delete_hosted_zone(Id=id)


@case
def zones_are_listed_from_a_name_on(aws):
    for name in ("a.example.com", "example.com", "example.net", "example.org", "abc.com"):
        aws.route53.create_hosted_zone(Name=name, CallerReference=name)
    said = aws.route53.list_hosted_zones_by_name(DNSName="example.com", MaxItems="2")
    assert [zone["Name"] for zone in said["HostedZones"]] == ["example.com.", "a.example.com."]
    assert said["IsTruncated"] and said["NextDNSName"] == "example.net."


@case
def a_deleted_record_can_be_made_again(aws):
    id = zone(aws)
    for name in ("a.example.com", "b.example.com"):
        change(aws, id, "CREATE", name=name)
    change(aws, id, "DELETE", name="a.example.com")
    change(aws, id, "CREATE", name="a.example.com")
    assert names(aws, id) == ["a.example.com.", "b.example.com."]
