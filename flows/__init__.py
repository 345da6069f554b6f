"""Prefect flows and schedules: they decide when the functions of `curator` run. `curator` does not import Prefect."""
