"""Discover → read → draft, written once. Whoever calls says how work is spread over papers, and gets a report.

What is still to be done is asked of the warehouse at each step, so a run that was killed is carried on by the next one
and running twice adds nothing. One paper's failure is a row, never the end of the run.
"""

from curator.pipeline.report import Executor, IngestReport, IngestRequest, PaperResult, PaperTask, Progress, TopicResult
from curator.pipeline.run import has_open_batches, has_run_since, ingest, run_in_threads

__all__ = [
    "Executor",
    "IngestReport",
    "IngestRequest",
    "PaperResult",
    "PaperTask",
    "Progress",
    "TopicResult",
    "has_open_batches",
    "has_run_since",
    "ingest",
    "run_in_threads",
]
