"""When things run: Prefect flows over `curator`, which knows nothing of Prefect."""
