"""Experiments: what an option of a question claims, run on real workers in a sandbox of its own, and measured."""
