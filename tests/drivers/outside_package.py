"""A package from outside, as `pip install` would leave it in a directory on the import path."""

from pathlib import Path

DESCRIPTOR = """
from yici.drivers.descriptor import DriverDescriptor
from yici.drivers.device import DeviceKind

DRIVER = DriverDescriptor(
    name={name!r},
    kind=DeviceKind({kind!r}),
    title_zh="示例",
    title_en="Example",
    connect={connect!r},
    address_example="/dev/null",
)
"""


def descriptor_code(
    *, name: str = "acme", kind: str = "code_reader", connect: str = "acme_code:connect"
) -> str:
    """The text of a module whose DRIVER is well formed."""
    return DESCRIPTOR.format(name=name, kind=kind, connect=connect)


def install(
    directory: Path,
    *,
    package: str = "acme",
    entry_name: str = "code_reader.acme",
    target: str = "",
    code: str | None = None,
) -> None:
    """Write the module `<package>_module` and the metadata that names it."""
    module = f"{package}_module"
    (directory / f"{module}.py").write_text(descriptor_code() if code is None else code)
    metadata = directory / f"{package}-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text(
        f"[yici.drivers]\n{entry_name} = {target or f'{module}:DRIVER'}\n"
    )
