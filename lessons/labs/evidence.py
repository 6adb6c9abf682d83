"""What the record of a run says to the reader's observation."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Evidence:
    """Whether the record agrees with her, and the figures that say so."""

    agrees: bool
    evidence: str
