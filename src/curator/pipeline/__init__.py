"""The pipeline: discover, screen, read, draft. The caller chooses how work is spread over papers, and gets a report.

Each stage asks the warehouse for what is still to do, so a run continues where a killed one ended, and running twice
adds nothing. A paper that fails is recorded and does not end the run.
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
