"""Starts the whole product as one process tree, restarts a part that dies, and ends all of it together."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from workers import grounds
from workers.errors import CannotStart, TicketwheelError
from workers.lifeline import die_with_parent
from workers.settings import Settings, current

READY_WITHIN_S = 60
GRACE_S = 2.5
DEATHS_IN_A_MINUTE = 5
WEB = (
    "--interface",
    "wsgi",
    "--workers",
    "2",
    "--blocking-threads",
    "160",
    "--backpressure",
    "320",
    "--no-ws",
    "--respawn-failed-workers",
)


@dataclass
class Part:
    """One process of the tree: how it is started, and how often it has died."""

    name: str
    command: list[str]
    fds: tuple[int, ...] = ()
    process: subprocess.Popen[bytes] | None = None
    deaths: list[float] = field(default_factory=list)

    def start(self, log: Path) -> None:
        """Start the process in a session of its own, so that Ctrl-C reaches only us; it dies if we are killed."""
        parent = os.getpid()
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                pass_fds=self.fds,
                start_new_session=True,
                preexec_fn=lambda: die_with_parent(parent),  # noqa: PLW1509 (we have a single thread)
            )

    def is_dead(self) -> bool:
        return self.process is not None and self.process.poll() is not None

    def ask_to_end(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.terminate()

    def kill_what_is_left(self) -> None:
        """SIGKILL to the process and to the children that it left in its session."""
        if self.process:
            try:
                os.killpg(self.process.pid, signal.SIGKILL)
            except ProcessLookupError:
                return
            self.process.wait()


class Tree:
    """All parts, in the order in which they start; they end in the reverse order."""

    def __init__(self, settings: Settings, web_app: str) -> None:
        self.settings, self.log = settings, settings.data_dir / "ticketwheel.log"
        self.stopping = False
        smtp, partner = grounds.listen_inside(), grounds.listen_inside()
        os.environ |= {
            "SMTP_ADDRESS": f"127.0.0.1:{smtp.getsockname()[1]}",
            "PARTNER_URL": f"http://127.0.0.1:{partner.getsockname()[1]}",
            "WEB_URL": web_url(settings),
            "SMTP_FD": str(smtp.fileno()),
            "PARTNER_FD": str(partner.fileno()),
            "DATA_DIR": str(settings.data_dir),
        }
        self.sockets = (smtp, partner)
        python = sys.executable
        self.broker = Part("Valkey", grounds.valkey_command(settings))
        self.parts = [
            Part("the outside world", [python, "-m", "workers.outside"], (smtp.fileno(), partner.fileno())),
            Part("the supervisor", [python, "-m", "workers.supervisor"]),
            Part("the experiments", [python, "-m", "workers.experiments.runner"]),
            Part("the web server", [python, "-m", "granian", *WEB, *_address(settings), "--factory", web_app]),
        ]

    def run(self) -> None:
        """Start everything, say where it is, and keep it running until SIGINT or SIGTERM."""
        signal.signal(signal.SIGINT, self.stop)
        signal.signal(signal.SIGTERM, self.stop)
        try:
            self.start()
            while not self.stopping:
                time.sleep(0.1)
                self.restart_the_dead()
        finally:
            self.end()

    def stop(self, *_: object) -> None:
        self.stopping = True

    def start(self) -> None:
        if not self.settings.redis_url:
            say("starting Valkey")
            self.parts.insert(0, self.broker)
            self.broker.start(self.log)
        grounds.wait_for_broker(self.settings, self.broker.is_dead)
        say("preparing the database")
        grounds.prepare_database(self.settings)
        say("starting the workers' supervisor, the outside world, the experiments and the web server")
        for part in self.parts:
            if part.process is None:
                part.start(self.log)
        self.wait_until_ready()
        if not self.stopping:
            print(f"Ticketwheel is open: {web_url(self.settings)}/  (Ctrl-C ends it)", flush=True)

    def wait_until_ready(self) -> None:
        end = time.monotonic() + READY_WITHIN_S
        while not self.stopping and not answers(f"{web_url(self.settings)}/readyz"):
            if time.monotonic() > end:
                raise CannotStart(f"Not everything is ready after {READY_WITHIN_S} s; the reasons are in {self.log}.")
            self.restart_the_dead()
            time.sleep(0.05)

    def restart_the_dead(self) -> None:
        """A part that died is started again; one that dies again and again ends the tree with one clear line."""
        for part in self.parts:
            if part.is_dead() and not self.stopping:
                part.kill_what_is_left()
                now = time.monotonic()
                part.deaths = [*(death for death in part.deaths if now - death < 60), now]
                if len(part.deaths) > DEATHS_IN_A_MINUTE:
                    raise CannotStart(f"{part.name} died {len(part.deaths)} times in a minute; see {self.log}.")
                say(f"{part.name} ended unexpectedly; starting it again")
                part.start(self.log)

    def end(self) -> None:
        """End the parts that use the broker first, then the broker; what does not end in time is killed."""
        users = [part for part in self.parts if part is not self.broker]
        _end_together(users, GRACE_S)
        _end_together([self.broker], 1.0)
        for listening in self.sockets:
            listening.close()


def main(web_app: str, check: Callable[[], str | None]) -> int:
    """Run the product; the exit status. `check` names a reason not to start."""
    try:
        if not hasattr(os, "pidfd_open"):
            raise CannotStart("it needs Linux, whose pidfds let the supervisor signal its own workers and no others.")
        settings = current()
        if reason := check():
            raise CannotStart(reason)
        with grounds.locked(settings):
            grounds.check_port(settings)
            Tree(settings, web_app).run()
    except TicketwheelError as error:
        print(f"Ticketwheel cannot run: {error}", file=sys.stderr)
        return 2
    return 0


def say(what: str) -> None:
    print(f"  {what} …", flush=True)


def web_url(settings: Settings) -> str:
    """Where a client on this machine finds the web server."""
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(settings.host, settings.host)
    return f"http://{host}:{settings.port}"


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _address(settings: Settings) -> tuple[str, ...]:
    return ("--host", settings.host, "--port", str(settings.port), "--log-level", "warning")


def _end_together(parts: list[Part], grace_s: float) -> None:
    for part in parts:
        part.ask_to_end()
    end = time.monotonic() + grace_s
    while time.monotonic() < end and any(part.process and not part.is_dead() for part in parts):
        time.sleep(0.02)
    for part in parts:
        part.kill_what_is_left()
