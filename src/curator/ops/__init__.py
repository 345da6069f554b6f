"""Run Curator unattended and keep it safe: supervisor, scheduler, diagnostics and backups."""
