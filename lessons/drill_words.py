"""The words of the incident drills: what each fault is called, what it was, and where one on call looks first."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Words:
    """`name` is what the reader chooses; the rest is told only afterwards, and is empty for what is never injected."""

    name: str
    injected: str = ""
    look: str = ""
    mend: str = ""


WORDS: dict[str, Words] = {
    "no_workers": Words(
        "There are no workers",
        "The number of workers was set to none. Orders went on coming.",
        "The tile “Workers”. With nobody there, the rest follows: the queue grows, and nothing goes out.",
        "Add workers. Two were enough.",
    ),
    "too_few_workers": Words(
        "A worker is missing: one has to do the work of two",
        "The number of workers was set to one. Two had been busy for six tenths of the time, so one could not keep up.",
        "The tile “Workers”, then “In and out”: as many customers as before, and fewer hands.",
        "Add a worker.",
    ),
    "frozen_workers": Words(
        "The workers stand still with messages in their hands",
        "Every worker was stopped with SIGSTOP, together with the message that it held. The processes existed, so "
        "whoever counts processes sees nothing.",
        "The heartbeats, beside “process exists”: they fell silent, and nothing was finished any more.",
        "Thaw the workers, or kill them: new ones come, and the messages are delivered again when their leases end.",
    ),
    "crash_loop": Words(
        "Workers die again and again at the same step",
        "Every few seconds a crash was armed: whichever worker next came to “tell analytics” was killed there.",
        "The alert “A worker died”, and the dead workers’ cards: all of them died at the same step.",
        "Take back the armed crashes, as one takes back a bad release.",
    ),
    "partner_down": Words(
        "The partner answers every call with an error",
        "The partner’s server answered 503 to every call.",
        "The steps: “call the partner” fails and never ends. “Retries due” grew, then came dead letters.",
        "Mend the partner. Then replay the dead letters.",
    ),
    "partner_flaky": Words(
        "The partner fails at some calls, at random",
        "The partner’s server failed at every second call, at random.",
        "The steps: “call the partner” fails at times and ends at times. Retries come and go, with few dead letters.",
        "Mend the partner; the retries had done most of the rest.",
    ),
    "partner_slow": Words(
        "The partner is slow to answer",
        "The partner’s server took five seconds of the story longer for each answer. Nothing failed.",
        "The steps: “call the partner” takes three times as long as usual, and all others take what they always take.",
        "Mend the partner. More workers would have hidden it: they wait as well.",
    ),
    "poison": Words(
        "Some messages can never succeed",
        "Four customers ordered with an address that no mail server takes. Their messages failed at every try.",
        "The steps: only “send the e-mail” fails, and only for a few orders. Then the dead letters: one kind of error.",
        "Delete the messages that cannot succeed. A replay would have brought them back.",
    ),
    "flood": Words(
        "Far more customers come than usual",
        "Six times as many customers came as before, ninety of them in one crowd.",
        "“In and out”: more came in, and as much went out as before. Every worker was alive and busy.",
        "Add workers until more goes out than comes in. The rest is waiting.",
    ),
    "broker_wiped": Words("The broker has forgotten its messages"),
    "short_lease": Words("Messages are handed to a second worker too early"),
}
SIGNS: dict[str, str] = {
    "alive": "“Workers” showed fewer than two.",
    "age": "“Oldest” went over ten seconds.",
    "in": "“In and out” showed more than twice as many coming in as usual.",
    "deaths": "A worker’s card said that it was gone.",
    "retries": "A message failed and had to wait for its next try.",
    "dead": "The first message became a dead letter.",
    "stalled": "Nothing had been finished for far longer than usual.",
    "slow": "The steps showed calls of the partner that took more than twice as long as usual.",
    "silence": "A heartbeat had been silent for ten seconds, which the alert “A worker is silent” says.",
}
HOW = {
    "mended": "You mended it.",
    "gave up": "You asked to see what it was.",
    "calm": "“Calm everything” ended it.",
    "time was up": "Its time was up, and it healed by itself.",
}
