"""Copies the pictures that the README shows out of the last demo, at half size."""

import sys
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
DEMO, DOCS = ROOT / "out" / "demo", ROOT / "docs" / "pictures"

# name in the README → picture of the demo, by the end of its name
PICTURES = {
    "home": "screens/*-1-home.png",
    "guide": "screens/*-1-guide.png",
    "identify": "screens/*-1-identify.png",
    "form": "screens/*-1-form-matter.png",
    "capture": "screens/*-1-capture.png",
    "signed": "screens/*-1-signed.png",
    "submitted": "screens/*-2-stored.png",
    "progress": "screens/*-4-progress.png",
    "slip": "slips/slip-1.png",
}


def main() -> int:
    """Exit code 1 when the demo has left no such picture."""
    DOCS.mkdir(parents=True, exist_ok=True)
    for name, pattern in PICTURES.items():
        found = sorted(DEMO.glob(pattern))
        if not found:
            sys.stderr.write(f"no {pattern} in {DEMO}: run `make demo` first\n")
            return 1
        with Image.open(found[0]) as picture:
            half = picture.convert("L" if name == "slip" else "RGB")
            half = half.resize((picture.width // 2, picture.height // 2), Image.Resampling.LANCZOS)
            half.save(DOCS / f"{name}.png", optimize=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
