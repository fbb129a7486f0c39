"""What a terminal pulls: changes by cursor and long poll, the catalogue by version and digest."""

import threading
import time

from platform_bench import Running
from wire_terminal import SUITE, WireTerminal, problem_of

from yici.contract.case import CaseState
from yici.contract.delivery import CatalogueRelease, ChangePage
from yici.contract.digests import digest_of
from yici.contract.items import read_pack
from yici.contract.problems import ProblemType
from yici.contract.statement import Purpose, SignedStatement, open_statement
from yici.unified_platform.cases.decisions import Decided, Decision, decide


def test_feed_is_read_in_pages_and_stays_quiet_afterwards(terminal: WireTerminal) -> None:
    terminal.batch(*(terminal.seal() for _ in range(3)))
    page = terminal.changes()
    assert [change.state for change in page.changes] == [CaseState.RECEIVED] * 3
    rest = terminal.changes(f"?cursor={page.cursor}")
    assert (rest.changes, rest.more) == ((), False)


def test_nothing_new_is_304(terminal: WireTerminal) -> None:
    first = terminal.call("GET", "/v1/changes")
    cursor = ChangePage.from_bytes(first.content).cursor
    quiet = terminal.call(
        "GET", f"/v1/changes?cursor={cursor}", headers={"If-None-Match": first.headers["ETag"]}
    )
    assert (quiet.status_code, quiet.content) == (304, b"")


def test_cursor_of_another_database_is_gone(terminal: WireTerminal) -> None:
    for cursor in ("elsewhere.3", "nonsense", f"{terminal.changes().cursor}9"):
        found = problem_of(terminal.call("GET", f"/v1/changes?cursor={cursor}"))
        assert found.kind is ProblemType.CURSOR_GONE


def test_long_poll_answers_when_a_decision_is_made(
    running: Running, terminal: WireTerminal
) -> None:
    case_number = terminal.acknowledgement(terminal.deliver(terminal.seal())).case_number
    cursor = terminal.changes().cursor
    decided: list[object] = []

    def decide_soon() -> None:
        time.sleep(0.3)
        decided.append(decide(running.platform, case_number, Decision.ACCEPT, reason="", actor="t"))

    deciding = threading.Thread(target=decide_soon)
    deciding.start()
    page = terminal.changes(f"?cursor={cursor}&wait=50")
    deciding.join()
    assert isinstance(decided[0], Decided)
    assert [change.state for change in page.changes] == [CaseState.ACCEPTED]


def test_long_poll_without_news_ends_by_itself(terminal: WireTerminal) -> None:
    page = terminal.changes(f"?cursor={terminal.changes().cursor}&wait=1")
    assert page.changes == ()


def test_catalogue_is_signed_and_its_pack_has_the_digest_named(terminal: WireTerminal) -> None:
    reply = terminal.call("GET", "/v1/catalogue")
    statement = SignedStatement.from_bytes(reply.content)
    key = terminal.answer.signing_public_key
    release = CatalogueRelease.from_bytes(open_statement(SUITE, Purpose.CATALOGUE, statement, key))
    pack = terminal.call("GET", f"/v1/catalogue/packs/{release.digest}").content
    assert (digest_of(pack), len(pack)) == (release.digest, release.size_bytes)
    assert len(list(read_pack(pack.decode().splitlines()))) == release.item_count
    again = terminal.call("GET", "/v1/catalogue", headers={"If-None-Match": reply.headers["ETag"]})
    assert again.status_code == 304


def test_welcome_is_fresh_and_signed(terminal: WireTerminal) -> None:
    welcome = terminal.welcome()
    assert welcome.terminal_id == terminal.terminal_id
    assert welcome.catalogue_version == 1
    assert welcome.limits.batch_items == 64
