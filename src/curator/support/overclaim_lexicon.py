"""The words that the check without a model looks for: strong claims, causes, limitations; in lower case."""

from __future__ import annotations

import re
from dataclasses import dataclass

from curator.types import Verdict


def _any(phrases: str) -> re.Pattern[str]:
    """Compile a pattern for any of these phrases as whole words. Line ends in the literal are ignored."""
    return re.compile(rf"\b(?:{re.sub(chr(10) + ' *', '', phrases.strip())})(?!\w)")


@dataclass(frozen=True)
class StrongClaim:
    """Strong words of a frame, and the words of a quote that support them, beside the strong words themselves."""

    overreach: str  # the kind, as it is stored
    wording: re.Pattern[str]
    support: re.Pattern[str]


@dataclass(frozen=True)
class Limitation:
    """Words that limit a quote, and the words by which a frame keeps the limitation."""

    overreach: str  # the kind, as it is stored
    verdict: Verdict  # if the frame drops it
    wording: re.Pattern[str]
    kept_by: re.Pattern[str]


_ALL = (
    r"(?<!not )(?<!at )(?<!nearly )(?<!almost )(?<!first of )(?<!above )(?<!after )all(?! else)|every(?! other| \d)|"
    r"everything|everyone|everywhere|(?<!not )always|universal(?:ly)?|invariably|without exception|"
    r"no matter (?:how|which|what|whether)|regardless of|irrespective of|in (?:all|every|any) cases?|entire(?:ly)?|"
    r"complete(?:ly)?|fully|totally|whenever|consistently"
)
_ANY = r"(?<!if )(?<!without )(?<!not have )(?<!hardly )(?<!barely )(?<!not )(?<!nor )any(?:thing|one)?(?! \w+ not\b)"
_SAME_EVERYWHERE = (
    r"each|any|both|throughout|across|uniform\w*|robust\w*|100 ?%|whole|consistent|entire\w*|unanimous\w*"
)

STRONG_CLAIMS = (
    StrongClaim("all", _any(_ALL), _any(f"{_ALL}|{_ANY}|{_SAME_EVERYWHERE}")),
    StrongClaim("all", _any(_ANY), _any(f"{_ALL}|{_ANY}|arbitrary|each|no|whichever|whatever")),
    StrongClaim(
        "all",
        _any(r"never|(?<!is )(?<!are )none|nobody|nothing|impossible|(?:can|could) not(?! only)"),
        _any(r"never|no|none|nobody|nothing|neither|zero|0 ?%|impossible|unable|incapable|fail\w*|can not|"
             r"could not|not"),
    ),
    StrongClaim(
        "all",
        _any(r"(?<!not )(?<!if )only|solely|exclusively|purely|nothing but"),
        _any(r"only|sole(?:ly)?|exclusive(?:ly)?|pure(?:ly)?|mere(?:ly)?|just|alone|nothing|unless|except|"
             r"no other|"
             r"single|limited|restricted|specific\w*|confined|unique(?:ly)?|rather than|not"),
    ),
    StrongClaim(
        "certainty",
        _any(r"(?:dis)?prov(?:e|es|ed|en|ing)(?! (?:to|useful|difficult|hard|helpful|effective|theorems?|"
             r"challenging))|"
             r"proofs?(?! of concept)|guarantee[sd]?|definitely|certainly|undoubtedly|undeniabl[ey]|inevitabl[ey]|"
             r"necessarily|conclusive(?:ly)?|definitive(?:ly)?|establish(?:es|ed)? that|indisputabl[ey]|clearly"),
        _any(r"\w*prov(?:e|es|ed|en|ing|abl[ey])|proofs?|theorems?|guarantee\w*|must|necessary|necessarily|"
             r"inevitabl\w+|"
             r"certain(?:ly)?|conclusive\w*|definitive\w*|establish\w*|lemma|corollary|clear"),
    ),
    StrongClaim(
        "scope",
        _any(r"in general(?! purpose)|generally true|universally"),
        _any(r"general\w*|universal\w*|widely|across|all|every|any"),
    ),
    StrongClaim(
        "scope",
        _any(r"in the real world|real-world|in practice|in the wild|"
             r"in production|all domains|across (?:domains|tasks|languages|models|architectures|scales|"
             r"model families)"),
        _any(r"general\w*|real-world|real world|practi\w+|in the wild|production|deploy\w*|domains|"
             r"(?:across|several|many|multiple|various|diverse|different|all|\w+teen|\d+|two|three|four|"
             r"five|six|seven|"
             r"eight|nine|ten) (?:[\w-]+ ){0,3}(?:domains|tasks|languages|models|architectures|scales|families|"
             r"datasets|benchmarks|llms|settings)|naturalistic|wild"),
    ),
    StrongClaim(
        "model size",
        _any(r"at (?:any |all |every |larger? )?scales?|(?:at|of) any size|of all sizes|"
             r"regardless of (?:size|scale)|"
             r"frontier models?"),
        _any(r"scal(?:e|es|ed|ing)|sizes?|large(?:r|st)?(?! language)|big(?:ger|gest)?|"
             r"\d+(?:\.\d+)? ?[bt]|frontier|"
             r"billions?|state-of-the-art|parameters"),
    ),
    StrongClaim(
        "scope",
        _any(r"humans?|human-(?:like|level)|people|persons?|humanlike|(?:human )?brains?"),
        _any(r"humans?|human-\w+|humanlike|people|persons?|participants?|annotators?|users?|raters?|readers?|"
             r"psycholog\w+|cognitive|brains?|subjects|children|experts?|crowd\w*|personas?|anthropomorphi\w+"),
    ),
    StrongClaim(
        "scope",
        _any(r"understand(?:s|ing)?|understood|comprehen[ds]\w*|conscious(?:ness|ly)?|sentien(?:t|ce)|"
             r"self-aware(?:ness)?|intelligent|intelligence|thinks?(?! step)|believes?|feels?"),
        _any(r"understand\w*|understood|comprehen\w*|conscious\w*|sentien\w*|self-aware\w*|aware\w*|"
             r"intelligen\w*|"
             r"thinks?|thinking|thought|beliefs?|believe\w*|feel\w*|cognit\w*|mental|mind|introspect\w*|know\w*"),
    ),
)  # fmt: skip

CAUSE = _any(
    r"caus(?:e|es|ed|ing|al|ally|ation)|because(?: of)?|due to|owing to|thanks to|leads? to|led to|leading to|"
    r"results? in|resulted in|resulting in|gives? rise to|gave rise to|responsible for|drives?|driven by|drove|"
    r"stems? from|stemming from|brings? about|brought about|induc(?:e|es|ed)|determin(?:e|es|ed)(?: by)?|"
    r"the reason|explains? why|arises? from|attribut(?:ed|able) to|mediat(?:e|es|ed|ing)|triggers?|triggered"
)
"""Words of a frame that name a cause."""
CAUSAL_ACTION = _any(
    r"ablat\w*|interven\w*|counterfactual\w*|patching|steer\w*|suppress\w*|knock\w*|necessary|sufficient|suffices?|"
    r"since|therefore|thus|hence|consequently|as a result|so that|through|via|by \w+ing|after \w+ing|"
    r"(?:improv|reduc|enabl|hurt|degrad|boost|harm|impair|prevent|eliminat|remov|restor|shift|influenc|"
    r"affect|control|"
    r"produc|elicit|weaken|strengthen|amplif|inhibit|disrupt|destroy|undermin|mitigat|encourag|promot|accelerat|"
    r"shap|yield|creat|generat|forc|contribut)(?:e|es|ed|ing|s|y|ies|ied)?|breaks?|makes?|making|made|"
    r"allow(?:s|ed|ing)?|"
    r"help(?:s|ed|ing)?|lower(?:s|ed|ing)|rais(?:es?|ed|ing)|chang(?:es?|ed|ing)|"
    r"(?:increas|decreas)(?:es|ed|ing|e)(?! (?:with|as|monotonically|linearly|in proportion))|depends? on|"
    r"when [\w -]{0,60}"
    r"(?:remov|ablat|delet|add|replac|mask|train)ed|explain(?:s|ed)?|induction of|causal\w*|effects? of|impact"
)
"""Words of a quote that support a cause without naming it: an action and its effect."""
CORRELATION = _any(
    r"correlat\w*|associat(?:ed|ion|ions) (?:with|between)|co-?occurs?|coincides? with|coincided with|"
    r"predict(?:s|ive)(?: of)?|linked (?:to|with)|related to|relationship between|go(?:es)? along with|"
    r"(?:increas|decreas|scal|grow|ris|vari)(?:es?|ed|s)? with|in step with|tracks?|proportional to"
)
"""Words of a quote that only report that two things occur together."""
EFFECT = _any(
    r"(?:improv|increas|decreas|reduc|enabl|hurt|degrad|boost|harm|impair|prevent|produc|shap|creat|weaken|"
    r"strengthen|"
    r"affect|influenc|control)(?:es|e|s|ed)(?! with| as)|makes?|made|depends? on|needs?|requires?"
)
"""Words of a frame that name an effect, and so a cause if the quote has only a correlation."""

_PARTLY = (
    r"some|sometimes|often|oftentimes|usually|typically|generally|mostly|mainly|largely|most|many|several|"
    r"few|fewer than|"
    r"rarely|seldom|occasional(?:ly)?|partial(?:ly)?|partly|in part|up to|as much as|almost|nearly|tends?|tended|"
    r"tendency|frequently|commonly|certain|subset|fraction|majority|minority|half|primarily|limited|"
    r"not (?:all|always|"
    r"every)|can|may|might|could|at times|varies|particular|specific|approximately|roughly|about|at most|"
    r"\d+(?:\.\d+)? ?%"
)
_UNCERTAIN = (
    r"may|might|could|possibl[ey]|perhaps|potential(?:ly)?|likely|probabl[ey]|plausibl[ey]|appears?|"
    r"appeared|seems?|seemed|"
    r"seemingly|apparently|suggest\w*|hints?|hinted|hypothe\w+|conjectur\w*|speculat\w*|presumabl[ey]|preliminary|"
    r"tentative(?:ly)?|indicat\w*|evidence|can|should|would|expected|uncertain|unclear"
)
_MODEL_OF_SOME_SIZE = (
    r"(?:small(?:er|est)?|tiny|toy|shallow|large(?:r|st)?(?! language| reasoning)|big(?:ger|gest)?|frontier|"
    r"(?:sufficiently|more|less) (?:large|capable)|(?:one|two|three|four|single|few|\d+)[ -]layer(?:ed)?|"
    r"\d+(?:\.\d+)? ?[mb](?: parameters?)?|(?:m|b)illion[- ]parameter) "
    r"(?:[\w-]+ ){0,2}?(?:models?|transformers?|networks?|v?llms?|lms?|architectures?)"
)

LIMITATIONS = (
    Limitation(
        "certainty",
        "overreaches",
        _any(r"may|might|could|possibly|perhaps|potentially|"
             r"(?<!more )(?<!less )(?<!most )(?<!least )(?<!as )(?<!equally )"
             r"likely(?! to)|probably|plausibly|(?:appear|seem)(?:s|ed)? to|seemingly|hypothesi[sz]e[sd]?|"
             r"conjecture[sd]?|"
             r"speculate[sd]?|presumably|tentative(?:ly)?|hints? (?:at|that)|preliminary"),
        _any(_UNCERTAIN),
    ),
    Limitation("certainty", "partly", _any(r"suggest(?:s|ed|ing)?|indicat(?:es?|ed|ing)|can"), _any(
        f"{_UNCERTAIN}|able|capab\\w+|abilit\\w+|capacity|sometimes|often|some|possible|allow\\w*|enabl\\w*|"
             r"suffic\w*")),
    Limitation(
        "scope",
        "overreaches",
        _any(r"(?:in|for|on|with|of|to|under|across|by) (?:some|certain|a few|a handful of|a subset of|"
             r"a fraction of)|sometimes|"
             r"occasionally|rarely|seldom|partial(?:ly)?|partly|in part|to some extent|up to|as much as|most of|"
             r"some of|some(?= (?:[\w-]+ )?[\w-]+s\b)|"
             r"a (?:subset|fraction|minority) of|few(?! (?:shot|example))(?=\w* \w+s\b)|not (?:all|always)"),
        _any(_PARTLY),
    ),
    Limitation(
        "scope",
        "partly",
        _any(r"often|usually|typically|mostly|mainly|largely|many|most (?=\w+s\b)|tends? to|tended to|frequently|"
             r"in most|the majority of|nearly all|almost (?:all|always)|in many"),
        _any(_PARTLY),
    ),
    Limitation(
        "scope",
        "overreaches",
        _any(r"only (?:when|if|for|in|under|on|after|with|once|at|where)|unless|except|as long as|"
             r"provided that|if and only if"),
        _any(r"when(?:ever)?|if|unless|except|only|once|until|under|given|without|provided|as long as|where|"
             r"conditions?|"
             r"depend\w*|limited|requires?|needs?|after|with|for|in"),
    ),
    Limitation(
        "scope",
        "overreaches",
        _any(r"synthetic|toy|simulated|in simulations?|artificial(?! intelligence| neural| general)|contrived|"
             r"controlled (?:setting|environment|experiment|setup|task)s?"),
        _any(r"synthetic\w*|toy|simulat\w+|artificial(?! intelligence| neural| general)|contrived|controlled|"
             r"idealized|idealised|stylized|small|simple|algorithmic"),
    ),
    Limitation(
        "model size",
        "overreaches",
        _any(_MODEL_OF_SOME_SIZE),
        _any(r"small(?:er|est)?|tiny|toy|shallow|large(?:r|st)?(?! language| reasoning)|big(?:ger|gest)?|"
             r"scal(?:e|es|ed|ing)|sizes?|sized|frontier|capab\w+|[\w-]*layer(?:s|ed)?|parameters?|deep(?:er)?|depth|"
             r"grow\w*|\d+(?:\.\d+)? ?[mb]|billions?|millions?|capacity|stronger|weaker"),
    ),
)  # fmt: skip

UNSPECIFIC_STEMS = frozenset({
    "languag", "model", "llm", "lm", "paper", "find", "show", "result", "network", "train", "transform", "data", "task",
})  # fmt: skip
"""Stems so common that they do not show which finding a sentence is about."""

WEAK_NEGATIONS = frozenset({
    "less", "least", "struggle", "struggles", "struggled", "struggling", "rarely", "seldom", "hardly", "barely",
    "scarcely",
})  # fmt: skip
"""Negations that are easily expressed in other words."""
