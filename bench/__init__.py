"""Measurements: `make bench` runs all, `python -m bench NAME` one. Each figure stands beside its yardstick."""
