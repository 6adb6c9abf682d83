"""Incident drills: a fault comes unseen into a reader's own lab, and she finds and mends it."""
