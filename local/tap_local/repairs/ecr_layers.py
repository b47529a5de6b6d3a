"""ECR: layers keep their bytes and can be downloaded."""

from __future__ import annotations

import os
from typing import Any

from ..oci import LAYER, digest_of
from ..repair import Call, repair
from ..wire import AwsError
from .ecr import API, blobs, registry, repository_of


@repair("ecr", "CompleteLayerUpload", "keeps what was uploaded", API + "CompleteLayerUpload.html")
def complete_layer_upload(call: Call) -> Any:
    upload = repository_of(call).uploads.get(call.params["uploadId"])
    content = bytes(upload.layer_parts) if upload is not None else b""
    result = call.moto()
    blobs()[digest_of(content)] = content
    return result


@repair("ecr", "GetDownloadUrlForLayer", "exists", API + "GetDownloadUrlForLayer.html")
def get_download_url_for_layer(call: Call) -> Any:
    repository, digest = repository_of(call), call.params["layerDigest"]
    source = registry()
    if source is not None and source.blob_size(repository.name, digest) is not None:
        url = source.blob_url(repository.name, digest)
    elif source is None and digest in repository.layers:
        url = f"http://127.0.0.1:{os.environ['MOTO_PORT']}/_tap/blobs/{digest}"
    else:
        raise AwsError(
            "LayersNotFoundException",
            f"The layer with digest '{digest}' does not exist in the repository with name '{repository.name}' in the registry with id '{call.account}'",
        )
    return {"downloadUrl": url, "layerDigest": digest}


@repair(
    "ecr",
    "BatchCheckLayerAvailability",
    "with a registry, looks there",
    API + "BatchCheckLayerAvailability.html",
)
def batch_check_layer_availability(call: Call) -> Any:
    repository, source = repository_of(call), registry()
    if source is None:
        return call.forward()
    layers, failures = [], []
    for digest in call.params["layerDigests"]:
        size = source.blob_size(repository.name, digest)
        if size is None:
            failure = {"failureCode": "MissingLayerDigest", "failureReason": f"Layer digest '{digest}' could not be found"}
            failures.append({"layerDigest": digest, **failure})
        else:
            layers.append(
                {"layerDigest": digest, "layerAvailability": "AVAILABLE", "layerSize": size, "mediaType": LAYER}
            )
    return {"layers": layers, "failures": failures}
