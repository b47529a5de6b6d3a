"""AWS's wire protocols, both ways, by botocore's published models: what was asked, and how to answer it."""

from __future__ import annotations

import http.client
import io
import re
import uuid
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from botocore import parsers
from botocore import serialize as requests
from botocore.utils import parse_timestamp
from moto.core.model import OperationModel, ServiceModel
from moto.core.parse import PROTOCOL_PARSERS
from moto.core.request import Request, determine_request_protocol
from moto.core.routing import NotFound, get_service_router
from moto.core.serialize import DefaultAttributePicker, get_serializer_class
from moto.core.utils import get_service_model
from werkzeug.test import EnvironBuilder

# Signing names that differ from the name of the service in the SDKs.
SIGNED_AS = {
    "elasticloadbalancing": "elbv2",
    "monitoring": "cloudwatch",
    "servicequotas": "service-quotas",
    "tagging": "resourcegroupstaggingapi",
}
UNSIGNED_TARGETS = {"AWSCognitoIdentityProviderService": "cognito-idp"}


class AwsError(Exception):
    """A refusal, in the words of AWS. The HTTP status is the API model's for that code, or 400, unless given;
    `members` are the error shape's other members.
    """

    def __init__(self, code: str, message: str, status: int | None = None, **members: Any) -> None:
        super().__init__(f"{code}: {message}")
        self.code, self.message, self.status = code, message, status
        self.answer: Answer | None = None
        for name, value in members.items():
            setattr(self, name, value)


@dataclass
class Answer:
    """An HTTP response."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes


@dataclass
class Asked:
    """A request, identified."""

    service: str
    action: str
    region: str
    operation: OperationModel | None
    path_params: dict[str, Any]


def identify(environ: dict[str, Any]) -> Asked:
    """Which service and action a request is for. Services outside the models come back without an operation."""
    service, region = _scope(environ)
    nothing = Asked(service, "", region, None, {})
    if not service:
        return nothing
    try:
        operation, path_params = get_service_router(service).match(_request(environ))
    except (NotFound, NotImplementedError):
        return nothing
    except Exception:  # botocore has no such service
        return nothing
    return Asked(service, operation.name, region, operation, path_params)


def attempt_of(environ: dict[str, Any]) -> int:
    """Which attempt at its call this is, by the SDKs' own count: `amz-sdk-request: attempt=2; max=4`."""
    found = re.search(r"attempt=(\d+)", environ.get("HTTP_AMZ_SDK_REQUEST", ""))
    return int(found[1]) if found else 1


def _scope(environ: dict[str, Any]) -> tuple[str, str]:
    credential = environ.get("HTTP_AUTHORIZATION", "").partition("Credential=")[2].split(",")[0].split("/")
    if len(credential) == 5:
        service = credential[3].lower()
        return SIGNED_AS.get(service, service), credential[2]
    target = environ.get("HTTP_X_AMZ_TARGET", "").split(".")[0]
    if target in UNSIGNED_TARGETS:
        return UNSIGNED_TARGETS[target], "us-east-1"
    if "X-Amz-Signature=" in environ.get("QUERY_STRING", ""):
        return "s3", "us-east-1"
    return "", "us-east-1"


def _request(environ: dict[str, Any]) -> Request:
    return Request(dict(environ, **{"wsgi.input": io.BytesIO(environ["tap.body"])}))


def forward(endpoint: str, environ: dict[str, Any]) -> Answer:
    """What another server answers to the same request."""
    headers = {name[5:].replace("_", "-"): value for name, value in environ.items() if name.startswith("HTTP_")}
    if environ.get("CONTENT_TYPE"):
        headers["Content-Type"] = environ["CONTENT_TYPE"]
    for name in ("TRANSFER-ENCODING", "CONNECTION", "CONTENT-LENGTH"):
        headers.pop(name, None)
    connection = http.client.HTTPConnection(endpoint.removeprefix("http://"))
    try:
        connection.request(environ["REQUEST_METHOD"], environ["REQUEST_URI"], environ["tap.body"], headers)
        answer = connection.getresponse()
        return Answer(answer.status, answer.getheaders(), answer.read())
    finally:
        connection.close()


def protocol_of(operation: OperationModel, environ: dict[str, Any]) -> str:
    return determine_request_protocol(operation.service_model, environ.get("CONTENT_TYPE", ""))


def decode_request(asked: Asked, environ: dict[str, Any]) -> dict[str, Any]:
    """The parameters of a request, named as in the API's model."""
    assert asked.operation is not None
    request = _request(environ)
    parser = PROTOCOL_PARSERS[protocol_of(asked.operation, environ)](asked.operation)
    return parser.parse(
        {
            "method": request.method,
            "values": request.values,
            "headers": request.headers,
            "body": environ["tap.body"],
            "url_path": request.path,
            "url_params": asked.path_params,
        }
    )


def encode_request(service: str, action: str, params: dict[str, Any], region: str) -> dict[str, Any]:
    """A WSGI environ that asks for `action` with `params`."""
    model = get_service_model(service)
    operation = model.operation_model(action)
    protocol = _plain_protocol(model)
    made = requests.create_serializer(protocol, include_validation=False).serialize_to_request(params, operation)
    body = made["body"]
    if isinstance(body, dict):
        builder = EnvironBuilder(method=made["method"], path=made["url_path"], data=body)
    else:
        path = made["url_path"].split("?")[0]
        builder = EnvironBuilder(method=made["method"], path=path, data=body or b"")
    if made["query_string"] or "?" in made["url_path"]:
        builder.args.update(made["query_string"] if isinstance(made["query_string"], dict) else {})
        for pair in filter(None, made["url_path"].partition("?")[2].split("&")):
            builder.args[pair.partition("=")[0]] = pair.partition("=")[2]
    signed_as = next((name for name, known in SIGNED_AS.items() if known == service), service)
    builder.headers.extend(made["headers"])
    builder.headers["Authorization"] = (
        f"AWS4-HMAC-SHA256 Credential=local/20260101/{region}/{signed_as}/aws4_request, SignedHeaders=host, Signature=0"
    )
    environ = builder.get_environ()
    environ["tap.body"] = environ["wsgi.input"].read()
    environ["HTTP_HOST"] = "127.0.0.1"
    environ["tap.inside"] = True
    return environ


def _plain_protocol(model: ServiceModel) -> str:
    return "json" if "cbor" in model.protocol else model.protocol


def decode_answer(operation: OperationModel, protocol: str, answer: Answer) -> dict[str, Any]:
    """The result in an answer, named as in the API's model. Raises AwsError for a refusal."""
    factory = parsers.ResponseParserFactory()
    factory.set_parser_defaults(timestamp_parser=_utc)
    response = {"status_code": answer.status, "headers": _Headers(answer.headers), "body": answer.body}
    shape = operation.output_shape
    if answer.status >= 300 or shape is None:
        shape = None
    parsed = factory.create_parser(protocol).parse(response, shape)
    parsed.pop("ResponseMetadata", None)
    if answer.status >= 300:
        error = parsed.get("Error", {})
        refused = AwsError(error.get("Code", "Unknown"), error.get("Message", ""), answer.status)
        refused.answer = answer
        raise refused
    return parsed


class _Headers(dict):
    def __init__(self, headers: list[tuple[str, str]]) -> None:
        super().__init__((name.lower(), value) for name, value in headers)

    def get(self, key: str, default: Any = None) -> Any:
        return super().get(key.lower(), default)

    def __getitem__(self, key: str) -> Any:
        return super().__getitem__(key.lower())

    def __contains__(self, key: object) -> bool:
        return super().__contains__(str(key).lower())


def _utc(value: Any) -> datetime:
    return parse_timestamp(value).astimezone(timezone.utc)


def encode_answer(operation: OperationModel, protocol: str, result: dict[str, Any] | AwsError) -> Answer:
    """A result or a refusal, as the service's protocol writes it."""
    serializer = get_serializer_class(operation.service_model.service_name, protocol)(
        operation_model=operation, value_picker=DefaultAttributePicker()
    )
    made = serializer.serialize(result)
    status = (result.status if isinstance(result, AwsError) else None) or made["status_code"]
    request_id = str(uuid.uuid4())
    body = made["body"]
    body = body.replace("request-id", request_id) if isinstance(body, str) else body
    headers = [(name, str(value)) for name, value in made["headers"].items()]
    headers.append(("x-amzn-requestid", request_id))
    # The serializer for REST writes it itself.
    if isinstance(result, AwsError) and protocol.startswith("json"):
        headers.append(("x-amzn-errortype", result.code))
    return Answer(status, headers, body.encode() if isinstance(body, str) else body)


def redacted(value: Any, shape: Any) -> Any:
    """A copy without what AWS's models mark as sensitive, nor blobs."""
    if shape is None or value is None:
        return value
    if shape.metadata.get("sensitive") or shape.type_name == "blob":
        return "***"
    if shape.type_name == "structure" and isinstance(value, dict):
        return {k: redacted(v, shape.members.get(k)) for k, v in value.items()}
    if shape.type_name == "list" and isinstance(value, list):
        return [redacted(v, shape.member) for v in value]
    if shape.type_name == "map" and isinstance(value, dict):
        return {k: "***" if "secret" in k.lower() else redacted(v, shape.value) for k, v in value.items()}
    return value
