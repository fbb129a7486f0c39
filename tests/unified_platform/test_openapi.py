"""The published document names every endpoint that the contract describes, and no other."""

import re

from platform_bench import Running
from wire_terminal import TIMEOUT_S

from yici.contract import delivery


def test_document_holds_every_endpoint_of_the_contract(running_sqlite: Running) -> None:
    url = f"{running_sqlite.terminals_url}/v1/openapi.json"
    document = running_sqlite.session.get(url, timeout=TIMEOUT_S).json()
    promised = {
        (method.lower(), path)
        for method, path in re.findall(
            r"^    (GET|POST|HEAD|PATCH)\s+(/v1/[\w:/{}]+)", delivery.__doc__ or "", re.MULTILINE
        )
    }
    assert len(promised) == 9
    described = {
        (method, path) for path, methods in document["paths"].items() for method in methods
    }
    assert described == promised | {("post", "/v1/enrolments")}


def test_every_reference_of_the_document_leads_somewhere(running_sqlite: Running) -> None:
    url = f"{running_sqlite.terminals_url}/v1/openapi.json"
    text = running_sqlite.session.get(url, timeout=TIMEOUT_S).text
    schemas = running_sqlite.session.get(url, timeout=TIMEOUT_S).json()["components"]["schemas"]
    referred = set(re.findall(r'"#/components/schemas/(\w+)"', text))
    assert referred
    assert referred <= set(schemas)
