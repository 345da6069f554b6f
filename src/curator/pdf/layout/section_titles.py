"""The titles that sections of papers carry, and the kind of section that each names."""

from __future__ import annotations

import re

from curator.types import SectionKind

NUMBER = re.compile(
    r"^(?:(?:Section|Chapter) )?"
    r"(?P<number>\d{1,2}(?:\.\d{1,2}){0,3}|[IVX]{1,5}(?=\.\s)|[A-Z](?:\.\d{1,2}){0,3})\.?[\s:]+(?=\S)"
)
APPENDIX = re.compile(
    r"^(?:(?:technical |online |supplementary |supplemental |supporting )+"
    r"(?:appendix|appendices|materials?|information|data)?|appendix|appendices)\b[\s:.]*(?P<letter>[A-Z]\b)?",
    re.I,
)
LETTERED = re.compile(r"^[A-Z](?:\.\d{1,2})*\.?[\s:]+\S")
REFERENCES = re.compile(r"^(?:references?|bibliography|literature cited|works cited|references and notes)$", re.I)
ABSTRACT = re.compile(r"^(?:abstract|summary|executive summary)$", re.I)
RUN_IN_ABSTRACT = re.compile(r"^(?:abstract|ABSTRACT|Abstract|A ?BSTRACT)\s*(?:[—–:.-]+\s*|(?=[A-Z][a-z]))\S")
CONCLUSION = re.compile(
    r"^(?:(?:summary|discussions?|limitations|future work|implications|outlook)(?:,| and| &)+ )*"
    r"(?:general |final )?(?:conclusions?|concluding remarks?|closing remarks|closing thoughts)\b",
    re.I,
)
_AND = r"(?:,? and |,? & |, | / |/)"
_OTHER_TOPIC = (
    r"(?:(?:general |critical )?discussions?|scope|assumptions|caveats|future (?:work|directions?|research|studies)|"
    r"(?:open )?(?:challenges|questions|problems)|(?:broader |societal |social )?(?:impacts?|implications)|outlook|"
    r"ethic(?:s|al considerations?)(?: statement)?|risks|biases|extensions|next steps|strengths|recommendations|"
    r"failure cases)"
)
LIMITATIONS = re.compile(
    rf"^(?:{_OTHER_TOPIC}{_AND})*(?:"
    r"(?:(?:main|key|current|known|potential|possible|study|some|our|methodological) )?"
    rf"limitations?(?: section| statement)?|threats to (?:(?:internal|external|construct) )?validity)"
    rf"(?:{_AND}{_OTHER_TOPIC})*"
    r"(?: (?:of|to|in) (?:this|our|the (?:present|current|study|paper|work))\b.{0,40})?$",
    re.I,
)
RELATED = re.compile(
    rf"^(?:(?:background|preliminaries|motivation|context){_AND})*"
    r"(?:(?:further |additional |extended |other |more |most |closely |detailed )*"
    r"(?:related|prior|previous|existing|earlier|parallel|concurrent) "
    r"(?:works?|literature|research|studies|efforts|approaches)"
    r"(?: review)?|(?:review of (?:the )?(?:related )?)literature|literature (?:review|survey|overview)|"
    r"(?:relation(?:ship)?|connections?|comparison) (?:to|with) "
    r"(?:prior|previous|related|existing|other) (?:works?|literature|research|methods))"
    rf"(?:{_AND}(?:background|preliminaries|motivation|context|discussion|comparisons?|our contributions?))*"
    r"(?: (?:on|in|about) .{1,60}| section)?$",
    re.I,
)
FRONT = re.compile(
    r"^(?:keywords?|key words|index terms|ccs concepts|acm reference format|jel classification|contents|"
    r"additional key words|table of contents)\b",
    re.I,
)
KNOWN = re.compile(
    r"^(?:introduction|background|preliminaries|methods?|methodology|approach|experiments?|"
    r"experimental setup|results?|"
    r"evaluation|discussion|analysis|future work|acknowledge?ments?|ethics statement|"
    r"ethical considerations?|"
    r"broader impacts?(?: statement)?|impact statement|reproducibility statement|author contributions|"
    r"data availability|code availability|funding|conflicts? of interest|competing interests)$",
    re.I,
)


def is_section_name(bare: str) -> bool:
    """Return whether a title without its number is one that sections of papers commonly have."""
    names = (REFERENCES, ABSTRACT, CONCLUSION, FRONT, KNOWN, LIMITATIONS, RELATED)
    return any(name.match(bare) for name in names) or bool(APPENDIX.match(bare) and len(bare.split()) <= 4)


def classify_title(bare: str) -> SectionKind:
    """Return the kind of section that a title without its number names, in the paper's main part."""
    if RELATED.match(bare):
        return "related work"
    if CONCLUSION.match(bare):
        return "conclusion"
    return "limitations" if LIMITATIONS.match(bare) else "body"
