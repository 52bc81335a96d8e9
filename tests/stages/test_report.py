"""The report stage on a whole domain's files (tests/fixtures/report, all synthetic), read as a browser reads it."""

import csv
import html
import json
import re
import shutil
import subprocess
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest

from practicum.evaluation.human_ratings import completions_id
from stages.report import main

FIXTURE = Path(__file__).resolve().parents[1] / "fixtures" / "report"
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
needs_browser = pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine")


def workplace(root: Path) -> Path:
    """A repository with one domain, every stage before report done."""
    folder = root / "domains" / "loans"
    (folder / "build").mkdir(parents=True)
    for path in sorted(FIXTURE.iterdir()):
        if path.is_dir():
            shutil.copytree(path, folder / "build" / path.name)
        else:
            shutil.copy(path, folder / path.name)
    return folder


@pytest.fixture(scope="module")
def reported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("report")
    folder = workplace(root)
    main("loans", root)
    return folder


class Page(HTMLParser):
    """Tags with their attributes, and the text outside of style."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.inside: str = ""
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.inside = tag

    def handle_data(self, data: str) -> None:
        if self.inside != "style":
            self.text += data


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def edit(path: Path, old: str, new: str) -> None:
    assert old in read(path)
    path.write_text(read(path).replace(old, new), encoding="utf-8")


def test_metrics_hold_what_a_review_compares(reported: Path) -> None:
    figures = json.loads(read(reported / "metrics.json"))
    probed, formats = ["robustness", "stability", "forgetting"], ["int8", "nf4", "dynamic-int8", "gguf-q8-0"]
    assert list(figures) == ["base", "tuned", "gain", *probed, *formats]
    assert set(figures["base"]) == {"em", "f1", "format_error_rate", "length_ratio", "rt_p50_s", "rt_p95_s"}
    assert figures["robustness"] == {
        "drop_number": 0.052632,
        "drop_irrelevant": 0.025,
        "drop_typo": 0.125,
        "all_right": 0.3,
    }
    assert figures["stability"] == {"agreement": 0.84375, "majority": 0.5625, "g_pass": 0.375}
    assert figures["forgetting"] == {"loss_difference": 0.097833, "questions_difference": -0.041667}
    rows = {
        side: [json.loads(line) for line in (reported / "build" / side / "predictions.jsonl").open(encoding="utf-8")]
        for side in ("base", "tuned")
    }
    difference = sum(row["em"] for row in rows["tuned"]) - sum(row["em"] for row in rows["base"])
    gain = figures["gain"]
    assert gain["em"] == pytest.approx(difference / len(rows["base"]), abs=1e-6)
    assert gain["em_low"] < gain["em"] < gain["em_high"]
    assert gain["items"] == len(rows["base"])
    assert figures["int8"] == {"em": 0.6167, "megabytes": 139.1, "rt_p50_s": 2.9}
    assert figures["gguf-q8-0"] == {"em": 0.6333, "megabytes": 144.8}
    assert all(isinstance(value, (int, float)) for part in figures.values() for value in part.values())


def test_page_tells_the_whole_story(reported: Path) -> None:
    text = " ".join(Page(read(reported / "build" / "report.html")).text.split())
    for words in (
        "Loans and covenants",
        "items, the base on 1; difference",
        "exact McNemar",
        "ended without a JSON object",
        "Won:",
        "Lost:",
        "Missed by both:",
        "2,490 rows came in: 2,140 kept, 309 rejected with a reason, 41 duplicates",
        "prompt is at most 190 tokens",
        "dynamic-int8",
        "dvc repro report@loans",
        "early_stopping.patience",
    ):
        assert words in text, words


def test_page_asks_nothing_of_the_network(reported: Path) -> None:
    source = read(reported / "build" / "report.html")
    page = Page(source)
    assert not {tag for tag, _ in page.tags} & {"script", "iframe", "object", "embed", "img", "video", "base"}
    addresses = [
        value
        for _, attributes in page.tags
        for name, value in attributes.items()
        if name in {"src", "href", "srcset", "action", "data", "poster", "xlink:href", "background"}
    ]
    assert [address for address in addresses if not re.match(r"#[a-z]+$|data:,$", address or "")] == []
    assert not re.search(r"url\(|@import|//", source[source.index("<style>") : source.index("</style>")])


def test_links_within_the_page_have_their_target(reported: Path) -> None:
    page = Page(read(reported / "build" / "report.html"))
    targets = {attributes["id"] for _, attributes in page.tags if "id" in attributes}
    wanted = {str(attributes["href"])[1:] for tag, attributes in page.tags if tag == "a"}
    assert wanted == targets


def test_same_input_gives_the_same_bytes(reported: Path, tmp_path: Path) -> None:
    again = workplace(tmp_path)
    main("loans", tmp_path)
    for name in ("metrics.json", "build/report.html", "build/model_card.md"):
        assert (again / name).read_bytes() == (reported / name).read_bytes(), name


def test_what_models_write_cannot_become_markup(tmp_path: Path) -> None:
    folder = workplace(tmp_path)
    edit(folder / "build" / "prepared" / "test.jsonl", "Score and decide.", "<script>alert(1)</script>")
    edit(folder / "build" / "base" / "predictions.jsonl", "I hope this helps!", "<img src=http://x.example/y>")
    main("loans", tmp_path)
    tags = {tag for tag, _ in Page(read(folder / "build" / "report.html")).tags}
    assert not tags & {"script", "img"}


def test_missing_figure_is_named(tmp_path: Path) -> None:
    folder = workplace(tmp_path)
    edit(folder / "build" / "tuned" / "metrics.json", '"format_errors"', '"format_mistakes"')
    with pytest.raises(ValueError, match=r"metrics.json in tuned/: format_errors: Field required"):
        main("loans", tmp_path)
    assert not (folder / "metrics.json").exists()


def test_prediction_of_an_unknown_item_is_refused(tmp_path: Path) -> None:
    folder = workplace(tmp_path)
    prepared = folder / "build" / "prepared" / "test.jsonl"
    prepared.write_text("".join(prepared.read_text(encoding="utf-8").splitlines(keepends=True)[1:]), encoding="utf-8")
    with pytest.raises(ValueError, match="stands not in the test split; run evaluate again"):
        main("loans", tmp_path)


def test_sparse_run_still_gives_a_page(tmp_path: Path) -> None:
    """No quantised format, no validation loss, full fine-tuning, nothing rejected, one group, no README."""
    folder = workplace(tmp_path)
    (folder / "README.md").unlink()
    edit(folder / "config.json", '"method": "lora"', '"method": "full"')
    for name in ("metrics", "speed"):
        path = folder / "build" / "quantization" / f"{name}.json"
        path.write_text(json.dumps(json.loads(read(path)) | {"formats": {}}), encoding="utf-8")
    curves = folder / "build" / "training" / "curves.csv"
    with curves.open(encoding="utf-8", newline="") as file:
        points = list(csv.DictReader(file))
    lines = [f"{p['step']},{p['train_loss']},,{p['lr']},{p['grad_norm']}" for p in points]
    curves.write_text("step,train_loss,validation_loss,lr,grad_norm\n" + "\n".join(lines) + "\n", encoding="utf-8")
    for side in ("base", "tuned"):
        path = folder / "build" / side / "predictions.jsonl"
        rows = [json.loads(line) | {"group": "all"} for line in path.open(encoding="utf-8")]
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    main("loans", tmp_path)
    page = Page(read(folder / "build" / "report.html")).text
    assert "<title>Loans" in read(folder / "build" / "report.html")
    assert "No format is set" in page
    assert set(json.loads(read(folder / "metrics.json"))) == {
        "base", "tuned", "gain", "robustness", "stability", "forgetting",
    }  # fmt: skip
    assert "library_name: transformers" in read(folder / "build" / "model_card.md")


def test_model_card_has_front_matter_and_what_a_user_must_know(reported: Path) -> None:
    card = read(reported / "build" / "model_card.md")
    _, front, body = card.split("---\n", 2)
    assert "license: apache-2.0\n" in front
    for heading in ("Intended use", "Not intended", "Data", "Evaluation", "Limits", "How to load", "How to reproduce"):
        assert f"\n## {heading}\n" in body
    code = re.search(r"```python\n(.*?)```", body, re.DOTALL)
    assert code is not None
    imports = "".join(line + "\n" for line in code[1].splitlines() if line.startswith(("from ", "import ")))
    exec(compile(imports, "card", "exec"), {})
    compile(code[1], "card", "exec")


def section(folder: Path, name: str) -> str:
    """The words of one section of the page, blanks as one."""
    source = read(folder / "build" / "report.html")
    start = source.index(f'<section id="{name}">')
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", source[start : source.index("</section>", start)])).split())


def rows_of(folder: Path, side: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in (folder / "build" / side / "predictions.jsonl").open(encoding="utf-8")]


def test_causes_add_up_to_the_wrong_items_of_each_task(reported: Path) -> None:
    source = read(reported / "build" / "report.html")
    table = re.search(r'<table class="compact causes">(.*?)</table>', source, re.DOTALL)
    assert table is not None
    base, tuned = rows_of(reported, "base"), rows_of(reported, "tuned")
    blocks = re.findall(r"<tbody>(.*?)</tbody>", table[1], re.DOTALL)
    tasks = list(dict.fromkeys(row["task"] for row in tuned))
    assert len(blocks) == len(tasks)
    for task, block in zip(tasks, blocks, strict=True):
        counts = [
            [int(number) for number in re.findall(r'<td class="n">(\d+)</td>', line)]
            for line in re.findall(r"<tr><th scope=.*?</tr>", block)
        ]
        pairs = [(one["em"], two["em"]) for one, two in zip(base, tuned, strict=True) if two["task"] == task]
        wrong = [sum(not one for one, _ in pairs), sum(not two for _, two in pairs)]
        assert [sum(row[0] for row in counts), sum(row[2] for row in counts)] == wrong
        assert sum(row[1] for row in counts) == sum(not one and bool(two) for one, two in pairs), "mended"
        assert sum(row[3] for row in counts) == sum(bool(one) and not two for one, two in pairs), "new"


def test_items_stand_under_the_cause_of_the_tuned_models_error(reported: Path) -> None:
    text = section(reported, "examples")
    wrong = sum(not row["em"] for row in rows_of(reported, "tuned"))
    part = text[text.index("What the tuned model got wrong") : text.index("Won:")]
    assert sum(map(int, re.findall(r": (\d+) items? ", part))) == wrong
    assert " instead of " in part


def test_the_page_shows_what_the_probe_measured(reported: Path) -> None:
    text = section(reported, "robustness")
    assert "40 test items in 31 groups" in text
    assert "Typo typos in the question 40 52.5 % 40.0 % +12.5 (2 to 25) 6, 1" in text
    assert "Order facts in another order 0 (40 can’t be)" in text
    assert "another is right" in text
    assert "in every changed form: 30.0 % of 40 items (Wilson 18 to 45)" in text
    assert "8 answers to each of 16 items, drawn at temperature 0.5 from the 20 most probable" in text
    assert "Majority of 8 (maj@8) 56.2 %" in text
    assert "G-Pass@4, 100 % right 37.5 %" in text
    forgot = section(reported, "forgetting")
    assert "2.915 3.012 0.098" in forgot
    assert "chance 25 %; 2 won, 4 lost, p = 0.69" in forgot
    card = read(reported / "build" / "model_card.md")
    assert "| typos in the question | 40 | 52.5\u202f% | 40.0\u202f% | +12.5 [2 to 25] |" in card
    assert "by 0.098 nats a token" in card


def test_the_page_recommends_an_artefact_and_claims_no_speed_that_was_not_measured(reported: Path) -> None:
    text = section(reported, "quantisation")
    assert "Recommended: int8 , the smallest whose EM" in text
    assert "gguf-q8-0 145 MB 26.9 % of fp32 of llama.cpp, not measured here 63.3 %" in text
    assert "int8 139 MB 25.9 % of fp32 2.90 s 19 42 in batch 0.70 GB" in text


def test_the_page_shows_lengths_and_token_times(reported: Path) -> None:
    tuned = json.loads(read(FIXTURE / "tuned" / "metrics.json"))["conciseness"]
    text = section(reported, "tasks")
    assert f"{tuned['all']['ratio']:.2f} {tuned['all']['median']:.2f}" in text
    speed = section(reported, "speed")
    assert "Time to the first token, median 210 ms 118 ms" in speed
    assert "Time per output token, median 44 ms 27 ms" in speed


def test_nobody_has_rated_is_one_line(reported: Path) -> None:
    assert section(reported, "people") == "Human review Nobody has rated these models’ answers yet."


def test_ratings_of_these_answers_are_shown_and_others_are_not_counted(tmp_path: Path) -> None:
    folder = workplace(tmp_path)
    scores = {"reasoning": 2, "conciseness": 3, "format": 4}
    lines = []
    for place, (base, tuned) in enumerate(zip(rows_of(folder, "base"), rows_of(folder, "tuned"), strict=True)):
        for rater in ("AB", "CD"):
            rating = {
                "rater": rater, "item": tuned["id"], "task": tuned["task"], "group": tuned["group"], "form": "f" * 16,
                "completions": completions_id(str(base["text"]), str(tuned["text"]) + ("!" if place == 0 else "")),
                "left": "base" if place % 2 else "tuned", "base": scores,
                "tuned": scores | {"reasoning": 4 + (place % 2)}, "preference": "tuned" if place % 3 else "tie",
                "comment": "",
            }  # fmt: skip
            lines.append(json.dumps(rating) + "\n")
    (folder / "ratings.jsonl").write_text("".join(lines), encoding="utf-8")
    main("loans", tmp_path)
    text = section(folder, "people")
    assert "2 raters compared both models’ outputs on 35 items" in text
    assert "70 ratings; 2 of earlier models’ answers don’t count" in text
    assert json.loads(read(folder / "metrics.json"))["human"]["items"] == 35
    assert "2 people preferred it in" in read(folder / "build" / "model_card.md")


def test_a_build_without_the_probe_is_named(tmp_path: Path) -> None:
    folder = workplace(tmp_path)
    edit(folder / "build" / "probe" / "metrics.json", '"g_pass_k"', '"g_pass_n"')
    with pytest.raises(ValueError, match=r"metrics.json in probe/: stability.g_pass_k: Field required"):
        main("loans", tmp_path)


def test_headings_are_in_order(reported: Path) -> None:
    levels = [
        int(tag[1]) for tag, _ in Page(read(reported / "build" / "report.html")).tags if re.fullmatch("h[1-6]", tag)
    ]
    assert levels[0] == 1
    body = levels[levels.index(2) :]  # the cards of the header stand before the first section
    assert all(after <= before + 1 for before, after in pairwise(body))


def test_the_data_section_says_what_came_in_and_what_was_left_out(reported: Path) -> None:
    text = section(reported, "data")
    stats = json.loads(read(FIXTURE / "prepared" / "stats.json"))
    for name, counts in stats["sources"].items():
        assert f"{name} {counts['records']:,} {counts['unreadable']}" in text
    for rule, count in stats["rejected_by_rule"].items():
        assert f"{rule} {count}" in text
    assert "exact duplicate 29 near duplicate 12" in text
    assert "none 260 → 126" in text, "labels before and after they were balanced"
    assert "2.1 % on average and 7.1 % at the 95th percentile" in text


def test_the_privacy_section_shows_what_was_removed_how_well_and_what_that_does_not_prove(reported: Path) -> None:
    text = section(reported, "privacy")
    stats, measured = (
        json.loads(read(FIXTURE / "prepared" / f"{name}.json")) for name in ("stats", "deidentification")
    )
    assert f"{sum(stats['identifiers_removed'].values()):,} identifiers were replaced" in text
    assert "medical record" not in text
    assert "Chinese resident identity number 1 " in text
    name = measured["kinds"]["name"]
    low, high = 100 * name["recall_low"], 100 * name["recall_high"]
    assert f"Name {name['n']} in the notes, 96.1 % found as what they are; 409 findings 96.6 %" in text
    assert f" 409 findings {100 * name['recall']:.1f} % {low:.1f} to {high:.1f} 96.8 % " in text
    assert "Photo 0 in the notes; 2 findings none 0.0 %" in text, "nothing to find is no recall of 0 or 100 %"
    assert "All in English 700 in" in text
    assert "All in Chinese 481 in" in text
    assert "What this does not prove" in text
    assert "about 14 stay in the text" in text
    assert "does not make data anonymous" in text
    card = read(reported / "build" / "model_card.md")
    assert "1,866 identifiers of people were replaced" in card
    assert "found 98.6\u202f% of 1,181 identifiers, 95\u202f% interval" in card


def test_identifiers_that_were_not_looked_for_or_not_measured_are_said_to_be_so(tmp_path: Path) -> None:
    folder = workplace(tmp_path)
    (folder / "build" / "prepared" / "deidentification.json").write_text("{}\n", encoding="utf-8")
    main("loans", tmp_path)
    text = section(folder, "privacy")
    assert "was not measured: deidentification.notes names no annotated notes" in text
    assert "uses the same search" in text
    assert "was not measured" in read(folder / "build" / "model_card.md")
    edit(folder / "config.json", '"enabled": true', '"enabled": false')
    main("loans", tmp_path)
    assert section(folder, "privacy") == (
        "Privacy Identifiers of people were neither looked for nor removed: deidentification.enabled is false. Set it "
        "to true before data about people come in."
    )
    assert "neither looked for nor removed" in read(folder / "build" / "model_card.md")


def test_an_account_without_sources_or_typo_score_is_refused(tmp_path: Path) -> None:
    folder = workplace(tmp_path)
    edit(folder / "build" / "prepared" / "stats.json", '"typo_score"', '"typos"')
    with pytest.raises(ValueError, match=r"stats.json in prepared/: typo_score: Field required"):
        main("loans", tmp_path)


def widths(source: str, folder: Path, *sizes: int) -> dict[int, dict[str, int]]:
    """How wide the page is in frames of the given widths, as it loads and with every example opened."""
    frames = "".join(
        f'<iframe width="{size}" height="900" style="border:0" srcdoc="{html.escape(source)}"></iframe>'
        for size in sizes
    )
    script = """
    const found = {};
    for (const frame of document.querySelectorAll("iframe")) {
      const root = frame.contentDocument.documentElement;
      const closed = root.scrollWidth;
      for (const one of root.querySelectorAll("details")) one.open = true;
      const opened = root.scrollWidth;
      found[frame.width] = {closed, opened, height: root.scrollHeight, view: root.clientWidth};
    }
    document.body.innerHTML = "<pre id=found>" + JSON.stringify(found) + "</pre>";
    """
    wrapper = folder / "wrapper.html"
    wrapper.write_text(
        f'<!DOCTYPE html><meta charset="utf-8"><body>{frames}<script>window.onload = () => {{{script}}}</script>',
        encoding="utf-8",
    )
    done = subprocess.run(
        [
            str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
            "--disable-background-networking", "--disable-component-update", "--window-size=1400,1000",
            f"--user-data-dir={folder / 'profile'}", "--dump-dom", wrapper.as_uri(),
        ],
        check=True, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    found = re.search(r'<pre id="found">(.*?)</pre>', done.stdout)
    assert found is not None, done.stdout[-500:] + done.stderr[-2000:]
    return {int(size): values for size, values in json.loads(found[1]).items()}


@needs_browser
def test_page_fits_a_phone_and_a_desk(reported: Path, tmp_path: Path) -> None:
    measured = widths(read(reported / "build" / "report.html"), tmp_path, 390, 1280)
    for size, found in measured.items():
        assert found["height"] > 2000, "the page did not load"
        assert found["view"] >= size - 20
        assert found["closed"] <= found["view"], f"the page scrolls sideways at {size} px: {found}"
        assert found["opened"] <= found["view"], f"an opened example is too wide at {size} px: {found}"


@needs_browser
def test_width_check_notices_a_page_that_is_too_wide(tmp_path: Path) -> None:
    wide = '<!DOCTYPE html><details><summary>s</summary><div style="width:600px">x</div></details>'
    found = widths(wide, tmp_path, 390)[390]
    assert found["opened"] > found["view"]
