"""Presidio's analyzer with recognizers of our own and the few of its own that hit nothing by accident.

No language model is loaded and nothing is downloaded. Of Presidio's recognizers the one for e-mail stays; its
others for dates, phones, licences and bank numbers take lab values, doses and serial numbers for identifiers, and
its medical-record, ZIP, plate and health-plan numbers need the labels that our own read.
"""

# Patterns and lists of words read better unbroken.
# ruff: noqa: E501

import re
from collections.abc import Iterable, Sequence
from typing import cast

import tldextract
from presidio_analyzer import AnalyzerEngine, EntityRecognizer, RecognizerRegistry, RecognizerResult
from presidio_analyzer.context_aware_enhancers import ContextAwareEnhancer
from presidio_analyzer.nlp_engine import NlpArtifacts, NoOpNlpEngine
from presidio_analyzer.predefined_recognizers import EmailRecognizer

from practicum.config import IdentifierKind
from practicum.data.deidentification import ages, chinese, codes, dates, english_names, numbers, places
from practicum.data.deidentification.candidates import Candidate, Finder

_HAN = re.compile(r"[\u4e00-\u9fff]")
_DIGIT = re.compile(r"\d")
_CAPITAL = re.compile(r"[A-Za-zÀ-ÿ]{2}")


class FinderRecognizer(EntityRecognizer):
    """A finder as Presidio wants it: run only on texts that hold what any of its findings must hold."""

    def __init__(
        self, name: str, finders: Sequence[Finder], kinds: Sequence[str], language: str, trigger: re.Pattern[str]
    ):
        self._called = name
        self._finders = tuple(finders)
        self._trigger = trigger
        super().__init__(supported_entities=list(kinds), name=name, supported_language=language)

    def load(self) -> None:
        """There is nothing to load before the first text."""

    def analyze(
        self, text: str, entities: list[str], nlp_artifacts: NlpArtifacts | None = None
    ) -> list[RecognizerResult]:
        """All findings, overlapping ones included."""
        if not self._trigger.search(text):
            return []
        metadata = {
            RecognizerResult.RECOGNIZER_NAME_KEY: self._called,
            RecognizerResult.RECOGNIZER_IDENTIFIER_KEY: self.id,
        }
        return [
            RecognizerResult(one.kind, one.start, one.end, one.score, recognition_metadata=metadata)
            for finder in self._finders
            for one in finder(text)
        ]


class _NoContext(ContextAwareEnhancer):
    """Our recognizers read the words around a finding themselves; Presidio's way needs lemmas."""

    def __init__(self) -> None:
        super().__init__(0, 0, 0, 0)

    def enhance_using_context(
        self,
        text: str,
        raw_results: list[RecognizerResult],
        nlp_artifacts: NlpArtifacts,
        recognizers: list[EntityRecognizer],
        context: list[str] | None = None,
    ) -> list[RecognizerResult]:
        """The results as they are."""
        return raw_results


_NUMBER_KINDS = [
    "ssn", "mrn", "health_plan", "account", "licence", "vehicle", "device", "biometric", "id_number", "bank_card",
    "zip", "photo", "phone",
]  # fmt: skip
_OURS: list[tuple[str, list[Finder], list[str], str, re.Pattern[str]]] = [
    ("codes", [numbers.find_codes, numbers.find_labelled_forms, codes.find_spaced, codes.find_labelled, codes.find_endings], _NUMBER_KINDS, "en", _DIGIT),
    ("phones", [numbers.find_phones], ["phone", "fax"], "en", _DIGIT),
    ("network", [numbers.find_network], ["email", "url", "ip", "photo"], "en", re.compile(r"[.@:]| at ")),
    ("dates", [dates.find_dates], ["date"], "en", re.compile(r"\d|(?i:in|since|until|of|by|this|last|next) [A-Z]|(?i:first|second|th\b|thousand|twenty|christmas|xmas|day\b|eve\b|easter|thanksg|hallowe|ramadan|diwali|passover|hanuk|yom |nye\b|january|february|march|april|june|july|august|september|october|november|december)")),
    ("ages", [ages.find_ages], ["age"], "en", re.compile(r"9[\dlIO]|1[0-3O][\dlIO]|(?i:tenth dec|centenary|nine?t|nonagen|hundred|centen)|九[十旬]|一百|百岁")),
    ("places", [places.find_places], ["location"], "en", _CAPITAL),
    ("names", [english_names.find_english_names], ["name"], "en", _CAPITAL),
    ("Chinese dates", [dates.find_chinese_dates], ["date"], "zh", re.compile("[月节日号]|年第|[国端中清春]秋?[庆午明节秋]|[子丑寅卯辰巳午未申酉戌亥]年|元旦|除夕|腊|小年|初[一二三四五六七八九十]|廿")),
    ("Chinese names", [chinese.find_chinese_names], ["name"], "zh", _HAN),
    ("Chinese moments", [chinese.find_chinese_moments], ["date", "age"], "zh", re.compile(r"\d|[月年岁旬]|[一二三四五六七八九十廿卅][日号]|九[十旬]|[百期鲐除][岁颐背夕]|一百")),
    ("Chinese places", [chinese.find_chinese_places], ["location"], "zh", _HAN),
    ("Chinese codes", [chinese.find_chinese_codes], [*_NUMBER_KINDS, "resident_id", "credit_code", "phone", "fax"], "zh", _DIGIT),
]  # fmt: skip
_PRESIDIO_KINDS = {"EMAIL_ADDRESS": "email"}


_ADDRESS = re.compile(
    r"[^\s<>()\[\],;:\"\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]*@[^\s<>()\[\],;:\"\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]+"
)


class _MailRecognizer(EmailRecognizer):
    """Presidio's own, shown what surrounds an @ only: on whole texts its pattern takes milliseconds."""

    def analyze(
        self, text: str, entities: list[str], nlp_artifacts: NlpArtifacts | None = None, regex_flags: int | None = None
    ) -> list[RecognizerResult]:
        results = []
        if "@" in text:
            for match in _ADDRESS.finditer(text):
                for result in super().analyze(match[0], entities, nlp_artifacts, regex_flags):
                    result.start += match.start()
                    result.end += match.start()
                    results.append(result)
        return results


def engine() -> AnalyzerEngine:
    """An analyzer for `en` (which also holds what is the same in every language) and `zh`."""
    # Its default fetches the list of public suffixes from the net when it first sees an address.
    tldextract.tldextract.TLD_EXTRACTOR = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)
    recognizers: list[EntityRecognizer] = [FinderRecognizer(*ours) for ours in _OURS]
    recognizers.append(_MailRecognizer(supported_language="en"))
    nlp = NoOpNlpEngine([{"lang_code": "en", "model_name": ""}, {"lang_code": "zh", "model_name": ""}])
    nlp.load()
    return AnalyzerEngine(
        registry=RecognizerRegistry(recognizers, supported_languages=["en", "zh"]),
        nlp_engine=nlp,
        supported_languages=["en", "zh"],
        context_aware_enhancer=_NoContext(),
        log_decision_process=False,
    )


def candidates(analyzer: AnalyzerEngine, text: str) -> Iterable[Candidate]:
    """Everything that the analyzer takes for an identifier, overlapping or not."""
    for language in ("en", "zh") if _HAN.search(text) else ("en",):
        for result in analyzer.analyze(text, language):
            kind = _PRESIDIO_KINDS.get(result.entity_type, result.entity_type)
            yield Candidate(result.start, result.end, cast(IdentifierKind, kind), result.score)
