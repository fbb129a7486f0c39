"""The OpenAPI 3.1 document of the terminals' listener, made from the table of endpoints."""

import json
from functools import cache
from importlib.metadata import version
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from yici.contract.enrolment import EnrolmentAnswer, EnrolmentRequest
from yici.contract.problems import MEDIA_TYPE, STATUS, Problem, ProblemType
from yici.contract.wire import PROTOCOL_HEADER, TERMINAL_HEADER
from yici.unified_platform.terminal_api.endpoints import SIGNED, Endpoint

_REF = "#/components/schemas/{model}"
ENROLMENT = Endpoint(
    "POST",
    "/v1/enrolments",
    "Enrol with a one-time code that never travels",
    None,
    max_body_bytes=16 * 1024,
    request=EnrolmentRequest,
    reply=EnrolmentAnswer,
    problems=(
        ProblemType.ENROLMENT_REFUSED,
        ProblemType.SUITE_NOT_OFFERED,
        ProblemType.TOO_MANY_REQUESTS,
    ),
)
_ANY = (ProblemType.BAD_REQUEST, ProblemType.TOO_LARGE, ProblemType.UNAVAILABLE)
_SIGNED_PROBLEMS = (
    ProblemType.BAD_SIGNATURE,
    ProblemType.CLOCK_SKEW,
    ProblemType.REPLAYED,
    ProblemType.TERMINAL_BLOCKED,
    ProblemType.UPGRADE_REQUIRED,
)


@cache
def openapi_document() -> bytes:
    """UTF-8 JSON."""
    models: list[type[BaseModel]] = [Problem, EnrolmentRequest, EnrolmentAnswer]
    models += [m for e in SIGNED for m in (e.request, e.reply) if m is not None]
    wanted: list[Any] = [(model, "serialization") for model in dict.fromkeys(models)]
    _, schema = models_json_schema(wanted, ref_template=_REF)
    paths: dict[str, dict[str, Any]] = {}
    for endpoint in (ENROLMENT, *SIGNED):
        signed = endpoint is not ENROLMENT
        described = _signed_operation(endpoint) if signed else _operation(endpoint, ())
        paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = described
    document = {
        "openapi": "3.1.0",
        "info": {"title": "Yici platform: terminals", "version": version("yici")},
        "paths": paths,
        "components": {
            "schemas": schema["$defs"],
            "securitySchemes": {
                "httpMessageSignature": {
                    "type": "http",
                    "scheme": "signature",
                    "description": "RFC 9421, label `yici`, alg `ed25519` or (suite gm-1) the "
                    "private `yici-sm2-sm3`; see Signature-Input",
                }
            },
        },
    }
    return json.dumps(document, ensure_ascii=False).encode()


def _signed_operation(endpoint: Endpoint) -> dict[str, Any]:
    operation = _operation(endpoint, _SIGNED_PROBLEMS)
    operation["security"] = [{"httpMessageSignature": []}]
    operation["parameters"] += [
        _parameter("header", name)
        for name in (TERMINAL_HEADER, PROTOCOL_HEADER, "Signature-Input", "Signature")
    ]
    return operation


def _operation(endpoint: Endpoint, problems: tuple[ProblemType, ...]) -> dict[str, Any]:
    parameters = [_parameter("query", name) for name in endpoint.query]
    parameters += [_parameter("header", name) for name in endpoint.request_headers]
    if "{digest}" in endpoint.path:
        parameters.append({**_parameter("path", "digest"), "required": True})
    operation: dict[str, Any] = {
        "summary": endpoint.summary,
        "parameters": parameters,
        "responses": _responses(endpoint, (*_ANY, *problems, *endpoint.problems)),
    }
    if endpoint.request is not None:
        operation["requestBody"] = _content(endpoint.request, "application/json")
    elif endpoint.max_body_bytes:
        operation["requestBody"] = {"content": {"application/octet-stream": {}}}
    return operation


def _parameter(place: str, name: str) -> dict[str, Any]:
    return {"in": place, "name": name, "schema": {"type": "string"}}


def _content(model: type[BaseModel], media_type: str) -> dict[str, Any]:
    return {"content": {media_type: {"schema": {"$ref": _REF.format(model=model.__name__)}}}}


def _responses(endpoint: Endpoint, problems: tuple[ProblemType, ...]) -> dict[str, Any]:
    good: dict[str, Any] = {"description": "Done"}
    if endpoint.reply is not None:
        good |= _content(endpoint.reply, endpoint.reply_media_type)
    elif endpoint.method == "GET":
        good["content"] = {endpoint.reply_media_type: {}}
    headers = (PROTOCOL_HEADER, *endpoint.reply_headers)
    good["headers"] = {name: {"schema": {"type": "string"}} for name in headers}
    responses: dict[str, Any] = {"200": good}
    if "If-None-Match" in endpoint.request_headers:
        responses["304"] = {"description": "Nothing new"}
    for kind in problems:
        status = str(STATUS[kind])
        known = responses.get(status, {}).get("description", "")
        described = f"{known}, {kind.value}" if known else kind.value
        responses[status] = {"description": described, **_content(Problem, MEDIA_TYPE)}
    return responses
