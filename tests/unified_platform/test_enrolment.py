"""Enrolment by a code that never travels."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import requests
from platform_bench import HALL, Running, running_platform
from wire_terminal import SUITE, TIMEOUT_S, WireTerminal, enrol, enrolment_request, problem_of

from yici.contract.enrolment import CODE_LIFETIME_S, new_enrolment_code
from yici.contract.problems import ProblemType
from yici.unified_platform.fleet.enrolment import MAX_TRIES, UnknownHall, list_codes, make_code
from yici.unified_platform.fleet.terminals import list_terminals
from yici.unified_platform.storage.tables import enrolment_codes


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    """A fresh one a test: tries are counted by address, and all tests have the same."""
    with running_platform(tmp_path) as found:
        yield found


def post(running: Running, body: bytes) -> requests.Response:
    url = f"{running.terminals_url}/v1/enrolments"
    return running.session.post(url, data=body, timeout=TIMEOUT_S)


def refuse(running: Running, code: str, hall_code: str = "") -> ProblemType | None:
    request = enrolment_request(code, SUITE.new_signing_key(), hall_code)
    return problem_of(post(running, request.to_bytes())).kind


def test_both_ends_show_the_same_check_digits(running: Running) -> None:
    terminal: WireTerminal = running.enrol()
    with running.platform.database.read() as connection:
        (code,) = list_codes(connection)
        (known,) = list_terminals(connection)
    assert terminal.digits == code.check_digits == known.check_digits
    assert (known.terminal_id, known.hall_code) == (terminal.terminal_id, HALL)


def test_code_works_once_but_a_lost_answer_is_given_again(running: Running) -> None:
    code = make_code(running.platform, hall_code=HALL, made_by="t").code
    request = enrolment_request(code, SUITE.new_signing_key())
    first, again = post(running, request.to_bytes()), post(running, request.to_bytes())
    assert first.status_code == 200
    assert first.content == again.content
    assert refuse(running, code) is ProblemType.ENROLMENT_REFUSED
    with running.platform.database.read() as connection:
        assert len(list_terminals(connection)) == 1


def test_code_is_not_stored(running: Running) -> None:
    made = make_code(running.platform, hall_code=HALL, made_by="t")
    with running.platform.database.read() as connection:
        row = connection.execute(enrolment_codes.select()).one()
    assert made.code.encode() not in repr(row).encode()


def test_code_of_another_hall_or_of_yesterday_is_refused(running: Running) -> None:
    platform = running.platform
    made = make_code(platform, hall_code=HALL, made_by="t")
    assert refuse(running, made.code, "H430181002") is ProblemType.ENROLMENT_REFUSED
    old = made.expires_at - timedelta(seconds=CODE_LIFETIME_S + 1)
    platform.database.write(
        lambda connection: connection.execute(enrolment_codes.update().values(expires_at=old))
    )
    assert refuse(running, made.code) is ProblemType.ENROLMENT_REFUSED


def test_guessing_ends_after_five_tries_even_with_the_right_code(running: Running) -> None:
    for _ in range(MAX_TRIES):
        assert refuse(running, new_enrolment_code()) is ProblemType.ENROLMENT_REFUSED
    right = make_code(running.platform, hall_code=HALL, made_by="t").code
    request = enrolment_request(right, SUITE.new_signing_key())
    reply = post(running, request.to_bytes())
    assert problem_of(reply).kind is ProblemType.TOO_MANY_REQUESTS
    assert int(reply.headers["Retry-After"]) > 0


def test_code_for_an_unknown_hall_is_not_made(running: Running) -> None:
    with pytest.raises(UnknownHall):
        make_code(running.platform, hall_code="H000", made_by="t")


def test_enrolling_again_makes_another_terminal(running: Running) -> None:
    codes = [make_code(running.platform, hall_code=HALL, made_by="t").code for _ in range(2)]
    ids = {enrol(running.terminals_url, code, running.session).terminal_id for code in codes}
    assert len(ids) == 2
