"""Nothing in the form tells whose completion stands where, and nothing in a completion acts."""

import base64
import hashlib
import re
from html.parser import HTMLParser

import pytest

from practicum.evaluation.human_ratings import completions_id
from practicum.reporting.human_review.form import Key, form, tuned_is_left
from tests.practicum.reporting.human_review.cases import HOSTILE, case, prediction


class Page(HTMLParser):
    """Tags, attributes, and each element's text."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[tuple[str, str]] = []
        self.inside = ""
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.inside = tag

    def handle_data(self, data: str) -> None:
        self.texts.append((self.inside, data))

    def of(self, tag: str) -> list[str]:
        return [text for inside, text in self.texts if inside == tag and text.strip()]


def made(n: int, seed: str, *, items: int = 99) -> tuple[str, Key]:
    examples, base, tuned = case(n)
    return form("sums", "Sums", examples, base, tuned, items=items, seed=seed)


def test_exchanging_models_and_sides_gives_the_same_page_to_the_byte() -> None:
    """So the page holds nothing of a completion's origin: neither in names, ids or order, nor in any hash."""
    examples, base, tuned = case(2)
    by_sides: dict[tuple[bool, ...], str] = {}
    for number in range(200):
        seed = str(number)
        _, key = form("sums", "Sums", examples, base, tuned, items=2, seed=seed)
        if [item.id for item in key.items] == [example.id for example in examples]:
            by_sides.setdefault(tuple(tuned_is_left(seed, item.id) for item in key.items), seed)
        if len(by_sides) == 4:
            break
    assert len(by_sides) == 4
    for sides, seed in by_sides.items():
        exchanged = by_sides[tuple(not side for side in sides)]
        straight, _ = form("sums", "Sums", examples, base, tuned, items=2, seed=seed)
        other, _ = form("sums", "Sums", examples, tuned, base, items=2, seed=exchanged)
        assert straight == other


def test_page_names_neither_items_nor_seed_nor_models() -> None:
    page, key = made(12, "a-secret-seed")
    examples, _, _ = case(12)
    words = {key.seed, "Hidden working"}
    for example, item in zip(examples, key.items, strict=True):
        words |= {example.id, example.group, example.source, item.completions}
    assert not [word for word in words if word in page]
    # What is left when the script and the style are gone speaks of no model.
    body = re.sub(r"<(script|style)>.*?</\1>|base-uri", "", page, flags=re.DOTALL)
    assert not re.search(r"\b(base|tuned|model|adapter|fine-?tun\w*)\b", body, re.IGNORECASE)
    assert not re.search(r"\b(base|tuned|seed)\b", page.replace("base-uri", ""), re.IGNORECASE)


def test_sides_are_drawn_anew_for_every_item_and_seed_and_evenly() -> None:
    drawn = [tuned_is_left(f"seed {seed}", f"item {item}") for seed in range(50) for item in range(40)]
    assert 900 < sum(drawn) < 1100
    rows = [tuple(drawn[40 * at : 40 * at + 40]) for at in range(50)]
    assert len(set(rows)) == 50
    page, key = made(20, "s")
    examples, _, _ = case(20)
    questions = {example.id: example.question for example in examples}
    lefts = [text.strip() for text in Page(page).of("pre")][::2]
    for text, item in zip(lefts, key.items, strict=True):
        side = "New" if tuned_is_left("s", item.id) else "Old"
        assert text == f"{side} words on {questions[item.id]}"


def test_items_are_drawn_over_all_tasks_in_an_order_of_the_seed() -> None:
    examples, _, _ = case(30)
    tasks = {example.id: example.task for example in examples}
    _, key = made(30, "s", items=8)
    chosen = [item.id for item in key.items]
    assert sorted(tasks[item] for item in chosen) == ["product"] * 4 + ["sum"] * 4
    assert chosen != [example.id for example in examples if example.id in chosen]
    assert {item.id for item in made(30, "t", items=8)[1].items} != set(chosen)


def test_the_same_seed_gives_the_same_bytes_and_another_seed_another_form() -> None:
    assert made(6, "s") == made(6, "s")
    assert made(6, "s")[1].form != made(6, "t")[1].form


def test_key_names_what_was_shown_in_its_order() -> None:
    examples, base, tuned = case(5)
    _, key = form("sums", "Sums", examples, base, tuned, items=5, seed="s")
    texts = {one.id: completions_id(one.text, other.text) for one, other in zip(base, tuned, strict=True)}
    assert {item.id: item.completions for item in key.items} == texts
    assert Key.model_validate_json(key.model_dump_json()) == key


def test_what_models_write_cannot_become_markup() -> None:
    examples, base, tuned = case(3)
    plain, _ = form("sums", "Sums", examples, base, tuned, items=3, seed="s")
    hostile = [prediction(item, HOSTILE) for item in examples]
    page, _ = form("sums", "Sums", examples, base, hostile, items=3, seed="s")
    assert [tag for tag, _ in Page(page).tags] == [tag for tag, _ in Page(plain).tags]
    assert "".join(Page(page).of("pre")).count(HOSTILE) == 3


def test_page_asks_nothing_of_the_network_and_runs_its_own_script_only() -> None:
    page, _ = made(2, "s")
    read = Page(page)
    addresses = [
        value
        for _, attributes in read.tags
        for name, value in attributes.items()
        if name in {"src", "href", "srcset", "action", "data", "poster"}
    ]
    assert addresses == ["data:,"]
    assert not re.search(r"https?://|@import|url\(", page)
    policy = next(str(a["content"]) for _, a in read.tags if a.get("http-equiv") == "Content-Security-Policy")
    for name, tag in (("script-src", "script"), ("style-src", "style")):
        source = re.search(rf"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
        assert source is not None
        digest = base64.b64encode(hashlib.sha256(source[1].encode()).digest()).decode()
        assert f"{name} 'sha256-{digest}'" in policy
    assert "default-src 'none'" in policy
    assert not [name for _, attributes in read.tags for name in attributes if name.startswith("on") or name == "style"]


def test_every_control_has_a_label_and_every_reference_its_target() -> None:
    page = Page(made(3, "s")[0])
    ids = [str(attributes["id"]) for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    for _, attributes in page.tags:
        for name in ("for", "aria-labelledby", "aria-describedby"):
            assert set(str(attributes.get(name) or ids[0]).split()) <= set(ids)
    labelled = {attributes["for"] for tag, attributes in page.tags if tag == "label" and "for" in attributes}
    controls = [a for tag, a in page.tags if tag in {"input", "textarea", "progress"} and a.get("type") != "radio"]
    assert {control["id"] for control in controls} == labelled


def test_a_completion_that_is_empty_or_cut_is_said_to_be_so() -> None:
    examples, base, _ = case(1)
    page, _ = form("sums", "Sums", examples, base, [prediction(examples[0], "")], items=1, seed="s")
    assert page.count("Nothing was written.") == 1
    assert page.count("Cut here") == 1


def test_models_of_different_items_and_an_empty_choice_are_refused() -> None:
    examples, base, tuned = case(4)
    with pytest.raises(ValueError, match=r"found 1 items that only one of the two models has answered"):
        form("sums", "Sums", examples, base, tuned[:3], items=4, seed="s")
    with pytest.raises(ValueError, match=r"found no test item with predictions to show.*--items"):
        form("sums", "Sums", examples, base, tuned, items=0, seed="s")
