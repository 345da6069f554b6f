"""The wordings by which the keyless drafter recognises claims, methods, background and open questions in English.

Each pattern is matched against one sentence on one line. `curator.drafting.extractive` decides what follows from it.
"""

from __future__ import annotations

import re

SECOND_THAT = re.compile(r"(, (?:and|but)) that\b")
"""The second "that" of "We find that A, and that B", once "We find that" is cut off."""
_LINK = (
    r"(?:(?:moreover|furthermore|additionally|in addition|further|finally|specifically|in particular|"
    r"more specifically|notably|importantly|interestingly|surprisingly|crucially|however|first|second|third|"
    r"lastly|also|overall|remarkably|strikingly|in contrast|conversely|more broadly|on the other hand|"
    r"[a-z]+ly|on the whole|to summari[sz]e|in summary|in conclusion|taken together|together|"
    r"in this (?:paper|work|study|article|report|thesis)|in our (?:work|study)|here|to this end),?\s+)"
)
_ADVERB = r"(?:(?:also|further|furthermore|additionally|then|first|next|thus|therefore|here|finally)\s+)"
_OWN = (
    r"(?:we|this (?:paper|work|study)|(?:our|these|the|experimental|empirical|extensive)\s+"
    r"(?:[a-z-]+\s+){0,2}?(?:results?|findings?|experiments?|analys[ie]s|evaluations?|study|work|evidence))"
)
_FINDS = (
    r"(?:find|finds|found|show|shows|showed|have shown|demonstrate|demonstrates|demonstrated|observe|observed|"
    r"discover|discovered|reveal|reveals|revealed|report|reported|prove|confirm|confirms|establish|conclude|"
    r"uncover|identify|highlight|highlights)"
)
_HEDGES = (
    r"(?:suggest|suggests|suggested|indicate|indicates|indicated|imply|implies|provide evidence|find evidence|"
    r"present evidence|offer evidence)"
)
CUTTABLE_OPENING = re.compile(rf"\A{_LINK}{{0,2}}{_OWN}\s+{_ADVERB}?{_FINDS}\s+that,?\s+", re.I)
"""An opening without which the claim is complete: "We find that", "Our results further show that"."""
HEDGED_FINDING = re.compile(rf"\A{_LINK}{{0,2}}{_OWN}\s+(?:[a-z]+\s+)?{_HEDGES}\s+(?:[a-z]+\s+)?that\b", re.I)
"""An opening that limits the claim, and therefore stays: "Our results suggest that"."""
_BEFORE = (
    r"(?:(?:in|for|on|at|across|with|without|when|among|under|within|after|over|between|once|given|as)\b"
    r"[^,;:.]{3,80}[,\s]\s?)"
)
FINDING = re.compile(
    rf"\A{_LINK}{{0,2}}{_BEFORE}?{_OWN}\s+{_ADVERB}?"
    r"(?:find|found|observe|observed|show|shows|showed|demonstrate|demonstrates|discover|discovered|reveal|reveals|"
    r"indicates?|suggests?|have (?:found|observed|shown|demonstrated))\b(?!:)",
    re.I,
)
"""A finding whose opening cannot be cut off without loss: "In some situations we show …", "We observe a …"."""
METHOD_PREFIX = re.compile(
    rf"\A{_LINK}{{0,2}}(?:using|by|through|via|leveraging|employing|building on|drawing on|based on|inspired by|"
    rf"motivated by|to)\s[^,;:.]{{3,120}},\s+(?={_OWN}\s+{_ADVERB}?{_FINDS}\s+that\b)",
    re.I,
)
"""The method before an opening that is cut: "Using linear probes, we find that"."""
LEADING_LINK = re.compile(rf"\A{_LINK}+", re.I)
"""Words that link a sentence to the one before it: "Moreover, ", "In this paper, "."""
SELF_REFERENCE = re.compile(r"\b(?:we|our|this (?:paper|work|study|article))\b", re.I)
"""Words by which authors refer to themselves or to their paper."""
METHOD_STATEMENT = re.compile(
    r"\bwe (?:\w+ )?(?:propose|introduce|present(?! evidence)|develop|design|release|open-source|describe|study|"
    r"investigate|explore|examine|aim|provide(?! evidence)|conduct|evaluate|apply|use|compare|discuss|formali[sz]e|"
    r"create|collect|construct|build|train|benchmark|address|consider|perform|define|analy[sz]e|hope|survey|review|outline|leverage|extend|"
    r"ask|offer|call|test|trace|derive|characteri[sz]e|seek|focus|begin|take|implement|plan|leave|publish|fine-tune)\b"
    r"|\bthis (?:paper|work|study|article|survey|review|thesis) (?:\w+ )?(?:proposes|introduces|presents|studies|"
    r"investigates|explores|examines|aims|provides|describes|addresses|surveys|reviews|discusses)\b"
    r"|\b(?:our|the proposed|this) (?:[\w-]+ ){0,2}(?:method|approach|framework|algorithm|system|technique|"
    r"benchmark|dataset|model|pipeline|strategy|architecture|contributions?)\b"
    r"|\b(?:code|data|dataset|models?|weights) (?:is|are|will be) (?:\w+ )?(?:available|released)\b"
    r"|https?:|github|\b(?:SOTA|outperform(?:s|ed|ing)?|(?:new|achiev\w+|current|previous) state[- ]of[- ]the[- ]art)\b"
    r"|\b(?:importance of|need (?:for|to)|our (?:findings|results|work) (?:also )?(?:underscore|highlight|inspire)|"
    r"(?:provide|offer)s? (?:\w+ )?(?:insights?|foundation)|promising|call for|in section|as follows|in table)\b",
    re.I,
)
"""A sentence about what the authors did, built, released or recommend, and not about what they found."""
BACKGROUND_STATEMENT = re.compile(
    r"\b(?:ha(?:s|ve) (?:\w+ )?(?:shown|demonstrated|achieved|become|emerged|been|gained|revolutioni[sz]ed|made|"
    r"attracted|led|proven)|recent(?:ly)?|remains? (?:\w+ )?(?:unclear|unknown|challenging|open|elusive|"
    r"under-?explored|understood)|it is (?:un)?clear|prior work|previous(?:ly)?|future (?:work|research)|"
    r"is important|is essential|is crucial|there is a need)\b",
    re.I,
)
"""A sentence about what was known, or is not known, before the paper."""
DEFINITION = re.compile(
    r"\b(?:refers? to|compris\w+|consists? of|is defined|in the context of|the rise of|known as|is a (?:process|task|"
    r"method|technique|benchmark|dataset|framework)|utili[sz]es?|disclaimer|warning)\b",
    re.I,
)
"""A sentence that explains a term, or warns the reader."""
DEPENDENT_OPENING = re.compile(
    r"\A(?:this|these|that|those|it|its|they|their|such|both|he|she|here|there(?! (?:is|are|exists?)\b)|thus|hence|"
    r"therefore|instead|the (?:latter|former|same|two|three|above|proposed|resulting)|another|one|others?|for example|"
    r"for instance|similarly|as a result|as such|consequently|in (?:such|these|summary|conclusion)|to|by|and|but|or|"
    r"(?:the|our|my) (?:first|second|third|paper|work|study)\b)\b",
    re.I,
)
"""An opening that makes no sense without the sentence before it: "This", "It", "The latter"."""
BACK_REFERENCE = re.compile(r"\b(?:this|these|those|such(?: an?)?|the (?:former|latter|above))\s+([a-z-]{1,30})", re.I)
"""A reference to something named earlier: "this method", "such a prompt". The group is the noun."""
RUN_IN_HEADING = re.compile(r"\w (?:The|We|In|This|It|Our|These|To|While|Although|For|As|When) [a-z]")
"""A heading on the first line of its paragraph, which the reader joined to the first sentence."""
FOOTNOTE_MARK = re.compile(r"(?<=[a-z)]\.)[\d†‡§*∗]{1,2}\Z")
"""A footnote mark after the full stop."""
COINED_NAME = re.compile(r"\b[A-Z][\w-]*[A-Z][\w-]*\b")
"""A word with a capital inside: SelfCheckGPT, BERTScore, RLHF."""
COINING_VERB = re.compile(
    r"\b(?:propose|introduce|present(?! evidence)|develop|design|create|call|named?|dubbed|term)\b", re.I
)
"""A verb with which authors introduce a name of their own."""
COMMON_ACRONYMS = frozenset({
    "LLM", "LLMs", "LM", "LMs", "GPT", "ChatGPT", "CHATGPT", "RLHF", "CoT", "AI", "NLP", "ICL", "SFT", "RL", "DPO",
    "PPO", "QA", "ML", "LRM", "LRMs", "MoE", "VLM", "VLMs", "MLP", "MLPs", "SAE", "SAEs", "BERT",
})  # fmt: skip
"""Acronyms of the field. A paper that uses one did not coin it."""
SUBJECT = re.compile(
    r"\b(?:language model(?:s|ing)?|V?LLMs?|L[RVM]Ms|LMs?|transformers?|neural (?:language )?(?:networks?|models?)|"
    r"networks|models|(?:an?|any|each|the) model|(?:model|system|user) (?:behaviou?rs?|prompts?)|assistants?|"
    r"chatbots?|(?:sleeper|LLM|AI|dialogue) agents?|ChatGPT|GPT(?:-\d)?|RLHF|chain[- ]of[- ]thought|"
    r"in-context learning|pre-?training|fine-?tuning|attention heads?)\b",
    re.I,
)
"""Language models and their training as the subject of a sentence."""
LANGUAGE_MODELS = re.compile(
    r"\b(?:language models?|LLMs?|GPT|BERT|transformers?|chat models?|chatbots?|in-context learning|grokking|"
    r"chain[- ]of[- ]thought|instruction[- ]tun\w+|RLHF|AI assistants?)\b",
    re.I,
)
"""Words that show that a text is about language models."""
MODEL_INTERNALS = re.compile(
    r"\b(?:representations?|represent(?:ed|s)?|directions?|residual streams?|attention heads?|neurons?|circuits?|"
    r"features?|activations?|layers?|subspaces?|prob(?:e|es|ing)|weights|embeddings?|hidden states?|latents?|"
    r"steering|mechanis(?:m|ms|tic|tically)|internals?|superposition|MLPs?)\b",
    re.I,
)
"""Words for the inside of a model: a frame that has one is representational."""
CONDITION = re.compile(
    r"\b(?:when|whenever|if|even|despite|without|unless|depends?|depending|only|whereas|while|as|rather than|"
    r"because|due to|more|less|larger|smaller|higher|lower|correlat\w+|increas\w+|decreas\w+|across|mediated|"
    r"caused?|leads?|predict\w*|emerge\w*)\b",
    re.I,
)
"""Words that make a claim worth a frame: a condition, a comparison, a relation."""
OPEN_QUESTION = re.compile(
    r"\b(?:remains? (?:\w+ )?(?:unclear|unknown|open|to be (?:seen|understood))|open (?:research )?questions?|"
    r"(?:it )?is (?:still |currently )?(?:unclear|unknown|not (?:yet )?(?:known|clear|understood)) (?:whether|how|"
    r"why|what|if|to what))\b",
    re.I,
)
"""A sentence that says what is not known yet."""
KNOWN_NAME = re.compile(
    r"\b(?:GPT|Chat-?GPT|InstructGPT|Llama|LLaMA|Pythia|BERT|RoBERTa|DeBERTa|T5|OPT(?=-\d)|PaLM|Claude|Gemini|Gemma|Qwen|"
    r"QwQ|Mistral|Mixtral|DeepSeek|OLMo|Phi(?=-?\d)|Falcon|BLOOM|Vicuna|Alpaca|Chinchilla|Gopher|LaMDA|Codex|Yi(?=-\d)|Command(?=-R)|"
    r"Grok|GPT-?J|GPT-?NeoX?|StarCoder|o1|o3|o4|MMLU|GSM8K|TruthfulQA|BIG-?[Bb]ench|HumanEval|HellaSwag|"
    r"SuperGLUE|CommonsenseQA|CounterFact)(?:[- ]?v?\d[\w.]{0,8}){0,2}"
    r"(?:-(?:[A-Z]\w{0,12}|mini|base|large|small|medium|xl|turbo|it|chat|\d[\w.]{0,8})){0,4}(?![\w-])"
)
"""Models and benchmarks, with sizes and versions. A draft's scope lists those that its paper names."""
