"""Discover → read → draft, written once. Whoever calls says how work is spread over papers, and gets a report.

What is still to be done is asked of the warehouse at each step, so a run that was killed is carried on by the next one
and running twice adds nothing. One paper's failure is a row, never the end of the run.
"""

from curator.pipeline.outcome import Each, PaperResult, Progress, Report, Request, TopicResult, Work
from curator.pipeline.run import has_run_since, in_threads, ingest, waits_for_batches

__all__ = [
    "Each",
    "PaperResult",
    "Progress",
    "Report",
    "Request",
    "TopicResult",
    "Work",
    "has_run_since",
    "in_threads",
    "ingest",
    "waits_for_batches",
]
