"""ECR: images keep their digests, tags and layers, and may live in a real registry on this machine.

With `set/registry` (or --registry) the images are those of that registry: clients push there, as repositoryUri says,
and every question about images is answered after a look at it. moto's own store then only mirrors it.
"""

from __future__ import annotations

import os
from datetime import datetime, timedelta, timezone
from typing import Any

from ..oci import Manifest, Registry
from ..repair import STATE, Call, repair, setting
from ..wire import AwsError

API = "https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_"


@setting("registry")
def set_registry(value: dict[str, Any]) -> None:
    """{"address": "127.0.0.1:5000"}: ECR's images are those of this registry, spoken to over plain HTTP; until reset."""
    STATE["ecr"]["registry"] = value["address"]


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


def keep(repository: Any, manifest: Manifest, tag: str | None) -> None:
    """Puts the image into moto's store, with the tag, which any other image loses."""
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


def mirror(repository: Any, ids: list[dict[str, str]]) -> None:
    """Brings what the registry has into moto's store: all that have a tag, and those asked for by digest."""
    source = registry()
    if source is None:
        return
    try:
        for image in repository.images:
            for tag in list(image.image_tags):
                image.remove_tag(tag)
        for tag in source.tags(repository.name):
            found = source.manifest(repository.name, tag)
            if found is not None:
                keep(repository, found, tag)
        for digest in [id["imageDigest"] for id in ids if id.get("imageDigest")]:
            found = source.manifest(repository.name, digest)
            if found is not None:
                keep(repository, found, None)
    except OSError as trouble:
        raise AwsError("ServerException", f"{source.address}: {trouble}", 500) from trouble


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
