"""Benchmarks: each module a command that prints its figures as JSON on the last line."""
