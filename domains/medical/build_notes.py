"""Build the annotated notes on which de-identification is measured.

    python -m domains.medical.build_notes [--out FILE]

Needs Faker 40.54.0 (requirements-data.lock); the same version gives the same bytes. Nobody in the notes exists.
The two parts share neither templates nor name sources: recognizers are tuned on `development`, and what they find in
`held_out` is reported. Templates and lists are in note_templates/, one file per batch and language; their syntax is
`Templates`. Fourteen batches of `development` (those in `SEEDS`) were the held-out part until their figures had been
looked at; each time others took their place, now `held_out_15` and `held_out_16`. The fifteenth holds sums, doses and
scores with hardly an identifier.

Identifiers are invented so that they can't be anyone's:

- telephone numbers are in ranges kept for fiction: 555-01xx (North America), 01632 960xxx, 020 7946 0xxx,
  0113/0121/0161 496 0xxx and 07700 900xxx (United Kingdom), 02 5550 xxxx, 02 and 03 7010 xxxx and 0491 570 156
  (Australia), 01 99 00 xx xx and 06 39 98 xx xx (France), 08-465 004 xx and 070-174 06 xx (Sweden), and
  030 23125 xxx (Germany). China keeps none: mobile numbers begin with the unallocated 154 and 140 to 144, landlines
  have an area code and a local number that begins with 1, as none does, nor in
  Hong Kong (where they are kept for operators' services), Macau and Taiwan;
- social security numbers have an area of 900 to 999, which is never issued, and a group of 01 to 49, which the
  taxpayer numbers of that area don't use;
- e-mail and web addresses are at example.com, .net or .org (RFC 2606), IP addresses in RFC 5737 and RFC 3849;
- Chinese identity numbers and credit codes have valid check characters and divisions that don't exist (a
  prefecture of 95 to 99 under a true province); bank cards satisfy Luhn under 629, which UnionPay doesn't issue;
- vehicle identification numbers have a valid check digit and a maker code nobody holds;
- towns and hospitals are made up or common names; other numbers are random.

A name without its title, a whole date, a street with its number, a town and a hospital with its town are one
identifier each. Years alone, weekdays, states, provinces, countries and ages below 90 are none (45 CFR 164.514(b)(2)).
"""

import argparse
import json
import random
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import get_args

from faker import Faker

from practicum.config import IdentifierKind

TEMPLATES = Path(__file__).parent / "note_templates"
OUT = Path(__file__).parent / "data" / "deidentification" / "notes.jsonl"
COUNTS = {
    ("development", "en"): 200,
    ("development", "zh"): 110,
    ("development_2", "en"): 312,
    ("development_2", "zh"): 292,
    ("development_3", "en"): 210,
    ("development_3", "zh"): 175,
    ("development_4", "en"): 144,
    ("development_4", "zh"): 136,
    ("development_5", "en"): 180,
    ("development_5", "zh"): 184,
    ("development_6", "en"): 152,
    ("development_6", "zh"): 152,
    ("development_7", "en"): 152,
    ("development_7", "zh"): 152,
    ("development_8", "en"): 152,
    ("development_8", "zh"): 152,
    ("development_9", "en"): 152,
    ("development_9", "zh"): 152,
    ("development_10", "en"): 152,
    ("development_10", "zh"): 152,
    ("development_11", "en"): 190,
    ("development_11", "zh"): 190,
    ("development_12", "en"): 190,
    ("development_12", "zh"): 190,
    ("development_13", "en"): 142,
    ("development_13", "zh"): 132,
    ("development_14", "en"): 112,
    ("development_14", "zh"): 124,
    ("development_15", "en"): 126,
    ("development_15", "zh"): 128,
    ("development_16", "en"): 120,
    ("development_16", "zh"): 158,
    ("development_17", "en"): 120,
    ("development_17", "zh"): 150,
    ("development_18", "en"): 130,
    ("development_18", "zh"): 132,
    ("development_19", "en"): 120,
    ("development_19", "zh"): 128,
    ("development_20", "en"): 122,
    ("development_20", "zh"): 132,
    ("development_21", "en"): 130,
    ("development_21", "zh"): 128,
    ("development_22", "en"): 108,
    ("development_22", "zh"): 90,
    ("development_23", "en"): 87,
    ("development_23", "zh"): 120,
    ("development_24", "en"): 124,
    ("development_24", "zh"): 139,
    ("development_25", "en"): 112,
    ("development_25", "zh"): 102,
    ("development_26", "en"): 84,
    ("development_26", "zh"): 78,
    ("development_27", "en"): 172,
    ("development_27", "zh"): 158,
    ("development_28", "en"): 158,
    ("development_28", "zh"): 178,
    ("development_29", "en"): 234,
    ("development_29", "zh"): 236,
    ("held_out_15", "en"): 264,
    ("held_out_15", "zh"): 270,
    ("held_out_16", "en"): 258,
    ("held_out_16", "zh"): 258,
}
# Where it isn't the batch: a batch that changed its name keeps its notes.
SEEDS = {
    "development_3": "held_out",
    "development_4": "held_out_2",
    "development_6": "held_out_3",
    "development_8": "held_out_4",
    "development_11": "held_out_5",
    "development_12": "held_out_6",
    "development_16": "held_out_7",
    "development_17": "held_out_8",
    "development_20": "held_out_9",
    "development_21": "held_out_10",
    "development_25": "held_out_11",
    "development_26": "held_out_12",
    "development_27": "held_out_13",
    "development_28": "held_out_14",
}
KINDS = frozenset(get_args(IdentifierKind))

# Lists whose items are identifiers of a kind that has another name.
KIND_OF_LIST = {
    "street": "location",
    "city": "location",
    "county": "location",
    "hospital": "location",
    "village": "location",
    "home": "location",
    "email_own": "email",
    "oldage": "age",
    "oldage_words": "age",
    "plate": "vehicle",
    "accession": "id_number",
    "npi": "licence",
    "dea": "licence",
}
ROLES = ("patient", "doctor", "doctor2", "nurse", "relative", "relative2", "friend")
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip

_ARTICLE = re.compile(r"the ", re.IGNORECASE)

Piece = tuple[str, str | None]
"""Text, and the kind of identifier that it is, or None."""


@dataclass(frozen=True)
class Templates:
    """A file of templates and of lists that they draw from.

    `@ name: a; b; c`, or `@ name` and one item per line up to an empty line, is a list; `= title` begins a template
    that ends at the next. In both, `{slot}` is a drawn item or a made value, `{slot.form}` the same in a certain
    form, `{#1-9}` a number within bounds, written with as many decimals as the bounds, and `[[a/b]]` one of
    several wordings. `{kind:list}` is an item of any list as an identifier of that kind, and `{=kind text}` the
    text itself. An item of a list that is named after a kind of identifier is a pattern: `#` is a digit, `%` a
    digit above 0, `^` a capital letter, `~` a hexadecimal digit.
    """

    lists: Mapping[str, list[str]]
    notes: list[str]


@dataclass(frozen=True)
class Person:
    given: str
    surname: str


def read_templates(path: Path) -> Templates:
    lists: dict[str, list[str]] = {}
    notes: list[str] = []
    block: list[str] | None = None
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("= "):
            block = None
            notes.append("")
        elif notes:
            notes[-1] += line + "\n"
        elif line.startswith("@ "):
            name, _, items = line[2:].partition(":")
            block = lists[name] = [item.strip() for item in items.split(";") if item.strip()]
        elif line and block is not None:
            block.append(line)
    return Templates(lists, [note.strip() for note in notes])


def luhn(digits: str) -> str:
    """The check digit to append (ISO/IEC 7812-1)."""
    doubled = [int(digit) * (2 - place % 2) for place, digit in enumerate(reversed(digits))]
    return str(-sum(value // 10 + value % 10 for value in doubled) % 10)


def resident_id(region: str, born: date, order: str) -> str:
    """With the check character of GB 11643-1999."""
    body = f"{region}{born:%Y%m%d}{order}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return body + "10X98765432"[sum(w * int(d) for w, d in zip(weights, body, strict=True)) % 11]


def credit_code(department: str, region: str, organization: str) -> str:
    """With the check characters of GB 11714-1997 (inner, after 8 characters) and GB 32100-2015 (last)."""
    values = {sign: place for place, sign in enumerate("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")}
    weights = (3, 7, 9, 10, 5, 8, 4, 2)
    inner = 11 - sum(w * values[c] for w, c in zip(weights, organization, strict=True)) % 11
    body = department + region + organization + {10: "X", 11: "0"}.get(inner, str(inner))
    alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    return body + alphabet[-sum(alphabet.index(sign) * pow(3, place, 31) for place, sign in enumerate(body)) % 31]


def vin(descriptor: str, serial: str) -> str:
    """With the check digit of 49 CFR 565.15: eight characters, check digit, eight characters."""
    worth = dict(zip("ABCDEFGHJKLMNPRSTUVWXYZ", map(int, "12345678123457923456789"), strict=True))
    weights = (8, 7, 6, 5, 4, 3, 2, 10, 9, 8, 7, 6, 5, 4, 3, 2)
    signs = descriptor + serial
    rest = sum(w * worth.get(c, int(c) if c.isdigit() else 0) for w, c in zip(weights, signs, strict=True)) % 11
    return descriptor + ("X" if rest == 10 else str(rest)) + serial


@cache
def faker(locale: str) -> Faker:
    return Faker(locale)


class Writer:
    """Writes one note; people and the like stay the same within it."""

    def __init__(self, batch: str, language: str, index: int, templates: Templates) -> None:
        self.random = random.Random(f"{SEEDS.get(batch, batch)} {language} {index}")
        self.language = language
        self.lists = templates.lists
        self.people: dict[str, Person] = {}
        self.styles = self.random.sample(self.lists["date_style"], 2)
        self.source = self.random.choice(self.lists["name_source"])

    def write(self, template: str) -> tuple[str, list[dict[str, object]]]:
        text = ""
        identifiers: list[dict[str, object]] = []
        for piece, kind in self.pieces(template):
            if kind == "location" and (article := _ARTICLE.match(piece)):
                text, piece = text + article[0], piece[article.end() :]  # noqa: PLW2901 -- an article tells nothing
            if kind is not None:
                identifiers.append({"start": len(text), "end": len(text) + len(piece), "kind": kind, "text": piece})
            text += piece
        return text, identifiers

    def pieces(self, template: str) -> Iterator[Piece]:
        while match := re.search(r"\[\[([^\[\]]*)\]\]", template):
            template = template[: match.start()] + self.random.choice(match[1].split("/")) + template[match.end() :]
        end = 0
        for match in re.finditer(r"\{([^{}]+)\}", template):
            yield template[end : match.start()], None
            yield from self.slot(match[1])
            end = match.end()
        yield template[end:], None

    def slot(self, slot: str) -> Iterator[Piece]:
        if slot.startswith("="):
            kind, _, text = slot[1:].partition(" ")
            yield self.filled(text), kind
            return
        name, _, form = slot.partition(".") if not slot.startswith("#") else (slot, "", "")
        if ":" in name:
            kind, _, name = name.partition(":")
            text = "".join(piece for piece, _ in self.pieces(self.random.choice(self.lists[name])))
            yield self.formed(self.filled(text), form), kind
        elif name.startswith("#"):
            low, high = name[1:].split("-")
            decimals = len(low.partition(".")[2])
            unit = 10**decimals
            number = self.random.randint(round(float(low) * unit), round(float(high) * unit)) / unit
            yield f"{number:.{decimals}f}", None
        elif name in ROLES:
            yield self.name(name, form), "name"
        elif name in ("date", "dob"):
            yield self.date(name, form), "date"
        elif made := self.made(name):
            yield self.formed(made, form), KIND_OF_LIST.get(name, {"vin": "vehicle"}.get(name, name))
        elif (kind := KIND_OF_LIST.get(name, name)) in KINDS:
            pattern = "".join(piece for piece, _ in self.pieces(self.random.choice(self.lists[name])))
            yield self.formed(self.filled(pattern), form), kind
        else:
            yield from self.pieces(self.random.choice(self.lists[name]))

    def filled(self, pattern: str) -> str:
        signs = {"#": "0123456789", "%": "123456789", "^": "ABCDEFGHJKLMNPRSTUVWXYZ", "~": "0123456789abcdef"}
        return "".join(self.random.choice(signs[sign]) if sign in signs else sign for sign in pattern)

    def formed(self, text: str, form: str) -> str:
        if form == "broken":
            space = text.find(" ", 1)
            if space > 0:
                return text[:space] + "\n" + text[space + 1 :]
            cut = text.find("-") + 1 or len(text) // 2
            return text[:cut] + "\n" + text[cut:]
        if form == "spaced":
            return " ".join(text[place : place + 4] for place in range(0, len(text), 4))
        return {"upper": text.upper(), "lower": text.lower(), "last4": text[-4:]}.get(form, text)

    def made(self, name: str) -> str:
        draw = self.random
        if name == "ssn":
            separator = draw.choice(self.lists["ssn_separator"]).strip("'")
            return separator.join(
                [f"9{draw.randrange(100):02}", f"{draw.randint(1, 49):02}", f"{draw.randint(1, 9999):04}"]
            )
        if name == "vin":
            serial = self.filled(draw.choice("JKLMNPR") + "^######")
            return vin("1Z" + self.filled("^^%#^#"), serial)
        if name == "email":
            person = self.people.get("patient") or self.person("friend")
            given, surname = (latin(person.given), latin(person.surname)) if self.language == "en" else ("", "")
            pattern = draw.choice(self.lists["email_pattern"])
            return self.filled(
                pattern.replace("GIVEN", given).replace("SURNAME", surname).replace("INITIAL", given[:1])
            )
        if name == "resident_id":
            born = date(1932, 1, 1) + timedelta(days=draw.randrange(30_000))
            return resident_id(self.region(), born, f"{draw.randint(1, 999):03}")
        if name == "credit_code":
            return credit_code(draw.choice(["12", "91", "52"]), self.region(), self.filled("########"))
        if name == "bank_card":
            body = "629" + self.filled("#" * draw.choice([12, 12, 15]))
            return body + luhn(body)
        return ""

    def region(self) -> str:
        province = self.random.choice(["11", "13", "21", "31", "32", "33", "37", "41", "42", "44", "50", "51", "61"])
        return f"{province}{self.random.randint(95, 99)}{self.random.randint(91, 99)}"

    def person(self, role: str) -> Person:
        if role not in self.people:
            source = self.source if self.random.random() < 0.6 else self.random.choice(self.lists["name_source"])
            if source == "own":
                given, _, surname = self.random.choice(self.lists["own_name"]).partition("|")
            elif source == "lists":
                given = self.random.choice(self.lists["given"])
                surname = self.random.choice(self.lists["surname"])
            else:
                fake = faker(source)
                fake.seed_instance(self.random.randrange(2**32))
                given, surname = fake.first_name(), fake.last_name()
            if role.startswith("relative") and self.random.random() < 0.7:
                patient = self.person("patient")
                # Uyghur and Mongolian names in Chinese letters don't pass a surname on.
                if self.language == "en" or max(map(len, (given, patient.given, patient.surname))) < 3:
                    surname = patient.surname
            self.people[role] = Person(given, surname)
        return self.people[role]

    def name(self, role: str, form: str) -> str:
        person = self.person(role)
        given, surname = person.given, person.surname
        if self.language == "zh":
            whole = f"{given}·{surname}" if len(given) > 2 and len(surname) > 1 else surname + given
            forms = {"last": surname, "first": given, "broken": whole[:1] + "\n" + whole[1:], "some": surname + "某"}
            forms["spaced"] = " ".join(whole) if len(whole) < 4 else whole
            return forms.get(form, whole)
        whole = f"{given} {surname}"
        if form == "" and self.random.random() < 0.15:
            whole = f"{given} {self.random.choice('ABCDEFGHJKLMNRST')}. {surname}"
        if form in ("comma_middle", "signature"):
            middle = self.random.choice("ABCDEFGHJKLMNRST")
            return f"{surname}, {given} {middle}." if form == "comma_middle" else f"{given[0]}. {middle}. {surname}"
        return {
            "first": given,
            "last": surname,
            "firstupper": given.upper(),
            "lastupper": surname.upper(),
            "lastlower": surname.lower(),
            "commalower": f"{surname}, {given}".lower(),
            "comma": f"{surname}, {given}",
            "reversed": f"{surname} {given}",
            "reversedupper": f"{surname} {given}".upper(),
            "commaupper": f"{surname}, {given}".upper(),
            "upper": whole.upper(),
            "lower": whole.lower(),
            "firstlower": given.lower(),
            "initial": f"{given[0]}. {surname}",
            "lastinitial": f"{given} {surname[0]}.",
            "initials": f"{given[0]}.{surname[0]}.",
            "broken": f"{given}\n{surname}",
        }.get(form, whole)

    def date(self, name: str, form: str) -> str:
        first, days = (date(1938, 1, 1), 25_000) if name == "dob" else (date(2014, 1, 1), 4_300)
        day = first + timedelta(days=self.random.randrange(days))
        style = self.random.choice(self.lists.get(f"date_{form}", self.styles))
        suffix = "th" if 10 < day.day < 14 else {1: "st", 2: "nd", 3: "rd"}.get(day.day % 10, "th")
        words = {
            "YYYY": f"{day.year}", "YY": f"{day.year % 100:02}", "MM": f"{day.month:02}", "DD": f"{day.day:02}",
            "M": str(day.month), "D": str(day.day), "Month": MONTHS[day.month - 1], "Mon": MONTHS[day.month - 1][:3],
            "MON": MONTHS[day.month - 1][:3].upper(), "Dth": f"{day.day}{suffix}",
        }  # fmt: skip
        if style == "CN":
            return chinese_date(day)
        text = re.sub("YYYY|YY|MM|DD|Month|Mon|MON|Dth|M|D", lambda match: words[match[0]], style)
        return self.formed(text, form)


def chinese_date(day: date) -> str:
    """In Chinese numerals, such as 二〇二一年十一月五日."""
    digits = "〇一二三四五六七八九"

    def numeral(number: int) -> str:
        tens, ones = divmod(number, 10)
        return (digits[tens] if tens > 1 else "") + ("十" if tens else "") + (digits[ones] if ones else "")

    year = "".join(digits[int(digit)] for digit in str(day.year))
    return f"{year}年{numeral(day.month)}月{numeral(day.day)}日"


def latin(name: str) -> str:
    """Lower-case letters of the Latin alphabet only, as in an e-mail address."""
    plain = unicodedata.normalize("NFKD", name.lower().replace("ł", "l").replace("đ", "d"))
    return "".join(sign for sign in plain if "a" <= sign <= "z")


def build() -> Iterator[dict[str, object]]:
    """Notes of each batch and language, as many as `COUNTS` says."""
    for (batch, language), count in COUNTS.items():
        templates = read_templates(TEMPLATES / f"{batch}.{language}.txt")
        part = batch.rstrip("_0123456789")
        for index in range(count):
            writer = Writer(batch, language, index, templates)
            text, identifiers = writer.write(templates.notes[index % len(templates.notes)])
            name = f"{batch.replace('_', '-')}-{language}-{index + 1:03}"
            yield {"id": name, "language": language, "part": part, "text": text, "identifiers": identifiers}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=OUT)
    out: Path = parser.parse_args().out
    out.parent.mkdir(parents=True, exist_ok=True)
    lines = [json.dumps(note, ensure_ascii=False, separators=(",", ":")) + "\n" for note in build()]
    out.write_text("".join(lines), encoding="utf-8", newline="\n")
    print(f"{len(lines)} notes in {out}")


if __name__ == "__main__":
    main()
