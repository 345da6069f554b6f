"""Ask a language model: one question, one schema, one answer that fits the schema; every call is recorded.

This is the only package that talks to a model. Any endpoint with OpenAI's `/chat/completions` will do. `LanguageModel`
retries connection errors and HTTP 409, 429 and 5xx (respecting Retry-After), each attempt as its own call; neither the
SDK nor any code above retries. `usage` states the rule by which calls are charged. A question that has been answered in
full is never paid for again. Questions that can wait may go to the provider's Batch API, which costs less.
"""

from curator.llm.batch import BatchCollector
from curator.llm.batch_queue import BatchQueue
from curator.llm.client import GIVE_UP_AFTER, LanguageModel, ModelAnswer
from curator.llm.endpoint import OPENAI, is_configured, model_name

__all__ = [
    "GIVE_UP_AFTER",
    "OPENAI",
    "BatchCollector",
    "BatchQueue",
    "LanguageModel",
    "ModelAnswer",
    "is_configured",
    "model_name",
]
