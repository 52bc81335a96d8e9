"""Finance: which risk event follows from a deal's rules, and points and decision of a credit scorecard.

Both tasks are open book. A case (rules and figures, or card and applicant) is a small frozen value; everything that
the model reads or must write is rendered from the case, so a changed case can't keep an old answer.
"""

import random
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from pydantic import StrictBool

from practicum.data.example import Example, Rejected, canonical_json
from practicum.data.raw import RawData
from practicum.data.readers.json_values import json_document
from practicum.domain import Domain, DomainSettings, Reference

RISK_EVENT = "risk_event"
SCORECARD = "scorecard"

RISK_DISTRACTORS = 1
"""Figures shown that no rule asks for."""
CARD_DISTRACTORS = 2
"""Particulars of the applicant shown that the card doesn't score."""
FORMULAS = False
"""Whether an injected limit carries the figure's formula: more knowledge, about five tokens each."""
DEAL: Mapping[str, type] = {"company": str, "quarter": str, "rules": list}
"""What a term sheet holds."""
LAYOUTS = ("list", "table", "prose")
"""Ways in which figures are shown."""

Facts = tuple[tuple[str, str], ...]
"""Names and values, in the order shown."""

SHORT_VALUES: Mapping[str, Mapping[str, str]] = {
    "checking": {
        "no checking account": "none",
        "... < 0 DM": "overdrawn",
        "0 <= ... < 200 DM": "small",
        "... >= 200 DM / salary assignments for at least 1 year": "large",
    },
    "savings": {
        "unknown/ no savings account": "unknown",
        "... < 100 DM": "tiny",
        "100 <= ... < 500 DM": "small",
        "500 <= ... < 1000 DM": "medium",
        "... >= 1000 DM": "large",
    },
    "history": {
        "no credits taken/ all credits paid back duly": "no credits",
        "all credits at this bank paid back duly": "all paid here",
        "existing credits paid back duly till now": "paid so far",
        "delay in paying off in the past": "delays",
        "critical account/ other credits existing (not at this bank)": "critical",
    },
    "job years": {
        "unemployed": "none",
        "... < 1 year": "under 1",
        "1 <= ... < 4 years": "1-4",
        "4 <= ... < 7 years": "4-7",
        "... >= 7 years": "7+",
    },
    "housing": {"own": "own", "rent": "rent", "for free": "free"},
    "property": {
        "real estate": "real estate",
        "building society savings agreement/ life insurance": "savings contract",
        "car or other, not in attribute Savings account/bonds": "car",
        "unknown / no property": "none",
    },
    "guarantors": {"none": "none", "co-applicant": "co-applicant", "guarantor": "guarantor"},
    "plans": {"none": "none", "bank": "bank", "stores": "stores"},
    "job": {
        "skilled employee / official": "skilled",
        "unskilled - resident": "unskilled",
        "management/ self-employed/ highly qualified employee/ officer": "management",
        "unemployed/ unskilled - non-resident": "unemployed",
    },
    "purpose": {
        "radio/television": "television",
        "education": "education",
        "furniture/equipment": "furniture",
        "car (new)": "new car",
        "car (used)": "used car",
        "business": "business",
        "domestic appliances": "appliances",
        "repairs": "repairs",
        "others": "other",
        "retraining": "retraining",
    },
}
"""The data's categories in few words; attributes that are not here are whole numbers."""

NUMBER_RANGES = {
    "months": (1, 120),
    "rate": (1, 4),
    "amount": (100, 100_000),
    "age": (18, 110),
    "credits": (1, 9),
}


class FinanceSettings(DomainSettings):
    """What stands under `domain:` in finance's params.yaml."""

    inject_graph: StrictBool = True
    """Put the limits that a question needs, from the risk graph, into its context. Without them the model must
    know the limits of each sector from training: the difference in score is what the injection is worth."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One half of a rule: a figure beyond its limit, or a flag; negated, it must not hold."""

    fact: str
    """Name of the figure or flag as facts show it, such as `DSCR` or `waived`."""
    negated: bool
    bad: str = ""
    """`low` or `high` for a figure, empty for a flag."""
    limit: str = ""
    """The limit as text, such as `1.3`; empty for a flag."""
    formula: str = ""

    @property
    def state(self) -> str:
        """The condition's name in a rule, without its negation."""
        return f"{self.bad} {self.fact}".strip()

    @property
    def operator(self) -> str:
        return "<" if self.bad == "low" else ">"

    def true_of(self, value: str) -> bool:
        """Whether the state holds, negation left aside."""
        if not self.bad:
            return value == "yes"
        return float(value) < float(self.limit) if self.bad == "low" else float(value) > float(self.limit)

    def check(self, value: str) -> str:
        """The reasoning step: inputs first, then whether the state holds, then, negated, whether that is wanted.

        Its last word says whether the condition is met, so that the verdict on a rule rests on words just written.
        """
        holds = self.true_of(value)
        step = f"{self.fact} {value}"
        if self.bad:
            step += f" {self.operator} {self.limit} {'yes' if holds else 'no'}"
        return f"{step}, not {self.bad or self.fact} {'no' if holds else 'yes'}" if self.negated else step


@dataclass(frozen=True, slots=True)
class Rule:
    """If every condition is as wanted, then the event."""

    conditions: tuple[Condition, ...]
    event: str

    @property
    def text(self) -> str:
        parts = [("not " if condition.negated else "") + condition.state for condition in self.conditions]
        return f"If {' and '.join(parts)}, then {self.event}"


@dataclass(frozen=True, slots=True)
class RiskCase:
    """A deal tested against a statement."""

    company: str
    sector: str
    rules: tuple[Rule, ...]
    facts: Facts
    """Name and value in the order shown; flags are `yes` or `no`."""
    layout: str
    inject_graph: bool

    def context(self) -> str:
        if not self.inject_graph:
            return ""
        lines = dict.fromkeys(
            f"{condition.state}{f' ({condition.formula})' if FORMULAS else ''}: {condition.operator} {condition.limit}"
            for rule in self.rules
            for condition in rule.conditions
            if condition.bad
        )
        return "\n".join(("Risk graph:", *lines))

    def question(self) -> str:
        rules = "\n".join(f"{number}. {rule.text}" for number, rule in enumerate(self.rules, start=1))
        return (
            f"{self.company}, {self.sector}. The first rule that applies counts.\n{rules}\n{self._shown_facts()}\n"
            'Which event follows? Answer as JSON with "event" and "rule" (else none, 0).'
        )

    def _shown_facts(self) -> str:
        if self.layout == "table":
            return "\n".join(f"{name} | {value}" for name, value in self.facts)
        if self.layout == "list":
            return "Facts: " + ", ".join(f"{name} {value}" for name, value in self.facts) + "."
        flags = {"yes": "It is {}.", "no": "It is not {}."}
        return " ".join(
            flags[value].format(name) if value in flags else f"{name[0].upper() + name[1:]} is {value}."
            for name, value in self.facts
        )

    def solve(self) -> tuple[str, str, int]:
        """Reasoning, event and the number of the rule that counts (0 for none).

        Rules are checked in order, and a rule's conditions until one fails.
        """
        values = dict(self.facts)
        lines = []
        for number, rule in enumerate(self.rules, start=1):
            checks = []
            for condition in rule.conditions:
                checks.append(condition.check(values[condition.fact]))
                if condition.true_of(values[condition.fact]) == condition.negated:
                    lines.append(f"{number}: {', '.join(checks)}: next.")
                    break
            else:
                lines.append(f"{number}: {', '.join(checks)}: {rule.event}.")
                return "\n".join(lines), rule.event, number
        return "\n".join((*lines, "none.")), "none", 0

    @classmethod
    def from_mapping(cls, value: Mapping[str, Any]) -> "RiskCase":
        """Back from `asdict`, also after a way through JSON."""
        rules = tuple(
            Rule(tuple(Condition(**condition) for condition in rule["conditions"]), rule["event"])
            for rule in value["rules"]
        )
        facts = tuple((name, fact) for name, fact in value["facts"])
        return cls(**{**value, "rules": rules, "facts": facts})


@dataclass(frozen=True, slots=True)
class CardLine:
    """How one attribute is scored: by value, or by whether a number is below a limit."""

    attribute: str
    values: tuple[tuple[str, int], ...]
    """Points by value; empty for a number."""
    below: int | None
    points: int
    """Points below the limit; unused for values."""
    otherwise: int

    @classmethod
    def from_mapping(cls, line: Mapping[str, Any]) -> "CardLine":
        """From a line of scorecards.json."""
        return cls(
            line["attribute"],
            tuple(line.get("values", {}).items()),
            line.get("below"),
            line.get("points", 0),
            line["else"],
        )

    @property
    def text(self) -> str:
        if self.below is None:
            scored = ", ".join(f"{value} {points}" for value, points in self.values)
        else:
            scored = f"< {self.below} gives {self.points}"
        return f"{self.attribute}: {scored}, else {self.otherwise}"

    def points_of(self, value: str) -> int:
        if self.below is None:
            return dict(self.values).get(value, self.otherwise)
        return self.points if int(value) < self.below else self.otherwise

    def step(self, value: str, total: int) -> str:
        """The reasoning step that ends in the new running sum."""
        test = "" if self.below is None else f" < {self.below} {'yes' if int(value) < self.below else 'no'}"
        points = self.points_of(value)
        return f"{self.attribute} {value}{test} +{points}={total + points}"


def points_of(line: Mapping[str, Any], value: str) -> int:
    """Points that a line of scorecards.json gives to a short value or number."""
    return CardLine.from_mapping(line).points_of(value)


def decision_of(points: int, approve: int, refer: int) -> str:
    """The decision for a sum of points."""
    return "approve" if points >= approve else "refer" if points >= refer else "decline"


@dataclass(frozen=True, slots=True)
class CardCase:
    """An applicant scored by a card."""

    lines: tuple[CardLine, ...]
    approve: int
    refer: int
    facts: Facts
    """Attribute and short value in the order shown."""

    def context(self) -> str:
        cut_offs = f"Approve from {self.approve}, refer from {self.refer}, else decline."
        return "\n".join(("Scorecard:", *(line.text for line in self.lines), cut_offs))

    def question(self) -> str:
        facts = ", ".join(f"{name} {value}" for name, value in self.facts)
        return f'Applicant: {facts}.\nScore and decide. Answer as JSON with "points" and "decision".'

    def solve(self) -> tuple[str, int, str]:
        """Reasoning with a running sum, points and decision."""
        values = dict(self.facts)
        total, steps = 0, []
        for line in self.lines:
            steps.append(line.step(values[line.attribute], total))
            total += line.points_of(values[line.attribute])
        decision = decision_of(total, self.approve, self.refer)
        tests = f"{total} >= {self.approve} {'yes' if decision == 'approve' else 'no'}"
        if decision != "approve":
            tests += f", {total} >= {self.refer} {'yes' if decision == 'refer' else 'no'}"
        return "\n".join((*steps, f"{tests}: {decision}.")), total, decision

    @classmethod
    def from_mapping(cls, value: Mapping[str, Any]) -> "CardCase":
        """Back from `asdict`, also after a way through JSON."""
        lines = tuple(
            CardLine(**{**line, "values": tuple((name, points) for name, points in line["values"])})
            for line in value["lines"]
        )
        facts = tuple((name, fact) for name, fact in value["facts"])
        return cls(**{**value, "lines": lines, "facts": facts})


def risk_example(case: RiskCase, source: str) -> Example:
    reasoning, event, number = case.solve()
    return Example(
        task=RISK_EVENT,
        label=event,
        source=source,
        group=f"company:{case.company}",
        language="en",
        context=case.context(),
        question=case.question(),
        reasoning=reasoning,
        answer=canonical_json({"event": event, "rule": number}),
        perturbation=asdict(case),
    )


def card_example(case: CardCase, source: str, group: str) -> Example:
    reasoning, points, decision = case.solve()
    return Example(
        task=SCORECARD,
        label=decision,
        source=source,
        group=group,
        language="en",
        context=case.context(),
        question=case.question(),
        reasoning=reasoning,
        answer=canonical_json({"points": points, "decision": decision}),
        perturbation=asdict(case),
    )


class Graph:
    """The risk graph as questions need it: conditions of triggers with a sector's limits."""

    def __init__(self, content: Mapping[str, Any]) -> None:
        self.sectors = frozenset(content["sectors"])
        self.nodes = {node["id"]: node for node in content["nodes"]}
        self.metrics = [node for node in content["nodes"] if node["kind"] == "metric"]
        self.flags = [node["id"] for node in content["nodes"] if node["kind"] == "flag"]
        self.triggers = {edge["id"]: edge for edge in content["edges"] if edge["kind"] == "triggers"}
        self.measured = {edge["to"]: edge for edge in content["edges"] if edge["kind"] == "measures"}

    @staticmethod
    def shown(metric: Mapping[str, Any], value: float) -> str:
        """A figure with the metric's number of decimals, or with its own where rounding would change it."""
        text = f"{value:.{metric['decimals']}f}"
        return text if float(text) == value else str(value)

    def rule(self, trigger: Mapping[str, Any], sector: str) -> Rule:
        conditions = []
        for part in trigger["if"]:
            if part["node"] in self.measured:
                metric = self.nodes[self.measured[part["node"]]["from"]]
                limit = self.shown(metric, metric["limits"][sector])
                conditions.append(Condition(metric["name"], part["negated"], metric["bad"], limit, metric["formula"]))
            else:
                conditions.append(Condition(part["node"], part["negated"]))
        return Rule(tuple(conditions), trigger["to"])

    def facts(self, statement: Mapping[str, str]) -> dict[str, str] | tuple[str, str]:
        """Every figure and flag of a statement by its shown name, or the rule that it breaks and where."""
        facts = {}
        for metric in self.metrics:
            text = statement.get(metric["id"])
            if not text:
                return "missing_figure", metric["id"]
            try:
                value = float(text)
            except ValueError:
                return "unreadable_figure", f"{metric['id']}={text}"
            low, high = metric["plausible"]
            if not low <= value <= high:
                return "impossible_figure", f"{metric['id']}={text}"
            facts[metric["name"]] = self.shown(metric, value)
        for flag in self.flags:
            if statement.get(flag) not in ("yes", "no"):
                return "unreadable_flag", f"{flag}={statement.get(flag)}"
            facts[flag] = statement[flag]
        return facts


def risk_cases(raw: RawData, inject_graph: bool) -> Iterator[Example | Rejected]:
    """One row per term sheet: its triggers as rules, its company's statement of the quarter as facts."""
    graph = Graph(json_document(raw.folder / "risk_graph.json"))
    statements: dict[tuple[str, str], list[Mapping[str, str]]] = defaultdict(list)
    for record in raw.lookup("statements"):
        statements[record.values["company"], record.values["quarter"]].append(record.values)
    for record in raw.records("term_sheets"):
        source, deal = record.source, record.values
        line = canonical_json(dict(deal))
        if missing := [name for name, kind in DEAL.items() if not isinstance(deal.get(name), kind)]:
            yield Rejected(source=source, rule="missing_field", text=f"{missing[0]} in {line}")
            continue
        found = statements.get((deal["company"], deal["quarter"]), [])
        triggers = [graph.triggers.get(str(rule)) for rule in deal["rules"]]
        faults = {
            "no_rules": not triggers,
            "unknown_trigger": None in triggers,
            "no_statement": not found,
            "contradictory_statement": any(row != found[0] for row in found),
            "unknown_sector": any(row["sector"] not in graph.sectors for row in found),
        }
        if broken := next((rule for rule, fault in faults.items() if fault), None):
            yield Rejected(source=source, rule=broken, text=line)
            continue
        facts = graph.facts(found[0])
        if isinstance(facts, tuple):
            yield Rejected(source=source, rule=facts[0], text=f"{deal['company']} {deal['quarter']}: {facts[1]}")
            continue
        sector = found[0]["sector"]
        rules = tuple(graph.rule(trigger, sector) for trigger in triggers if trigger)
        # Seeded by the deal itself: a new deal changes no old row.
        rng = random.Random(f"{deal['company']} {deal['quarter']} {deal['rules']}")
        shown = list(dict.fromkeys(condition.fact for rule in rules for condition in rule.conditions))
        shown += rng.sample([name for name in facts if name not in shown], RISK_DISTRACTORS)
        rng.shuffle(shown)
        case = RiskCase(
            company=deal["company"],
            sector=sector,
            rules=rules,
            facts=tuple((name, facts[name]) for name in shown),
            layout=rng.choice(LAYOUTS),
            inject_graph=inject_graph,
        )
        yield risk_example(case, source)


def applicant_facts(row: Mapping[str, str]) -> dict[str, str] | tuple[str, str]:
    """An applicant's particulars in short words, or the rule that the row breaks and where."""
    facts = {}
    for attribute in (*SHORT_VALUES, *NUMBER_RANGES):
        value = row[attribute.replace(" ", "_")]
        if not value:
            return "missing_value", attribute
        if attribute in SHORT_VALUES:
            if value not in SHORT_VALUES[attribute]:
                return "unknown_category", f"{attribute}={value}"
            facts[attribute] = SHORT_VALUES[attribute][value]
        else:
            low, high = NUMBER_RANGES[attribute]
            if not value.lstrip("-").isdecimal() or not low <= int(value) <= high:
                return "impossible_value", f"{attribute}={value}"
            facts[attribute] = value
    return facts


def card_cases(raw: RawData) -> Iterator[Example | Rejected]:
    """One row per application, scored by the card that its row names."""
    content = json_document(raw.folder / "scorecards.json")
    cards = {card["card"]: card for card in content["cards"]}
    records = list(raw.records("applications"))
    versions: dict[str, list[Mapping[str, str]]] = defaultdict(list)
    for record in records:
        versions[record.values["applicant"]].append(record.values)
    for record in records:
        source, row = record.source, record.values
        facts = applicant_facts(row)
        if any(other != row for other in versions[row["applicant"]]):
            facts = "contradictory_rows", "two different rows of one applicant"
        elif row["scorecard"] not in cards:
            facts = "unknown_scorecard", row["scorecard"]
        if isinstance(facts, tuple):
            yield Rejected(source=source, rule=facts[0], text=f"applicant {row['applicant']}: {facts[1]}")
            continue
        card = cards[row["scorecard"]]
        lines = tuple(CardLine.from_mapping(line) for line in card["lines"])
        rng = random.Random(f"{row['applicant']} {row['scorecard']}")
        shown = [line.attribute for line in lines]
        shown += rng.sample([name for name in facts if name not in shown], CARD_DISTRACTORS)
        rng.shuffle(shown)
        case = CardCase(lines, card["approve"], card["refer"], tuple((name, facts[name]) for name in shown))
        yield card_example(case, source, f"applicant:{row['applicant']}")


class Finance(Domain):
    """Risk events and scorecards."""

    settings = FinanceSettings

    @property
    def tasks(self) -> tuple[str, ...]:
        return RISK_EVENT, SCORECARD

    def examples(self, raw: RawData, settings: DomainSettings) -> Iterator[Example | Rejected]:
        """From the sources `term_sheets`, `statements` (looked up by company and quarter) and `applications`."""
        chosen = FinanceSettings.model_validate(settings.model_dump())
        yield from risk_cases(raw, chosen.inject_graph)
        yield from card_cases(raw)

    def score(self, task: str, reference: Mapping[str, Any], answer: Mapping[str, Any] | None) -> dict[str, float]:
        """Each field of the answer by itself; risk_event_accuracy is the domain's headline."""
        answer = answer or {}
        if task == RISK_EVENT:
            return {
                "risk_event_accuracy": float(answer.get("event") == reference["event"]),
                "rule_accuracy": float(answer.get("rule") == reference["rule"]),
            }
        return {
            "points_accuracy": float(answer.get("points") == reference["points"]),
            "decision_accuracy": float(answer.get("decision") == reference["decision"]),
        }

    def perturb(self, example: Example, rng: random.Random) -> Example | None:
        """A figure moved to the other side of its limit (risk_event), or a line's points changed (scorecard)."""
        if example.task == RISK_EVENT:
            changed = moved_figure(RiskCase.from_mapping(example.perturbation), rng)
            return None if changed is None else risk_example(changed, example.source)
        return card_example(
            changed_points(CardCase.from_mapping(example.perturbation), rng), example.source, example.group
        )

    def reorder(self, example: Example, rng: random.Random) -> Example | None:
        """Figures or particulars in another order; the steps follow rules and card, so only the question changes."""
        if example.task == RISK_EVENT:
            deal = RiskCase.from_mapping(example.perturbation)
            shown = other_order(deal.facts, rng)
            return None if shown is None else risk_example(replace(deal, facts=shown), example.source)
        card = CardCase.from_mapping(example.perturbation)
        shown = other_order(card.facts, rng)
        return None if shown is None else card_example(replace(card, facts=shown), example.source, example.group)

    def references(self, data: Path, settings: DomainSettings) -> Iterator[Reference]:
        """The definitions of the risk graph."""
        graph = json_document(data / "risk_graph.json")
        for node in graph["nodes"]:
            if "definition" in node:
                formula = f" Formula: {node['formula']}." if "formula" in node else ""
                yield Reference(id=node["id"], title=node["name"], text=node["definition"] + formula)


def other_order(facts: Facts, rng: random.Random) -> Facts | None:
    """The facts in another order; None where there is only one."""
    if len(facts) < 2:
        return None
    shuffled = list(facts)
    while tuple(shuffled) == facts:
        rng.shuffle(shuffled)
    return tuple(shuffled)


def moved_figure(case: RiskCase, rng: random.Random) -> RiskCase | None:
    """The case with one figure that a rule tests mirrored at its limit; None without such a figure."""
    tested = {c.fact: c for rule in case.rules for c in rule.conditions if c.bad}
    values = dict(case.facts)
    movable = {}
    for name, condition in tested.items():
        decimals = len(condition.limit.partition(".")[2])
        mirrored = 2 * float(condition.limit) - float(values[name])
        # Two digits stay two digits: only the comparison changes, not the kind of number.
        if (0 < mirrored < 10) if decimals else (10 <= mirrored <= 99):
            movable[name] = f"{mirrored:.{decimals}f}"
    if not movable:
        return None
    name = rng.choice(sorted(movable))
    return replace(case, facts=tuple((n, movable[n] if n == name else value) for n, value in case.facts))


def changed_points(case: CardCase, rng: random.Random) -> CardCase:
    """The case with the points that one line gives to this applicant one or two higher or lower."""
    values = dict(case.facts)
    index = rng.randrange(len(case.lines))
    line = case.lines[index]
    value = values[line.attribute]
    old = line.points_of(value)
    new = rng.choice([points for points in (old - 2, old - 1, old + 1, old + 2) if 0 <= points <= 6])
    if line.below is None and value in dict(line.values):
        line = replace(line, values=tuple((v, new if v == value else p) for v, p in line.values))
    elif line.below is not None and int(value) < line.below:
        line = replace(line, points=new)
    else:
        line = replace(line, otherwise=new)
    return replace(case, lines=(*case.lines[:index], line, *case.lines[index + 1 :]))


domain = Finance()
