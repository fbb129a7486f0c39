"""A real terminal for the platform's tests: enrolled, with an outbox and its sync agent."""

import secrets
import time
from datetime import UTC, datetime
from pathlib import Path

from platform_bench import DEADLINE_S, HALL, Running
from wire_terminal import ITEM_CODE, example_form

from yici.contract.case import slip_code_digest
from yici.contract.sealing import FreshlySealed, SubmissionSealer
from yici.contract.submission import ClockReading, SubmissionForm
from yici.contract.submission_ids import new_id, new_slip_code
from yici.kiosk.identity import TerminalIdentity
from yici.kiosk.sync.agent import Agent, AgentSettings
from yici.kiosk.sync.core import Do, Policy, Step
from yici.kiosk.sync.enrol import enrol
from yici.offline_cache.cache import OfflineCache
from yici.offline_cache.outbox_states import OutboxState
from yici.unified_platform.fleet.enrolment import make_code

QUICK = Policy(base_s=0.02, cap_s=0.1, record_floor_s=0.01, record_cap_s=0.1, first_contact_s=0.0)


class KioskTerminal:
    """Enrolled for real; its outbox holds one submission with one paper of 3 MiB."""

    def __init__(self, running: Running, state_dir: Path) -> None:
        code = make_code(running.platform, hall_code=HALL, made_by="t").code
        self.identity: TerminalIdentity = enrol(state_dir, running.terminals_url, code).identity
        self.url, self.state_dir = running.terminals_url, state_dir
        self.cache = OfflineCache.open(state_dir)
        self.paper = secrets.token_bytes(3 * 1024 * 1024)
        self.submission_id = new_id()
        self.digest = self._submit()

    def _submit(self) -> str:
        sealer, slip_code = SubmissionSealer("intl-1", self.submission_id), new_slip_code()
        part = sealer.seal_part(self.paper, "application/pdf")
        form = SubmissionForm.model_validate(example_form(self.submission_id, slip_code, (part,)))
        self.cache.parts.put(part.digest, part.ciphertext)

        def build(sequence: int) -> FreshlySealed:
            return sealer.seal(
                form,
                (part,),
                terminal_id=self.identity.terminal_id,
                sequence=sequence,
                clock=ClockReading(boot_id="b", monotonic_ms=1, wall=datetime.now(UTC)),
                recipients=self.identity.recipients(),
                signing_key=self.identity.private_key,
            )

        self.cache.outbox.accept(
            build,
            submission_id=self.submission_id,
            item_code=ITEM_CODE,
            slip_code_digest=slip_code_digest(slip_code),
        )
        return part.digest

    def agent(self, url: str | None = None) -> Agent:
        settings = AgentSettings(url or self.url, policy=QUICK)
        return Agent.open(self.cache, self.identity, self.state_dir, settings)

    def send_some_chunks(self, agent: Agent) -> None:
        """Up to and with the first turn of parts, which is eight chunks of twelve."""
        end_s = time.monotonic() + DEADLINE_S
        while time.monotonic() < end_s:
            action = agent.next_action()
            if not isinstance(action, Do):
                time.sleep(0.02)
                continue
            agent.carry_out(action)
            if action.step is Step.PARTS:
                return
        raise AssertionError("no part was sent")

    def find_state(self) -> OutboxState | None:
        return self.cache.outbox.find_state(self.submission_id)
