"""The words that the keyless check of support goes by: strong claims, causes, limits; lower case, as `Plain` folds."""

from __future__ import annotations

import re
from dataclasses import dataclass

from curator.types import Verdict


def _any(phrases: str) -> re.Pattern[str]:
    """One of these phrases, as whole words; line ends in the literal count for nothing."""
    return re.compile(rf"\b(?:{re.sub(chr(10) + ' *', '', phrases.strip())})(?!\w)")


@dataclass(frozen=True)
class Claim:
    """A strong word, and what in a quote bears it beside the word itself."""

    overreach: str
    claim: re.Pattern[str]
    ground: re.Pattern[str]


@dataclass(frozen=True)
class Limit:
    """A word that limits what a quote says, and the words by which a frame keeps it."""

    overreach: str
    verdict: Verdict  # where it is dropped
    drops: re.Pattern[str]
    kept: re.Pattern[str]


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

CLAIMS = (
    Claim("all", _any(_ALL), _any(f"{_ALL}|{_ANY}|{_SAME_EVERYWHERE}")),
    Claim("all", _any(_ANY), _any(f"{_ALL}|{_ANY}|arbitrary|each|no|whichever|whatever")),
    Claim(
        "all",
        _any(r"never|(?<!is )(?<!are )none|nobody|nothing|impossible|(?:can|could) not(?! only)"),
        _any(r"never|no|none|nobody|nothing|neither|zero|0 ?%|impossible|unable|incapable|fail\w*|can not|"
             r"could not|not"),
    ),
    Claim(
        "all",
        _any(r"(?<!not )(?<!if )only|solely|exclusively|purely|nothing but"),
        _any(r"only|sole(?:ly)?|exclusive(?:ly)?|pure(?:ly)?|mere(?:ly)?|just|alone|nothing|unless|except|no other|"
             r"single|limited|restricted|specific\w*|confined|unique(?:ly)?|rather than|not"),
    ),
    Claim(
        "certainty",
        _any(r"(?:dis)?prov(?:e|es|ed|en|ing)(?! (?:to|useful|difficult|hard|helpful|effective|theorems?|"
             r"challenging))|"
             r"proofs?(?! of concept)|guarantee[sd]?|definitely|certainly|undoubtedly|undeniabl[ey]|inevitabl[ey]|"
             r"necessarily|conclusive(?:ly)?|definitive(?:ly)?|establish(?:es|ed)? that|indisputabl[ey]|clearly"),
        _any(r"\w*prov(?:e|es|ed|en|ing|abl[ey])|proofs?|theorems?|guarantee\w*|must|necessary|necessarily|"
             r"inevitabl\w+|"
             r"certain(?:ly)?|conclusive\w*|definitive\w*|establish\w*|lemma|corollary|clear"),
    ),
    Claim(
        "scope",
        _any(r"in general(?! purpose)|generally true|universally"),
        _any(r"general\w*|universal\w*|widely|across|all|every|any"),
    ),
    Claim(
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
    Claim(
        "model size",
        _any(r"at (?:any |all |every |larger? )?scales?|(?:at|of) any size|of all sizes|regardless of (?:size|scale)|"
             r"frontier models?"),
        _any(r"scal(?:e|es|ed|ing)|sizes?|large(?:r|st)?(?! language)|big(?:ger|gest)?|\d+(?:\.\d+)? ?[bt]|frontier|"
             r"billions?|state-of-the-art|parameters"),
    ),
    Claim(
        "scope",
        _any(r"humans?|human-(?:like|level)|people|persons?|humanlike|(?:human )?brains?"),
        _any(r"humans?|human-\w+|humanlike|people|persons?|participants?|annotators?|users?|raters?|readers?|"
             r"psycholog\w+|cognitive|brains?|subjects|children|experts?|crowd\w*|personas?|anthropomorphi\w+"),
    ),
    Claim(
        "scope",
        _any(r"understand(?:s|ing)?|understood|comprehen[ds]\w*|conscious(?:ness|ly)?|sentien(?:t|ce)|"
             r"self-aware(?:ness)?|intelligent|intelligence|thinks?(?! step)|believes?|feels?"),
        _any(r"understand\w*|understood|comprehen\w*|conscious\w*|sentien\w*|self-aware\w*|aware\w*|intelligen\w*|"
             r"thinks?|thinking|thought|beliefs?|believe\w*|feel\w*|cognit\w*|mental|mind|introspect\w*|know\w*"),
    ),
)  # fmt: skip

CAUSE = _any(
    r"caus(?:e|es|ed|ing|al|ally|ation)|because(?: of)?|due to|owing to|thanks to|leads? to|led to|leading to|"
    r"results? in|resulted in|resulting in|gives? rise to|gave rise to|responsible for|drives?|driven by|drove|"
    r"stems? from|stemming from|brings? about|brought about|induc(?:e|es|ed)|determin(?:e|es|ed)(?: by)?|"
    r"the reason|explains? why|arises? from|attribut(?:ed|able) to|mediat(?:e|es|ed|ing)|triggers?|triggered"
)
"""A frame that says so names a cause."""
ACTS = _any(
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
"""What in a quote bears a cause without naming it: something is done, and something follows."""
TOGETHER = _any(
    r"correlat\w*|associat(?:ed|ion|ions) (?:with|between)|co-?occurs?|coincides? with|coincided with|"
    r"predict(?:s|ive)(?: of)?|linked (?:to|with)|related to|relationship between|go(?:es)? along with|"
    r"(?:increas|decreas|scal|grow|ris|vari)(?:es?|ed|s)? with|in step with|tracks?|proportional to"
)
"""A quote that says so has seen two things together."""
EFFECT = _any(
    r"(?:improv|increas|decreas|reduc|enabl|hurt|degrad|boost|harm|impair|prevent|produc|shap|creat|weaken|"
    r"strengthen|"
    r"affect|influenc|control)(?:es|e|s|ed)(?! with| as)|makes?|made|depends? on|needs?|requires?"
)

_PARTLY = (
    r"some|sometimes|often|oftentimes|usually|typically|generally|mostly|mainly|largely|most|many|several|"
    r"few|fewer than|"
    r"rarely|seldom|occasional(?:ly)?|partial(?:ly)?|partly|in part|up to|as much as|almost|nearly|tends?|tended|"
    r"tendency|frequently|commonly|certain|subset|fraction|majority|minority|half|primarily|limited|"
    r"not (?:all|always|"
    r"every)|can|may|might|could|at times|varies|particular|specific|approximately|roughly|about|at most|"
    r"\d+(?:\.\d+)? ?%"
)
_MODAL = (
    r"may|might|could|possibl[ey]|perhaps|potential(?:ly)?|likely|probabl[ey]|plausibl[ey]|appears?|"
    r"appeared|seems?|seemed|"
    r"seemingly|apparently|suggest\w*|hints?|hinted|hypothe\w+|conjectur\w*|speculat\w*|presumabl[ey]|preliminary|"
    r"tentative(?:ly)?|indicat\w*|evidence|can|should|would|expected|uncertain|unclear"
)
_SIZED = (
    r"(?:small(?:er|est)?|tiny|toy|shallow|large(?:r|st)?(?! language| reasoning)|big(?:ger|gest)?|frontier|"
    r"(?:sufficiently|more|less) (?:large|capable)|(?:one|two|three|four|single|few|\d+)[ -]layer(?:ed)?|"
    r"\d+(?:\.\d+)? ?[mb](?: parameters?)?|(?:m|b)illion[- ]parameter) "
    r"(?:[\w-]+ ){0,2}?(?:models?|transformers?|networks?|v?llms?|lms?|architectures?)"
)

LIMITS = (
    Limit(
        "certainty",
        "overreaches",
        _any(r"may|might|could|possibly|perhaps|potentially|"
             r"(?<!more )(?<!less )(?<!most )(?<!least )(?<!as )(?<!equally )"
             r"likely(?! to)|probably|plausibly|(?:appear|seem)(?:s|ed)? to|seemingly|hypothesi[sz]e[sd]?|"
             r"conjecture[sd]?|"
             r"speculate[sd]?|presumably|tentative(?:ly)?|hints? (?:at|that)|preliminary"),
        _any(_MODAL),
    ),
    Limit("certainty", "partly", _any(r"suggest(?:s|ed|ing)?|indicat(?:es?|ed|ing)|can"), _any(
        f"{_MODAL}|able|capab\\w+|abilit\\w+|capacity|sometimes|often|some|possible|allow\\w*|enabl\\w*|suffic\\w*")),
    Limit(
        "scope",
        "overreaches",
        _any(r"(?:in|for|on|with|of|to|under|across|by) (?:some|certain|a few|a handful of|a subset of|"
             r"a fraction of)|sometimes|"
             r"occasionally|rarely|seldom|partial(?:ly)?|partly|in part|to some extent|up to|as much as|most of|"
             r"some of|some(?= (?:[\w-]+ )?[\w-]+s\b)|"
             r"a (?:subset|fraction|minority) of|few(?! (?:shot|example))(?=\w* \w+s\b)|not (?:all|always)"),
        _any(_PARTLY),
    ),
    Limit(
        "scope",
        "partly",
        _any(r"often|usually|typically|mostly|mainly|largely|many|most (?=\w+s\b)|tends? to|tended to|frequently|"
             r"in most|the majority of|nearly all|almost (?:all|always)|in many"),
        _any(_PARTLY),
    ),
    Limit(
        "scope",
        "overreaches",
        _any(r"only (?:when|if|for|in|under|on|after|with|once|at|where)|unless|except|as long as|"
             r"provided that|if and only if"),
        _any(r"when(?:ever)?|if|unless|except|only|once|until|under|given|without|provided|as long as|where|"
             r"conditions?|"
             r"depend\w*|limited|requires?|needs?|after|with|for|in"),
    ),
    Limit(
        "scope",
        "overreaches",
        _any(r"synthetic|toy|simulated|in simulations?|artificial(?! intelligence| neural| general)|contrived|"
             r"controlled (?:setting|environment|experiment|setup|task)s?"),
        _any(r"synthetic\w*|toy|simulat\w+|artificial(?! intelligence| neural| general)|contrived|controlled|"
             r"idealized|idealised|stylized|small|simple|algorithmic"),
    ),
    Limit(
        "model size",
        "overreaches",
        _any(_SIZED),
        _any(r"small(?:er|est)?|tiny|toy|shallow|large(?:r|st)?(?! language| reasoning)|big(?:ger|gest)?|"
             r"scal(?:e|es|ed|ing)|sizes?|sized|frontier|capab\w+|[\w-]*layer(?:s|ed)?|parameters?|deep(?:er)?|depth|"
             r"grow\w*|\d+(?:\.\d+)? ?[mb]|billions?|millions?|capacity|stronger|weaker"),
    ),
)  # fmt: skip

EVERYWHERE = frozenset({
    "languag", "model", "llm", "lm", "paper", "find", "show", "result", "network", "train", "transform", "data", "task",
})  # fmt: skip
"""Stems that say nothing about which finding a sentence speaks of."""

HALF_DENIALS = frozenset({
    "less", "least", "struggle", "struggles", "struggled", "struggling", "rarely", "seldom", "hardly", "barely",
    "scarcely",
})  # fmt: skip
"""Denials that another wording may well carry in words of its own."""
