"""The review page: shows the queue in a browser and records the reviewers' decisions."""
