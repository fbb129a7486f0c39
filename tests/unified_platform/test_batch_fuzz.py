"""Whatever comes as a batch is answered with verdicts or a problem, never with a fault."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from platform_bench import Running
from wire_terminal import SUITE, Sealed, WireTerminal, problem_of

from yici.contract.delivery import Batch, BatchReply, Outcome
from yici.contract.problems import ProblemType
from yici.contract.statement import Purpose, sign_bytes

QUIET = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["items", "manifest", "signature", "form", "x"]), inner)
    ),
    max_leaves=8,
)


@pytest.fixture(scope="module")
def terminal(running_sqlite: Running) -> WireTerminal:
    return running_sqlite.add_terminal()


@pytest.fixture(scope="module")
def sealed(terminal: WireTerminal) -> Sealed:
    return terminal.seal()


def judge(terminal: WireTerminal, body: bytes) -> BatchReply | None:
    reply = terminal.call("POST", "/v1/submissions:batch", body)
    if reply.status_code == 200:
        return BatchReply.from_bytes(reply.content)
    assert problem_of(reply).kind is ProblemType.BAD_REQUEST
    return None


@QUIET
@given(body=st.binary(max_size=200) | JSON.map(lambda value: json.dumps(value).encode()))
def test_any_body(terminal: WireTerminal, body: bytes) -> None:
    judge(terminal, body)


@QUIET
@given(data=st.data())
def test_any_broken_byte_of_a_real_submission(
    terminal: WireTerminal, sealed: Sealed, data: st.DataObject
) -> None:
    member = data.draw(st.sampled_from(["manifest", "signature", "form"]))
    whole: bytes = getattr(sealed.cover, member)
    at = data.draw(st.integers(0, len(whole) - 1))
    broken = whole[:at] + bytes([whole[at] ^ data.draw(st.integers(1, 255))]) + whole[at + 1 :]
    cover = sealed.cover.model_copy(update={member: broken})
    reply = judge(terminal, Batch(items=(cover,)).to_bytes())
    assert reply is not None
    assert reply.verdicts[0].outcome is Outcome.REJECTED


@QUIET
@given(
    changes=st.dictionaries(
        st.sampled_from(
            ["suite", "terminal_id", "submission_id", "recipients", "parts", "version"]
        ),
        JSON,
        min_size=1,
    )
)
def test_any_manifest_under_a_good_signature(
    terminal: WireTerminal, sealed: Sealed, changes: dict[str, Any]
) -> None:
    manifest = json.dumps({**json.loads(sealed.cover.manifest), **changes}).encode()
    signature = sign_bytes(SUITE, Purpose.MANIFEST, manifest, terminal.keys.private)
    cover = sealed.cover.model_copy(update={"manifest": manifest, "signature": signature})
    reply = judge(terminal, Batch(items=(cover,)).to_bytes())
    assert reply is not None
    assert len(reply.verdicts) == 1
