import json
from concurrent.futures import ThreadPoolExecutor

from botocore.exceptions import ClientError
from cases import case, ordinary, refused


@case
def a_new_bucket_is_encrypted(aws):
    aws.s3.create_bucket(Bucket="bucket")
    rule = aws.s3.get_bucket_encryption(Bucket="bucket")["ServerSideEncryptionConfiguration"]["Rules"][0]
    assert rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"


@case
def a_new_bucket_is_private(aws):
    aws.s3.create_bucket(Bucket="bucket")
    assert all(aws.s3.get_public_access_block(Bucket="bucket")["PublicAccessBlockConfiguration"].values())
    rules = aws.s3.get_bucket_ownership_controls(Bucket="bucket")["OwnershipControls"]["Rules"]
    assert rules == [{"ObjectOwnership": "BucketOwnerEnforced"}]
    aws.s3.delete_public_access_block(Bucket="bucket")
    with refused("NoSuchPublicAccessBlockConfiguration"):
        aws.s3.get_public_access_block(Bucket="bucket")


@case
def tags_in_the_create_call_are_kept(aws):
    tags = [{"Key": "tap:id", "Value": "spa"}]
    aws.s3.create_bucket(Bucket="bucket", CreateBucketConfiguration={"Tags": tags})
    assert aws.s3.get_bucket_tagging(Bucket="bucket")["TagSet"] == tags


@case
def another_owner_is_refused(aws):
    aws.s3.create_bucket(Bucket="bucket")
    aws.s3.put_object(Bucket="bucket", Key="k", Body=b"v", ExpectedBucketOwner="123456789012")
    with refused("AccessDenied"):
        aws.s3.put_object(Bucket="bucket", Key="k", Body=b"v", ExpectedBucketOwner="999999999999")


@case
def a_denial_of_plain_http_does_not_deny_everything(aws):
    aws.s3.create_bucket(Bucket="bucket")
    deny = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": ["arn:aws:s3:::bucket", "arn:aws:s3:::bucket/*"],
    }
    tls_only = {**deny, "Condition": {"Bool": {"aws:SecureTransport": "false"}}}
    aws.s3.put_bucket_policy(Bucket="bucket", Policy=json.dumps({"Version": "2012-10-17", "Statement": [tls_only]}))
    aws.s3.put_object(Bucket="bucket", Key="k", Body=b"v")
    assert aws.s3.get_object(Bucket="bucket", Key="k")["Body"].read() == b"v"
    assert "Errors" not in aws.s3.delete_objects(Bucket="bucket", Delete={"Objects": [{"Key": "k"}]})
    assert json.loads(aws.s3.get_bucket_policy(Bucket="bucket")["Policy"])["Statement"] == [tls_only]
    aws.s3.put_bucket_policy(Bucket="bucket", Policy=json.dumps({"Version": "2012-10-17", "Statement": [deny]}))
    with refused("403"):
        aws.s3.put_object(Bucket="bucket", Key="k", Body=b"v")


@ordinary
def a_bucket_with_old_versions_stays(aws):
    aws.s3.create_bucket(Bucket="bucket")
    aws.s3.put_bucket_versioning(Bucket="bucket", VersioningConfiguration={"Status": "Enabled"})
    version = aws.s3.put_object(Bucket="bucket", Key="k", Body=b"v")["VersionId"]
    marker = aws.s3.delete_object(Bucket="bucket", Key="k")["VersionId"]
    with refused("BucketNotEmpty"):
        aws.s3.delete_bucket(Bucket="bucket")
    for id in (version, marker):
        aws.s3.delete_object(Bucket="bucket", Key="k", VersionId=id)
    aws.s3.delete_bucket(Bucket="bucket")


@ordinary
def one_of_many_conditional_writes_wins(aws):
    aws.s3.create_bucket(Bucket="bucket")

    def write(n):
        try:
            aws.s3.put_object(Bucket="bucket", Key="lease", Body=str(n).encode(), IfNoneMatch="*")
            return True
        except ClientError as error:
            assert error.response["Error"]["Code"] == "PreconditionFailed"
            return False

    with ThreadPoolExecutor(16) as pool:
        assert sum(pool.map(write, range(64))) == 1


@ordinary
def the_same_bucket_again_is_no_error_in_us_east_1(aws):
    aws.s3.create_bucket(Bucket="bucket")
    aws.s3.create_bucket(Bucket="bucket")
    assert len(aws.s3.list_buckets()["Buckets"]) == 1
