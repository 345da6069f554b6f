"""Replace the LaTeX, Markdown and HTML in a quote by the characters that it prints."""

from __future__ import annotations

import html
import re

_SIGNS = {
    "times": "×", "cdot": "·", "leq": "≤", "le": "≤", "leqslant": "≤", "geq": "≥", "ge": "≥", "geqslant": "≥",
    "neq": "≠", "ne": "≠", "approx": "≈", "sim": "∼", "simeq": "≃", "equiv": "≡", "propto": "∝", "pm": "±", "mp": "∓",
    "infty": "∞", "in": "∈", "notin": "∉", "subset": "⊂", "subseteq": "⊆", "cup": "∪", "cap": "∩", "emptyset": "∅",
    "rightarrow": "→", "to": "→", "leftarrow": "←", "leftrightarrow": "↔", "mapsto": "↦", "implies": "⇒",
    "Rightarrow": "⇒", "iff": "⇔", "forall": "∀", "exists": "∃", "neg": "¬", "land": "∧", "lor": "∨", "wedge": "∧",
    "vee": "∨", "sum": "∑", "prod": "∏", "int": "∫", "sqrt": "√", "partial": "∂", "nabla": "∇", "ell": "ℓ",
    "ldots": "…", "dots": "…", "cdots": "⋯", "langle": "⟨", "rangle": "⟩", "lVert": "∥", "rVert": "∥", "Vert": "∥",
    "ll": "≪", "gg": "≫", "oplus": "⊕", "otimes": "⊗", "odot": "⊙", "circ": "◦", "star": "⋆", "dagger": "†", "top": "⊤",
    "bot": "⊥", "perp": "⊥", "mid": "|", "vert": "|", "lvert": "|", "rvert": "|", "setminus": "∖", "hbar": "ℏ",
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "varepsilon": "ε", "zeta": "ζ", "eta": "η",
    "theta": "θ", "vartheta": "θ", "iota": "ι", "kappa": "κ", "lambda": "λ", "mu": "μ", "nu": "ν", "xi": "ξ", "pi": "π",
    "rho": "ρ", "sigma": "σ", "tau": "τ", "upsilon": "υ", "phi": "φ", "varphi": "φ", "chi": "χ", "psi": "ψ",
    "omega": "ω", "Gamma": "Γ", "Delta": "Δ", "Theta": "Θ", "Lambda": "Λ", "Xi": "Ξ", "Pi": "Π", "Sigma": "Σ",
    "Upsilon": "Υ", "Phi": "Φ", "Psi": "Ψ", "Omega": "Ω", "textbackslash": "\\", "textasciitilde": "~",
}  # fmt: skip
# LaTeX commands (source2e.pdf; Lamport, LaTeX, 1994, tables 3.3 to 3.8) and the characters that they print.
_TYPED_SIGNS = {"<=": "≤", ">=": "≥", "!=": "≠", "->": "→", "=>": "⇒", "+/-": "±", "+-": "±"}
_TYPED = re.compile("|".join(map(re.escape, sorted(_TYPED_SIGNS, key=len, reverse=True))))
_STYLES = frozenset({
    "mathcal", "mathrm", "mathbf", "mathbb", "mathit", "mathsf", "mathtt", "mathfrak", "boldsymbol", "bm", "text",
    "textbf", "textit", "texttt", "textsc", "textrm", "textsf", "emph", "operatorname", "underline", "overline", "num",
    "hat", "bar", "tilde", "vec", "mbox", "left", "right", "big", "Big", "bigl", "bigr", "Bigl", "Bigr", "quad",
    "qquad", "displaystyle", "textstyle", "limits", "nolimits",
})  # fmt: skip
_COMMAND = re.compile(r"\\([A-Za-z]+)\*?[ ]?")
_ESCAPED = re.compile(r"\\([%$&#_{}~^ ])")
_SPACING = re.compile(r"\\[,;:!>]")
_REFERENCE = re.compile(
    r"~?\\(?:citep?|citet|citealp|autocite|parencite|footnote|ref|label|eqref)\*?(?:\[[^\]]*\])*\{[^{}]*\}"
)
_DELIMITERS = re.compile(r"\\[()\[\]]|\$+")
_TAG = re.compile(
    r"</?(?:i|b|em|strong|sub|sup|span|p|br|code|u|a|mark|q|small|tt|blockquote)(?:\s[^<>]{0,200})?/?>", re.I
)
_EMPHASIS = re.compile(r"(\*{1,3}|(?<!\w)_{1,3}|`{1,2})(?=\S)(.{1,2000}?)(?<=\S)\1(?!\w)", re.S)
_LINK = re.compile(r"\[([^\[\]]{1,500})\]\([^()\s]{0,500}\)")
_LINE_MARK = re.compile(r"(?m)^\s{0,3}(?:(?:>\s?)+|[-*+•]\s+|#{1,6}\s+|(?:\d{1,2}|[a-z])[.)]\s+|→\s*)+")
_FOOTNOTE = re.compile(r"\[\^[\w-]{1,20}\]")
_HIGHLIGHT = re.compile(r"(==)(?=\S)(.{1,2000}?)(?<=\S)\1", re.S)
_RAISED = re.compile(r"<sup>\s*(?=[\d\u2212-])", re.I)
_CHANGED_CASE = re.compile(r"(?<![^\W_])\[([A-Za-z])\](?=[a-z])")
"""A letter whose case the person who quotes has changed: "[T]he"."""
_TIE = re.compile(r"(?:(?<=[^\W\d_])|(?<=[.,)]))~(?=[\w(\[\\$])")
"""A tie as in "Table~8"; not the sign of an estimate as in "~8"."""
_THOUSANDS = re.compile(r"(?<=\d)\{,\}(?=\d)")
_OLD_STYLE = re.compile(r"\{\\(?:em|bf|it|tt|sc|sf|rm|sl|bfseries|itshape)\s+([^{}]{1,500})\}")
_LAYOUT = re.compile(
    r"\\(?:begin|end)\{(?:quote|quotation|abstract|itemize|enumerate|center)\}|\\item\b|\\footnotemark(?:\[\d+\])?|\\/"
)
_ESCAPED_MARK = re.compile(r"\\([*_`\[\]()#+.!>~|\"'<-])")


def strip_markup(text: str) -> str:
    """Remove Markdown and HTML, and replace LaTeX commands by their characters.

    Args:
        text: A quote, as a person or a model wrote it.

    Returns:
        The plain text. A text without markup does not change.
    """
    text = _TAG.sub("", _RAISED.sub("^", html.unescape(text)))
    text = _LINK.sub(r"\1", _FOOTNOTE.sub("", _LINE_MARK.sub("", text)))
    text = _HIGHLIGHT.sub(r"\2", text)
    for _ in range(3):  # emphasis may be nested, such as bold within italics
        text = _EMPHASIS.sub(r"\2", text)
    text = _TIE.sub(" ", _CHANGED_CASE.sub(r"\1", text))
    text = _ESCAPED_MARK.sub(r"\1", text)
    text = _THOUSANDS.sub(",", text)
    if "\\" in text or "$" in text:
        text = _latex_to_unicode(text)
    return _TYPED.sub(lambda match: _TYPED_SIGNS[match[0]], text)


def _latex_to_unicode(text: str) -> str:
    is_latex = _is_latex(text)
    text = _LAYOUT.sub("", _OLD_STYLE.sub(r"\1", text))
    text = _COMMAND.sub(_replace_command, _SPACING.sub(" ", _REFERENCE.sub("", text)))
    if is_latex:
        text = _DELIMITERS.sub("", text)
    return _ESCAPED.sub(r"\1", text)


def _is_latex(text: str) -> bool:
    """Return True if the dollar signs are LaTeX and not money: they come in pairs, or there are commands."""
    return "\\" in text or (text.count("$") % 2 == 0 and not re.search(r"\$\d[\d,.]*(?:\s(?!\$)|[.,;)]|\Z)", text))


def _replace_command(match: re.Match[str]) -> str:
    command = match[1]
    if command in _STYLES:
        return ""
    for end in range(len(command), 1, -1):  # "\\inA" is not LaTeX, but people write it
        if command[:end] in _SIGNS:
            return _SIGNS[command[:end]] + command[end:]
    return match[0]
