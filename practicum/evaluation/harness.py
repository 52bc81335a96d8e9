"""A test set as a task of EleutherAI's LM Evaluation Harness, and whether the harness finds what Practicum finds.

A task is a folder: YAML, the items with their prompts as JSON lines, the answers' schema, the domain's plug-in and a
few lines of Python by which the harness calls Practicum's scoring. The prompts are rendered here and written as text.
Reading that text, the harness must come to the ids that Practicum gives the model, which is checked for every item
where the task is written, and again with the harness's own tokenisation where it is run.

The harness (https://github.com/EleutherAI/lm-evaluation-harness, 0.4.13) is imported where it runs a model; to write
a task or to score with it needs Practicum alone.
"""

import importlib.util
import json
import logging
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import torch
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from practicum.chat import Renderer
from practicum.config import FamilyName, Think
from practicum.data.example import Example
from practicum.domain import Domain
from practicum.evaluation.extraction import CLOSE
from practicum.evaluation.scoring import DIGITS, Prediction, Written, predictions
from practicum.models import first_line

if TYPE_CHECKING:
    import datasets
    from lm_eval.models.huggingface import HFLM

METRICS: Final = {"exact_match": True, "f1": True, "format_error_rate": False}
"""What the harness reports of a task, and whether higher is better."""

TIE: Final = {torch.bfloat16: 2**-6, torch.float16: 2**-9, torch.float32: 2**-16}
"""Share of the largest logit by which two tokens may lie apart and still be taken for a tie: what the order of sums
in another batch moves a logit by, through all layers."""

ITEMS, SCHEMA, PLUGIN, SCORING = "items.jsonl", "answer.schema.json", "domain.py", "scoring.py"

_TASK: Final = """\
# {task}: a test set of {n} items as the LM Evaluation Harness (0.4.13, `--model hf`) reads it.
# Prompts are rendered for the family {family} with `think: {think}`; pass add_bos_token=False, since they are whole.
task: {task}
custom_dataset: !function scoring.dataset
test_split: test
output_type: generate_until
num_fewshot: 0
doc_to_text: prompt
doc_to_target: reference
process_results: !function scoring.scores
generation_kwargs:
  until: []
  eos_token_id: {stop_ids}
  max_gen_toks: {max_new_tokens}
  do_sample: false
  temperature: 0.0
  num_beams: 1
  repetition_penalty: 1.0  # some models' own generation settings hold another
metric_list:
{metrics}
metadata:
  version: 1.0
"""

_SCORING: Final = '''\
"""Reads and scores this folder's items as Practicum does, which must be importable: see PYTHONPATH."""

from pathlib import Path

from practicum.evaluation.harness import ExportedTask

TASK = ExportedTask(Path(__file__).resolve().parent)


def dataset(**_):
    return TASK.dataset()


def scores(doc, results):
    return TASK.scores(doc, results[0])
'''


class HarnessError(ValueError):
    """The harness would not see what Practicum sees, or can't run; says which item or task and what to do."""


@dataclass(frozen=True, slots=True)
class HarnessItem:
    """What the harness made of one item."""

    id: str
    text: str
    """The completion as the harness gives it to scoring."""
    em: int
    f1: float
    format_error: int


@dataclass(frozen=True, slots=True)
class HarnessRun:
    """A task that the harness has run."""

    results: dict[str, Any]
    """As `lm_eval.simple_evaluate` returns it, without the samples."""
    samples: tuple[dict[str, Any], ...]
    """Its samples as they are."""
    items: tuple[HarnessItem, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """An item that Practicum and the harness score differently."""

    id: str
    ours: str
    theirs: str
    """Completions."""
    scores: dict[str, tuple[float, float]]
    """Practicum's and the harness's, of the measures that differ."""
    gap: float | None
    """Logits between the two tokens at which the completions part; None where they are the same text."""
    tie: bool
    """Whether that is within what rounding explains."""


def task_name(domain: str) -> str:
    """What the harness calls a domain's test set."""
    return f"practicum_{domain}"


def prompt_texts(
    tokenizer: PreTrainedTokenizerBase, items: Sequence[Example], prompts: Sequence[Sequence[int]]
) -> list[str]:
    """Each prompt as the text that the tokenizer reads as the same ids.

    Raises:
        HarnessError: there is none, as where an item's own text holds the name of a control token: Practicum keeps
            that name plain text, and the harness would let it steer the model.
    """
    texts = []
    for item, ids in zip(items, prompts, strict=True):
        text = str(tokenizer.decode(list(ids), skip_special_tokens=False, clean_up_tokenization_spaces=False))
        _check_ids(item.id, item.source, ids, tokenizer.encode(text, add_special_tokens=False), tokenizer)
        texts.append(text)
    return texts


def _check_ids(
    name: str, source: str, ours: Sequence[int], theirs: Sequence[int], tokenizer: PreTrainedTokenizerBase
) -> None:
    if list(ours) == list(theirs):
        return
    at = _parting(ours, theirs)
    raise HarnessError(
        f"item {name} ({source}): the harness would give the model other tokens than Practicum: they part at "
        f"position {at}, {tokenizer.decode(list(ours[at : at + 6]))!r} here and "
        f"{tokenizer.decode(list(theirs[at : at + 6]))!r} there; expected a prompt that stands as text. Does the item "
        "hold the name of a control token? Then clean or reject it; else export with the model's own tokenizer"
    )


def _parting(first: Sequence[int], second: Sequence[int]) -> int:
    """The first position at which two sequences differ, the shorter one's length where there is none."""
    return next(
        (at for at, (one, other) in enumerate(zip(first, second, strict=False)) if one != other),
        min(len(first), len(second)),
    )


def task_files(
    task: str,
    renderer: Renderer,
    items: Sequence[Example],
    prompts: Sequence[Sequence[int]],
    *,
    max_new_tokens: int,
    schema: str,
    plugin: str,
) -> dict[str, str]:
    """The files of a task's folder, by name.

    Args:
        task: name by which the harness knows it.
        renderer: that rendered the prompts; gives the tokens at which decoding ends.
        items: the test items.
        prompts: token ids of each, worked examples included.
        max_new_tokens: tokens after which an answer is cut.
        schema: text of the domain's answer.schema.json.
        plugin: text of the domain's domain.py, which imports nothing beside it.

    Raises:
        HarnessError: there are no items, or a prompt can't be said in text.
    """
    if not items:
        raise HarnessError(f"{task}: found no items, expected at least one; is the test split empty?")
    lines = [
        {
            "id": item.id,
            "task": item.task,
            "label": item.label,
            "group": item.group,
            "language": item.language,
            "source": item.source,
            "prompt": text,
            "prompt_tokens": len(ids),
            "reference": item.answer,
        }
        for item, ids, text in zip(items, prompts, prompt_texts(renderer.tokenizer, items, prompts), strict=True)
    ]
    metrics = "".join(
        f"  - {{metric: {name}, aggregation: mean, higher_is_better: {json.dumps(higher)}}}\n"
        for name, higher in METRICS.items()
    )
    return {
        f"{task}.yaml": _TASK.format(
            task=task,
            n=len(items),
            family=renderer.family,
            think=renderer.think,
            stop_ids=sorted(renderer.stop_ids),
            max_new_tokens=max_new_tokens,
            metrics=metrics.rstrip("\n"),
        ),
        ITEMS: "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines),
        SCHEMA: schema,
        PLUGIN: plugin,
        SCORING: _SCORING,
    }


@dataclass(frozen=True)
class ExportedTask:
    """A task's folder, as the harness calls it by the folder's `scoring.py`."""

    folder: Path

    @cached_property
    def schema(self) -> dict[str, Any]:
        """The answers' JSON Schema."""
        value: dict[str, Any] = json.loads((self.folder / SCHEMA).read_bytes())
        return value

    @cached_property
    def domain(self) -> Domain:
        """The domain's plug-in, which may say what more counts as the same answer.

        Raises:
            HarnessError: domain.py has no `domain` that is a `Domain`.
        """
        spec = importlib.util.spec_from_file_location(f"{self.folder.name}.domain", self.folder / PLUGIN)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[spec.name] = module  # dataclasses look there for the module of their class
        spec.loader.exec_module(module)
        found = getattr(module, "domain", None)
        if not isinstance(found, Domain):
            raise HarnessError(f"{self.folder / PLUGIN}: found {found!r} as `domain`, expected a Domain; export again")
        return found

    def rows(self) -> list[dict[str, Any]]:
        """The lines of items.jsonl."""
        return [json.loads(line) for line in (self.folder / ITEMS).read_text(encoding="utf-8").splitlines()]

    def dataset(self) -> "dict[str, datasets.Dataset]":
        """The items as the harness's one split, `test`; kept in memory, so that nothing is cached elsewhere."""
        import datasets

        return {"test": datasets.Dataset.from_list(self.rows())}

    def scores(self, doc: Mapping[str, Any], text: str) -> dict[str, float]:
        """Practicum's scores of one completion.

        Whether the token limit cut it is not told by the harness. That changes the kind of a format error, not
        whether there is one: an answer that was read before the limit counts either way.
        """
        row = scored(doc, text, self.schema, self.domain)
        return {"exact_match": float(row.em), "f1": row.f1, "format_error_rate": float(row.error is not None)}


def scored(doc: Mapping[str, Any], text: str, schema: Mapping[str, Any], domain: Domain) -> Prediction:
    """A completion of an exported item, scored as every stage does it."""
    example = Example(
        id=doc["id"],
        task=doc["task"],
        label=doc["label"],
        group=doc["group"],
        language=doc["language"],
        source=doc["source"],
        context="",
        question=doc["prompt"],
        reasoning="",
        answer=doc["reference"],
    )
    return predictions([example], [Written(doc["prompt_tokens"], 0, True, text)], schema, domain)[0]


def thinking(family: FamilyName, think: Think) -> dict[str, Any]:
    """How the harness is to handle a family's thinking in tasks of its own: the arguments of its model.

    What stands before `</think>` is no part of an answer. Qwen3's template takes `enable_thinking`; DeepSeek-R1's
    opens the block by itself; to the others the tags are text that a tuned model writes. With `think: none` Qwen3's
    prompt has no block, which is what its template does when it is told nothing.
    """
    options: dict[str, Any] = {"think_end_token": CLOSE}
    if family == "qwen3" and think != "none":
        options["enable_thinking"] = think == "reasoning"
    return options


def run_exported(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    folder: Path,
    prompts: Mapping[str, Sequence[int]],
    *,
    max_new_tokens: int,
    batch_size: int,
    limit: int | None = None,
) -> HarnessRun:
    """Let the harness run an exported task.

    Args:
        model: in evaluation mode, on its device.
        tokenizer: that belongs to it.
        folder: holds the task's YAML; its name is the task's.
        prompts: token ids that Practicum gives the model, by the items' ids.
        max_new_tokens: as the task was exported with.
        batch_size: rows decoded together.
        limit: run the first items only.

    Raises:
        HarnessError: the harness isn't there, or would not give the model these ids.
    """
    lm = _model(model, tokenizer, batch_size, add_bos_token=False)
    task = folder.name
    for row in ExportedTask(folder).rows()[:limit]:
        ours = prompts[row["id"]]
        _check_ids(row["id"], row["source"], ours, lm.tok_batch_encode([row["prompt"]])[0][0].tolist(), tokenizer)
        if len(ours) + max_new_tokens > lm.max_length:
            raise HarnessError(
                f"item {row['id']} ({row['source']}): found a prompt of {len(ours)} tokens that may grow by "
                f"{max_new_tokens}, expected at most {lm.max_length} in all: the harness would cut its beginning. Use "
                "fewer worked examples, or lower max_new_tokens"
            )
    found = _simple_evaluate(lm, [task], _manager([folder]), limit=limit)
    samples = sorted(found.pop("samples")[task], key=lambda sample: int(sample["doc_id"]))
    items = [
        HarnessItem(
            id=sample["doc"]["id"],
            text=sample["resps"][0][0],
            em=int(sample["exact_match"]),
            f1=float(sample["f1"]),
            format_error=int(sample["format_error_rate"]),
        )
        for sample in samples
    ]
    return HarnessRun(found, tuple(samples), tuple(items))


def run_standard(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    names: Sequence[str],
    include: Sequence[Path],
    *,
    family: FamilyName,
    think: Think,
    batch_size: int,
    limit: int | None = None,
    gen_kwargs: str | None = None,
) -> tuple[dict[str, Any], dict[str, list[dict[str, Any]]]]:
    """Let the harness run tasks of its own or of the user.

    Tasks that the model writes an answer to get the model's chat template and the thinking of its family. Tasks that
    compare the likelihood of given answers get neither, as is the harness's custom: thinking would have no place.

    Args:
        model: in evaluation mode.
        tokenizer: that belongs to it.
        names: of tasks or groups.
        include: further folders in which tasks are looked for.
        family: of the model.
        think: how it was tuned to think.
        batch_size: rows at once.
        limit: run the first items of each only.
        gen_kwargs: over the tasks' own, such as `max_gen_toks=1024`.

    Returns:
        Results by `results`, `versions`, `configs`, `n-samples` and so on, and samples by the task's name.

    Raises:
        HarnessError: a name is unknown, its data can't be loaded, or a group mixes both kinds of tasks.
    """
    together: dict[str, Any] = {}
    samples: dict[str, list[dict[str, Any]]] = {}
    manager = _manager(include)
    if not set(names) <= set(manager.all_tasks):
        manager = _manager(include, include_defaults=True)  # thousands of files, which are read in half a minute
    writing: dict[bool, list[str]] = {True: [], False: []}
    for name in names:
        kinds = {task.get_config("output_type") == "generate_until" for task in _loaded(manager, name).values()}
        if len(kinds) != 1:
            raise HarnessError(
                f"{name}: found a group of tasks of which some are written answers and some are choices, expected one "
                "kind; name its tasks one by one"
            )
        writing[kinds.pop()].append(name)
    for writes, chosen in writing.items():
        if not chosen:
            continue
        lm = _model(model, tokenizer, batch_size, **(thinking(family, think) if writes else {}))
        found = _simple_evaluate(
            lm,
            chosen,
            manager,
            limit=limit,
            apply_chat_template=writes and tokenizer.chat_template is not None,
            gen_kwargs=gen_kwargs if writes else None,
        )
        samples |= found.pop("samples")
        for key, value in found.items():
            together[key] = together.get(key, {}) | value if isinstance(value, dict) else value
    return together, samples


def _model(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, batch_size: int, **options: Any) -> "HFLM":
    try:
        from lm_eval.models.huggingface import HFLM
    except ImportError as error:
        raise HarnessError(
            f"lm_eval: found it not installed ({error}), expected 0.4.13; run `pip install lm_eval==0.4.13`"
        ) from error
    logging.getLogger("lm_eval").setLevel(logging.ERROR)
    return HFLM(pretrained=model, tokenizer=tokenizer, batch_size=batch_size, **options)


def _manager(include: Iterable[Path], *, include_defaults: bool = False) -> Any:
    """The tasks that stand in the folders, and with them those that come with the harness."""
    from lm_eval.tasks import TaskManager

    return TaskManager(include_path=[str(path) for path in include], include_defaults=include_defaults)


def _loaded(manager: Any, name: str) -> dict[str, Any]:
    """The tasks of a name.

    Raises:
        HarnessError: they don't load.
    """
    try:
        tasks: dict[str, Any] = manager.load([name])["tasks"]
    except (OSError, ValueError, LookupError, ImportError, RuntimeError, TypeError) as error:
        raise HarnessError(
            f"task {name}: found none that loads here ({type(error).__name__}: {first_line(error)[:200]}); "
            "expected a task of the harness or of --include-path whose data is in the local cache. To fetch it once, "
            "set HF_HUB_OFFLINE=0 and HF_DATASETS_OFFLINE=0"
        ) from error
    return tasks


def _simple_evaluate(lm: "HFLM", tasks: Sequence[str], manager: Any, **options: Any) -> dict[str, Any]:
    from lm_eval import simple_evaluate

    found = simple_evaluate(
        model=lm, tasks=list(tasks), task_manager=manager, batch_size=lm.batch_size, log_samples=True, **options
    )
    assert found is not None  # only processes beside the first get none
    return dict(found)


def differences(
    ours: Sequence[Prediction],
    theirs: Sequence[HarnessItem],
    model: PreTrainedModel,
    renderer: Renderer,
    prompts: Mapping[str, Sequence[int]],
) -> list[Difference]:
    """The items whose exact match, F1 or format error are not the same, each with what the model says to it.

    Args:
        ours: predictions of the same items in the same order; there may be more at the end.
        theirs: what the harness found.
        model: that wrote both.
        renderer: whose tokenizer belongs to it.
        prompts: token ids by the items' ids.

    Raises:
        HarnessError: they are not predictions of these items and prompts.
    """
    found = []
    for place, item in enumerate(theirs):
        one = ours[place] if place < len(ours) else None
        if one is None or one.id != item.id or one.prompt_tokens != len(prompts[item.id]):
            what = "none" if one is None else f"item {one.id} with a prompt of {one.prompt_tokens} tokens"
            raise HarnessError(
                f"predictions, line {place + 1}: found {what}, expected item {item.id} with a prompt of "
                f"{len(prompts[item.id])} tokens; they were made from other data or settings: run `dvc repro` first"
            )
        pairs = {
            "exact match": (float(one.em), float(item.em)),
            "F1": (one.f1, round(item.f1, DIGITS)),
            "format error": (float(one.error is not None), float(item.format_error)),
        }
        scores = {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}
        if scores:
            gap, tie = _gap(model, renderer, prompts[item.id], one.text, item.text)
            found.append(Difference(item.id, one.text, item.text, scores, gap, tie))
    return found


@torch.inference_mode()
def _gap(
    model: PreTrainedModel, renderer: Renderer, prompt: Sequence[int], ours: str, theirs: str
) -> tuple[float | None, bool]:
    """Logits between the tokens at which two completions part, and whether rounding explains them."""
    first, second = (
        [*renderer.tokenizer.encode(text, add_special_tokens=False), renderer.end_id] for text in (ours, theirs)
    )
    at = _parting(first, second)
    if at == min(len(first), len(second)):
        return None, False
    ids = torch.tensor([[*prompt, *first[:at]]], device=model.device)
    logits = model(input_ids=ids, logits_to_keep=1).logits[0, -1].float()
    gap = abs(float(logits[first[at]] - logits[second[at]]))
    return gap, gap <= TIE.get(model.dtype, TIE[torch.float32]) * float(logits.abs().max())
