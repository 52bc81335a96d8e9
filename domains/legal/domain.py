"""Legal: is a fine or a notice lawful under the quoted provision, and contract clauses drafted from provisions.

Raw data (see README.md): the articles of six EU acts, hand-made readings of their penalty bands and time
limits, clause templates, and scenarios. A scenario becomes an example only if every provision it quotes is
found, word for word, in the statutes.
"""

import random
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, cast

from practicum.data.example import Example, Rejected, canonical_json
from practicum.data.raw import RawData
from practicum.data.readers.json_values import json_document
from practicum.domain import Domain, DomainSettings, Reference

Row = Mapping[str, Any]
"""A scenario or a provision as parsed from JSON."""

ACTS = {"AI Act": "ai_act", "CRA": "cra", "CSRD": "csrd", "DORA": "dora", "GDPR": "gdpr", "NIS2": "nis2"}
"""An act's short name and its file under data/statutes/."""

MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)

NUMERALS = {1: "one", 2: "two", 3: "three"}
"""Numbers that the provisions write in words."""

DAYS_IN_SCENARIO = 28
"""No scenario runs over the end of a month in days, so that days are added without a calendar."""


TURNOVER_STEPS = {1.4: 500, 2.5: 200}
"""By how many EUR million a turnover is changed, where not by 100: so that the product stays as easy."""


class LegalSettings(DomainSettings):
    """What stands under `domain:` in this domain's params.yaml."""

    corpus: Literal["eu"] = "eu"
    """Which statutes the scenarios rest on: `eu`, six EU acts in English."""


class ScenarioError(Exception):
    """A scenario that can't become an example; carries the rule that turned it away."""

    def __init__(self, rule: str, found: object) -> None:
        super().__init__(f"{rule}: {found}")
        self.rule = rule


# --- amounts and periods -------------------------------------------------------------------------------------


def plain_text(text: str) -> str:
    """Statute text with straight quotes and amounts in millions: `EUR 7 500 000` is `EUR 7.5 million`."""
    text = re.sub("[‘’]", "'", text)
    return re.sub(
        r"\b\d{1,3}(?: \d{3}){2}\b", lambda found: f"{number(int(found[0].replace(' ', '')) / 1e6)} million", text
    )


def number(value: float) -> str:
    """A number without superfluous zeros: 7.0 is `7`."""
    return f"{round(value, 3):g}"


def share_of(percent: float, turnover: int) -> float:
    """`percent` of a turnover; both amounts in EUR million."""
    return round(percent * turnover / 100, 3)


@dataclass(frozen=True, order=True)
class Moment:
    """A point in time within a year, to the hour; `hour` is None where only the day matters."""

    month: int
    day: int
    hour: int | None = None

    @classmethod
    def of(cls, value: object) -> "Moment":
        """From `[month, day]` or `[month, day, hour]`.

        Raises:
            ScenarioError: it is no such moment.
        """
        if not (isinstance(value, list) and len(value) in (2, 3) and all(isinstance(part, int) for part in value)):
            raise ScenarioError("missing_field", value)
        moment = cls(*value)
        in_year = 1 <= moment.month <= 12 and 1 <= moment.day <= DAYS_IN_SCENARIO
        if not in_year or not (moment.hour is None or 0 <= moment.hour <= 23):
            raise ScenarioError("impossible_date", value)
        return moment

    def __str__(self) -> str:
        clock = "" if self.hour is None else f" {self.hour}:00"
        return f"{self.day} {MONTHS[self.month - 1]}{clock}"

    def spoken(self) -> str:
        """As in a sentence: `4 May at 10:00`."""
        clock = "" if self.hour is None else f" at {self.hour}:00"
        return f"{self.day} {MONTHS[self.month - 1]}{clock}"


def due(start: Moment, count: int, unit: str) -> Moment:
    """The end of a period of `count` days or months from `start`, counted plainly.

    Raises:
        ScenarioError: the end lies beyond the 28th or the year.
    """
    end = replace(start, month=start.month + count) if unit == "months" else replace(start, day=start.day + count)
    if end.month > 12 or end.day > DAYS_IN_SCENARIO:
        raise ScenarioError("impossible_date", str(start))
    return end


# --- task 1: penalty -----------------------------------------------------------------------------------------


def paragraph_of(provision: str) -> str:
    """`83(5)` of `GDPR 83(5)`."""
    return provision.rsplit(" ", 1)[1]


def act_of(provision: str) -> str:
    """`GDPR` of `GDPR 83(5)`."""
    return provision.rsplit(" ", 1)[0]


def article_of(provision: str) -> str:
    """`GDPR 83` of `GDPR 83(5)`: the id of the reference that the provision stands in."""
    return provision.partition("(")[0]


def quoted(pieces: Sequence[str]) -> str:
    """Pieces of a provision with what was left out marked."""
    return " ... ".join(pieces)


def fine_texts(row: Row, bands: Mapping[str, Row]) -> tuple[str, str]:
    """Context and question of a scenario about a fine."""
    lines = [f"{act_of(row['provision'])}:"]
    for given in row["given"]:
        band = bands[given["provision"]]
        matter = band["matters"][given["matter"]]["words"]
        lines.append(f"{paragraph_of(band['id'])} {matter}: {quoted(band['ceiling'])}.")
    fact = bands[row["provision"]]["matters"][row["matter"]]["facts"][row["fact"]]
    company, turnover, fine = row["company"], number(row["turnover_million"]), number(row["fine_million"])
    story = (
        f"{company}, turnover {turnover} million EUR, {fact}. Its fine is {fine} million EUR.",
        f"{company} {fact}. It has a turnover of {turnover} million EUR and is fined {fine} million EUR.",
        f"A fine of {fine} million EUR is planned for {company}, turnover {turnover} million EUR, which {fact}.",
    )[row["phrasing"]]
    return "\n".join(lines), story + ' Is the fine lawful? Answer as JSON with "verdict", "limit", "paragraph".'


def fine_steps(row: Row, bands: Mapping[str, Row]) -> tuple[str, dict[str, str]]:
    """Reasoning and answer of a scenario about a fine."""
    band = bands[row["provision"]]
    turnover, fine, cap, percent = row["turnover_million"], row["fine_million"], band["cap_million"], band["percent"]
    share = share_of(percent, turnover)
    limit = max(cap, share)
    verdict = "within" if fine <= limit else "above"
    paragraph = paragraph_of(band["id"])
    order = "<" if share < cap else "=" if share == cap else ">"
    steps = (
        f"{paragraph}: {number(cap)} or {number(percent)} %",
        f"{number(percent)} x {number(turnover / 100)} = {number(share)} {order} {number(cap)}",
        f"{number(fine)} {'<=' if fine <= limit else '>'} {number(limit)}: {verdict}",
    )
    return "\n".join(steps), {"verdict": verdict, "limit": f"{number(limit)} million EUR", "paragraph": paragraph}


def fine_example(row: Row, bands: Mapping[str, Row], source: str) -> Example:
    """A scenario about a fine as an example.

    Raises:
        ScenarioError: an amount is missing or not positive.
    """
    for key in ("turnover_million", "fine_million"):
        if not isinstance(row.get(key), int | float):
            raise ScenarioError("missing_field", key)
        if row[key] <= 0:
            raise ScenarioError("impossible_value", f"{key} {row[key]}")
    context, question = fine_texts(row, bands)
    reasoning, answer = fine_steps(row, bands)
    given = {one["provision"]: bands[one["provision"]] for one in row["given"]}
    return Example(
        task="penalty",
        label=answer["verdict"],
        source=source,
        group=f"fine:{number(given[row['provision']]['percent'])}%:{row['turnover_million']}",
        language="en",
        context=context,
        question=question,
        reasoning=reasoning,
        answer=canonical_json(answer),
        perturbation={"scenario": dict(row), "provisions": given, "references": [article_of(row["provision"])]},
    )


def deadline_texts(row: Row, deadlines: Mapping[str, Row]) -> tuple[str, str]:
    """Context and question of a scenario about a time limit."""
    lines = [f"{act_of(row['provision'])}:"]
    lines += [f"{paragraph_of(one)} {quoted(deadlines[one]['words'])}." for one in row["given"]]
    limit, company = deadlines[row["provision"]], row["company"]
    start, done = Moment.of(row["start"]).spoken(), Moment.of(row["done"]).spoken()
    story = (
        f"{company} {limit['start']} on {start}. It {limit['act']} on {done}.",
        f"On {start} {company} {limit['start']}. On {done} it {limit['act']}.",
        f"{company} {limit['act']} on {done}. It {limit['start']} on {start}.",
    )[row["phrasing"]]
    return "\n".join(lines), story + ' Was that in time? Answer as JSON with "verdict", "limit", "paragraph".'


def period_in_words(limit: Row) -> str:
    """A period as the provision says it: `72 hours`, `two weeks`."""
    count = limit["number"]
    word = NUMERALS.get(count, str(count))
    said = word if f"{word} " in quoted(limit["words"]) else str(count)
    return f"{said} {limit['unit'] if count > 1 else limit['unit'].removesuffix('s')}"


def plain_period(limit: Row) -> tuple[int, str]:
    """A period in days or months: count and unit."""
    count, unit = limit["number"], limit["unit"]
    if unit == "months":
        return count, "months"
    return count * {"hours": 1, "days": 24, "weeks": 168}[unit] // 24, "days"


def deadline_steps(row: Row, deadlines: Mapping[str, Row]) -> tuple[str, dict[str, str]]:
    """Reasoning and answer of a scenario about a time limit.

    Raises:
        ScenarioError: the act was done before the period began, or a date can't be used.
    """
    limit = deadlines[row["provision"]]
    start, done = Moment.of(row["start"]), Moment.of(row["done"])
    if (start.hour is None) != (done.hour is None):
        raise ScenarioError("missing_field", "hour")
    if done < start:
        raise ScenarioError("done_before_start", f"{done} is before {start}")
    paragraph = paragraph_of(limit["id"])
    count, unit = plain_period(limit)
    end = due(start, count, unit)
    verdict = "in time" if done <= end else "late"
    sign = "<=" if done <= end else ">"
    if unit == "months":
        added = f"{MONTHS[start.month - 1]} + {count} = {MONTHS[end.month - 1]}"
    else:
        added = f"{start.day} + {count} = {end.day}"
    if done.month != end.month:
        compared = f"{MONTHS[done.month - 1]} {'<' if done < end else '>'} {MONTHS[end.month - 1]}"
    elif done.day != end.day or done.hour is None or end.hour is None:
        compared = f"{done.day} {sign} {end.day}"
    else:
        compared = f"{done.day} = {end.day}, {done.hour} {sign} {end.hour}"
    steps = (
        f"{paragraph}: {period_in_words(limit)} = {count} {unit if count > 1 else unit.removesuffix('s')}",
        added,
        f"{compared}: {verdict}",
    )
    return "\n".join(steps), {"verdict": verdict, "limit": str(end), "paragraph": paragraph}


def deadline_example(row: Row, deadlines: Mapping[str, Row], source: str) -> Example:
    """A scenario about a time limit as an example; raises as `deadline_steps`."""
    reasoning, answer = deadline_steps(row, deadlines)
    context, question = deadline_texts(row, deadlines)
    return Example(
        task="penalty",
        label=answer["verdict"],
        source=source,
        group=f"deadline:{article_of(row['provision'])}:{row['start'][1]}",
        language="en",
        context=context,
        question=question,
        reasoning=reasoning,
        answer=canonical_json(answer),
        perturbation={
            "scenario": dict(row),
            "provisions": {one: deadlines[one] for one in row["given"]},
            "references": [article_of(row["provision"])],
        },
    )


# --- task 2: drafting ----------------------------------------------------------------------------------------


def short_form(point: Row) -> str:
    """The provision's own words, shortened by leaving words out."""
    return " ".join(point["words"])


def clause(family: Row, point: Row, clause_number: int, doer: str, other: str) -> dict[str, Any]:
    """One clause: the family's stem and the provision's short form, with the parties' names filled in."""
    duty = short_form(point).replace(family["other_words"], other).replace(family["doer_words"], doer)
    return {
        "number": clause_number,
        "title": point["title"],
        "text": f"{family['stem'].format(doer=doer)} {duty}.",
        "article": f"{family['id']}{point['point']}",
    }


def drafting_example(row: Row, families: Mapping[str, Row], source: str) -> Example:
    """A scenario that asks for clauses as an example.

    Raises:
        ScenarioError: both parties are the same, or a clause is asked for that no given provision covers.
    """
    family = families[row["family"]]
    points = {point["point"]: point for point in family["points"]}
    doer, other, first = row["doer"], row["other"], row["first_number"]
    if doer == other:
        raise ScenarioError("one_party", doer)
    asked = [points[one["point"]] for one in row["asked"]]
    for point in asked:
        if point["point"] not in row["given"]:
            raise ScenarioError("provision_not_given", f"{family['id']}{point['point']}")
    if len({point["point"] for point in asked}) != len(asked):
        raise ScenarioError("clause_asked_twice", row["asked"])
    topics = [point["topics"][one["topic"]] for point, one in zip(asked, row["asked"], strict=True)]
    lines = [f"{family['id']}, {family['stem'].format(doer='the ' + family['doer'])}:"]
    lines += [f"{points[one]['title']} {points[one]['point']}: {short_form(points[one])}" for one in row["given"]]
    parties = (
        f"{doer} is {family['doer']}, {other} is {family['other']}.",
        f"{other} is {family['other']}, {doer} is {family['doer']}.",
        f"{other} ({family['other']}) hires {doer} ({family['doer']}).",
    )[row["phrasing"]]
    numbers = range(first, first + len(asked))
    wishes = ", ".join(f"{n} on {topic}" for n, topic in zip(numbers, topics, strict=True))
    question = (
        f"{parties} Draft clause{'s' if len(asked) > 1 else ''} {wishes}. "
        'Answer as JSON: "clauses", each with "number", "title", "text", "article".'
    )
    clauses = [clause(family, point, n, doer, other) for n, point in zip(numbers, asked, strict=True)]
    steps = [f"{topic}: {point['title']} {point['point']}" for topic, point in zip(topics, asked, strict=True)]
    steps.append(f"{family['doer']}: {doer}")
    given = {**family, "points": [points[one] for one in row["given"]]}
    return Example(
        task="drafting",
        label=family["id"],
        source=source,
        group=f"drafting:{family['id']}{''.join(sorted(point['point'] for point in asked))}",
        language="en",
        context="\n".join(lines),
        question=question,
        reasoning="\n".join(steps),
        answer=canonical_json({"clauses": clauses}),
        perturbation={
            "scenario": dict(row),
            "provisions": {family["id"]: given},
            "references": [article_of(family["id"])],
        },
    )


# --- the plug-in ---------------------------------------------------------------------------------------------

BUILDERS: Mapping[str, tuple[str, Callable[[Row, Mapping[str, Row], str], Example]]] = {
    "fine": ("bands", fine_example),
    "deadline": ("deadlines", deadline_example),
    "clauses": ("families", drafting_example),
}
"""A scenario's kind: the catalogue its provisions stand in, and what makes an example of it."""


OTHER_ORDERS: Mapping[str, Sequence[Sequence[int]]] = {
    "fine": ((1, 2), (0, 2), (0, 1)),
    "deadline": ((2,), (2,), (0, 1)),
    "clauses": ((1, 2), (0,), (0,)),
}
"""By a scenario's kind and phrasing: the phrasings that tell its facts in another order."""


def read_statutes(data: Path) -> dict[str, dict[str, Any]]:
    """Acts by short name, each as data/statutes/ holds it."""
    return {act: json_document(data / "statutes" / f"{file}.json") for act, file in ACTS.items()}


def article_text(article: Row) -> str:
    """An article's paragraphs, a line each."""
    return "\n".join(f"{p['number']}. {p['text']}" if p["number"] else p["text"] for p in article["paragraphs"])


def provision_text(statutes: Mapping[str, Row], provision: str) -> str:
    """The paragraph that a citation such as `GDPR 83(5)` or `NIS2 23(4)(a)` names, in plain text; empty when there
    is none. Points are not told apart from their paragraph."""
    found = re.fullmatch(r"(.+) (\d+)(?:\((\d+)\))?(?:\([a-z]\))?", provision)
    if not found or found[1] not in statutes:
        return ""
    for article in statutes[found[1]]["articles"]:
        if article["number"] == int(found[2]):
            paragraphs = [p["text"] for p in article["paragraphs"] if found[3] in (None, p["number"])]
            return plain_text(" ".join(paragraphs))
    return ""


def stands_in(pieces: Sequence[str], text: str) -> bool:
    """Whether the pieces stand in the text, word for word and in this order."""
    at = 0
    for piece in pieces:
        at = text.find(plain_text(piece), at)
        if at < 0:
            return False
        at += len(plain_text(piece))
    return True


def catalogues(data: Path, statutes: Mapping[str, Row]) -> tuple[dict[str, dict[str, Row]], set[str]]:
    """The provisions by catalogue and citation, and the citations whose words don't stand in the statutes."""
    provisions = json_document(data / "provisions.json")
    templates = json_document(data / "clause_templates.json")
    misquoted = set()
    for band in provisions["bands"]:
        text = provision_text(statutes, band["id"])
        quotes = [[matter["words"]] for matter in band["matters"]] + [band["ceiling"]]
        if not all(stands_in(quote, text) for quote in quotes):
            misquoted.add(band["id"])
    for limit in provisions["deadlines"]:
        if not stands_in(limit["words"], provision_text(statutes, limit["id"])):
            misquoted.add(limit["id"])
    for family in templates["families"]:
        for point in family["points"]:
            citation = family["id"] + point["point"]
            if not stands_in(point["words"], provision_text(statutes, citation)):
                misquoted.add(citation)
    named = {"bands": provisions["bands"], "deadlines": provisions["deadlines"], "families": templates["families"]}
    return {name: {one["id"]: one for one in rows} for name, rows in named.items()}, misquoted


def citations(row: Row) -> list[str]:
    """Every provision that a scenario quotes."""
    if row["kind"] == "fine":
        return [one["provision"] for one in row["given"]]
    if row["kind"] == "clauses":
        return [row["family"] + point for point in row["given"]]
    return list(row["given"])


def known_citations(kinds: Mapping[str, Mapping[str, Row]]) -> set[str]:
    """Every provision in the catalogues."""
    families = kinds["families"].values()
    points = {family["id"] + point["point"] for family in families for point in family["points"]}
    return {*kinds["bands"], *kinds["deadlines"], *points}


class Legal(Domain):
    """EU digital law: penalty bands and deadlines, and drafting from given provisions."""

    settings = LegalSettings

    @property
    def tasks(self) -> tuple[str, ...]:
        return ("penalty", "drafting")

    def examples(self, raw: RawData, settings: DomainSettings) -> Iterator[Example | Rejected]:
        """From the source `scenarios`."""
        kinds, misquoted = catalogues(raw.folder, read_statutes(raw.folder))
        known = known_citations(kinds)
        for record in raw.records("scenarios"):
            source, row = record.source, dict(record.values)
            shown = canonical_json(row)[:200]
            try:
                cited = citations(row)
                for citation in cited:
                    if citation not in known:
                        raise ScenarioError("unknown_provision", citation)
                    if citation in misquoted:
                        raise ScenarioError("quote_not_in_statute", citation)
                if row["kind"] != "clauses" and row["provision"] not in cited:
                    raise ScenarioError("provision_not_given", row["provision"])
                name, build = BUILDERS[row["kind"]]
                yield build(row, kinds[name], source)
            except KeyError as missing:
                yield Rejected(source=source, rule="missing_field", text=f"{missing} in {shown}")
            except (TypeError, IndexError, AttributeError) as fault:
                yield Rejected(source=source, rule="wrong_shape", text=f"{fault} in {shown}")
            except ScenarioError as reason:
                yield Rejected(source=source, rule=reason.rule, text=f"{reason} in {shown}")

    def score(self, task: str, reference: Mapping[str, Any], answer: Mapping[str, Any] | None) -> dict[str, float]:
        """penalty: `verdict`, `limit` and `citation` are right. drafting: `clause_coverage`, the share of required
        clause texts that were drafted; `citation`, the share of required clauses whose number is there with the
        right article."""
        given = answer or {}
        if task == "penalty":
            keys = {"verdict": "verdict", "limit": "limit", "citation": "paragraph"}
            return {name: float(given.get(key) == reference[key]) for name, key in keys.items()}
        drafted, required = given.get("clauses", []), reference["clauses"]
        covered = sum(any(_same(one["text"], two["text"]) for two in drafted) for one in required)
        cited = sum(
            any(one["number"] == two["number"] and _same(one["article"], two["article"]) for two in drafted)
            for one in required
        )
        return {"clause_coverage": covered / len(required), "citation": cited / len(required)}

    def same_answer(self, task: str, reference: Mapping[str, Any], answer: Mapping[str, Any]) -> bool | None:
        """Drafting: the same clauses in the same order, apart from case and white space."""
        if task != "drafting":
            return None
        required, drafted = reference["clauses"], answer.get("clauses", [])
        return len(required) == len(drafted) and all(
            all(_same(one[key], two[key]) for key in one) for one, two in zip(required, drafted, strict=True)
        )

    def perturb(self, example: Example, rng: random.Random) -> Example | None:
        """Another turnover, another day, or another first clause number; the answer is computed again."""
        row = cast(dict[str, Any], dict(example.perturbation["scenario"]))
        provisions = example.perturbation["provisions"]
        if row["kind"] == "fine":
            step = TURNOVER_STEPS.get(provisions[row["provision"]]["percent"], 100)
            row["turnover_million"] += step if row["turnover_million"] <= step else rng.choice((-step, step))
        elif row["kind"] == "deadline":
            start, done = list(row["start"]), list(row["done"])
            shift = -1 if start[1] > 1 and done[1] > 1 else 1
            start[1], done[1] = start[1] + shift, done[1] + shift
            row["start"], row["done"] = start, done
        else:
            row["first_number"] += 1 if row["first_number"] == 1 else rng.choice((-1, 1))
        try:
            changed = BUILDERS[row["kind"]][1](row, provisions, example.source)
        except ScenarioError:
            return None
        return replace(changed, group=example.group)

    def reorder(self, example: Example, rng: random.Random) -> Example | None:
        """The facts told in another order, and the provisions too where several are given; answer and steps stay."""
        row = cast(dict[str, Any], dict(example.perturbation["scenario"]))
        row["given"] = row["given"][::-1]
        row["phrasing"] = rng.choice(OTHER_ORDERS[row["kind"]][row["phrasing"]])
        changed = BUILDERS[row["kind"]][1](row, example.perturbation["provisions"], example.source)
        return replace(changed, group=example.group)

    def references(self, data: Path, settings: DomainSettings) -> Iterator[Reference]:
        """Every article of the corpus; ids such as `GDPR 83`."""
        for act, statute in read_statutes(data).items():
            for article in statute["articles"]:
                cited = f"{act} {article['number']}"
                yield Reference(
                    id=cited, title=f"{cited} {article['title']}".strip(), text=plain_text(article_text(article))
                )


def _same(left: object, right: object) -> bool:
    """Equality apart from case and white space."""
    return " ".join(str(left).split()).casefold() == " ".join(str(right).split()).casefold()


domain = Legal()
