"""Settings: what a person writes in params.yaml, and what a domain's run is resolved to.

`resolve` merges the root's settings with a domain's own, fills what is null from the model's recipe,
and refuses anything unknown or of a wrong type in one line that names key, value and expectation.
"""

import difflib
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Discriminator, Field, JsonValue, Tag, ValidationError, model_validator
from pydantic_core import ErrorDetails

Method = Literal["lora", "dora", "qlora", "full"]
TooLong = Literal["refuse", "drop"]
Precision = Literal["auto", "bf16", "fp32"]
Think = Literal["reasoning", "empty", "none"]
FamilyName = Literal["qwen3", "deepseek-r1", "smollm2", "gemma3"]
QuantFormat = Literal["int8", "nf4", "dynamic-int8", "gguf-q8-0", "gguf-q4-0"]
Change = Literal["number", "irrelevant", "order", "typo"]

Share = Annotated[float, Field(gt=0, lt=1)]
Count = Annotated[int, Field(ge=1)]

ModelT = TypeVar("ModelT", bound=BaseModel)

ROOT_PARAMS = "params.yaml"
"""What the root's settings are called in errors."""


class ConfigError(ValueError):
    """A setting that can't be used; the message is one line naming key, value and what was expected."""


class Frozen(BaseModel):
    """Settings don't change after they are read, and an unknown key is an error.

    Values are taken as they stand: no text becomes a number, no number a flag.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


def _targets_kind(value: object) -> str | None:
    """Which alternative of `Lora.target_modules` a value is meant to be."""
    if isinstance(value, list):
        return "<list>"
    return "<name>" if value == "all-linear" else None


class Lora(Frozen):
    """Low-rank adaptation, https://arxiv.org/abs/2106.09685."""

    r: Count
    """Rank of the update."""
    alpha: Annotated[float, Field(gt=0)]
    """The update is scaled by alpha / r."""
    dropout: Annotated[float, Field(ge=0, lt=1)]
    """Dropout on the input of the update, during training only."""
    target_modules: Annotated[
        Annotated[Literal["all-linear"], Tag("<name>")] | Annotated[list[str], Field(min_length=1), Tag("<list>")],
        Discriminator(
            _targets_kind,
            custom_error_type="target_modules",
            custom_error_message="Input should be 'all-linear' or a list of module names",
        ),
    ]
    """`all-linear`: every linear layer but the head; or a list such as [q_proj, v_proj]."""


class Loss(Frozen):
    """Weights of what is added to the token cross-entropy; 0 costs nothing.

    Each part is summed over its tokens and divided, as the cross-entropy is, by the supervised tokens of the step.
    """

    contrastive: Annotated[float, Field(ge=0)]
    """Weight of the margin between the label's logit and the strongest other token's."""
    margin: Annotated[float, Field(ge=0)]
    """The margin, in logits, above which a token adds nothing."""
    format: Annotated[float, Field(ge=0)]
    """Weight of the format loss: at each token of the answer, minus the log of the probability that falls on tokens
    with which the answer may go on by answer.schema.json, in the one spelling that is trained on. It tells the model
    what an answer can't be, not which answer is right, and is never above the cross-entropy of the same token."""


class EarlyStopping(Frozen):
    """When to stop, by the loss on a part of the validation split."""

    every: Count
    """Steps between two looks at the validation loss."""
    patience: Count
    """Looks in a row without improvement after which training stops."""
    min_delta: Annotated[float, Field(ge=0)]
    """The least fall of the validation loss that counts as improvement."""
    examples: Count
    """How many validation examples are looked at."""


class Quality(Frozen):
    """Thresholds of the rules that turn a row away; what they were measured on stands in docs/cleaning.md."""

    max_repetition: Annotated[float, Field(gt=0, le=1)]
    """Largest share of a text's words that stand in word 5-grams which the text has held before."""
    min_wordlike: Share
    """Least share of letters, digits and marks among characters other than blanks."""
    max_symbols: Share
    """Largest share of pictographs, modifiers and unassigned or private characters."""
    max_unknown_words: Annotated[float, Field(ge=0, le=1)]
    """Largest share of words that neither the word list nor the domain's dictionary holds; 1 turns nothing away.
    Words are scored, never rewritten."""
    dictionary: str | None
    """Text file under the domain's data folder with words of the domain, one a line."""
    languages: Annotated[list[Literal["en", "zh"]], Field(min_length=1)]
    """Languages that a row may be written in, whatever it says of itself."""
    reasoning: bool
    """Whether a row goes whose reasoning holds wrong arithmetic or ends in another value than the answer's."""


class Data(Frozen):
    """How raw rows become splits."""

    test: Share
    """Share of groups held out for testing; chosen by a hash of the group, so that new data moves no old group."""
    validation: Share
    """Share of groups for early stopping."""
    near_duplicate: Annotated[float, Field(gt=0, le=1)]
    """Jaccard similarity of shingles from which two rows are the same."""
    leak_overlap: Annotated[float, Field(gt=0, le=1)]
    """Weighted share of 8-grams in common with one test row from which a row leaves the training side; see
    practicum/data/leaks.py."""
    max_label_ratio: Annotated[float, Field(ge=1)]
    """In training, a label may hold at most this many times the median label's rows of its task."""
    label_temperature: Annotated[float, Field(ge=1)]
    """In training, a label with c rows over its task's median m keeps m * (c / m) ** (1 / temperature): 1 keeps all."""
    quality: Quality


Files = Annotated[str, Field(min_length=1)]
"""A path or glob pattern under the domain's data folder, such as `imaging/*.png`."""
Encoding = Literal["auto", "utf-8", "utf-16", "gb18030"]
"""`auto`: by byte-order mark, else UTF-8, else GB18030."""


class Columns(Frozen):
    """Which columns of a source hold what: with it a source becomes examples without code in the plug-in."""

    task: str
    """The task's name, the same for every row."""
    question: str
    answer: str
    """Holds JSON that fits answer.schema.json; any other text becomes {"answer": text}."""
    reasoning: str
    context: str | None = None
    label: str | None = None
    """Without it every row has the label `all`."""
    group: str | None = None
    """Without it every row is a group of its own."""
    language: Literal["en", "zh"] = "en"
    """Of every row."""


class _Source(Frozen):
    example: Columns | None = None


class CsvSource(_Source):
    """Rows of CSV files with a header line."""

    reader: Literal["csv"]
    files: Files
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] = ","
    encoding: Encoding = "auto"
    columns: list[str] = []
    """Columns that must be there; more are fine."""


class JsonlSource(_Source):
    """Objects of JSON-lines files."""

    reader: Literal["jsonl"]
    files: Files
    encoding: Encoding = "auto"


class ParquetSource(_Source):
    """Rows of Parquet files."""

    reader: Literal["parquet"]
    files: Files
    columns: list[str] = []
    """Columns that must be there; when given, only these are read."""


class SqliteSource(_Source):
    """Rows of a table or a query of SQLite databases, opened read-only."""

    reader: Literal["sqlite"]
    files: Files
    query: Annotated[str, Field(min_length=1)]
    """One SELECT, such as `select * from laws where status = 'in force'`; give it an ORDER BY."""


class TextSource(_Source):
    """Text and Markdown files."""

    reader: Literal["txt", "md"]
    files: Files
    encoding: Encoding = "auto"
    unit: Literal["file", "paragraph", "section"] = "file"
    """What makes a record; a section begins at a Markdown heading."""


class PdfSource(_Source):
    """Pages of PDF files, by their text layer or by OCR."""

    reader: Literal["pdf"]
    files: Files
    unit: Literal["page", "file"] = "page"
    ocr: Literal["auto", "never", "always"] = "auto"
    """`auto`: where a page has no text layer."""
    dpi: Annotated[int, Field(ge=72, le=600)] = 200
    """Of the picture that is read."""


class ImageSource(_Source):
    """Pictures of text, read by OCR."""

    reader: Literal["image"]
    files: Files


class HubSource(_Source):
    """Rows of a data set on the Hugging Face hub, streamed."""

    reader: Literal["hub"]
    hub: str
    """Repository id, or a local folder in the hub's layout."""
    revision: Annotated[str, Field(pattern="^[0-9a-f]{40}$")]
    """Commit: a branch would not be the same rows tomorrow."""
    subset: str | None = None
    split: str = "train"


_READERS: tuple[type[_Source], ...] = (
    CsvSource,
    JsonlSource,
    ParquetSource,
    SqliteSource,
    TextSource,
    PdfSource,
    ImageSource,
    HubSource,
)
Source = Annotated[
    CsvSource | JsonlSource | ParquetSource | SqliteSource | TextSource | PdfSource | ImageSource | HubSource,
    Field(discriminator="reader"),
]
"""What prepare reads under one name."""

IdentifierKind = Literal[
    "name", "location", "zip", "date", "age", "phone", "fax", "email", "ssn", "mrn", "health_plan", "account",
    "licence", "vehicle", "device", "url", "ip", "biometric", "photo", "id_number", "resident_id", "bank_card",
    "credit_code",
]  # fmt: skip
"""The 18 identifiers of 45 CFR 164.514(b)(2)(i) in order, ages over 89 and ZIP codes told from dates and
locations; then the Chinese resident identity number, bank card and unified social credit code. Chinese mobile
numbers are `phone`, plates `vehicle`, medical record numbers `mrn`."""


class Deidentification(Frozen):
    """Removal of identifiers from raw records, before anything else sees them."""

    enabled: bool
    dates: Literal["year", "shift", "remove"]
    """Cut to the year, moved by a number of days that is the same within a document (needs a key, is no longer
    Safe Harbor), or taken out."""
    fields: dict[str, IdentifierKind | Literal["keep"]]
    """What a column holds, by its dotted path (`patient.name`); `keep` leaves it alone. Others are searched."""
    keep: list[str] = []
    """Words that look like a name or a place and identify nobody here, such as the namesake of a score."""
    notes: str | None
    """Annotated notes under the domain's data folder on which recall and precision are measured; null: not measured."""


class Expectation(Frozen):
    """A check of the domain's own on its prepared rows, by an expectation of Great Expectations."""

    name: str
    expect: Annotated[str, Field(pattern="^expect_[a-z_]+$")]
    """Such as expect_column_values_to_match_regex."""
    severity: Literal["critical", "warning"]
    """Critical stops the pipeline, warning is shown."""
    notes: str = ""
    where: dict[str, str] = {}
    """Only rows whose columns (split, task, label, language) hold these values."""
    arguments: dict[str, JsonValue]


class ValidationSettings(Frozen):
    """What prepared data must hold beside the general checks."""

    expectations: list[Expectation]
    max_drift: Annotated[float, Field(gt=0)]
    """Population stability index against the accepted data from which a warning is shown; 0.2 is customary."""


class Decoding(Frozen):
    """How a model writes, for every model that is compared."""

    temperature: Annotated[float, Field(ge=0, le=2)]
    """0 takes the most probable token each time; above it tokens are drawn, in reasoning usually at 0.3 to 0.7."""
    top_k: Count
    """How many of the most probable tokens are drawn from, usually 10 to 30; unused at temperature 0."""
    constrained: bool
    """Whether the answer is held to answer.schema.json while it is written: after `</think>`, or from the start where
    nothing is thought."""
    max_thinking_tokens: Count | None
    """Tokens after which an open think block is closed for the model; null leaves it to the model."""


class Robustness(Frozen):
    """How well the tuned model stands changes of its items."""

    items: Count
    """Test items that are changed, each in every way."""
    changes: list[Change]
    """`number`: a key number, of like magnitude, the answer computed again; `irrelevant`: a sentence that says nothing
    to the matter; `order`: of the facts; `typo`: in words of the question."""


class Stability(Frozen):
    """How alike the tuned model's answers to the same item are."""

    items: Count
    """Test items that are answered several times."""
    samples: Annotated[int, Field(ge=2)]
    """Answers to each."""
    temperature: Annotated[float, Field(gt=0, le=2)]
    top_k: Count


class Forgetting(Frozen):
    """What tuning cost outside of the domain."""

    texts: Count
    """General texts whose loss is taken before and after, at most."""
    questions: Count
    """General questions answered before and after, at most."""


class Evaluation(Frozen):
    """How the base and the tuned model are compared."""

    items: Count
    """Test items at most, spread evenly over the tasks."""
    shots: Annotated[int, Field(ge=0)]
    """Worked examples in the base model's prompt, per task."""
    batch_size: Count
    """Rows decoded together."""
    max_new_tokens: Count
    """Tokens after which an answer is cut."""
    rt_requests: Count
    """Items answered one at a time to measure the response time."""
    confidence: Share
    """Level of the intervals."""
    resamples: Annotated[int, Field(ge=100)]
    """Bootstrap resamples."""
    robustness: Robustness
    stability: Stability
    forgetting: Forgetting


class Quantization(Frozen):
    """What is made of the merged float model."""

    formats: list[QuantFormat]
    """Which artefacts to make; may be empty."""
    items: Count
    """Test items on which each artefact is compared with the float model."""
    min_top1: Annotated[float, Field(gt=0, le=1)]
    """Least share of reference positions at which artefact and float model must rank the same token first."""
    margin: Share
    """How much exact match an artefact may lose against the float model and still be recommended."""


class HubWeights(Frozen):
    """Weights on the Hugging Face hub."""

    hub: str
    """Repository id, such as Qwen/Qwen3-8B."""
    revision: str
    """Commit, tag or branch; a commit makes runs repeatable."""


class PackageWeights(Frozen):
    """Weights in a GGUF file inside an installed Python package."""

    package: str
    """Import name of the package."""
    file: str
    """Path inside the package."""
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    """Expected digest of the file."""


class FolderWeights(Frozen):
    """Weights in a local folder in the Transformers layout."""

    folder: str
    """Path, relative to the repository's root or absolute."""


_WEIGHTS: dict[str, type[Frozen]] = {"hub": HubWeights, "package": PackageWeights, "folder": FolderWeights}


def _weights_kind(value: object) -> str | None:
    """Which kind of weights a value is meant to be: told by its first key, so that an error speaks of one kind only."""
    for key, model in _WEIGHTS.items():
        if isinstance(value, model) or (isinstance(value, Mapping) and key in value):
            return f"<{key}>"
    return None


Weights = Annotated[
    Annotated[HubWeights, Tag("<hub>")]
    | Annotated[PackageWeights, Tag("<package>")]
    | Annotated[FolderWeights, Tag("<folder>")],
    Discriminator(
        _weights_kind,
        custom_error_type="weights",
        custom_error_message="Input should be a mapping with one of the keys hub, package, folder",
    ),
]


class Recipe(Frozen):
    """What a family recommends where a setting is null."""

    batch_size: Count
    lr: Annotated[float, Field(gt=0)]
    steps: Count
    warmup_steps: Annotated[int, Field(ge=0)]


class Family(Frozen):
    """Models that think and are prompted alike."""

    recipe: Recipe


class Shape(Frozen):
    """What a model's memory follows from, by the names of config.json in the Transformers layout."""

    model_type: str
    """Architecture, such as qwen3; one that is not known is taken for Llama's."""
    num_hidden_layers: Count
    hidden_size: Count
    intermediate_size: Count
    num_attention_heads: Count
    num_key_value_heads: Count
    head_dim: Count
    """Width of one attention head."""
    vocab_size: Count
    """Rows of the embedding, tokens that are never used included."""
    tie_word_embeddings: bool
    """Whether the head is the embedding."""


class Entry(Frozen):
    """One model of the registry."""

    family: FamilyName
    weights: Weights
    shape: Shape | None = None
    """For the planner; left out, it is read from the package's or the folder's own file."""
    licence: str
    """Name of the weights' licence."""
    note: str = ""
    """What a user should know before choosing it."""


class Registry(Frozen):
    """models.yaml."""

    families: dict[FamilyName, Family]
    models: dict[str, Entry]

    @model_validator(mode="after")
    def families_are_known(self) -> Self:
        for name, entry in self.models.items():
            if entry.family not in self.families:
                raise ValueError(f"model {name!r} is of family {entry.family!r}, which stands not under families")
        return self


class Shared(Frozen):
    """The settings of one run that don't depend on the model's recipe."""

    model: str
    """A name of models.yaml."""
    method: Method
    """lora, dora, qlora (LoRA over a 4-bit base) or full (every weight)."""
    think: Think
    """What stands in the think block of training targets: the reasoning, nothing, or no block at all."""
    accumulation_steps: Count
    """Batches whose gradients are added up before a step; the batch size counts all of them together."""
    precision: Precision
    """Of matrix products: auto is bf16 where the device multiplies it natively, else fp32."""
    seed: Annotated[int, Field(ge=0, lt=2**32)]
    """Of everything random."""
    max_length: Count
    """Tokens of the longest training row; none is ever cut."""
    too_long: TooLong
    """What becomes of a longer one: `refuse` stops at validate, `drop` leaves it out and counts it."""
    accelerate: Annotated[str, Field(pattern=r"^[a-z0-9_]+$")] | None
    """A file of configs/accelerate/, without its ending, by which training is launched; null trains in one process."""
    lora: Lora
    loss: Loss
    early_stopping: EarlyStopping
    sources: dict[str, Source]
    """What prepare reads, by the name that the plug-in uses."""
    mix: dict[Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")], Annotated[float, Field(gt=0)]]
    """Rows of other domains to train on beside the domain's own, each as a share of these; a dvc.yaml in the domain's
    folder says where they come from (docs/training.md)."""
    data: Data
    deidentification: Deidentification
    validation: ValidationSettings
    decoding: Decoding
    evaluation: Evaluation
    quantization: Quantization


class Settings(Shared):
    """params.yaml at the root, merged with a domain's own."""

    domains: Annotated[list[str], Field(min_length=1)]
    """Folders under domains/, in the order in which they run."""
    lr: Annotated[float, Field(gt=0)] | None
    """Peak learning rate; null takes the family's recipe, as for the three that follow."""
    batch_size: Count | None
    """Rows per optimizer step, over all accumulation steps."""
    steps: Count | None
    """Optimizer steps."""
    warmup_steps: Annotated[int, Field(ge=0)] | None
    """Steps over which the learning rate rises from zero."""
    domain: dict[str, JsonValue] = {}
    """What only this domain has; its keys are declared by the domain's plug-in."""


class Resolved(Shared):
    """config.json: everything a domain's stages read, with nothing left open."""

    family: FamilyName
    weights: Weights
    licence: str
    lr: Annotated[float, Field(gt=0)]
    batch_size: Count
    steps: Count
    warmup_steps: Annotated[int, Field(ge=0)]
    domain: dict[str, JsonValue]

    @model_validator(mode="after")
    def batch_divides(self) -> Self:
        if self.batch_size % self.accumulation_steps:
            raise ValueError(
                f"accumulation_steps: found {self.accumulation_steps}, expected a divisor of batch_size "
                f"({self.batch_size})"
            )
        return self

    @model_validator(mode="after")
    def one_grammar(self) -> Self:
        if self.mix and self.loss.format:
            raise ValueError(
                f"loss.format: found {self.loss.format:g} beside mix, expected one of the two: other domains' answers "
                "have other grammars"
            )
        return self

    @model_validator(mode="after")
    def warmup_ends(self) -> Self:
        if self.warmup_steps >= self.steps:
            raise ValueError(
                f"warmup_steps: found {self.warmup_steps}, expected fewer than steps ({self.steps}); "
                "set both, or leave both null for the model's recipe"
            )
        return self


def _known_keys(model: type[BaseModel], path: Sequence[str]) -> list[str]:
    """Field names of the model that stands at `path` under `model`; empty when none does."""
    for part in path:
        field = model.model_fields.get(part)
        if field is None or not (isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel)):
            return []
        model = field.annotation
    return list(model.model_fields)


def _near(name: str, known: Sequence[str]) -> str:
    """What was expected instead of `name`: the one that it resembles, or all of them."""
    near = difflib.get_close_matches(name, known, n=1)
    return f"{near[0]!r}" if near else f"one of {', '.join(known)}"


def _shown(value: object) -> str:
    """A value as YAML users know it, on one line and short."""
    text = json.dumps(value, ensure_ascii=False, default=str) if not isinstance(value, str) else repr(value)
    return text if len(text) <= 80 else text[:77] + "..."


_EXPECTED: dict[str, Callable[[dict[str, Any]], str]] = {
    "string_pattern_mismatch": lambda context: f"text of the form {context['pattern']}",
    "too_short": lambda context: f"at least {context['min_length']} item(s)",
    "invalid_key": lambda _: "text as key",
    "greater_than": lambda context: f"more than {context['gt']:g}",
    "greater_than_equal": lambda context: f"{context['ge']:g} or more",
    "less_than": lambda context: f"less than {context['lt']:g}",
    "less_than_equal": lambda context: f"{context['le']:g} or less",
    "dict_type": lambda _: "a mapping",
}


def _expected(fault: ErrorDetails, known: Sequence[str]) -> str:
    """What a fault's key should have held."""
    if fault["type"] == "model_type":
        return f"a mapping with the keys {', '.join(known)}" if known else "a mapping"
    if fault["type"] in _EXPECTED:
        return _EXPECTED[fault["type"]](fault.get("ctx", {}))
    return fault["msg"].removeprefix("Input should be ")


def one_line(error: ValidationError, model: type[BaseModel], origin: str, under: Sequence[str] = ()) -> str:
    """The first fault as `origin: key: found VALUE, expected ...`.

    Args:
        model: what the value was checked against.
        origin: the file, for the reader.
        under: keys above the value in the file.
    """
    fault = error.errors()[0]
    # A part in angle brackets is the tag of a union, no key.
    path = [str(part) for part in fault["loc"] if not str(part).startswith("<")]
    key = ".".join([*under, *path])
    place = f"{origin}: {key}" if key else origin
    if fault["type"] == "extra_forbidden":
        known = _known_keys(model, path[:-1])
        hint = f", expected {_near(path[-1], known)}" if known else ", expected no such key"
        return f"{place}: found an unknown key with value {_shown(fault['input'])}{hint}"
    if fault["type"] == "missing":
        return f"{place}: found nothing, expected a value"
    if fault["type"] == "value_error":
        return f"{place}: {fault['msg'].removeprefix('Value error, ')}"
    return f"{place}: found {_shown(fault['input'])}, expected {_expected(fault, _known_keys(model, path))}"


def checked(model: type[ModelT], value: object, origin: str, under: Sequence[str] = ()) -> ModelT:
    """`value` as a `model`.

    Raises:
        ConfigError: in one line, naming `origin`, key, value and what was expected.
    """
    try:
        return model.model_validate(value)
    except ValidationError as error:
        raise ConfigError(one_line(error, model, origin, under)) from None


def merged(base: Mapping[str, Any], override: Mapping[str, Any]) -> dict[str, Any]:
    """`base` with the values of `override`, key by key through nested mappings."""
    result = dict(base)
    for key, value in override.items():
        old = result.get(key)
        if isinstance(old, Mapping) and isinstance(value, Mapping):
            result[key] = merged(old, value)
        else:
            result[key] = value
    return result


def check_domains(domains: Sequence[str]) -> None:
    """Refuse a domain that stands twice.

    Raises:
        ConfigError: naming it.
    """
    for name in domains:
        if list(domains).count(name) > 1:
            raise ConfigError(f"{ROOT_PARAMS}: domains: found {name!r} twice, expected each domain once")


def resolve(
    root: Mapping[str, Any],
    override: Mapping[str, Any],
    registry: Registry,
    domain_settings: type[BaseModel],
    origin: str,
) -> Resolved:
    """One domain's settings with nothing left open.

    Args:
        root: the root's params.yaml, parsed.
        override: the domain's params.yaml, parsed; it may set any key but `domains`.
        registry: the models.
        domain_settings: the model of what stands under `domain:`.
        origin: the domain's params file, for errors.

    Raises:
        ConfigError: a key is unknown, a value is of a wrong type or out of range, or a model is unknown.
    """
    base = checked(Settings, root, ROOT_PARAMS)
    check_domains(base.domains)
    if "domains" in override:
        raise ConfigError(f"{origin}: domains: found {_shown(override['domains'])}, expected it in {ROOT_PARAMS} only")
    settings = checked(Settings, merged(root, override), origin)
    if settings.model not in registry.models:
        file = origin if "model" in override else ROOT_PARAMS
        expected = _near(settings.model, list(registry.models))
        raise ConfigError(f"{file}: model: found {settings.model!r}, expected {expected} (see models.yaml)")
    entry = registry.models[settings.model]
    recipe = registry.families[entry.family].recipe
    values = settings.model_dump(exclude={"domains"})
    for key, value in recipe.model_dump().items():
        if values[key] is None:
            values[key] = value
    values |= {"family": entry.family, "weights": entry.weights.model_dump(), "licence": entry.licence}
    values["domain"] = checked(domain_settings, settings.domain, origin, ("domain",)).model_dump(mode="json")
    # A fault that shows only here lies between keys that may stand in either file.
    return checked(Resolved, values, f"{origin} over {ROOT_PARAMS}")
