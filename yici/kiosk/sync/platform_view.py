"""What the agent last heard from the platform; in memory only, asked anew after a restart."""

from dataclasses import dataclass, field

from yici.contract.terminal import Limits
from yici.kiosk.identity import TerminalIdentity


@dataclass(slots=True)
class PlatformView:
    """`identity` is replaced when newer sealing keys arrive."""

    identity: TerminalIdentity
    limits: Limits = field(default_factory=Limits)
    catalogue_version: int = 0
    acknowledgements_behind: bool = False
