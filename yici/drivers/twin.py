"""What every twin offers to the panel, the fault matrix and practice mode.

A twin is a virtual device that speaks the real protocol over a pty, a socket or a file, so that
the driver under it can't know. It stands beside its driver and is shipped with it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from yici.drivers.device import DeviceKind

NO_FAULT = "none"


@dataclass(frozen=True, slots=True)
class Act:
    """Something a person does at the device: lay a sheet, put a card, show a code.

    `choices` are the arguments that make sense; without any the act takes no argument, or any
    short text when `takes_text`.
    """

    name: str
    choices: tuple[str, ...] = ()
    takes_text: bool = False


class Twin(Protocol):
    """Orders may come from any thread; each returns at once."""

    @property
    def kind(self) -> DeviceKind: ...

    @property
    def address(self) -> str:
        """What a terminal's settings say to reach it."""
        ...

    @property
    def is_plugged_in(self) -> bool: ...

    def plug_in(self) -> None:
        """Raises OSError when somebody else has taken the port meanwhile."""
        ...

    def unplug(self) -> None:
        """Pull the cable: whatever is under way breaks off."""
        ...

    @property
    def fault_names(self) -> Sequence[str]:
        """The faults it can have; NO_FAULT is none of them.

        Every twin has `silent` (takes everything, answers nothing), `garbage` (answers what is
        no protocol) and `slow` (answers, but late), beside those of its own kind.
        """
        ...

    @property
    def fault(self) -> str:
        """The present fault, or NO_FAULT."""
        ...

    def set_fault(self, name: str) -> None:
        """One fault at a time; NO_FAULT ends it. Raises ValueError for a name it doesn't have."""
        ...

    @property
    def acts(self) -> Sequence[Act]: ...

    def act(self, name: str, argument: str = "") -> None:
        """Do one of `acts`. Raises ValueError for a name or an argument that makes no sense."""
        ...

    def close(self) -> None:
        """Unplug and end its threads; may be called twice."""
        ...
