"""A stand-in for CloudFront: serves the bucket by the distribution's rules, over plain HTTP unless started with TLS.

What it leaves out: the redirect to HTTPS (there may be no HTTPS here), compression, ranges, geography, cache behaviors
for other paths, other origins than S3, and the time that a change takes to reach the edge.
"""

from __future__ import annotations

import os
import re
import threading
from typing import Any

from ..repair import STATE, setting
from ..repairs.cloudfront_policies import CACHE_POLICIES, HEADERS_POLICIES, SECURITY
from . import edge_cache, origin
from .http import Request, Response
from .viewer_function import FunctionFailed, NoNode, run

ERROR_SECONDS = 10
# Hosts that name this computer and no site.
HERE = re.compile(r"^(localhost|[\d.]+|\[[0-9a-f:]+\])?$")


@setting("site")
def set_site(value: dict[str, Any]) -> None:
    """{"distribution": id or alias}: which one answers requests for 127.0.0.1, when several are enabled."""
    STATE["site"]["chosen"] = value["distribution"]


class Site:
    def __init__(self, one_at_a_time: threading.RLock) -> None:
        # Shared with the API, so that no invalidation comes between the origin's answer and the cache.
        self._one_at_a_time = one_at_a_time

    def __call__(self, request: Request) -> Response:
        try:
            id, config = _distribution(request.host)
        except LookupError as nobody:
            return _refusal(404, str(nobody))
        return _with_policy(config["DefaultCacheBehavior"], self._answer(request, id, config))

    def _answer(self, request: Request, id: str, config: dict[str, Any]) -> Response:
        behavior = config["DefaultCacheBehavior"]
        if config["CacheBehaviors"].get("Items"):
            return _refusal(501, "this stand-in knows the default cache behavior only")
        if request.method not in behavior["AllowedMethods"]["Items"] or request.method not in ("GET", "HEAD"):
            return _refusal(403, f"This distribution is not configured to allow the HTTP request method {request.method}.")
        if request.path == "/" and config["DefaultRootObject"]:
            request.path = f"/{config['DefaultRootObject']}"
        for association in behavior["FunctionAssociations"].get("Items", []):
            if association["EventType"] != "viewer-request":
                return _refusal(501, f"this stand-in does not run functions on {association['EventType']}")
            try:
                instead = run(association["FunctionARN"], request)
            except NoNode as missing:
                return _refusal(501, str(missing))
            except FunctionFailed as failed:
                return _refusal(503, f"The CloudFront function associated with the distribution failed: {failed}")
            if instead is not None:
                return instead
        response = self._object(id, config, request.path)
        if request.headers.get("if-none-match") == response.headers.get("etag", "") and response.status == 200:
            return Response(304, {name: value for name, value in response.headers.items() if name != "content-type"})
        return response

    def _object(self, id: str, config: dict[str, Any], path: str) -> Response:
        """From the edge, or else from the origin, with the error pages of the distribution."""
        response, note = self._cached(id, config, path)
        pages = config["CustomErrorResponses"].get("Items", [])
        page = next((one for one in pages if one["ErrorCode"] == response.status), None)
        if page is not None and page.get("ResponsePagePath"):
            shown, _ = self._cached(id, config, page["ResponsePagePath"])
            # An error page that cannot be had is no answer: CloudFront then says the origin's status.
            if shown.status == 200:
                response = Response(int(page["ResponseCode"]), dict(shown.headers), shown.body)
        return Response(response.status, {**response.headers, "x-cache": note, "server": "tap-local"}, response.body)

    def _cached(self, id: str, config: dict[str, Any], path: str) -> tuple[Response, str]:
        held = edge_cache.look(id, path)
        if held is None:
            with self._one_at_a_time:
                held = edge_cache.look(id, path)
                if held is None:
                    return self._fill(id, config, path), "Miss from cloudfront"
        age = {"age": str(int(edge_cache.now() - held.since))}
        note = "Hit from cloudfront" if held.response.status < 400 else "Error from cloudfront"
        return Response(held.response.status, {**held.response.headers, **age}, held.response.body), note

    def _fill(self, id: str, config: dict[str, Any], path: str) -> Response:
        behavior = config["DefaultCacheBehavior"]
        source = next(one for one in config["Origins"]["Items"] if one["Id"] == behavior["TargetOriginId"])
        arn = f"arn:aws:cloudfront::{os.environ['MOTO_ACCOUNT_ID']}:distribution/{id}"
        response = origin.fetch(source, arn, Request("GET", "", path, {}).name)
        if response.status < 400:
            policy = CACHE_POLICIES.get(behavior.get("CachePolicyId", ""), behavior)
            edge_cache.hold(id, path, response, edge_cache.seconds_to_hold(response, policy))
        else:
            pages = config["CustomErrorResponses"].get("Items", [])
            page = next((one for one in pages if one["ErrorCode"] == response.status), {})
            edge_cache.hold(id, path, response, page.get("ErrorCachingMinTTL", ERROR_SECONDS))
        return response


def _distribution(host: str) -> tuple[str, dict[str, Any]]:
    """By alias; for this computer's own names the chosen one, or the only one. Raises LookupError."""
    enabled = {
        id: doc["config"]
        for id, doc in list(STATE["cloudfront"].get("distributions", {}).items())
        if doc["config"]["Enabled"]
    }
    if HERE.match(host):
        chosen = STATE["site"].get("chosen")
        wanted = {id: c for id, c in enabled.items() if chosen in (None, id, *_aliases(c))}
        if len(wanted) == 1:
            return next(iter(wanted.items()))
        names = ", ".join(name for config in enabled.values() for name in _aliases(config)) or "none"
        raise LookupError(f"set/site chooses one of the enabled distributions, here: {names}")
    for id, config in enabled.items():
        if host in _aliases(config):
            return id, config
    raise LookupError(f"no enabled distribution has the alias {host}")


def _aliases(config: dict[str, Any]) -> list[str]:
    return list(config["Aliases"].get("Items", []))


def _with_policy(behavior: dict[str, Any], response: Response) -> Response:
    """The security headers of the response headers policy. The origin's own win where the policy does not override."""
    policy = HEADERS_POLICIES.get(behavior.get("ResponseHeadersPolicyId", ""), {})
    if policy.get("SecurityHeadersConfig") is SECURITY:
        added = {
            "x-xss-protection": "1; mode=block",
            "x-frame-options": "SAMEORIGIN",
            "referrer-policy": "strict-origin-when-cross-origin",
            "strict-transport-security": "max-age=31536000",
        }
        response.headers = {**added, **response.headers, "x-content-type-options": "nosniff"}
    return response


def _refusal(status: int, why: str) -> Response:
    body = f"<h1>The request could not be satisfied</h1>\n<p>{why}</p>\n<p>Said by the local stand-in for CloudFront.</p>\n"
    headers = {"content-type": "text/html; charset=utf-8", "x-cache": "Error from cloudfront", "server": "tap-local"}
    return Response(status, headers, body.encode())
