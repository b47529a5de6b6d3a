"""ECR: images by digest and tag."""

from __future__ import annotations

import json
import os
from typing import Any

from ..oci import Manifest, made_up
from ..repair import Call, repair, setting
from ..wire import AwsError
from .ecr import API, blobs, keep, mirror, registry, repository_of


@setting("image")
def set_image(value: dict[str, Any]) -> dict[str, Any]:
    """{"repository", "tag", "architecture": "amd64", "os": "linux"}: pushes a small image that cannot run. Returns {"digest"},
    which is another one for another tag or platform. The tag is taken from any other image.
    """
    from moto.ecr.models import ecr_backends

    name, tag = value["repository"], value["tag"]
    regions = ecr_backends[os.environ["MOTO_ACCOUNT_ID"]].values()
    repository = next((one.repositories[name] for one in regions if name in one.repositories), None)
    if repository is None:
        raise LookupError(f"repository {name}")
    manifest, found = made_up(tag, value.get("architecture", "amd64"), value.get("os", "linux"))
    source = registry()
    if source is not None:
        for content in found.values():
            source.put_blob(name, content)
        source.put_manifest(name, tag, manifest)
    for digest, content in found.items():
        blobs()[digest] = content
        repository.layers[digest] = len(content)
    keep(repository, manifest, tag)
    return {"digest": manifest.digest}


@repair(
    "ecr", "PutImage", "the digest is that of the manifest; immutable tags are refused by name", API + "PutImage.html"
)
def put_image(call: Call) -> Any:
    asked, repository = call.params, repository_of(call)
    text, tag = asked["imageManifest"], asked.get("imageTag")
    try:
        media_type = asked.get("imageManifestMediaType") or json.loads(text)["mediaType"]
    except (ValueError, KeyError):
        raise AwsError("InvalidParameterException", "Invalid parameter at 'ImageManifest'") from None
    manifest = Manifest(text, media_type)
    if asked.get("imageDigest") not in (None, manifest.digest):
        raise AwsError(
            "ImageDigestDoesNotMatchException",
            f"The provided digest '{asked['imageDigest']}' does not match the digest of the image '{manifest.digest}'.",
        )
    mirror(repository, [{"imageDigest": manifest.digest}])
    holder = next((one for one in repository.images if tag in one.image_tags), None)
    same = next((one for one in repository.images if one.image_digest == manifest.digest), None)
    if same is not None and (tag is None or same is holder):
        raise AwsError(
            "ImageAlreadyExistsException",
            f"Image with digest '{manifest.digest}' and tag '{tag}' already exists in the repository with name '{repository.name}' in registry with id '{call.account}'",
        )
    if holder is not None and repository.is_tag_immutable():
        raise AwsError(
            "ImageTagAlreadyExistsException",
            f"The image tag '{tag}' already exists in the '{repository.name}' repository and cannot be overwritten because the tag is immutable.",
        )
    source = registry()
    if source is not None:
        try:
            source.put_manifest(repository.name, tag or manifest.digest, manifest)
        except OSError as refused:
            raise AwsError("LayersNotFoundException", str(refused)) from refused
    keep(repository, manifest, tag)
    return {"image": shown(call, manifest.digest, text, media_type, tag)}


def shown(call: Call, digest: str, text: str, media_type: str, tag: str | None) -> dict[str, Any]:
    id = {"imageDigest": digest, **({"imageTag": tag} if tag else {})}
    return {
        "registryId": call.account,
        "repositoryName": call.params["repositoryName"],
        "imageId": id,
        "imageManifest": text,
        "imageManifestMediaType": media_type,
    }


@repair("ecr", "BatchGetImage", "an image and a failure say the id that was asked for", API + "BatchGetImage.html")
def batch_get_image(call: Call) -> Any:
    repository, ids = repository_of(call), call.params["imageIds"]
    mirror(repository, ids)
    images, failures = [], []
    for id in ids:
        digest, tag = id.get("imageDigest"), id.get("imageTag")
        image = next(
            (
                one
                for one in repository.images
                if digest in (None, one.image_digest) and (tag is None or tag in one.image_tags)
            ),
            None,
        )
        if image is None:
            failures.append(
                {"imageId": id, "failureCode": "ImageNotFound", "failureReason": "Requested image not found"}
            )
        else:
            images.append(
                shown(call, image.image_digest, image.image_manifest, image.image_manifest_media_type or "", tag)
            )
    return {"images": images, "failures": failures}


@repair(
    "ecr",
    ["DescribeImages", "ListImages"],
    "knows the size of an image; with a registry, what is in it",
    API + "ImageDetail.html",
)
def describe_images(call: Call) -> Any:
    repository = repository_of(call)
    mirror(repository, call.params.get("imageIds") or [])
    result = call.moto()
    texts = {one.image_digest: json.loads(one.image_manifest) for one in repository.images}
    for detail in result.get("imageDetails") or []:
        manifest = texts[detail["imageDigest"]]
        parts = [manifest.get("config") or {}, *manifest.get("layers", [])]
        detail["imageSizeInBytes"] = sum(part.get("size", 0) for part in parts)
        detail["artifactMediaType"] = parts[0].get("mediaType")
    return result
