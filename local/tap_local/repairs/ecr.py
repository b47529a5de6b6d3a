"""ECR: images keep their digests, tags and layers, and may live in a real registry on this machine.

With `set/registry` (or --registry) the images are those of that registry: clients push there, as repositoryUri says,
and every question about images is answered after a look at it. moto's own store then only mirrors it.
"""

from __future__ import annotations

import json
import os
from datetime import datetime, timedelta, timezone
from typing import Any

from ..oci import Manifest, Registry, made_up
from ..repair import STATE, Call, repair, setting
from ..wire import AwsError

API = "https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_"
GUIDE = "https://docs.aws.amazon.com/AmazonECR/latest/userguide/"


@setting("registry")
def set_registry(value: dict[str, Any]) -> None:
    """{"address": "127.0.0.1:5000"}: ECR's images are those of this registry, spoken to over plain HTTP; until reset."""
    STATE["ecr"]["registry"] = value["address"]


@setting("image")
def set_image(value: dict[str, Any]) -> dict[str, Any]:
    """{"repository", "tag", "architecture": "amd64", "os": "linux"}: pushes a small image that cannot run. Returns {"digest"}."""
    from moto.ecr.models import ecr_backends

    name, tag = value["repository"], value["tag"]
    regions = ecr_backends[os.environ["MOTO_ACCOUNT_ID"]].values()
    repository = next((one.repositories[name] for one in regions if name in one.repositories), None)
    if repository is None:
        raise LookupError(f"repository {name}")
    manifest, found = made_up(tag, value.get("architecture", "amd64"), value.get("os", "linux"))
    for content in found.values():
        if registry() is not None:
            registry().put_blob(name, content)
    if registry() is not None:
        registry().put_manifest(name, tag, manifest)
    for digest, content in found.items():
        blobs()[digest] = content
        repository.layers[digest] = len(content)
    keep(repository, manifest, tag)
    return {"digest": manifest.digest}


def registry() -> Registry | None:
    address = STATE["ecr"].get("registry") or os.environ.get("TAP_LOCAL_REGISTRY")
    return Registry(address) if address else None


def blobs() -> dict[str, bytes]:
    """What was uploaded layer by layer, by digest."""
    return STATE["ecr"].setdefault("blobs", {})


def repository_of(call: Call) -> Any:
    name = call.params["repositoryName"]
    found = call.backend().repositories.get(name)
    if found is None:
        raise AwsError(
            "RepositoryNotFoundException",
            f"The repository with name '{name}' does not exist in the registry with id '{call.account}'",
        )
    return found


def keep(repository: Any, manifest: Manifest, tag: str | None) -> Any:
    """The image in moto's store, with the tag, which any other image loses."""
    from moto.ecr.models import Image

    image = next((one for one in repository.images if one.image_digest == manifest.digest), None)
    if image is None:
        image = Image(
            repository.account_id, None, manifest.text, repository.name, manifest.media_type, manifest.digest
        )
        repository.images.append(image)
    if tag:
        for other in repository.images:
            other.remove_tag(tag)
        image.update_tag(tag)
    return image


def mirror(repository: Any, ids: list[dict[str, str]] | None) -> None:
    """Brings what the registry has into moto's store: the images asked for, or all that have a tag."""
    source = registry()
    if source is None:
        return
    try:
        wanted = ids or [{"imageTag": tag} for tag in source.tags(repository.name)]
        for id in wanted:
            tag = id.get("imageTag")
            found = source.manifest(repository.name, id.get("imageDigest") or tag or "")
            if found is not None:
                keep(repository, found, None if id.get("imageDigest") else tag)
            elif tag:
                for image in repository.images:
                    image.remove_tag(tag)
    except OSError as trouble:
        raise AwsError("ServerException", f"{source.address}: {trouble}", 500) from trouble


# --- repositories -------------------------------------------------------------------------------------------------------


@repair(
    "ecr",
    ["CreateRepository", "DescribeRepositories", "DeleteRepository"],
    "with a registry, says its address",
    API + "Repository.html",
)
def repository_uri(call: Call) -> Any:
    source = registry()
    if source is None:
        return call.forward()
    result = call.moto()
    for one in result["repositories"] if "repositories" in result else [result["repository"]]:
        one["repositoryUri"] = f"{source.address}/{one['repositoryName']}"
    return result


@repair(
    "ecr",
    "GetAuthorizationToken",
    "the token is valid for 12 hours; with a registry, it is said to be for that one",
    API + "GetAuthorizationToken.html",
)
def get_authorization_token(call: Call) -> Any:
    result, source = call.moto(), registry()
    for one in result["authorizationData"]:
        one["expiresAt"] = datetime.now(timezone.utc) + timedelta(hours=12)
        if source is not None:
            one["proxyEndpoint"] = f"http://{source.address}"
    return result


# --- images -------------------------------------------------------------------------------------------------------------


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
    mirror(repository, [{"imageTag": tag}] if tag else [{"imageDigest": manifest.digest}])
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
    mirror(repository, call.params.get("imageIds"))
    result = call.moto()
    texts = {one.image_digest: json.loads(one.image_manifest) for one in repository.images}
    for detail in result.get("imageDetails") or []:
        manifest = texts[detail["imageDigest"]]
        parts = [manifest.get("config") or {}, *manifest.get("layers", [])]
        detail["imageSizeInBytes"] = sum(part.get("size", 0) for part in parts)
        detail["artifactMediaType"] = parts[0].get("mediaType")
    return result
