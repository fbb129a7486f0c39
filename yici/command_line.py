"""The command line's table of contents; each noun is imported only when it is asked for."""

from importlib import import_module

import click

# noun → (module, the click command in it, one line for the list)
NOUNS: dict[str, tuple[str, str, str]] = {
    "run": (
        "yici.rehearsal.cli",
        "run",
        "Start platform, twins, sync and terminal on this machine.",
    ),
    "demo": ("yici.rehearsal.cli", "demo", "One matter by itself; leaves its proof in out/demo."),
    "practice": (
        "yici.rehearsal.practice_cli",
        "practice",
        "The terminal to practise on: nothing of it is real, or stays.",
    ),
    "terminal": ("yici.kiosk.cli.terminal", "terminal", "Show the terminal (the supervisor)."),
    "session": ("yici.ui.command", "session", "Serve one resident (started by the supervisor)."),
    "sync": ("yici.kiosk.cli.sync", "sync", "Deliver submissions and fetch news (the agent)."),
    "enrol": ("yici.kiosk.cli.enrol", "enrol", "Make this terminal known to the platform."),
    "settings": (
        "yici.kiosk.cli.settings",
        "settings",
        "Check a settings file; list all settings.",
    ),
    "submit": ("yici.kiosk.cli.submit", "submit", "Hand in a submission without the screen."),
    "outbox": ("yici.kiosk.cli.outbox", "outbox", "What waits for delivery."),
    "device": ("yici.kiosk.cli.device", "device", "One act on one device."),
    "drivers": ("yici.kiosk.cli.drivers", "drivers", "The drivers and how far each is proven."),
    "twins": ("yici.drivers.twin_panel.cli", "twins", "Virtual devices and the page to play with."),
    "platform": ("yici.unified_platform.cli", "platform", "The unified platform."),
}


class NounGroup(click.Group):
    """Lists every noun without importing any of them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return list(NOUNS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        if cmd_name not in NOUNS:
            return None
        module_name, attribute, _ = NOUNS[cmd_name]
        command: click.Command = getattr(import_module(module_name), attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(noun, line) for noun, (_, _, line) in NOUNS.items()] or [("", "")])


@click.group(cls=NounGroup)
@click.version_option(package_name="yici")
def main() -> None:
    """Yici (一次): a township hall's self-service terminal and its platform."""
