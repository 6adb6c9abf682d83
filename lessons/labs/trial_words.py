"""What became of an order in the crash lab: sentences whose figures come from the record of this run."""

from __future__ import annotations

from collections.abc import Iterator

from lessons.labs.consequences import NUMBERS, THINGS, listed
from lessons.labs.trial_runs import Run
from lessons.labs.trials import Trial
from workers.events import Event, WorkerThawed
from workers.trades import LABELS

TIMES = ("never", "once", "twice", "three times", "four times")


def told(run: Run) -> tuple[str, ...]:
    """The run in a few sentences, as far as it has come."""
    return tuple(_sentences(run))


def named(trial: Trial) -> str:
    """The trial in a few words, for a table."""
    when = f"acknowledge {trial.acknowledge}"
    if trial.trouble == "kill":
        return f"{when}; killed {place(trial.place)}"
    if trial.trouble == "freeze":
        return f"{when}; stands still after the e-mail; token {trial.fencing}"
    return f"{when}; {'longer than its time-out' if trial.trouble == 'slow' else 'nothing goes wrong'}"


def place(at: str) -> str:
    """A named place as it is read."""
    if at == "before_ack":
        return "between the work and the acknowledgement"
    side, _, step = at.partition(":")
    return f"{'in the middle of' if side == 'in' else side} “{LABELS[step]}”"


def _sentences(run: Run) -> Iterator[str]:
    if run.deliveries:
        first = run.deliveries[0]
        yield f"Worker {first.worker} took the message {_s(run.when(first))} after the customer pressed the button."
    yield from _of_death(run)
    yield from _of_freeze(run)
    yield from _of_time_out(run)
    yield from _of_second(run)
    if run.over:
        yield from _of_end(run)


def _of_death(run: Run) -> Iterator[str]:
    if run.crash:
        done = len({event.step for event in run.steps("StepFinished", 1)})
        rest = "all seven steps done" if done == 7 else f"{NUMBERS[done]} of the seven steps done"
        yield (
            f"Process {run.crash.pid} ({run.crash.worker}) was killed at {_s(run.when(run.crash))}, "
            f"{place(run.trial.place)}, with {rest}."
        )
        if run.trial.acknowledge == "early":
            yield "It had acknowledged the message before it began, so the queue had forgotten it: nothing comes back."


def _of_freeze(run: Run) -> Iterator[str]:
    if not run.freeze:
        return
    thawed = next((e for e in run.processes if _is_thaw(e, run.freeze.pid, run.freeze.sequence)), None)
    stood = f" for {_s(run.when(thawed) - run.when(run.freeze))}" if thawed else ""
    yield f"Process {run.freeze.pid} ({run.freeze.worker}) stood still{stood}, and meanwhile could renew nothing."


def _is_thaw(event: Event, pid: int, after: int) -> bool:
    return isinstance(event, WorkerThawed) and event.pid == pid and event.sequence > after


def _of_time_out(run: Run) -> Iterator[str]:
    """How long the queue heard nothing, until it gave the message to somebody else."""
    back = run.first_back
    if not back:
        return
    silent = run.crash or run.freeze
    if silent:
        waited = _s(run.when(back) - run.when(silent))
        yield f"The queue noticed nothing of that. {waited} later the time-out was over, and the message was back."
    elif run.deliveries:
        held = _s(run.when(back) - run.when(run.deliveries[0]))
        yield f"Nobody had renewed its lease, so after {held} the message was back, while its worker was still at work."


def _of_second(run: Run) -> Iterator[str]:
    if len(run.deliveries) < 2:
        return
    second = run.deliveries[1]
    begun = run.steps("StepStarted", second.attempt)
    if not begun:
        return
    first_done = {event.step for event in run.steps("StepFinished", 1) if event.sequence < second.sequence}
    again = [event.step for event in begun if event.step in first_done and event.step in THINGS]
    yield f"Worker {second.worker} took it, and began with “{LABELS[begun[0].step or '']}”, the first of the seven."
    if again:
        yield f"It did {listed([step for step in again if step])} a second time."


def _of_end(run: Run) -> Iterator[str]:
    refused = [event for event in run.record if event.type == "WriteRefused"]
    if refused:
        yield (
            f"When the first worker went on, its write was refused at {_s(run.when(refused[0]))}: its token was older. "
            "What it had done before, a token does not undo."
        )
    missing, repeated = run.verdict.missing, run.verdict.repeated
    emails = run.verdict.emails
    arrived = f"{TIMES[emails].capitalize() if emails < len(TIMES) else emails}"
    yield f"E-mails about order {run.order} arrived: {arrived.lower()}."
    if missing:
        yield f"Nobody will ever do the rest: {listed(missing)}. The order is lost."
    elif repeated:
        what = "all seven are" if len(repeated) == 7 else f"{listed(repeated)} {'is' if len(repeated) == 1 else 'are'}"
        yield f"Nothing is missing; {what} there more than once."
    else:
        yield "Each of the seven has happened exactly once, this time."
    if run.complete_s is not None:
        yield f"The order was complete after {_s(run.complete_s)}."


def _s(seconds: float) -> str:
    return f"{seconds:.1f}\u00a0s"
