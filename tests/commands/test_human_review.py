"""From the form to the ratings: two people in a real browser, and what they saved brought back."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Download, Page, expect, sync_playwright

from commands.human_review import export, main
from practicum.evaluation.human_ratings import CRITERIA, PREFERENCES, Rating, ratings_from_lines
from practicum.evaluation.scoring import predictions_from_lines
from practicum.reporting.human_review.form import Key
from tests.practicum.reporting.human_review.cases import HOSTILE

FIXTURE = Path(__file__).resolve().parents[1] / "fixtures" / "report"
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
needs_browser = pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine")
ITEMS = 4


def workplace(root: Path) -> Path:
    """A repository with one domain whose two models have answered."""
    folder = root / "domains" / "loans"
    for name in ("base", "tuned", "prepared"):
        shutil.copytree(FIXTURE / name, folder / "build" / name)
    shutil.copy(FIXTURE / "config.json", folder)
    (folder / "domain.py").touch()
    (folder / "ratings.jsonl").touch()
    return folder


def exported(root: Path, *, seed: str = "s") -> tuple[Path, Key]:
    return export("loans", items=ITEMS, seed=seed, out=root / "form.html", root=root)


def ratings(folder: Path) -> tuple[Rating, ...]:
    return ratings_from_lines((folder / "ratings.jsonl").read_text(encoding="utf-8").splitlines(), "ratings.jsonl")


def saved(root: Path, key: Key, rater: str, left: int = 4, right: int = 2, better: str = "left") -> Path:
    """A file as the form saves it, every item rated alike."""
    names = [criterion.name for criterion in CRITERIA]
    rows = [
        {
            "item": number,
            "left": dict.fromkeys(names, left),
            "right": dict.fromkeys(names, right),
            "better": better,
            "comment": "",
        }
        for number in range(1, len(key.items) + 1)
    ]
    value = {"kind": "practicum human review", "version": 1, "form": key.form, "domain": "loans", "rater": rater}
    path = root / f"{rater}.json"
    path.write_text(json.dumps(value | {"ratings": rows}), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A browser profile without a network, in which any error of a page fails the test."""
    context = browser.new_context(offline=True, viewport={"width": 1200, "height": 900})
    context.set_default_timeout(30_000)
    errors: list[str] = []
    requests: list[str] = []
    context.on("weberror", lambda error: errors.append(str(error.error)))
    context.on("request", lambda request: requests.append(request.url))
    yield context
    context.close()
    assert errors == []
    assert [url for url in requests if not url.startswith(("file:", "data:", "blob:"))] == []


def opened(context: BrowserContext, form: Path, rater: str) -> Page:
    """The form with a rater's name given by the keyboard."""
    page = context.new_page()
    page.goto(form.as_uri())
    page.get_by_label("Your initials, or a pseudonym").fill(rater)
    page.keyboard.press("Enter")
    return page


def rate_by_keys(page: Page, item: int, digits: str, better: str) -> None:
    """Rate one item from the first scale on by the keyboard alone; `digits` has one for each scale."""
    page.get_by_role("group", name=f"Item {item}, left: Reasoning").get_by_label("1", exact=True).focus()
    for digit in digits:
        page.keyboard.press(digit)
        page.keyboard.press("Tab")
    # Of a group in which nothing is chosen, Tab reaches the first.
    page.keyboard.press("Space")
    for _ in range(("Left", "Neither", "Right").index(better)):
        page.keyboard.press("ArrowRight")


def rate_by_clicks(page: Page, item: int, digits: str, better: str) -> None:
    scales = [(side, criterion.title) for side in ("left", "right") for criterion in CRITERIA]
    for (side, title), digit in zip(scales, digits, strict=True):
        group = page.get_by_role("group", name=f"Item {item}, {side}: {title}")
        group.get_by_label(digit, exact=True).click()
    page.get_by_role("group", name=f"Item {item}: Which is better?").get_by_label(better).click()


def save(page: Page, folder: Path) -> Path:
    with page.expect_download() as started:
        page.get_by_role("button", name="Save ratings").click()
    path = folder / started.value.suggested_filename
    started.value.save_as(path)
    return path


@needs_browser
def test_two_people_rate_in_a_browser_and_their_files_come_back(context: BrowserContext, tmp_path: Path) -> None:
    folder = workplace(tmp_path)
    form, key = exported(tmp_path)
    first = opened(context, form, "ab")
    rated = [("545321", "Left"), ("111555", "Right"), ("333333", "Neither"), ("451245", "Right")]
    for item, (digits, better) in enumerate(rated, 1):
        rate_by_keys(first, item, digits, better)
        expect(first.get_by_text(f"{item} of {ITEMS}", exact=True)).to_be_visible()
    first.get_by_label("Item 2: Comment").fill('Cites "§ 5" & <b>中文</b>')
    files = [save(first, tmp_path)]
    assert files[0].name == f"ratings-loans-{key.form}-AB.json"
    expect(first.get_by_text("Saved as ratings-loans-")).to_be_visible()

    second = opened(context, form, "CD")
    assert second.get_by_role("progressbar", name="Done").get_attribute("value") == "0"
    for item, (digits, better) in enumerate([*rated[:3], ("451245", "Left")], 1):
        rate_by_clicks(second, item, digits, better)
    files.append(save(second, tmp_path))

    told = main(["import", "loans", *map(str, files)], tmp_path)
    assert "loans: imported 8 ratings by AB, CD" in told
    assert "agreement on reasoning: quadratic weighted kappa 1.00" in told
    by_item = {(rating.item, rating.rater): rating for rating in ratings(folder)}
    assert len(by_item) == 8
    # They differ on the last of the four items.
    both = [[by_item[item.id, rater].preference for item in key.items] for rater in ("AB", "CD")]
    chance = sum(both[0].count(one) * both[1].count(one) for one in PREFERENCES) / 16
    assert f"agreement on which is better: Cohen's kappa {(0.75 - chance) / (1 - chance):.2f}" in told
    wins = sum({"tuned": 1.0, "tie": 0.5, "base": 0.0}[one] for one in both[0] + both[1])
    assert f"the tuned model is preferred in {100 * wins / 8:.1f}" in told
    names = [criterion.name for criterion in CRITERIA]
    for (digits, better), item in zip(rated, key.items, strict=True):
        rating = by_item[item.id, "AB"]
        left, right = (rating.tuned, rating.base) if rating.left == "tuned" else (rating.base, rating.tuned)
        assert "".join(str(side.of(name)) for side in (left, right) for name in names) == digits
        expected = {"Left": rating.left, "Neither": "tie", "Right": {"base": "tuned", "tuned": "base"}[rating.left]}
        assert rating.preference == expected[better]
    assert by_item[key.items[1].id, "AB"].comment == 'Cites "§ 5" & <b>中文</b>'


@needs_browser
def test_a_closed_tab_loses_nothing_and_raters_do_not_see_each_other(context: BrowserContext, tmp_path: Path) -> None:
    workplace(tmp_path)
    form, _ = exported(tmp_path)
    page = opened(context, form, "AB")
    rate_by_clicks(page, 1, "123451", "Left")
    page.get_by_label("Item 3: Comment").fill("to be continued")
    page.close()

    again = context.new_page()
    again.goto(form.as_uri())
    expect(again.get_by_label("Your initials, or a pseudonym")).to_have_value("AB")
    again.keyboard.press("Tab")
    again.get_by_role("button", name="Start").click()
    expect(again.get_by_text(f"1 of {ITEMS}", exact=True)).to_be_visible()
    group = again.get_by_role("group", name="Item 1, left: Format")
    expect(group.get_by_label("3", exact=True)).to_be_checked()
    expect(again.get_by_label("Item 3: Comment")).to_have_value("to be continued")

    # Another person at the same page, then the first again.
    for rater, count, text in (("CD", 0, ""), ("AB", 1, "to be continued")):
        again.get_by_label("Your initials, or a pseudonym").fill(rater)
        again.keyboard.press("Enter")
        expect(again.get_by_text(f"{count} of {ITEMS}", exact=True)).to_be_visible()
        expect(again.get_by_label("Item 3: Comment")).to_have_value(text)

    # Another form keeps its own.
    export("loans", items=ITEMS, seed="another", out=tmp_path / "other.html", root=tmp_path)
    expect(opened(context, tmp_path / "other.html", "AB").get_by_text(f"0 of {ITEMS}", exact=True)).to_be_visible()


@needs_browser
def test_unfinished_items_are_named_instead_of_saved(context: BrowserContext, tmp_path: Path) -> None:
    workplace(tmp_path)
    form, _ = exported(tmp_path)
    page = opened(context, form, "AB")
    downloads: list[Download] = []

    def started(download: Download) -> None:
        downloads.append(download)

    page.on("download", started)
    for item in (1, 3):
        rate_by_clicks(page, item, "555555", "Neither")
    rate_by_keys(page, 2, "44", "Left")
    page.get_by_role("button", name="Save ratings").click()
    problems = page.locator("#problems")
    expect(problems).to_be_focused()
    expect(problems).to_contain_text("Not saved: 2 of 4 items are not finished.")
    lines = problems.get_by_role("listitem").all_inner_texts()
    # The keys went on to the third scale, where a space chose its first value.
    assert lines[0] == "Item 2 lacks right: reasoning, right: conciseness, right: format, which is better"
    assert lines[1].startswith("Item 4 lacks left: reasoning, left: conciseness")
    problems.get_by_role("link", name="Item 4").click()
    expect(page.get_by_role("group", name="Item 4, left: Reasoning").get_by_label("1", exact=True)).to_be_focused()
    page.get_by_role("button", name="Next unfinished item").click()
    expect(page.get_by_role("group", name="Item 2, right: Reasoning").get_by_label("1", exact=True)).to_be_focused()
    assert downloads == []


@needs_browser
@pytest.mark.parametrize("rater", ["", "Dr. Ann Other", "-", "<b>"])
def test_a_name_that_is_no_initials_does_not_start(context: BrowserContext, tmp_path: Path, rater: str) -> None:
    workplace(tmp_path)
    page = opened(context, exported(tmp_path)[0], rater)
    expect(page.get_by_role("button", name="Save ratings")).to_be_hidden()


@needs_browser
def test_what_models_write_does_nothing_in_the_browser(context: BrowserContext, tmp_path: Path) -> None:
    folder = workplace(tmp_path)
    for which in ("base", "tuned"):
        path = folder / "build" / which / "predictions.jsonl"
        rows = [json.loads(line) | {"text": f"{which} {HOSTILE}"} for line in path.open(encoding="utf-8")]
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    form, _ = exported(tmp_path)
    page = opened(context, form, "AB")
    expect(page.get_by_role("button", name="Save ratings")).to_be_visible()
    assert page.title() == "Loans: rate answers"
    assert page.evaluate("window.taken") is None
    assert page.locator("img").count() == 0
    texts = page.locator("pre").all_text_contents()
    assert sorted(texts) == sorted([f"base {HOSTILE}", f"tuned {HOSTILE}"] * ITEMS)


@needs_browser
def test_page_fits_a_phone(context: BrowserContext, tmp_path: Path) -> None:
    workplace(tmp_path)
    page = opened(context, exported(tmp_path)[0], "AB")
    page.set_viewport_size({"width": 390, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_form_lies_apart_from_its_key_and_a_secret_seed_is_drawn(tmp_path: Path) -> None:
    folder = workplace(tmp_path)
    told = main(["export", "loans", "--items", "3"], tmp_path)
    forms = list((folder / "build" / "human_review").glob("*.html"))
    keys = list((folder / "build" / "human_review" / "keys").iterdir())
    assert len(forms) == len(keys) == 1
    assert str(forms[0]) in told
    key = Key.model_validate_json(keys[0].read_bytes())
    assert forms[0].name == f"loans-{key.form}.html"
    assert len(key.seed) == 32
    assert key.seed not in forms[0].read_text(encoding="utf-8")
    main(["export", "loans", "--items", "3"], tmp_path)
    assert len(list(keys[0].parent.iterdir())) == 2, "another form leaves the first one's key"


def test_files_are_imported_together_or_not_at_all(tmp_path: Path) -> None:
    folder = workplace(tmp_path)
    _, key = exported(tmp_path)
    good = saved(tmp_path, key, "AB")
    bad = saved(tmp_path, key, "CD", left=9)
    unknown = saved(tmp_path, key.model_copy(update={"form": "f" * 16}), "EF")
    missing = tmp_path / "nowhere.json"
    with pytest.raises(ValueError, match="no rating was imported") as refused:
        main(["import", "loans", *map(str, (good, bad, unknown, missing))], tmp_path)
    lines = str(refused.value).splitlines()
    assert len(lines) == 4
    assert lines[0] == f"{bad}: ratings.0.left.reasoning: found 9, expected 5 or less"
    assert lines[1].startswith(
        f"{unknown}: form: found '{'f' * 16}', expected one of {key.form} in domains/loans/build/"
    )
    assert lines[2].startswith(f"{missing}: found nothing to read")
    assert ratings(folder) == ()


def test_a_second_import_needs_to_be_meant(tmp_path: Path) -> None:
    folder = workplace(tmp_path)
    _, key = exported(tmp_path)
    main(["import", "loans", str(saved(tmp_path, key, "AB"))], tmp_path)
    before = (folder / "ratings.jsonl").read_bytes()
    changed = str(saved(tmp_path, key, "AB", better="right"))
    with pytest.raises(ValueError, match=r"from before by AB \(4 items\).*--replace"):
        main(["import", "loans", changed], tmp_path)
    assert (folder / "ratings.jsonl").read_bytes() == before
    told = main(["import", "loans", changed, "--replace"], tmp_path)
    assert "loans: replaced 4 earlier ratings by AB" in told
    assert len(ratings(folder)) == 4
    assert (folder / "ratings.jsonl").read_bytes() != before


def test_a_form_of_models_since_retrained_is_refused_and_its_ratings_no_longer_count(tmp_path: Path) -> None:
    folder = workplace(tmp_path)
    _, key = exported(tmp_path)
    main(["import", "loans", str(saved(tmp_path, key, "AB"))], tmp_path)
    path = folder / "build" / "tuned" / "predictions.jsonl"
    rows = [json.loads(line) | {"text": "Other words."} for line in path.open(encoding="utf-8")]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    assert len(predictions_from_lines(path.open(encoding="utf-8"), "predictions.jsonl")) > ITEMS
    with pytest.raises(ValueError, match=r"CD.json: form .*other predictions in 4 of 4 items"):
        main(["import", "loans", str(saved(tmp_path, key, "CD"))], tmp_path)
    _, newer = exported(tmp_path, seed="t")
    told = main(["import", "loans", str(saved(tmp_path, newer, "CD"))], tmp_path)
    assert "loans: 4 ratings in the file are of earlier models' completions and don't count" in told
    assert "of 4 ratings of 4 items by CD" in told


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["export", "nowhere"], r"found no domains/nowhere/domain.py, expected the name of a domain"),
        (["export", "loans", "--items", "0"], r"found no test item with predictions to show"),
    ],
)
def test_an_export_of_nothing_says_what_is_missing(tmp_path: Path, arguments: list[str], told: str) -> None:
    workplace(tmp_path)
    with pytest.raises(ValueError, match=told):
        main(arguments, tmp_path)


def test_an_export_before_the_models_have_answered_says_what_to_run(tmp_path: Path) -> None:
    folder = workplace(tmp_path)
    (folder / "build" / "tuned" / "predictions.jsonl").unlink()
    with pytest.raises(
        FileNotFoundError, match=r"tuned/predictions.jsonl, expected one; run `dvc repro evaluate@loans`"
    ):
        main(["export", "loans"], tmp_path)
