"""The resume code: four common words that bring a reader's progress to another device."""

from __future__ import annotations

import hmac
import re
import secrets
from dataclasses import dataclass
from pathlib import Path

from lessons.problems import Invalid
from workers import resume_codes
from workers.resume_codes import Standing
from workers.settings import current

WORDS = tuple((Path(__file__).parent / "words.txt").read_text().split())
LENGTH = 4
# 2,048 words to the power of 4 are 44 bits. Two web processes let 300 failures an hour pass, in 90 days 1.3 million:
# with 10,000 codes in use, the chance that anybody ever finds any of them is 1 in 1,300.
FAILURES = "300/hour"
GUESSES = "10/minute;50/day"
WRONG = "This code leads nowhere: it is mistyped, it was replaced by a newer one, or its 90 days are over"


@dataclass(frozen=True)
class Fresh:
    """A code that was made right now; it is shown once, and nobody can say it again."""

    words: tuple[str, ...]
    standing: Standing

    @property
    def code(self) -> str:
        return " ".join(self.words)


def make(sandbox: str) -> Fresh:
    """A new code for this reader; her older one is over."""
    while True:
        words = tuple(secrets.choice(WORDS) for _ in range(LENGTH))
        if standing := resume_codes.keep(sandbox, digest(words)):
            return Fresh(words, standing)


def sandbox_of(code: str) -> str:
    """Whose code it is, in any case and with anything between its words. Raises Invalid, and never says why."""
    words = tuple(re.findall("[a-z]+", code.casefold()))
    sandbox = resume_codes.sandbox_of(digest(words)) if len(words) == LENGTH else None
    if sandbox is None:
        allowed = {"words": LENGTH, "example": "the four words as they were shown"}
        raise Invalid([{"field": "code", "problem": WRONG, "allowed": allowed}])
    return sandbox


def digest(words: tuple[str, ...]) -> str:
    """What is kept of a code: without the secret key it cannot be made, so a stolen ledger gives no code away."""
    said = "resume code: " + " ".join(words)
    return hmac.new(current().secret_key.encode(), said.encode(), "sha256").hexdigest()
