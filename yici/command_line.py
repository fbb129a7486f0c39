"""The command line's table of contents; each noun is imported only when it is asked for."""

from importlib import import_module

import click

# noun → (module, the click command in it, one line for the list)
NOUNS: dict[str, tuple[str, str, str]] = {}


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
