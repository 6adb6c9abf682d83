"""The pages' scripts come from the lock file, through the build, and the app can tell when they did not."""

import json
import shutil
from pathlib import Path

import pytest

from lessons.vendor import ROOT, VENDORED, expected_stamp, missing_vendor_files, stamp_file, vendor_folder


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout whose scripts have just been built."""
    shutil.copy(ROOT / "package-lock.json", tmp_path)
    vendor_folder(tmp_path).mkdir(parents=True)
    for name in VENDORED.values():
        (vendor_folder(tmp_path) / name).touch()
    stamp_file(tmp_path).write_text(expected_stamp(tmp_path))
    return tmp_path


def test_a_complete_vendor_folder_needs_nothing(checkout: Path) -> None:
    assert missing_vendor_files(checkout) is None


def test_a_changed_lock_file_asks_for_the_scripts_again(checkout: Path) -> None:
    (checkout / "package-lock.json").write_text("{}")

    assert "make vendor" in str(missing_vendor_files(checkout))


@pytest.mark.parametrize("name", [*VENDORED.values(), ".stamp"])
def test_a_lost_file_asks_for_the_scripts_again(checkout: Path, name: str) -> None:
    (vendor_folder(checkout) / name).unlink()

    assert "make vendor" in str(missing_vendor_files(checkout))


def test_the_lock_file_names_no_registry_so_that_every_mirror_works() -> None:
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]

    assert [name for name, package in packages.items() if "resolved" in package] == []


def test_every_locked_package_brings_its_licence_along() -> None:
    packages = json.loads((ROOT / "package.json").read_text())["dependencies"]

    assert [name for name in packages if f"{name}/LICENSE" not in VENDORED] == []
