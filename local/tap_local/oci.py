"""OCI images: a client of a real registry on this machine, and small images made up for tests.

The registry's API: https://github.com/opencontainers/distribution-spec/blob/main/spec.md
"""

from __future__ import annotations

import gzip
import hashlib
import json
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass
from typing import Any

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"
MANIFESTS = (
    MANIFEST,
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
)
# Straight to the registry, whatever proxy the environment names.
_open = urllib.request.build_opener(urllib.request.ProxyHandler({})).open
TIMEOUT = 30


def digest_of(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


@dataclass(frozen=True)
class Manifest:
    """`text` byte for byte: its digest is the image's."""

    text: str
    media_type: str

    @property
    def digest(self) -> str:
        return digest_of(self.text.encode())


def made_up(tag: str, architecture: str, os: str) -> tuple[Manifest, dict[str, bytes]]:
    """An image with one empty layer, and its blobs by digest. Another tag or platform gives another digest."""
    layer = gzip.compress(bytes(1024), mtime=0)  # a tar archive of nothing
    config = json.dumps(
        {
            "architecture": architecture,
            "os": os,
            "config": {"Labels": {"tap.local.tag": tag}},
            "rootfs": {"type": "layers", "diff_ids": [digest_of(bytes(1024))]},
        }
    ).encode()
    blobs = {digest_of(config): config, digest_of(layer): layer}

    def part(media_type: str, content: bytes) -> dict[str, Any]:
        return {"mediaType": media_type, "digest": digest_of(content), "size": len(content)}

    manifest = {
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": part(CONFIG, config),
        "layers": [part(LAYER, layer)],
    }
    return Manifest(json.dumps(manifest), MANIFEST), blobs


@dataclass(frozen=True)
class Registry:
    """A registry that lets everyone in, over plain HTTP. Raises OSError when it does not answer, or refuses."""

    address: str

    def tags(self, repository: str) -> list[str]:
        found = self._ask("GET", f"{repository}/tags/list")
        return (json.loads(found[1]).get("tags") or []) if found else []

    def manifest(self, repository: str, reference: str) -> Manifest | None:
        """By tag or digest."""
        found = self._ask("GET", f"{repository}/manifests/{reference}", {"Accept": ", ".join(MANIFESTS)})
        return Manifest(found[1].decode(), found[0]["Content-Type"]) if found else None

    def put_manifest(self, repository: str, reference: str, manifest: Manifest) -> None:
        self._ask(
            "PUT",
            f"{repository}/manifests/{reference}",
            {"Content-Type": manifest.media_type},
            manifest.text.encode(),
        )

    def blob_size(self, repository: str, digest: str) -> int | None:
        found = self._ask("HEAD", f"{repository}/blobs/{digest}")
        return int(found[0]["Content-Length"]) if found else None

    def blob_url(self, repository: str, digest: str) -> str:
        return f"http://{self.address}/v2/{repository}/blobs/{digest}"

    def put_blob(self, repository: str, content: bytes) -> None:
        started = self._ask("POST", f"{repository}/blobs/uploads/")
        assert started is not None
        where = urllib.parse.urljoin(f"http://{self.address}", started[0]["Location"])
        joint = "&" if "?" in where else "?"
        headers = {"Content-Type": "application/octet-stream"}
        self._ask("PUT", f"{where}{joint}digest={digest_of(content)}", headers, content)

    def _ask(
        self, method: str, path: str, headers: dict[str, str] | None = None, body: bytes | None = None
    ) -> tuple[Any, bytes] | None:
        """Headers and body; None when there is no such thing."""
        url = path if path.startswith("http") else f"http://{self.address}/v2/{path}"
        try:
            with _open(
                urllib.request.Request(url, body, headers or {}, method=method), timeout=TIMEOUT
            ) as answer:
                return answer.headers, answer.read()
        except urllib.error.HTTPError as refused:
            if refused.code == 404:
                return None
            raise OSError(f"the registry answers {refused.code} to {method} {url}: {refused.read(500)!r}") from refused
