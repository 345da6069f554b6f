"""The only door to a language model: one question, one schema, one answer that fits it, every call on record.

Any endpoint that speaks OpenAI's `/chat/completions` will do. `LanguageModel` retries (connection errors, 409, 429 and
5xx, with Retry-After), each time as a call of its own; the SDK and everything above do not. `usage` holds the rule by
which calls are paid for. A question that was answered in full once is never paid for again. What can wait may be put to
the provider's Batch API, for less money.
"""

from curator.llm.batch import BatchQueue
from curator.llm.client import GIVE_UP_AFTER, LanguageModel, ModelAnswer
from curator.llm.endpoint import OPENAI, is_configured, model_name

__all__ = ["GIVE_UP_AFTER", "OPENAI", "BatchQueue", "LanguageModel", "ModelAnswer", "is_configured", "model_name"]
