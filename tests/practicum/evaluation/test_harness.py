"""The LM Evaluation Harness against Practicum's own scores, item by item, on small models that are right and wrong."""

import json
import logging
import os
import socket
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import PreTrainedModel

from practicum.chat import Renderer, user_text
from practicum.config import FamilyName, Think
from practicum.data.example import Example, canonical_json
from practicum.evaluation.answering import Asker
from practicum.evaluation.harness import (
    ExportedTask,
    HarnessError,
    HarnessItem,
    differences,
    prompt_texts,
    run_exported,
    run_standard,
    task_files,
    thinking,
)
from practicum.evaluation.scoring import Prediction, predictions
from tests.fixtures.templates.small_tokenizers import small_tokenizer
from tests.practicum.test_chat import r1_template
from tests.practicum.tiny_models import tiny_model

TINY = Path(__file__).parents[2] / "fixtures" / "domain_tiny"
SCHEMA = (TINY / "answer.schema.json").read_text(encoding="utf-8")
PLUGIN = (TINY / "domain.py").read_text(encoding="utf-8")
NEW_TOKENS = 48
TASK = "practicum_tiny"
CASES: list[tuple[str, FamilyName, Think]] = [
    ("qwen3", "qwen3", "reasoning"),
    ("llama", "smollm2", "reasoning"),
    ("qwen2", "deepseek-r1", "reasoning"),
    ("qwen2", "qwen3", "empty"),
]


def example(number: int, answer: str) -> Example:
    return Example(
        task="total" if number % 2 else "compare",
        label="l",
        source=f"sums.csv:{number}",
        group=str(number),
        language="en",
        context="",
        question=f"Sum {number}?",
        reasoning=f"{number} + {number}.",
        answer=answer,
    )


WRITTEN = [
    example(number, canonical_json({"value": number} if number % 2 else {"place": "store"})) for number in range(1, 6)
] + [example(6, "I can't say."), example(7, '{"value": "7"}')]
"""What the models learn to write: answers, none at all, and one of the wrong type."""

ITEMS = [
    replace(row, id=f"item-{place}", answer=canonical_json(answer))
    for place, (row, answer) in enumerate(
        zip(
            WRITTEN,
            [
                {"value": 1},
                {"place": "store"},
                {"value": 8},
                {"place": "window"},
                {"value": 5},
                {"value": 6},
                {"value": 7},
            ],
            strict=True,
        )
    )
]
"""What they are asked, with references of which three are what they write."""


@dataclass(frozen=True)
class Trained:
    """A small model that has learnt to write what stands in WRITTEN."""

    model: PreTrainedModel
    renderer: Renderer

    @property
    def asker(self) -> Asker:
        return Asker(self.renderer, NEW_TOKENS, batch_size=3)

    def prompts(self, items: Sequence[Example] = ITEMS) -> dict[str, list[int]]:
        return {item.id: self.renderer.prompt_ids(item) for item in items}

    def predictions(self) -> list[Prediction]:
        answered = self.asker.answer(self.model, list(self.prompts().values()))
        return predictions(ITEMS, answered.written, json.loads(SCHEMA), ExportedTask(TINY).domain)

    def export(self, folder: Path) -> Path:
        (folder / TASK).mkdir()
        files = task_files(
            TASK,
            self.renderer,
            ITEMS,
            list(self.prompts().values()),
            max_new_tokens=NEW_TOKENS,
            schema=SCHEMA,
            plugin=PLUGIN,
        )
        for name, text in files.items():
            (folder / TASK / name).write_text(text, encoding="utf-8")
        return folder / TASK


@cache
def trained(shape: str, family: FamilyName, think: Think) -> Trained:
    tokenizer = small_tokenizer(family, r1_template() if family == "deepseek-r1" else None)
    renderer = Renderer(tokenizer, family, think)
    model = tiny_model(shape, 1, vocab_size=len(tokenizer), max_position_embeddings=256, attn_implementation="sdpa")
    rows = [renderer.training_row(row) for row in WRITTEN]
    width = max(len(row.ids) for row in rows)
    ids = torch.tensor([row.ids + [renderer.pad_id] * (width - len(row.ids)) for row in rows])
    labels = torch.tensor(
        [
            [one if kept else -100 for one, kept in zip(row.ids, row.mask, strict=True)]
            + [-100] * (width - len(row.ids))
            for row in rows
        ]
    )
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
    for _ in range(250):
        loss = model(input_ids=ids, labels=labels).loss
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if float(loss.detach()) < 2e-3:
            break
    model.train(False)
    # As DeepSeek's models have them: the harness's model must not take these over.
    model.generation_config.repetition_penalty = 1.3
    model.generation_config.eos_token_id = None
    return Trained(model, renderer)


@pytest.mark.parametrize(("shape", "family", "think"), CASES)
def test_the_harness_scores_each_item_as_practicum_does(
    shape: str, family: FamilyName, think: Think, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = trained(shape, family, think)
    ours = one.predictions()

    def refuse(_: socket.socket, address: Any) -> None:
        raise AssertionError(f"found a connection to {address}, expected none")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    run = run_exported(
        one.model,
        one.renderer.tokenizer,
        one.export(tmp_path),
        one.prompts(),
        max_new_tokens=NEW_TOKENS,
        batch_size=3,
    )
    assert [row.em for row in ours] == [1, 1, 0, 0, 1, 0, 0]
    assert [row.error for row in ours] == [None] * 5 + ["no_answer", "schema"]
    assert [(item.id, item.text, item.em, item.f1, item.format_error) for item in run.items] == [
        (row.id, row.text, row.em, row.f1, int(row.error is not None)) for row in ours
    ]
    figures = run.results["results"][TASK]
    assert figures["exact_match,none"] == pytest.approx(3 / 7)
    assert figures["format_error_rate,none"] == pytest.approx(2 / 7)
    assert not differences(ours, run.items, one.model, one.renderer, one.prompts())


def test_the_first_items_can_be_run_alone(tmp_path: Path) -> None:
    one = trained(*CASES[0])
    run = run_exported(
        one.model,
        one.renderer.tokenizer,
        one.export(tmp_path),
        one.prompts(),
        max_new_tokens=NEW_TOKENS,
        batch_size=2,
        limit=2,
    )
    assert [item.id for item in run.items] == ["item-0", "item-1"]


def test_the_folder_serves_the_harness_own_command(tmp_path: Path, root: Path) -> None:
    one = trained(*CASES[2])
    one.export(tmp_path)
    model = saved(one, tmp_path / "model")
    command = [
        *(sys.executable, "-m", "lm_eval", "run", "--model", "hf", "--device", "cpu", "--batch_size", "3"),
        *("--model_args", f"pretrained={model},dtype=float32,add_bos_token=False"),
        *("--tasks", TASK, "--include_path", str(tmp_path), "--output_path", str(tmp_path / "out")),
    ]
    done = subprocess.run(command, cwd=tmp_path, env=environment(root), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    (path,) = (tmp_path / "out").rglob("results_*.json")
    figures = json.loads(path.read_text(encoding="utf-8"))["results"][TASK]
    assert figures["exact_match,none"] == pytest.approx(3 / 7)
    assert figures["format_error_rate,none"] == pytest.approx(2 / 7)


def saved(one: Trained, folder: Path) -> Path:
    one.model.save_pretrained(folder)
    one.renderer.tokenizer.save_pretrained(folder)
    return folder


def environment(root: Path) -> dict[str, str]:
    return os.environ | {"PYTHONPATH": str(root), "HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1"}


@pytest.mark.parametrize("family", ["smollm2", "qwen3", "deepseek-r1", "gemma3"])
def test_a_prompt_as_text_reads_as_the_same_ids(family: FamilyName) -> None:
    renderer = Renderer(small_tokenizer(family), family, "reasoning")
    items = [ITEMS[0], replace(ITEMS[1], context="  两点：a\n\n\n b\t<think", question="{{x}} {% raw %} é?")]
    prompts = [renderer.prompt_ids(item, [WRITTEN[0], WRITTEN[1]]) for item in items]
    texts = prompt_texts(renderer.tokenizer, items, prompts)
    assert [renderer.tokenizer.encode(text, add_special_tokens=False) for text in texts] == prompts


@pytest.mark.parametrize("family", ["smollm2", "qwen3", "deepseek-r1"])
def test_an_item_that_holds_a_control_token_is_refused_by_name(family: FamilyName) -> None:
    renderer = Renderer(small_tokenizer(family), family, "reasoning")
    item = replace(ITEMS[3], question=f"Say {renderer.style.end.name} and stop.")
    with pytest.raises(HarnessError, match=r"item item-3 \(sums.csv:4\).*other tokens.*position"):
        prompt_texts(renderer.tokenizer, [item], [renderer.prompt_ids(item)])


def test_a_model_with_another_tokenizer_is_refused(tmp_path: Path) -> None:
    one = trained(*CASES[0])
    other = small_tokenizer("smollm2")
    with pytest.raises(HarnessError, match=r"item item-0 .*other tokens"):
        run_exported(one.model, other, one.export(tmp_path), one.prompts(), max_new_tokens=NEW_TOKENS, batch_size=2)


def test_a_prompt_that_the_harness_would_cut_is_refused(tmp_path: Path) -> None:
    one = trained(*CASES[0])
    with pytest.raises(HarnessError, match=r"item item-0 .*cut its beginning"):
        run_exported(
            one.model, one.renderer.tokenizer, one.export(tmp_path), one.prompts(), max_new_tokens=250, batch_size=2
        )


def test_no_items_is_refused() -> None:
    with pytest.raises(HarnessError, match="no items"):
        task_files(TASK, trained(*CASES[0]).renderer, [], [], max_new_tokens=1, schema=SCHEMA, plugin=PLUGIN)


def test_a_plugin_without_a_domain_is_refused(tmp_path: Path) -> None:
    (tmp_path / "domain.py").write_text("domain = 3\n", encoding="utf-8")
    with pytest.raises(HarnessError, match="found 3 as `domain`"):
        _ = ExportedTask(tmp_path).domain


def seen(rows: Sequence[Prediction]) -> list[HarnessItem]:
    return [HarnessItem(row.id, row.text, row.em, row.f1, int(row.error is not None)) for row in rows]


def test_an_item_that_another_model_answered_differs_by_more_than_a_tie() -> None:
    one = trained(*CASES[0])
    theirs = seen(one.predictions())
    ours = one.predictions()
    ours[2] = replace(ours[2], em=1, f1=1.0, text=ours[2].text.replace("3}", "8}"))
    (found,) = differences(ours, theirs, one.model, one.renderer, one.prompts())
    assert found.id == "item-2"
    assert found.scores == {"exact match": (1.0, 0.0), "F1": (1.0, 0.0)}
    assert found.gap is not None
    assert found.gap > 1
    assert not found.tie


def test_a_tie_is_called_one() -> None:
    one = trained(*CASES[0])
    theirs = seen(one.predictions())
    ours = one.predictions()
    ours[2] = replace(ours[2], em=1, f1=1.0, text=ours[2].text.replace("3}", "8}"))
    flat = tiny_model("qwen3", 1, vocab_size=len(one.renderer.tokenizer), max_position_embeddings=256)
    torch.nn.init.zeros_(flat.get_output_embeddings().weight)
    (found,) = differences(ours, theirs, flat, one.renderer, one.prompts())
    assert found.gap == 0
    assert found.tie


def test_the_same_text_with_another_score_is_no_tie() -> None:
    one = trained(*CASES[0])
    theirs = seen(one.predictions())
    theirs[0] = replace(theirs[0], em=0)
    (found,) = differences(one.predictions(), theirs, one.model, one.renderer, one.prompts())
    assert found.gap is None
    assert not found.tie


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda rows: rows[1:], "line 1: found item item-1.*expected item item-0"),
        (lambda rows: rows[:3], "line 4: found none"),
        (lambda rows: [replace(rows[0], prompt_tokens=1), *rows[1:]], "prompt of 1 tokens.*dvc repro"),
    ],
)
def test_predictions_of_other_data_are_refused(change: Any, message: str) -> None:
    one = trained(*CASES[0])
    ours = one.predictions()
    with pytest.raises(HarnessError, match=message):
        differences(change(ours), seen(ours), one.model, one.renderer, one.prompts())


WRITES = """\
task: own_sums
custom_dataset: !function rows.rows
test_split: test
output_type: generate_until
doc_to_text: question
doc_to_target: answer
generation_kwargs: {until: ["Sum"], max_gen_toks: 48, repetition_penalty: 1.0}
metric_list:
  - {metric: exact_match, aggregation: mean, higher_is_better: true}
"""
CHOICES = """\
task: own_choices
custom_dataset: !function rows.rows
test_split: test
output_type: multiple_choice
doc_to_text: question
doc_to_choice: ["yes", "no"]
doc_to_target: 0
metric_list:
  - {metric: acc, aggregation: mean, higher_is_better: true}
"""
ROWS = """\
import datasets

def rows(**_):
    return {{"test": datasets.Dataset.from_list({rows!r})}}
"""


def test_thinking_is_no_part_of_the_answer_to_a_standard_task(tmp_path: Path) -> None:
    one = trained(*CASES[0])
    rows = [{"question": user_text(row), "answer": row.answer} for row in WRITTEN[:4]]
    for name, text in {"w.yaml": WRITES, "c.yaml": CHOICES, "rows.py": ROWS.format(rows=rows)}.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    results, samples = run_standard(
        one.model,
        one.renderer.tokenizer,
        ["own_sums", "own_choices"],
        [tmp_path],
        family="qwen3",
        think="reasoning",
        batch_size=2,
        gen_kwargs="eos_token_id=" + str(one.renderer.end_id),
    )
    assert results["results"]["own_sums"]["exact_match,none"] == 1.0
    assert [sample["resps"][0][0] for sample in samples["own_sums"]] == [row["answer"] for row in rows]
    assert set(samples) == {"own_sums", "own_choices"}


def test_a_task_whose_data_are_elsewhere_is_named(tmp_path: Path) -> None:
    one = trained(*CASES[0])
    text = CHOICES.replace("custom_dataset: !function rows.rows", "dataset_path: nobody/has-this")
    (tmp_path / "c.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(HarnessError, match=r"task own_choices: found none that loads here .*HF_DATASETS_OFFLINE=0"):
        run_standard(
            one.model,
            one.renderer.tokenizer,
            ["own_choices"],
            [tmp_path],
            family="qwen3",
            think="reasoning",
            batch_size=2,
        )


@pytest.mark.parametrize(
    ("family", "think", "told"),
    [
        ("qwen3", "reasoning", True),
        ("qwen3", "empty", False),
        ("qwen3", "none", None),
        ("deepseek-r1", "reasoning", None),
    ],
)
def test_only_qwen3_is_told_whether_to_think(family: FamilyName, think: Think, told: bool | None) -> None:
    options = thinking(family, think)
    assert options["think_end_token"] == "</think>"
    assert options.get("enable_thinking") is told


@pytest.fixture(autouse=True)
def _log_level() -> Any:
    before = logging.getLogger("lm_eval").level
    yield
    logging.getLogger("lm_eval").setLevel(before)
