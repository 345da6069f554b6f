"""Run Curator unattended: supervisor, Prefect server, diagnostics, backups."""
