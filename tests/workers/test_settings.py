"""Settings: defaults, one clear sentence for each bad value, and secrets that are made once and kept."""

from __future__ import annotations

import stat
from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest

from workers.errors import BadSetting
from workers.settings import Settings, from_environment

BAD = [
    *[
        ("PORT", value, "must be a number from 1 to 65535")
        for value in ("0", "65536", "-1", "8000.0", "http", " 80", "٣")
    ],
    *[("REDIS_URL", value, "must begin with redis://") for value in ("localhost:6379", "http://localhost", "redis:/x")],
    *[
        ("DATABASE_URL", value, "must begin with postgresql://")
        for value in ("mysql://localhost/x", "tickets", "sqlite://")
    ],
    *[("METRICS", value, "must be true or false") for value in ("on", "2", "nope")],
]


def read(data_dir: Path, **environ: str) -> Settings:
    return from_environment({"DATA_DIR": str(data_dir), **environ})


def test_an_empty_environment_gives_the_defaults(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    settings = from_environment({})

    assert (settings.host, settings.port, settings.metrics) == ("127.0.0.1", 8000, False)
    assert settings.data_dir == tmp_path / ".data"
    assert (settings.redis_url, settings.database_url) == ("", "")
    assert settings.broker == f"unix://{tmp_path}/.data/valkey.sock"
    assert settings.database == f"sqlite:///{tmp_path}/.data/ticketwheel.sqlite3"


def test_an_empty_variable_is_one_that_is_not_set(tmp_path: Path) -> None:
    names = ("HOST", "PORT", "REDIS_URL", "DATABASE_URL", "METRICS", "SECRET_KEY", "OPERATOR_SECRET")

    assert read(tmp_path, **dict.fromkeys(names, "")) == read(tmp_path)


@pytest.mark.parametrize(
    ("url", "driver"),
    [
        ("postgresql://shop@db/tickets", "postgresql+psycopg://shop@db/tickets"),
        ("postgres://shop@db/tickets", "postgresql+psycopg://shop@db/tickets"),
        ("sqlite:////srv/tickets.sqlite3", "sqlite:////srv/tickets.sqlite3"),
    ],
)
def test_a_database_is_reached_through_the_driver_that_is_installed(tmp_path: Path, url: str, driver: str) -> None:
    assert read(tmp_path, DATABASE_URL=url).database == driver


@pytest.mark.parametrize("url", ["redis://localhost:6379/3", "rediss://localhost", "unix:///run/redis.sock"])
def test_an_outside_broker_replaces_the_embedded_one(tmp_path: Path, url: str) -> None:
    assert read(tmp_path, REDIS_URL=url).broker == url


@pytest.mark.parametrize(("value", "on"), [("1", True), ("true", True), ("YES", True), ("0", False), ("False", False)])
def test_metrics_are_a_matter_of_yes_or_no(tmp_path: Path, value: str, on: bool) -> None:
    assert read(tmp_path, METRICS=value).metrics is on


@pytest.mark.parametrize(("name", "value", "remedy"), BAD)
def test_a_bad_value_is_named_with_what_it_takes_in_one_sentence(
    tmp_path: Path, name: str, value: str, remedy: str
) -> None:
    with pytest.raises(BadSetting) as caught:
        read(tmp_path, **{name: value})

    sentence = str(caught.value)
    assert sentence.startswith(f"{name}={value!r} {remedy}")
    assert sentence.endswith(".")
    assert "\n" not in sentence


def test_a_data_folder_is_made_with_all_above_it(tmp_path: Path) -> None:
    assert read(tmp_path / "a" / "b").data_dir.is_dir()
    assert list((tmp_path / "a" / "b").glob(".*")) == []


@pytest.mark.parametrize("inside", ["", "/deeper"])
def test_a_data_folder_that_cannot_be_written_is_named(tmp_path: Path, inside: str) -> None:
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(BadSetting, match="must be a folder that can be written"):
        read(Path(f"{tmp_path}/file{inside}"))


def test_secrets_are_made_once_kept_and_nobody_elses_to_read(tmp_path: Path) -> None:
    first, second, elsewhere = read(tmp_path), read(tmp_path), read(tmp_path / "elsewhere")

    assert (first.secret_key, first.operator_secret) == (second.secret_key, second.operator_secret)
    assert len({first.secret_key, first.operator_secret, elsewhere.secret_key, elsewhere.operator_secret}) == 4
    assert len(first.secret_key) >= 43
    for name in ("secret-key", "operator-secret"):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600


def test_a_secret_that_was_given_is_used_and_not_kept(tmp_path: Path) -> None:
    settings = read(tmp_path, SECRET_KEY="given", OPERATOR_SECRET="given too")

    assert (settings.secret_key, settings.operator_secret) == ("given", "given too")
    assert list(tmp_path.iterdir()) == []


def test_settings_do_not_change_while_it_runs(tmp_path: Path) -> None:
    with pytest.raises(FrozenInstanceError):
        read(tmp_path).port = 1  # type: ignore[misc]


def test_a_deep_data_folders_socket_is_where_its_path_fits(tmp_path: Path) -> None:
    deep = read(tmp_path / ("d" * 60) / ("e" * 60))
    other = read(tmp_path / ("d" * 60) / ("f" * 60))

    assert len(str(deep.valkey_socket)) < 100
    assert deep.valkey_socket != other.valkey_socket
    assert deep.valkey_socket == read(deep.data_dir).valkey_socket
