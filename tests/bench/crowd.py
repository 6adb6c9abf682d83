"""Many HTTP clients in a process of their own, so that what they cost is not taken for the server's time."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace

from tests.product import ROOT


@dataclass(frozen=True)
class Caller:
    """One client on a connection of its own: what it asks, how often, and how it paces itself."""

    path: str
    method: str = "GET"
    headers: dict[str, str] = field(default_factory=dict)
    body: str = ""
    times: int = 1
    begins_s: float = 0.0
    every_s: float = 0.0  # from one request to the next, at least; 0: as soon as the answer is there
    keeps_up: bool = False  # sends back the tag of what it was shown last, as htmx does


@dataclass(frozen=True)
class Answer:
    """One answer: its status, how long it took, and the bytes of its headers and of its body."""

    status: int
    seconds: float
    headers: int
    body: int


def call(port: int, callers: Sequence[Caller], at_least_s: float = 0.0) -> list[Answer]:
    """Let all callers do their part, in another process; it lasts `at_least_s` seconds even without callers."""
    plan = {"port": port, "at_least_s": at_least_s, "callers": [asdict(caller) for caller in callers]}
    command = [sys.executable, "-m", "tests.bench.crowd"]
    done = subprocess.run(command, cwd=ROOT, input=json.dumps(plan), stdout=subprocess.PIPE, text=True, check=True)
    return [Answer(*answer) for answer in json.loads(done.stdout)]


async def _all(port: int, callers: list[Caller], at_least_s: float) -> list[Answer]:
    begins = time.perf_counter() + 0.2  # all are connected by then
    answers = await asyncio.gather(*(_one(port, caller, begins) for caller in callers))
    await asyncio.sleep(max(0.0, begins + at_least_s - time.perf_counter()))
    return [answer for each in answers for answer in each]


async def _one(port: int, caller: Caller, begins: float) -> list[Answer]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    request, answers, due = _request(caller), list[Answer](), begins + caller.begins_s
    for _ in range(caller.times):
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        due = time.perf_counter() + caller.every_s
        answer, head = await _exchange(reader, writer, request)
        answers.append(answer)
        if caller.keeps_up and "hx-ptag" in head:
            request = _request(replace(caller, headers=caller.headers | {"HX-PTag": head["hx-ptag"]}))
        if (
            head.get("connection") == "close" or answer.status >= 400
        ):  # she comes again by the door, maybe to another web process
            writer.close()
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.close()
    return answers


async def _exchange(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes
) -> tuple[Answer, dict[str, str]]:
    """The answer, and its headers by their names in small letters."""
    sent = time.perf_counter()
    writer.write(request)
    raw = await reader.readuntil(b"\r\n\r\n")
    first, *lines = raw.decode("latin-1").splitlines()
    head = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)}
    body = await reader.readexactly(int(head.get("content-length", 0)))
    return Answer(int(first.split()[1]), time.perf_counter() - sent, len(raw), len(body)), head


def _request(caller: Caller) -> bytes:
    headers = {"Host": "127.0.0.1", "Content-Length": str(len(caller.body.encode())), **caller.headers}
    lines = [f"{caller.method} {caller.path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    return ("\r\n".join(lines) + "\r\n\r\n" + caller.body).encode()


def main() -> None:
    """Read the plan from standard input, carry it out, write the answers to standard output."""
    plan = json.load(sys.stdin)
    callers = [Caller(**caller) for caller in plan["callers"]]
    answers = asyncio.run(_all(plan["port"], callers, plan["at_least_s"]))
    json.dump([[answer.status, answer.seconds, answer.headers, answer.body] for answer in answers], sys.stdout)


if __name__ == "__main__":
    main()
