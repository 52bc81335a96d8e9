"""The planner against what models, autograd and the optimizer really hold."""

import json
import re
import weakref
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from peft import PeftModel
from ruamel.yaml import YAML
from torch import Tensor
from transformers import AutoModelForCausalLM, PreTrainedModel

from practicum.config import FolderWeights, Lora, Loss, Method, PackageWeights, Registry, Shape
from practicum.planning import (
    BLOCK,
    BLOCKWISE,
    CHUNK,
    LANES,
    ROUNDED,
    WIDTH_MULTIPLE,
    Launch,
    Training,
    changes,
    copied_weights,
    estimate,
    head_bytes,
    head_copy,
    in_blocks,
    kept_by_layer,
    launch_of,
    parameters,
    parse_memory,
    tokens_at_once,
    trainable_parameters,
)
from practicum.shapes import ShapeError, from_config, from_gguf, shape_of
from practicum.training import attention, blocks
from practicum.training.adapters import attach, loading_options
from practicum.training.attention import implementation
from practicum.training.batching import PAD_MULTIPLE
from practicum.training.blocks import laid_out
from practicum.training.lora import fused
from practicum.training.losses import CHUNK as LOSS_CHUNK
from practicum.training.supervised import SupervisedModel
from practicum.training.trainer import round_frozen
from tests.practicum.tiny_models import ARCHITECTURES, SIZE

NO_LOSS = Loss(contrastive=0.0, margin=0.5, format=0.0)
LAYERS = 6
OPTIONS = {"num_hidden_layers": LAYERS, "vocab_size": 256}
TRAINING = Training(
    method="lora",
    rank=4,
    target_modules="all-linear",
    dropout=0.0,
    batch_size=3,
    accumulation_steps=1,
    length=32,
    bf16=True,
    format_loss=False,
    kind="cpu",
)
SHAPE = Shape(
    model_type="qwen3",
    num_hidden_layers=36,
    hidden_size=4096,
    intermediate_size=12288,
    num_attention_heads=32,
    num_key_value_heads=8,
    head_dim=128,
    vocab_size=151936,
    tie_word_embeddings=False,
)


def shape_from(model: PreTrainedModel, folder: Path) -> Shape:
    """As it is read from the model's own config.json."""
    model.config.save_pretrained(folder)
    return from_config(folder / "config.json")


def build(family: str, **options: Any) -> PreTrainedModel:

    torch.manual_seed(1)
    return ARCHITECTURES[family](**{**SIZE, **OPTIONS, **options})


@pytest.fixture(scope="module")
def registry(root: Path) -> Registry:
    return Registry.model_validate(YAML(typ="safe", pure=True).load(root / "models.yaml"))


@pytest.mark.parametrize("tied", [True, False])
@pytest.mark.parametrize("family", ["llama", "qwen2", "qwen3", "gemma3"])
def test_parameters_are_counted_as_the_model_has_them(family: str, tied: bool, tmp_path: Path) -> None:
    model = build(family, tie_word_embeddings=tied)
    assert parameters(shape_from(model, tmp_path)) == sum(p.numel() for p in model.parameters())


@pytest.mark.parametrize("targets", ["all-linear", ["q_proj", "down_proj"]])
@pytest.mark.parametrize("method", ["lora", "dora", "full"])
def test_trained_parameters_are_counted_as_the_method_has_them(method: Method, targets: Any, tmp_path: Path) -> None:
    model = build("qwen3")
    shape = shape_from(model, tmp_path)
    tuned = attach(model, method, Lora(r=4, alpha=8, dropout=0.0, target_modules=targets))
    expected = sum(p.numel() for p in tuned.parameters() if p.requires_grad)
    planned = replace(TRAINING, method=method, target_modules=targets if targets == "all-linear" else tuple(targets))
    assert trainable_parameters(shape, planned) == expected


# Millions of parameters that the models' cards state, as they round them.
PUBLISHED: Mapping[str, tuple[float, float]] = {
    "smollm2-135m": (135, 0.5),
    "qwen3-0.6b": (596, 0.5),
    "qwen3-1.7b": (1_720, 5),
    "qwen3-4b": (4_020, 5),
    "qwen3-8b": (8_190, 5),
    "qwen3-14b": (14_770, 5),
    "qwen3-32b": (32_760, 5),
    "deepseek-r1-distill-qwen-1.5b": (1_780, 5),
    "deepseek-r1-distill-qwen-7b": (7_620, 5),
    "deepseek-r1-distill-qwen-14b": (14_770, 5),
    "deepseek-r1-distill-qwen-32b": (32_760, 5),
    "deepseek-r1-distill-llama-8b": (8_030, 5),
    "deepseek-r1-distill-llama-70b": (70_550, 5),
    "deepseek-r1-0528-qwen3-8b": (8_190, 5),
    "gemma-3-270m": (268, 0.5),
}


def test_every_model_has_the_shape_of_its_published_size(registry: Registry, tmp_path: Path) -> None:
    for name, entry in registry.models.items():
        size, rounding = PUBLISHED[name]
        assert parameters(shape_of(entry, tmp_path, tmp_path)) / 1e6 == pytest.approx(size, abs=rounding), name


def test_the_embedded_models_shape_is_that_of_its_file(registry: Registry) -> None:
    entry = registry.models["smollm2-135m"]
    assert isinstance(entry.weights, PackageWeights)
    assert entry.shape == from_gguf(entry.weights)


def test_a_folders_shape_is_read_from_its_config_and_a_hubs_is_asked_for(registry: Registry, tmp_path: Path) -> None:
    shape = shape_from(build("qwen2"), tmp_path / "own")
    own = registry.models["smollm2-135m"].model_copy(update={"shape": None, "weights": FolderWeights(folder="own")})
    assert shape_of(own, tmp_path, tmp_path) == shape
    (tmp_path / "own" / "config.json").write_text("{}")
    with pytest.raises(ShapeError, match=r"found no shape .*expected a config\.json"):
        shape_of(own, tmp_path, tmp_path)
    with pytest.raises(ShapeError, match=r"models\.yaml: found no shape of Qwen/Qwen3-8B"):
        shape_of(registry.models["qwen3-8b"].model_copy(update={"shape": None}), tmp_path, tmp_path)


class Kept:
    """A tensor that autograd keeps; alive as long as the graph wants it."""

    def __init__(self, tensor: Tensor) -> None:
        self.tensor = tensor


def kept_bytes(model: torch.nn.Module, decoder: torch.nn.Module, ids: Tensor, bf16: bool) -> int:
    """Bytes of all that a decoder's forward keeps for backward beside the parameters, shared storage once."""

    def forward() -> Tensor:
        hidden: Tensor = decoder(input_ids=ids, use_cache=False).last_hidden_state
        return hidden

    with fused(model):
        return saved_bytes(model, forward, bf16)


def kept_in_blocks(model: PeftModel, planned: Training) -> tuple[int, int]:
    """Bytes of all that a training step's forward through blocks keeps for backward beside weights, shared storage
    once, and bytes of the weights laid out for it beyond those that the layers have."""
    mask = torch.zeros((planned.rows, planned.width), dtype=torch.long)
    mask[:, : planned.length] = 1
    ids = torch.zeros_like(mask)
    labels = torch.where(mask.bool(), ids, -100)
    wrapped = SupervisedModel(model, NO_LOSS)
    bases = sum(p.nbytes for name, p in model.named_parameters() if re.search(r"_proj\.(base_layer\.)?weight$", name))
    with laid_out(model, torch.bfloat16 if planned.bf16 else torch.float32) as found:
        assert found is not None
        wrapped.blocks = found
        groups = [group for block in found.blocks for group in block.products]
        beyond = sum(group.joined.nbytes + (0 if group.bias is None else group.bias.nbytes) for group in groups) - bases
        kept = saved_bytes(model, lambda: wrapped(ids, mask, labels)["loss"], planned.bf16)
    return kept, beyond


def saved_bytes(model: torch.nn.Module, forward: Callable[[], Tensor], bf16: bool) -> int:
    """Bytes of all that autograd saves in a forward beside the parameters, shared storage once."""
    alive: weakref.WeakSet[Kept] = weakref.WeakSet()

    def pack(tensor: Tensor) -> Kept:
        kept = Kept(tensor)
        alive.add(kept)
        return kept

    with (
        torch.autograd.graph.saved_tensors_hooks(pack, lambda kept: kept.tensor),
        torch.autocast("cpu", dtype=torch.bfloat16, enabled=bf16),
    ):
        result = forward()
    assert result.requires_grad
    own = {p.untyped_storage().data_ptr() for p in model.parameters()}
    storages = {kept.tensor.untyped_storage().data_ptr(): kept.tensor.untyped_storage().nbytes() for kept in alive}
    return sum(size for pointer, size in storages.items() if pointer not in own)


def quantised(model: PreTrainedModel, folder: Path) -> PreTrainedModel:
    model.save_pretrained(folder)
    loaded: PreTrainedModel = AutoModelForCausalLM.from_pretrained(
        folder, dtype=torch.float32, **loading_options("qlora")
    )
    return loaded


def tuned(
    model: PreTrainedModel, planned: Training, folder: Path, attention: str | None = None
) -> tuple[PreTrainedModel | PeftModel, PreTrainedModel]:
    """What `fit` trains, with the attention that stages give it, and the decoder inside."""
    if planned.method == "qlora":
        model = quantised(model, folder)
    model.set_attn_implementation(attention or implementation(model.config))
    lora = Lora(r=planned.rank, alpha=8, dropout=planned.dropout, target_modules=targets(planned))
    whole = attach(model, planned.method, lora).train()
    if planned.bf16:
        round_frozen(whole)
    base = whole if planned.method == "full" else whole.get_base_model()
    return whole, base.get_decoder()


def targets(planned: Training) -> Any:
    chosen = planned.target_modules
    return chosen if chosen == "all-linear" else list(chosen)


@pytest.mark.skipif(torch.cuda.is_available(), reason="models attend differently where there is a GPU")
@pytest.mark.parametrize(
    ("family", "method", "bf16", "dropout"),
    [
        ("llama", "lora", False, 0.1),
        ("llama", "lora", True, 0.1),
        ("qwen2", "full", True, 0.0),
        ("qwen3", "dora", True, 0.0),
        ("qwen3", "dora", False, 0.0),
        ("qwen3", "full", True, 0.0),
        ("qwen3", "full", False, 0.0),
        ("qwen3", "qlora", True, 0.0),
        ("gemma3", "lora", True, 0.0),
        ("gemma3", "full", True, 0.0),
    ],
)
def test_what_a_forward_keeps_is_what_was_reckoned(
    family: str, method: Method, bf16: bool, dropout: float, tmp_path: Path
) -> None:
    model = build(family)
    shape = shape_from(model, tmp_path)
    for length in (32, 208):
        planned = replace(TRAINING, method=method, bf16=bf16, dropout=dropout, length=length)
        whole, decoder = tuned(build(family), planned, tmp_path)
        ids = torch.zeros((planned.rows, planned.width), dtype=torch.long)
        last_norm = (8 if method == "full" else 4) * ids.numel() * shape.hidden_size
        expected = LAYERS * kept_by_layer(shape, planned) + copied_weights(shape, planned) + last_norm
        kept = kept_bytes(whole, decoder, ids, bf16)
        # Nothing below the first adapters is kept, which is not reckoned with; nor are ids and rotary angles.
        assert kept * 0.99 <= expected <= kept * 1.06, length


@pytest.mark.skipif(torch.cuda.is_available(), reason="blocks compute where there is no GPU")
@pytest.mark.parametrize("targets", ["all-linear", ("q_proj", "v_proj", "up_proj")])
@pytest.mark.parametrize("bf16", [True, False])
@pytest.mark.parametrize("family", BLOCKWISE)
def test_what_blocks_keep_and_lay_out_is_what_was_reckoned(
    family: str, bf16: bool, targets: Any, tmp_path: Path
) -> None:
    shape = shape_from(build(family), tmp_path)
    for length in (32, 37, 208):  # the second is neither a multiple of 16 nor, in three rows, of 16 tokens
        planned = replace(TRAINING, bf16=bf16, target_modules=targets, length=length)
        assert in_blocks(shape, planned)
        whole, _ = tuned(build(family), planned, tmp_path)
        assert isinstance(whole, PeftModel)
        kept, beyond = kept_in_blocks(whole, planned)
        assert beyond == copied_weights(shape, planned)
        expected = LAYERS * kept_by_layer(shape, planned) + 4 * planned.positions * shape.hidden_size  # the last norm
        # Which positions are supervised is not reckoned with.
        assert kept * 0.999 <= expected <= kept, length


@pytest.mark.parametrize(
    ("family", "settings"),
    [
        ("gemma3_text", {}),
        ("qwen3", {"dropout": 0.1}),
        ("qwen3", {"method": "dora"}),
        ("qwen3", {"method": "qlora"}),
        ("qwen3", {"method": "full"}),
        ("qwen3", {"kind": "gpu"}),
        ("qwen3", {"sharding": "fsdp2", "processes": 3}),
    ],
)
def test_only_plain_lora_on_the_cpu_is_reckoned_in_blocks(family: str, settings: dict[str, Any]) -> None:
    shape, planned = SHAPE.model_copy(update={"model_type": family}), replace(TRAINING, length=33, **settings)
    assert not in_blocks(shape, planned)
    assert tokens_at_once(shape, planned) == planned.rows * 48
    assert tokens_at_once(SHAPE, replace(TRAINING, length=33)) == 112


def test_a_frozen_heads_copy_is_held_at_every_moment() -> None:
    tied = SHAPE.model_copy(update={"tie_word_embeddings": True})
    table = 2 * SHAPE.vocab_size * SHAPE.hidden_size
    assert estimate(tied, TRAINING).parts["head in bfloat16"] == head_copy(tied, TRAINING) == table
    # It is held so itself, or isn't rounded, or is rounded in each forward.
    assert head_copy(SHAPE, TRAINING) == head_copy(tied, replace(TRAINING, bf16=False)) == 0
    assert head_copy(tied, replace(TRAINING, method="full")) == 0


def test_adapters_on_some_layers_keep_what_was_reckoned(tmp_path: Path) -> None:
    for method in ("lora", "dora"):
        planned = replace(
            TRAINING, method=method, target_modules=("q_proj", "v_proj", "up_proj"), length=64, kind="gpu"
        )
        model = build("qwen3")
        shape = shape_from(model, tmp_path)
        whole, decoder = tuned(model, planned, tmp_path, "sdpa")
        ids = torch.zeros((planned.rows, planned.width), dtype=torch.long)
        expected = LAYERS * kept_by_layer(shape, planned) + copied_weights(shape, planned)
        expected += 4 * ids.numel() * shape.hidden_size
        kept = kept_bytes(whole, decoder, ids, bf16=True)
        assert kept * 0.99 <= expected <= kept * 1.06, method


def test_probabilities_of_attention_are_kept_on_the_cpu_only(tmp_path: Path) -> None:
    model = build("llama")
    shape = shape_from(model, tmp_path)
    planned = replace(TRAINING, kind="gpu", length=128)
    whole, decoder = tuned(model, planned, tmp_path, "sdpa")
    ids = torch.zeros((planned.rows, planned.width), dtype=torch.long)
    expected = LAYERS * kept_by_layer(shape, planned) + copied_weights(shape, planned) + 4 * ids.numel() * 32
    kept = kept_bytes(whole, decoder, ids, bf16=True)
    assert kept <= expected <= kept * 1.06
    on_the_cpu, on_a_gpu = (kept_by_layer(shape, replace(planned, method="dora", kind=kind)) for kind in ("cpu", "gpu"))
    # Of two blocks of 64 positions the first sees half of the keys.
    probabilities = planned.rows * SIZE["num_attention_heads"] * planned.width**2 * 3 / 4
    assert on_the_cpu - on_a_gpu == pytest.approx(2 * probabilities, rel=0.1)


@pytest.mark.parametrize("tied", [True, False])
@pytest.mark.parametrize("bf16", [True, False])
@pytest.mark.parametrize("method", ["lora", "dora", "qlora", "full"])
def test_weights_and_moments_are_those_of_the_real_ones(method: Method, bf16: bool, tied: bool, tmp_path: Path) -> None:
    model = build("qwen3", hidden_size=64, intermediate_size=128, tie_word_embeddings=tied)
    shape = shape_from(model, tmp_path)
    planned = replace(TRAINING, method=method, bf16=bf16, kind="gpu", target_modules=("q_proj", "down_proj"))
    whole, _ = tuned(model, planned, tmp_path)
    parts = estimate(shape, planned).parts
    held = sum(p.numel() * p.element_size() for p in whole.parameters())
    for layer in whole.modules():
        if (state := getattr(getattr(layer, "weight", None), "quant_state", None)) is not None:
            held += state.absmax.nbytes + state.state2.absmax.nbytes
    # Small quantised layers round up their scales.
    assert parts["weights of the base"] + parts.get("adapters", 0) == pytest.approx(held, rel=0.01)
    trained = [p for p in whole.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(trained, fused=True)
    for p in trained:
        p.grad = torch.zeros_like(p)
    optimizer.step()
    states = [value for state in optimizer.state.values() for key, value in state.items() if key != "step"]
    assert parts["AdamW's two moments"] == sum(value.nbytes for value in states)


def test_an_8b_model_under_lora_on_one_gpu_is_held_in_two_bytes_a_weight() -> None:
    planned = replace(TRAINING, kind="gpu")
    embeddings = SHAPE.vocab_size * SHAPE.hidden_size
    expected = 2 * parameters(SHAPE) + 2 * embeddings  # these stay in float32
    assert estimate(SHAPE, planned).parts["weights of the base"] == pytest.approx(expected, rel=1e-3)
    copied = estimate(SHAPE, planned).parts["copies of weights"]
    assert copied == 2 * trainable_parameters(SHAPE, planned)
    in_float32 = estimate(SHAPE, replace(planned, bf16=False)).parts
    assert in_float32["weights of the base"] == 4 * parameters(SHAPE)


def test_weights_that_are_made_smaller_stay_as_they_were_read_on_the_cpu_only() -> None:
    rounded = parameters(SHAPE) - SHAPE.vocab_size * SHAPE.hidden_size
    assert estimate(SHAPE, TRAINING).parts["weights as they were read"] == pytest.approx(4 * rounded, rel=1e-3)
    every = estimate(SHAPE, replace(TRAINING, method="qlora")).parts["weights as they were read"]
    assert every == pytest.approx(4 * rounded, rel=1e-3)
    assert "weights as they were read" not in estimate(SHAPE, replace(TRAINING, kind="gpu")).parts
    assert "weights as they were read" not in estimate(SHAPE, replace(TRAINING, method="full")).parts


def test_chunks_padding_and_blocks_are_those_of_training() -> None:
    assert (CHUNK, WIDTH_MULTIPLE, ROUNDED) == (LOSS_CHUNK, PAD_MULTIPLE, blocks.ROUNDED)
    assert (BLOCK, LANES, BLOCKWISE) == (attention.BLOCK, attention.LANES, attention.MODELS)
    assert replace(TRAINING, length=33).width == 48


def test_accumulation_divides_the_rows_and_not_the_weights() -> None:
    planned = replace(TRAINING, batch_size=16, kind="gpu")
    whole, parted = estimate(SHAPE, planned), estimate(SHAPE, replace(planned, accumulation_steps=16))
    assert parted.parts["weights of the base"] == whole.parts["weights of the base"]
    assert whole.parts["activations"] == pytest.approx(16 * parted.parts["activations"], rel=0.01)
    # Gradients of the first micro-batch are there while the second is computed.
    assert "gradients" in parted.parts
    assert "gradients" not in whole.parts


def test_logits_cost_a_chunk_and_not_the_batch() -> None:
    plain = replace(TRAINING, batch_size=16, length=512)
    small, large = (head_bytes(SHAPE, replace(plain, batch_size=rows)) for rows in (1, 16))
    every_logit = 15 * 512 * SHAPE.vocab_size * 4
    assert large - small < every_logit / 10
    assert head_bytes(SHAPE, replace(plain, format_loss=True)) > large


@pytest.mark.parametrize("sharding", ["fsdp2", "zero3"])
def test_shards_divide_what_is_owned_and_gather_no_more_than_two_layers(sharding: Any) -> None:
    planned = replace(TRAINING, method="full", kind="gpu", batch_size=64, length=512)
    alone = estimate(SHAPE, planned)
    shared = estimate(SHAPE, replace(planned, processes=8, sharding=sharding))
    assert shared.parts["AdamW's two moments"] * 8 == pytest.approx(alone.parts["AdamW's two moments"], rel=1e-6)
    assert shared.parts["weights of the base"] <= alone.parts["weights of the base"] / 8 + 1
    assert shared.parts["gathered layers"] < 2 * parameters(SHAPE) / 3
    assert "copies of weights" not in shared.parts


def test_processes_that_share_nothing_hold_everything_and_buckets_of_gradients() -> None:
    planned = replace(TRAINING, method="full", kind="gpu", batch_size=64)
    parts = estimate(SHAPE, replace(planned, processes=8)).parts
    assert parts["weights of the base"] == 4 * parameters(SHAPE)
    assert parts["buckets of gradients"] == 4 * parameters(SHAPE)


def test_four_bit_weights_are_not_sharded() -> None:
    with pytest.raises(ValueError, match="found fsdp2 with method qlora, expected none"):
        replace(TRAINING, method="qlora", sharding="fsdp2", processes=3)


def test_each_change_says_what_it_would_give(registry: Registry) -> None:
    planned = replace(TRAINING, kind="gpu", rank=16, batch_size=16, length=512)
    memory = 18 * 10**9
    smaller = {name: shape_of(registry.models[name], Path(), Path()) for name in ("qwen3-0.6b", "qwen3-1.7b")}
    found = {change.settings: change.estimate.total for change in changes(SHAPE, planned, memory, smaller)}
    assert found["accumulation_steps: 16"] == estimate(SHAPE, replace(planned, accumulation_steps=16)).total
    assert found["max_length: 128"] == estimate(SHAPE, replace(planned, length=128)).total
    [combined] = [text for text in found if "," in text]
    assert combined.startswith("method: qlora, accumulation_steps: ")
    assert found[combined] <= memory < found["accumulation_steps: 16"]
    [sharded] = [text for text in found if text.startswith("fsdp2 on ")]
    assert found[sharded] <= memory
    fewer = int(sharded.split()[2]) // 2
    assert estimate(SHAPE, replace(planned, processes=fewer, sharding="fsdp2")).total > memory
    [model] = [text for text in found if text.startswith("model: ")]
    assert found[model] <= memory


def test_the_smallest_change_that_fits_is_named() -> None:
    planned = replace(TRAINING, kind="gpu", rank=16, batch_size=16, length=512)
    fits_four = estimate(SHAPE, replace(planned, accumulation_steps=4)).total
    texts = [change.settings for change in changes(SHAPE, planned, fits_four)]
    assert "accumulation_steps: 4" in texts
    assert not any("," in text for text in texts)


def test_a_lighter_method_is_named_where_it_saves_memory() -> None:
    def offered(planned: Training) -> list[str]:
        return [each.settings for each in changes(SHAPE, planned, 10**9) if "," not in each.settings]

    few = replace(TRAINING, kind="gpu", batch_size=1, length=512)
    assert "method: lora" not in offered(few)
    assert "method: qlora" in offered(few)
    # Over many rows its layers, each with an input of its own, keep more than its weights save.
    assert "method: qlora" not in offered(replace(few, batch_size=16))
    assert "method: lora" in offered(replace(few, method="full", batch_size=16))


@pytest.mark.parametrize(
    ("text", "size"), [("80GB", 80 * 10**9), ("24 GiB", 24 * 2**30), ("512mb", 512 * 10**6), ("1.5TB", 15 * 10**11)]
)
def test_memory_is_read_as_people_write_it(text: str, size: int) -> None:
    assert parse_memory(text) == size


@pytest.mark.parametrize("text", ["80", "GB", "-3GB", "0GB", "nanGB", "infGB", "80 gigs", ""])
def test_memory_without_number_or_unit_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="expected a number with a unit"):
        parse_memory(text)


def test_shapes_survive_the_registry(registry: Registry, tmp_path: Path) -> None:
    """What is committed is what config.json would give."""
    shape = registry.models["qwen3-8b"].shape
    assert shape is not None
    (tmp_path / "config.json").write_text(json.dumps(shape.model_dump()))
    assert from_config(tmp_path / "config.json") == shape


def test_a_batch_that_processes_cant_share_is_refused() -> None:
    with pytest.raises(ValueError, match=r"batch_size: found 3, expected a multiple of .* = 1 x 2"):
        replace(TRAINING, processes=2)


def test_what_accelerate_launches_is_read_from_its_files(root: Path) -> None:
    files = root / "configs" / "accelerate"
    read = {path.stem: launch_of(YAML(typ="safe", pure=True).load(path)) for path in files.glob("*.yaml")}
    assert read["cpu"] == Launch(processes=2, cpu=True)
    assert (read["multi_gpu"].sharding, read["fsdp2"].sharding) == ("none", "fsdp2")
    assert read["fsdp2"].processes > 1
    with pytest.raises(ValueError, match="num_processes: found 0, expected 1 or more"):
        launch_of({"num_processes": 0})
