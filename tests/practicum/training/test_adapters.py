"""What each method makes trainable, and that a trained model is the same however it is put together."""

from pathlib import Path
from typing import Any

import pytest
import torch
from peft import PeftModel
from torch import Tensor, nn

from practicum.config import FolderWeights, Lora, Method
from practicum.models import WeightsError
from practicum.training.adapters import attach, counts, load_tuned
from practicum.training.trainer import fit
from tests.practicum.training.small_runs import PAD, base_for, copying_rows, recipe, small_model

FAMILIES = ["qwen3", "qwen2", "llama"]
ADAPTERS: list[Method] = ["lora", "dora", "qlora"]
LINEAR = ["down_proj", "gate_proj", "k_proj", "o_proj", "q_proj", "up_proj", "v_proj"]
# How far logits may be apart, in parts of their length: sums in another order; for nf4 also one rounding to bf16 at
# each product, which the layers pass on.
NOISE: dict[Method, float] = {"lora": 1e-5, "dora": 1e-5, "full": 1e-5, "qlora": 3e-2}


def lora(**changes: Any) -> Lora:
    return Lora(**{"r": 4, "alpha": 8.0, "dropout": 0.0, "target_modules": "all-linear", **changes})


def logits(model: nn.Module) -> Tensor:
    """Of long and short rows, in evaluation mode."""
    model.eval()
    with torch.no_grad():
        return torch.cat([model(input_ids=torch.tensor([row.ids])).logits[0] for row in copying_rows(12, 7)]).float()


def apart(one: Tensor, other: Tensor) -> float:
    """Length of the difference against the length of the second."""
    return float((one - other).norm() / other.norm())


def adapted(model: nn.Module) -> dict[str, nn.Module]:
    """Modules that hold an adapter, by their names in the base."""
    return {
        name.removeprefix("base_model.model."): module
        for name, module in model.named_modules()
        if hasattr(module, "lora_A")
    }


def with_adapters(method: Method, folder: Path, **settings: Any) -> nn.Module:
    """A model whose adapters, the same at each call, change it."""
    base = base_for(method, "qwen3", folder)
    torch.manual_seed(1)
    model = attach(base, method, lora(**settings))
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if "lora_B" in name:
                weight.normal_(std=0.1)
    return model


@pytest.mark.parametrize(
    ("method", "family"),
    [("lora", "qwen3"), ("lora", "qwen2"), ("dora", "llama"), ("dora", "qwen3"), ("qlora", "qwen3"), ("full", "qwen2")],
)
def test_adapter_merged_and_reloaded_model_agree_in_logits(method: Method, family: str, tmp_path: Path) -> None:
    small_model(family).save_pretrained(str(tmp_path / "base"))
    untrained = logits(base_for(method, family, tmp_path / "4bit"))
    model = attach(base_for(method, family, tmp_path / "4bit"), method, lora(dropout=0.1))
    fit(model, copying_rows(64, 1), copying_rows(8, 2), recipe(lr=1e-2, steps=8), pad_id=PAD, name="t")
    trained = logits(model)
    assert apart(trained, untrained) > 0.2
    model.save_pretrained(str(tmp_path / "model"))
    if method != "full":
        reloaded = PeftModel.from_pretrained(base_for(method, family, tmp_path / "4bit"), str(tmp_path / "model"))
        assert apart(logits(reloaded), trained) < NOISE[method]

    cache = tmp_path / "cache"
    whole = load_tuned(FolderWeights(folder="base"), method, tmp_path / "model", cache, tmp_path)
    assert {weight.dtype for weight in whole.parameters()} == {torch.float32}
    assert apart(logits(whole), trained) < NOISE[method]
    whole.save_pretrained(str(tmp_path / "whole"))
    again = load_tuned(FolderWeights(folder="base"), "full", tmp_path / "whole", cache, tmp_path)
    assert torch.equal(logits(again), logits(whole))


def test_without_its_adapter_a_tuned_model_does_not_load(tmp_path: Path) -> None:
    small_model("qwen3").save_pretrained(str(tmp_path / "base"))
    with pytest.raises(WeightsError, match=r"model: found no adapter_config\.json.*`method: dora`"):
        load_tuned(FolderWeights(folder="base"), "dora", tmp_path / "model", tmp_path / "cache", tmp_path)


@pytest.mark.parametrize("family", FAMILIES)
def test_all_linear_adapts_every_linear_layer_but_the_head(family: str) -> None:
    model = attach(small_model(family), "lora", lora())
    assert {name.rpartition(".")[2] for name in adapted(model)} == set(LINEAR)
    assert len(adapted(model)) == 2 * len(LINEAR)
    # In this order they are written to adapter_config.json; a set's order would change from run to run.
    assert model.peft_config["default"].target_modules == sorted(adapted(model))  # type: ignore[index, union-attr]


def test_a_list_adapts_the_layers_that_it_names_and_no_others() -> None:
    model = attach(small_model("qwen3"), "lora", lora(target_modules=["v_proj", "layers.1.self_attn.q_proj"]))
    layers = [f"model.layers.{layer}.self_attn.{name}_proj" for layer, name in ((0, "v"), (1, "q"), (1, "v"))]
    assert sorted(adapted(model)) == layers
    trained = [name for name, weight in model.named_parameters() if weight.requires_grad]
    assert len(trained) == 2 * len(layers)
    assert all("lora_" in name for name in trained)


def test_a_name_that_no_module_has_is_refused_even_beside_one_that_is_there() -> None:
    expected = (
        r"lora\.target_modules: found 'v_porj', expected names of modules of the model, such as down_proj.*v_proj"
    )
    with pytest.raises(ValueError, match=expected):
        attach(small_model("qwen3"), "lora", lora(target_modules=["q_proj", "v_porj"]))
    with pytest.raises(ValueError, match="found 'proj'"):
        attach(small_model("qwen3"), "lora", lora(target_modules=["proj"]))


def test_the_head_takes_an_adapter_unless_it_is_the_embedding_too() -> None:
    targets = ["q_proj", "lm_head"]
    assert "lm_head" in adapted(attach(small_model("llama"), "lora", lora(target_modules=targets)))
    with pytest.raises(ValueError, match="found 'lm_head', whose weights this model uses as embedding and as head"):
        attach(small_model("llama", tie_word_embeddings=True), "lora", lora(target_modules=targets))


@pytest.mark.parametrize("method", ADAPTERS)
@pytest.mark.parametrize("rank", [2, 5])
def test_the_rank_is_that_of_the_update(method: Method, rank: int, tmp_path: Path) -> None:
    model = with_adapters(method, tmp_path, r=rank)
    for module in adapted(model).values():
        update = module.get_delta_weight("default").detach()  # type: ignore[operator]
        assert int(torch.linalg.matrix_rank(update, rtol=1e-4)) == rank
    trainable, everything = counts(model)
    sides = sum(sum(module.get_delta_weight("default").shape) for module in adapted(model).values())  # type: ignore[operator]
    magnitudes = sum(len(module.get_delta_weight("default")) for module in adapted(model).values())  # type: ignore[operator]
    assert trainable == rank * sides + (magnitudes if method == "dora" else 0)
    assert trainable < everything


def test_the_update_is_the_product_times_alpha_by_rank(tmp_path: Path) -> None:
    for module in adapted(with_adapters("lora", tmp_path, r=4, alpha=6.0)).values():
        down, up = module.lora_A["default"].weight, module.lora_B["default"].weight  # type: ignore[index, union-attr]
        torch.testing.assert_close(module.get_delta_weight("default"), up @ down * 1.5)  # type: ignore[operator]


def test_full_trains_every_weight() -> None:
    trainable, everything = counts(attach(small_model("qwen3"), "full", lora()))
    assert trainable == everything > 0


@pytest.mark.parametrize("method", ADAPTERS)
def test_an_adapter_begins_as_no_change(method: Method, tmp_path: Path) -> None:
    before = logits(base_for(method, "qwen3", tmp_path))
    assert apart(logits(attach(base_for(method, "qwen3", tmp_path), method, lora())), before) < NOISE[method] / 2


@pytest.mark.parametrize("method", ADAPTERS)
def test_dropout_acts_while_training_and_not_in_evaluation(method: Method, tmp_path: Path) -> None:
    plain, dropping = (with_adapters(method, tmp_path, dropout=share) for share in (0.0, 0.1))
    assert torch.equal(logits(plain), logits(dropping))
    ids = torch.tensor([copying_rows(1, 3)[0].ids])
    results = []
    for model in (plain, dropping):
        model.train()
        with torch.no_grad():
            results.append([model(input_ids=ids).logits for _ in range(2)])
    assert torch.equal(*results[0])
    assert apart(*results[1]) > 0.01


def test_gradients_through_4_bit_weights_are_the_same_after_a_look_at_the_validation_loss(tmp_path: Path) -> None:
    # bitsandbytes packs the weights at such a look on CPUs that multiply bf16: with them the gradient was lost.
    model = with_adapters("qlora", tmp_path)
    row = copying_rows(1, 3)[0]
    ids = torch.tensor([row.ids])
    gradients = []
    for _ in range(2):
        model.train()
        model.zero_grad()
        model(input_ids=ids, labels=ids).loss.backward()
        gradients.append([weight.grad.clone() for weight in model.parameters() if weight.grad is not None])
        logits(model)
    assert len(gradients[0]) == 2 * 2 * len(LINEAR)
    assert all(torch.equal(one, other) for one, other in zip(*gradients, strict=True))


@pytest.mark.skipif(
    torch.cuda.is_available() or not torch.cpu._is_avx512_bf16_supported(), reason="bitsandbytes packs nothing here"
)
def test_a_4_bit_base_that_is_packed_for_decoding_is_refused(tmp_path: Path) -> None:
    base = base_for("qlora", "qwen3", tmp_path)
    logits(base)
    with pytest.raises(ValueError, match=r"self_attn\.q_proj: found 4-bit weights packed for decoding"):
        attach(base, "qlora", lora())
