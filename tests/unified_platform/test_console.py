"""The console in a real browser, and its defences over plain sockets."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import requests
from papers_bench import ink, pdf
from platform_bench import Running, running_platform
from playwright.sync_api import Browser, Page, expect, sync_playwright
from wire_terminal import TIMEOUT_S, WireTerminal, example_identity

from yici.contract.case import CaseState, find_note
from yici.unified_platform.accounts.staff import IDLE, add_staff
from yici.unified_platform.cases.audit import AuditAction, list_audit
from yici.unified_platform.console.language import Language, strings
from yici.unified_platform.serving import Address, Listeners
from yici.unified_platform.storage.tables import staff_sessions

PASSWORD = "correct horse battery"
XSS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{7*7}}${7*7}",
    "<svg/onload=alert(1)>",
    "javascript:alert(1)//",
)
CHROMIUM = "/usr/bin/chromium"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running_platform(tmp_path_factory.mktemp("platform")) as found:
        add_staff(found.platform, "周敏", PASSWORD)
        yield found


@pytest.fixture(scope="module")
def terminal(running: Running) -> WireTerminal:
    return running.add_terminal()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if not Path(CHROMIUM).exists():
        pytest.skip(f"no browser at {CHROMIUM}")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM)
        yield launched
        launched.close()


@pytest.fixture
def page(browser: Browser, running: Running) -> Iterator[Page]:
    """Signed in; a dialog or a broken policy fails the test."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    opened = context.new_page()
    alarms: list[str] = []
    opened.on("dialog", lambda dialog: alarms.append(dialog.message))
    opened.on("pageerror", lambda error: alarms.append(str(error)))
    opened.on(
        "console",
        lambda line: alarms.append(line.text) if "Content Security Policy" in line.text else None,
    )
    opened.goto(running.console_url)
    opened.get_by_label("姓名或工号").fill("周敏")
    opened.get_by_label("密码").fill(PASSWORD)
    opened.get_by_role("button", name="登录").click()
    expect(opened.get_by_role("heading", name="办件")).to_be_visible()
    yield opened
    context.close()
    assert alarms == []


def deliver(terminal: WireTerminal, *papers: tuple[bytes, str], **changes: object) -> str:
    verdict = terminal.deliver(terminal.seal(*papers, **changes))
    return terminal.acknowledgement(verdict).case_number


def open_case(page: Page, running: Running, case_number: str) -> None:
    page.goto(f"{running.console_url}/cases")
    page.get_by_label("办件编号").fill(case_number.replace("-", ""))
    page.get_by_role("button", name="查找").click()
    page.get_by_role("link", name=case_number).click()


def test_case_with_papers_is_found_read_and_accepted(
    page: Page, running: Running, terminal: WireTerminal
) -> None:
    number = deliver(terminal, (pdf(1), "application/pdf"), (ink(), "image/png"))
    open_case(page, running, number)
    expect(page.get_by_text("430199 1985 0612 001 2").first).to_be_visible()
    expect(page.locator(".faulty")).not_to_have_count(0)
    for picture in page.locator(".tray img").all():
        picture.scroll_into_view_if_needed()
        expect(picture).to_have_js_property("complete", value=True)
        assert picture.evaluate("image => image.naturalWidth") > 0
    page.get_by_label("给申请人的话").fill("请下周一取件")
    page.get_by_role("button", name="受理", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("已受理")
    with running.platform.database.read() as connection:
        actions = {row.action for row in list_audit(connection, number)}
    assert {AuditAction.CASE_READ, AuditAction.PART_READ, AuditAction.CASE_ACCEPTED} <= actions


def test_refusal_needs_a_reason_and_the_reason_reaches_the_slip(
    page: Page, running: Running, terminal: WireTerminal
) -> None:
    sealed = terminal.seal()
    number = terminal.acknowledgement(terminal.deliver(sealed)).case_number
    cursor = terminal.changes().cursor
    open_case(page, running, number)
    page.get_by_text("不予受理…").click()
    page.get_by_role("button", name="不予受理", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("请填写不予受理的理由")
    page.get_by_label("不予受理的理由").fill("户口簿看不清")
    page.get_by_role("button", name="不予受理", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("已登记不予受理")
    (change,) = terminal.changes(f"?cursor={cursor}").changes
    assert change.state is CaseState.REFUSED
    assert change.sealed_note is not None
    note = find_note(
        change.sealed_note,
        slip_code=sealed.slip_code,
        submission_id=sealed.submission_id,
        version=change.version,
    )
    assert note == "户口簿看不清"


def test_case_that_was_sent_again_shows_the_newer_one_and_no_button(
    page: Page, running: Running, terminal: WireTerminal
) -> None:
    older = terminal.seal()
    first = terminal.acknowledgement(terminal.deliver(older)).case_number
    open_case(page, running, first)
    second = deliver(terminal, supersedes=older.submission_id)
    # the page was open when the newer one came in
    page.get_by_role("button", name="受理", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("请办理新的那一件")
    expect(page.locator("#decision form")).to_have_count(0)
    page.get_by_role("link", name=second).click()
    expect(page.get_by_text("申请人重新提交, 代替了")).to_be_visible()
    expect(page.get_by_role("button", name="受理", exact=True)).to_be_visible()
    page.goto(f"{running.console_url}/cases?shelf=superseded")
    row = page.get_by_role("row").filter(has=page.get_by_role("link", name=first))
    expect(row).to_contain_text("已重新提交")
    page.goto(f"{running.console_url}/cases?shelf=received")
    expect(page.get_by_role("link", name=first)).to_have_count(0)
    expect(page.get_by_role("link", name=second)).to_be_visible()


def test_markup_in_a_residents_words_is_shown_as_text(
    page: Page, running: Running, terminal: WireTerminal
) -> None:
    for attack in XSS:
        words = {"name": attack, "strange": attack}
        number = deliver(terminal, identity=example_identity(name=attack), answers=words)
        page.goto(f"{running.console_url}/cases/{number}")
        expect(page.get_by_text(attack, exact=True).first).to_be_visible()
        assert page.locator("main script, main svg[onload], main img[onerror]").count() == 0


def test_terminal_is_enrolled_with_a_code_from_the_page(page: Page, running: Running) -> None:
    from wire_terminal import enrol

    page.get_by_role("link", name="终端").click()
    page.get_by_role("button", name="生成注册码").click()
    code = page.locator(".big-code").inner_text()
    enrolled = enrol(running.terminals_url, re.sub(r"\s", "", code), running.session)
    digits = f"{enrolled.digits[:3]} {enrolled.digits[3:]}"
    expect(page.locator("#codes")).to_contain_text(digits, timeout=30_000)
    page.goto(f"{running.console_url}/terminals")
    row = page.get_by_role("row").filter(has_text=enrolled.terminal_id).first
    row.get_by_role("button", name="暂停").click()
    expect(row.locator(".tag")).to_contain_text("暂停")
    assert enrolled.greet().status_code == 403


def test_pages_speak_english_too(page: Page, running: Running) -> None:
    page.get_by_role("link", name="English").click()
    expect(page.get_by_role("heading", name="Cases")).to_be_visible()
    page.get_by_role("link", name="Terminals").click()
    expect(page.get_by_role("button", name="Make a code")).to_be_visible()


# --- without a browser


@pytest.fixture
def staff(running: Running) -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.trust_env = False
        assert sign_in(running, session).status_code == 303
        yield session


def sign_in(
    running: Running, session: requests.Session, password: str = PASSWORD, **headers: str
) -> requests.Response:
    return session.post(
        f"{running.console_url}/sign-in",
        data={"name": "周敏", "password": password},
        headers={"Origin": running.console_url, **headers},
        allow_redirects=False,
        timeout=TIMEOUT_S,
    )


def token_of(running: Running, session: requests.Session) -> str:
    text = session.get(f"{running.console_url}/terminals", timeout=TIMEOUT_S).text
    found = re.search(r'name="csrf" value="([^"]+)"', text)
    assert found is not None
    return found[1]


def test_nothing_is_shown_before_signing_in(running: Running, terminal: WireTerminal) -> None:
    number = deliver(terminal)
    for path in ("/", "/cases", f"/cases/{number}", f"/cases/{number}/parts/1", "/terminals"):
        reply = requests.get(running.console_url + path, allow_redirects=False, timeout=TIMEOUT_S)
        assert (reply.status_code, reply.headers["Location"]) == (303, "/sign-in")


def test_forms_from_elsewhere_change_nothing(
    running: Running, terminal: WireTerminal, staff: requests.Session
) -> None:
    url = f"{running.console_url}/cases/{deliver(terminal)}/decision"
    token = token_of(running, staff)
    ours = {"Origin": running.console_url}
    attempts = [
        ({"decision": "accept"}, ours),
        ({"decision": "accept", "csrf": "wrong"}, ours),
        ({"decision": "accept", "csrf": token}, {"Origin": "http://evil.example"}),
        ({"decision": "accept", "csrf": token}, {}),
    ]
    for form, headers in attempts:
        reply = staff.post(url, data=form, headers=headers, timeout=TIMEOUT_S)
        assert reply.status_code == 403
    good = staff.post(
        url, data={"decision": "accept", "csrf": token}, headers=ours, timeout=TIMEOUT_S
    )
    assert good.status_code == 200


def test_every_reply_carries_the_strict_headers(
    running: Running, terminal: WireTerminal, staff: requests.Session
) -> None:
    number = deliver(terminal, (b"<script>alert(1)</script>", "text/html"))
    paths = ["/sign-in", "/cases", f"/cases/{number}", "/nowhere", "/assets/console.js"]
    for path in paths:
        headers = staff.get(running.console_url + path, timeout=TIMEOUT_S).headers
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
    paper = staff.get(f"{running.console_url}/cases/{number}/parts/1", timeout=TIMEOUT_S)
    assert paper.headers["Content-Type"] == "application/octet-stream"
    assert paper.headers["Content-Disposition"].startswith("attachment;")
    assert "sandbox" in paper.headers["Content-Security-Policy"]


def test_session_ends_after_fifteen_idle_minutes(running: Running, staff: requests.Session) -> None:
    def age(connection: object) -> None:
        from sqlalchemy import Connection

        assert isinstance(connection, Connection)
        idle = running.platform.now() - IDLE * 1.1
        connection.execute(staff_sessions.update().values(last_used_at=idle))

    running.platform.database.write(age)
    reply = staff.get(f"{running.console_url}/cases", allow_redirects=False, timeout=TIMEOUT_S)
    assert reply.headers["Location"] == "/sign-in?ended=1"


def test_signing_out_ends_the_session_on_the_server(
    running: Running, staff: requests.Session
) -> None:
    token = token_of(running, staff)
    cookie = staff.cookies.get_dict()
    staff.post(
        f"{running.console_url}/sign-out",
        data={"csrf": token},
        headers={"Origin": running.console_url},
        timeout=TIMEOUT_S,
    )
    reply = requests.get(
        f"{running.console_url}/cases", cookies=cookie, allow_redirects=False, timeout=TIMEOUT_S
    )
    assert reply.status_code == 303


def test_cookie_is_strict_and_out_of_reach_of_scripts(running: Running) -> None:
    with requests.Session() as session:
        cookie = sign_in(running, session).headers["Set-Cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie


def test_guessing_a_password_ends_after_five_tries(tmp_path: Path) -> None:
    with running_platform(tmp_path) as running, requests.Session() as session:
        add_staff(running.platform, "周敏", PASSWORD)
        codes = [sign_in(running, session, "wrong").status_code for _ in range(6)]
        assert codes == [403] * 5 + [429]
        assert sign_in(running, session).status_code == 429


def test_every_word_is_there_in_both_languages() -> None:
    chinese, english = strings(Language.CHINESE), strings(Language.ENGLISH)
    assert set(chinese) == set(english)
    for key, text in chinese.items():
        assert set(re.findall(r"{\w+}", text)) == set(re.findall(r"{\w+}", english[key]))


def test_console_beyond_this_machine_is_served_over_tls(tmp_path: Path) -> None:
    anywhere = Listeners(Address("127.0.0.1", 0), Address("0.0.0.0", 0), plain_http=True)
    with running_platform(tmp_path, listeners=anywhere) as running, requests.Session() as session:
        add_staff(running.platform, "周敏", PASSWORD)
        session.trust_env = False
        session.verify = str(tmp_path / "tls/ca.pem")
        url = running.console_url.replace("0.0.0.0", "127.0.0.1")
        assert url.startswith("https://")
        # only the headers are kept: a reply would hold its connection open beyond the server
        reply = sign_in(replace(running, console_url=url), session)
        headers = reply.headers
        del reply
    assert headers["Set-Cookie"].startswith("__Host-yici-staff=")
    assert "secure" in headers["Set-Cookie"].lower()
    assert "Strict-Transport-Security" in headers
