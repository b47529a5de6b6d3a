import base64
import hashlib
import json
import urllib.error
import urllib.request
from datetime import datetime, timedelta, timezone

from cases import case, ordinary, refused

OCI = "application/vnd.oci.image.manifest.v1+json"


def digest(content):
    return "sha256:" + hashlib.sha256(content).hexdigest()


def repository(aws, **more):
    return aws.ecr.create_repository(repositoryName="app", **more)["repository"]


def upload(aws, content):
    at = aws.ecr.initiate_layer_upload(repositoryName="app")["uploadId"]
    aws.ecr.upload_layer_part(
        repositoryName="app", uploadId=at, partFirstByte=0, partLastByte=len(content) - 1, layerPartBlob=content
    )
    done = aws.ecr.complete_layer_upload(repositoryName="app", uploadId=at, layerDigests=[digest(content)])
    return done["layerDigest"]


def manifest(name):
    config = {"mediaType": "application/vnd.oci.image.config.v1+json", "digest": digest(name.encode()), "size": 40}
    layer = {"mediaType": "application/vnd.oci.image.layer.v1.tar+gzip", "digest": digest(b"layer"), "size": 2}
    return json.dumps({"schemaVersion": 2, "mediaType": OCI, "config": config, "layers": [layer]})


def put(aws, text, **more):
    return aws.ecr.put_image(repositoryName="app", imageManifest=text, **more)["image"]


def get(aws, **id):
    return aws.ecr.batch_get_image(repositoryName="app", imageIds=[id])


@ordinary
def a_repository_with_images_goes_by_force(aws):
    repository(aws)
    put(aws, manifest("one"), imageTag="1")
    aws.ecr.delete_repository(repositoryName="app", force=True)
    assert aws.ecr.describe_repositories()["repositories"] == []


@case
def an_image_has_the_digest_of_its_manifest(aws):
    repository(aws)
    text = manifest("one")
    assert put(aws, text, imageTag="1")["imageId"] == {"imageDigest": digest(text.encode()), "imageTag": "1"}
    got = get(aws, imageTag="1")["images"][0]
    assert (got["imageManifest"], got["imageManifestMediaType"]) == (text, OCI)
    detail = aws.ecr.describe_images(repositoryName="app", imageIds=[{"imageDigest": digest(text.encode())}])
    assert detail["imageDetails"][0]["imageTags"] == ["1"]


@case
def the_size_of_an_image_is_that_of_its_parts(aws):
    repository(aws)
    put(aws, manifest("one"), imageTag="1")
    assert aws.ecr.describe_images(repositoryName="app")["imageDetails"][0]["imageSizeInBytes"] == 42


@case
def an_image_is_told_under_the_tag_that_was_asked_for(aws):
    repository(aws)
    put(aws, manifest("one"), imageTag="1")
    put(aws, manifest("one"), imageTag="release-1")
    assert get(aws, imageTag="1")["images"][0]["imageId"]["imageTag"] == "1"
    tags = aws.ecr.describe_images(repositoryName="app")["imageDetails"][0]["imageTags"]
    assert sorted(tags) == ["1", "release-1"]


@case
def a_missing_image_is_a_failure_with_its_id(aws):
    repository(aws)
    id = {"imageDigest": digest(b"nothing")}
    failure = {"imageId": id, "failureCode": "ImageNotFound", "failureReason": "Requested image not found"}
    answer = get(aws, **id)
    assert answer["images"] == [] and answer["failures"] == [failure]


@ordinary
def a_missing_image_cannot_be_described(aws):
    repository(aws)
    with refused("ImageNotFoundException"):
        aws.ecr.describe_images(repositoryName="app", imageIds=[{"imageTag": "1"}])
    with refused("RepositoryNotFoundException"):
        aws.ecr.describe_images(repositoryName="other")


@case
def an_immutable_tag_stays_where_it_is(aws):
    repository(aws, imageTagMutability="IMMUTABLE")
    put(aws, manifest("one"), imageTag="1")
    with refused("ImageTagAlreadyExistsException"):
        put(aws, manifest("two"), imageTag="1")
    with refused("ImageAlreadyExistsException"):
        put(aws, manifest("one"), imageTag="1")
    with refused("ImageDigestDoesNotMatchException"):
        put(aws, manifest("two"), imageTag="2", imageDigest=digest(b"another"))


@case
def an_image_that_loses_its_tag_remains(aws):
    repository(aws)
    put(aws, manifest("one"), imageTag="1")
    put(aws, manifest("two"), imageTag="1")
    assert len(aws.ecr.describe_images(repositoryName="app")["imageDetails"]) == 2
    assert get(aws, imageTag="1")["images"][0]["imageManifest"] == manifest("two")


@case
def a_layer_can_be_downloaded_again(aws):
    repository(aws)
    layer = upload(aws, b"config")
    url = aws.ecr.get_download_url_for_layer(repositoryName="app", layerDigest=layer)["downloadUrl"]
    assert urllib.request.urlopen(url).read() == b"config"
    with refused("LayersNotFoundException"):
        aws.ecr.get_download_url_for_layer(repositoryName="app", layerDigest=digest(b"another"))


@case
def the_token_is_good_for_half_a_day(aws):
    data = aws.ecr.get_authorization_token()["authorizationData"][0]
    assert base64.b64decode(data["authorizationToken"]).startswith(b"AWS:")
    left = data["expiresAt"] - datetime.now(timezone.utc)
    assert timedelta(hours=11) < left <= timedelta(hours=12)


@case
def an_image_can_be_made_up(aws):
    repository(aws)
    made = aws.set("image", repository="app", tag="abc", architecture="arm64")["digest"]
    image = json.loads(get(aws, imageDigest=made)["images"][0]["imageManifest"])
    url = aws.ecr.get_download_url_for_layer(repositoryName="app", layerDigest=image["config"]["digest"])["downloadUrl"]
    config = json.load(urllib.request.urlopen(url))
    assert (config["architecture"], config["os"]) == ("arm64", "linux")
    assert aws.set("image", repository="app", tag="def", architecture="arm64")["digest"] != made
    parts = [part["digest"] for part in (image["config"], *image["layers"])]
    available = aws.ecr.batch_check_layer_availability(repositoryName="app", layerDigests=parts)
    assert [layer["layerAvailability"] for layer in available["layers"]] == ["AVAILABLE", "AVAILABLE"]
    try:
        aws.set("image", repository="other", tag="abc")
    except urllib.error.HTTPError as error:
        assert error.code == 404
    else:
        raise AssertionError("there is no such repository")
