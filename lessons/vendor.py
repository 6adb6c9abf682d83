"""The scripts of others that our pages load: which files of which npm package, and whether they are in place."""

import hashlib
import json
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# path in node_modules → name in static/vendor
VENDORED = {
    "htmx.org/dist/htmx.min.js": "htmx.min.js",
    "htmx.org/dist/ext/hx-ptag.min.js": "hx-ptag.min.js",
    "htmx.org/LICENSE": "htmx.LICENSE.txt",
}


def missing_vendor_files(root: Path = ROOT) -> str | None:
    """One line for whoever starts the app on how to repair static/vendor, or None when it is complete."""
    if is_complete(root):
        return None
    return "The pages' scripts in static/vendor are missing or out of date: run `make vendor`."


def is_complete(root: Path) -> bool:
    """Whether every vendored file is there, and came from the present package-lock.json."""
    folder = vendor_folder(root)
    return (
        all((folder / name).is_file() for name in VENDORED.values())
        and stamp_file(root).is_file()
        and stamp_file(root).read_text() == expected_stamp(root)
    )


def vendor_folder(root: Path) -> Path:
    """Where the copied files live; git ignores it."""
    return root / "static" / "vendor"


def stamp_file(root: Path) -> Path:
    """The note that the build leaves after the last copy."""
    return vendor_folder(root) / ".stamp"


def expected_stamp(root: Path) -> str:
    """A fingerprint of the lock file and the list above: a change to either asks for a new copy."""
    wanted = (root / "package-lock.json").read_bytes() + json.dumps(VENDORED, sort_keys=True).encode()
    return hashlib.sha256(wanted).hexdigest()
