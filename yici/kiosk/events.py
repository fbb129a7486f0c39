"""The terminal's events: the whole of what its log can say."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from yici.contract.printing import PrintState
from yici.offline_cache.events import Event
from yici.offline_cache.outbox_states import QuarantineReason


class SessionEndKind(StrEnum):
    """How a resident's session ended."""

    FINISHED = "finished"
    LEFT = "left"  # the person pressed leave
    IDLE = "idle"
    TOO_LONG = "too_long"
    CRASHED = "crashed"
    STAFF = "staff"


class DeviceRole(StrEnum):
    """What a device is for."""

    ID_CARD_READER = "id_card_reader"
    RECEIPT_PRINTER = "receipt_printer"
    DOCUMENT_CAMERA = "document_camera"
    FACE_CAMERA = "face_camera"
    SCANNER = "scanner"
    DOCUMENT_PRINTER = "document_printer"
    CODE_READER = "code_reader"
    SOCIAL_SECURITY_CARD_READER = "social_security_card_reader"


class LinkState(StrEnum):
    """How the sync agent stands with the platform."""

    STARTING = "starting"
    ONLINE = "online"
    OFFLINE = "offline"
    NOT_OURS = "not_ours"  # something else answers, such as a hotel-style sign-in page
    BLOCKED = "blocked"  # suspended or revoked by a genuine, signed word
    UPGRADE_REQUIRED = "upgrade_required"
    NOT_ENROLLED = "not_enrolled"
    STOPPED = "stopped"


@dataclass(frozen=True)
class SessionStarted(Event, name="session_started"):
    """A resident touched the screen."""


@dataclass(frozen=True)
class SessionEnded(Event, name="session_ended"):
    """The session's process is gone or about to go."""

    kind: SessionEndKind
    duration_s: float


@dataclass(frozen=True)
class DeviceLost(Event, name="device_lost"):
    """A device stopped answering."""

    role: DeviceRole


@dataclass(frozen=True)
class DeviceBack(Event, name="device_back"):
    """It answers again."""

    role: DeviceRole
    away_s: float


@dataclass(frozen=True)
class HotplugUnavailable(Event, name="hotplug_unavailable"):
    """Nothing tells when a device is plugged in: it is found by looking now and then."""


@dataclass(frozen=True)
class HotplugAvailable(Event, name="hotplug_available"):
    """It is told from now on."""


@dataclass(frozen=True)
class CardRead(Event, name="card_read"):
    """An identity card was read."""

    duration_ms: int


@dataclass(frozen=True)
class PageCaptured(Event, name="page_captured"):
    """A page was taken, or taken again."""

    page_count: int
    retake: bool


@dataclass(frozen=True)
class SubmissionAccepted(Event, name="submission_accepted"):
    """COMMIT has returned."""

    submission_id: UUID
    sequence: int
    part_count: int


@dataclass(frozen=True)
class SubmissionDelivered(Event, name="submission_delivered"):
    """A verified acknowledgement is here."""

    submission_id: UUID


@dataclass(frozen=True)
class SubmissionRejected(Event, name="submission_rejected"):
    """The platform will not take it."""

    submission_id: UUID


@dataclass(frozen=True)
class SubmissionSetApart(Event, name="submission_set_apart"):
    """Staff have to look at it."""

    submission_id: UUID
    reason: QuarantineReason


@dataclass(frozen=True)
class PrintOutcome(Event, name="print_outcome"):
    """How a print job ended."""

    job_id: UUID
    state: PrintState
    copy_number: int


@dataclass(frozen=True)
class LinkChanged(Event, name="link_changed"):
    """The way to the platform opened or closed."""

    state: LinkState


@dataclass(frozen=True)
class ChainBroken(Event, name="chain_broken"):
    """The acknowledgements do not follow each other: the platform lost some."""

    expected_number: int
    found_number: int


@dataclass(frozen=True)
class SubmissionMissing(Event, name="submission_missing"):
    """The platform no longer has it; `queued_again` is false when its bytes are erased here."""

    submission_id: UUID
    queued_again: bool


@dataclass(frozen=True)
class CatalogueReplaced(Event, name="catalogue_replaced"):
    """A newer catalogue is in force."""

    version: int
    item_count: int


@dataclass(frozen=True)
class SettingsBroken(Event, name="settings_broken"):
    """The settings file can't be used; the last good settings are."""

    fault_count: int


@dataclass(frozen=True)
class StorageFilling(Event, name="storage_filling"):
    """A disk mark was passed."""

    used_percent: int
