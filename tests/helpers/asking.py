"""Asking a model server one small question, and what is then on record."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel, ConfigDict

from curator.errors import ModelError
from curator.llm import LanguageModel
from curator.llm.prompts import Prompt
from curator.settings import DraftSettings
from curator.warehouse import Warehouse
from tests.helpers.model_server import Reply
from tests.warehouse.things import paper

KEY = "sk-test-0123456789abcdef"
PROMPT = Prompt("draft", "5" * 64, "{{topics}}", "{{title}}{{sentences}}")
MESSAGES = [{"role": "system", "content": "rules"}, {"role": "user", "content": "question"}]
SOON = (("Retry-After-Ms", "1"),)  # a retry waits half a second and more without it


class Verdict(BaseModel):
    model_config = ConfigDict(extra="forbid")

    score: int
    reason: str


GOOD = Reply('{"score": 7, "reason": "it says so"}')


def model(warehouse: Warehouse, **settings: Any) -> LanguageModel:
    return LanguageModel("test-model", DraftSettings(**settings), warehouse, "run")


def ask(of: LanguageModel, question: str = "question") -> Verdict:
    messages = [MESSAGES[0], {"role": "user", "content": question}]
    return of.ask(PROMPT, messages, Verdict, purpose="draft", paper=paper()).reply


def fault(of: LanguageModel, question: str = "question") -> ModelError:
    with pytest.raises(ModelError) as caught:
        ask(of, question)
    return caught.value


def calls(warehouse: Warehouse, columns: str) -> list[tuple[Any, ...]]:
    sql = f"select {columns} from record.calls order by added"
    return warehouse.read(lambda c: c.execute(sql).fetchall())
