"""The CPU's attention against attention by its definition, and in the models that it serves."""

from typing import Any

import pytest
import torch
from torch import Tensor
from transformers import LlamaConfig, PreTrainedModel

from practicum.training.attention import BLOCK, NAME, causal_attention, implementation
from tests.practicum.tiny_models import tiny_model

FAMILIES = ["llama", "qwen2", "qwen3"]
# Around the multiples that keys are padded to, and around one and two blocks.
WIDTHS = [1, 5, 31, 32, 33, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK + 40]


def states(
    width: int, heads: int = 4, groups: int = 2, size: int = 8, dtype: torch.dtype = torch.float32
) -> tuple[list[Tensor], Tensor]:
    """Queries, keys and values as a layer makes them, and a gradient of what is attended."""
    torch.manual_seed(width)
    parts = [torch.randn(2, width, count, size, dtype=dtype).transpose(1, 2) for count in (heads, groups, groups)]
    return [part.requires_grad_() for part in parts], torch.randn(2, width, heads, size, dtype=dtype)


def by_definition(query: Tensor, key: Tensor, value: Tensor, scaling: float) -> Tensor:
    """One product for each head, with all of the scores; under autocast what Transformers' eager attention does."""
    shared = query.shape[1] // key.shape[1]
    key, value = (part.repeat_interleave(shared, dim=1) for part in (key, value))
    scores = query @ key.transpose(2, 3) * scaling
    future = torch.ones(scores.shape[-2:], dtype=torch.bool).triu(1)
    wide = torch.promote_types(query.dtype, torch.float32)
    probabilities = scores.masked_fill(future, -torch.inf).softmax(dim=-1, dtype=wide).to(query.dtype)
    return (probabilities @ value).transpose(1, 2)


def attended(function: Any, parts: list[Tensor], outward: Tensor) -> list[Tensor]:
    """What a function attends to, and its gradients."""
    result = function(*parts, parts[0].shape[-1] ** -0.5)
    return [result.detach(), *torch.autograd.grad(result, parts, outward.to(result.dtype))]


def distance(one: Tensor, other: Tensor) -> float:
    """Length of the difference against the length of the second."""
    return float(((one.double() - other.double()).norm() / other.double().norm()).detach())


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize(("heads", "groups"), [(3, 3), (4, 2), (4, 1), (9, 3)])
def test_values_and_gradients_are_those_of_the_definition(width: int, heads: int, groups: int) -> None:
    parts, outward = states(width, heads, groups)
    got, expected = attended(causal_attention, parts, outward), attended(by_definition, parts, outward)
    for one, other, part in zip(got, expected, [outward, *parts], strict=True):
        assert one.dtype == torch.float32
        assert one.shape == part.shape
        # The gradient of a single position's query and key is zero.
        assert torch.allclose(one, other, rtol=1e-5, atol=2e-6)


@pytest.mark.parametrize(("heads", "groups"), [(2, 2), (2, 1), (4, 1)])
def test_gradients_are_the_slopes_of_the_values(heads: int, groups: int) -> None:
    parts, _ = states(BLOCK + 3, heads, groups, size=2, dtype=torch.float64)
    parts = [part[:1].detach().requires_grad_() for part in parts]
    assert torch.autograd.gradcheck(lambda *three: causal_attention(*three, 0.7), parts, fast_mode=True)


@pytest.mark.parametrize("queries", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize(("width", "size"), [(48, 64), (208, 64), (208, 80)])
def test_rounding_to_bf16_costs_what_it_costs_plain_attention(width: int, size: int, queries: torch.dtype) -> None:
    parts, outward = states(width, 6, 2, size)
    # Rotary positions leave queries and keys in float32 where the embedding is; values come from a product.
    parts = [
        part.detach().to(dtype).requires_grad_()
        for part, dtype in zip(parts, (queries, queries, torch.bfloat16), strict=True)
    ]
    exact = attended(by_definition, [part.detach().double().requires_grad_() for part in parts], outward.double())
    with torch.autocast("cpu", dtype=torch.bfloat16):
        got, plain = attended(causal_attention, parts, outward), attended(by_definition, parts, outward)
    assert [one.dtype for one in got] == [one.dtype for one in plain]
    for one, other, reference in zip(got, plain, exact, strict=True):
        # Probabilities rounded for the backward add a little to its error where plain attention keeps them whole.
        assert distance(one, reference) < 1.1 * distance(other, reference)


def test_a_position_is_blind_to_what_follows_it() -> None:
    parts, _ = states(2 * BLOCK + 40)
    before = causal_attention(*parts, 0.3)
    for place in (0, 31, 32, BLOCK - 1, BLOCK, 2 * BLOCK + 38):
        changed = [part.detach().clone() for part in parts]
        for part in changed:
            part[:, :, place + 1 :] = 1e4
        after = causal_attention(*changed, 0.3)
        assert torch.equal(after[:, : place + 1], before[:, : place + 1])


def test_large_scores_neither_overflow_nor_lose_the_gradient() -> None:
    parts, outward = states(BLOCK + 9)
    parts = [(part.detach() * 10).requires_grad_() for part in parts]
    for one, other in zip(
        attended(causal_attention, parts, outward), attended(by_definition, parts, outward), strict=True
    ):
        assert torch.isfinite(one).all()
        assert distance(one, other) < 1e-4


def test_the_same_states_give_the_same_bits() -> None:
    parts, outward = states(208, 9, 3, 64)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        one, other = attended(causal_attention, parts, outward), attended(causal_attention, parts, outward)
    assert all(torch.equal(a, b) for a, b in zip(one, other, strict=True))


def test_less_is_kept_for_the_backward_than_by_plain_attention() -> None:
    parts, _ = states(208, 9, 3, 64)

    def kept(function: Any) -> int:
        seen: dict[int, int] = {}

        def note(tensor: Tensor) -> Tensor:
            seen[tensor.untyped_storage().data_ptr()] = tensor.untyped_storage().nbytes()
            return tensor

        with (
            torch.autograd.graph.saved_tensors_hooks(note, lambda tensor: tensor),
            torch.autocast("cpu", dtype=torch.bfloat16),
        ):
            result = function(*parts, 0.125)
        assert result.requires_grad
        return sum(seen.values())

    assert kept(causal_attention) < 0.5 * kept(by_definition)


def test_heads_that_do_not_share_the_keys_evenly_are_refused() -> None:
    parts, _ = states(8, 3, 2)
    with pytest.raises(ValueError, match="a multiple of the keys'"):
        causal_attention(*parts, 1.0)


def tokens(rows: int, width: int) -> Tensor:
    return torch.randint(4, 61, (rows, width), generator=torch.Generator().manual_seed(width))


def small(family: str, implementation: str) -> PreTrainedModel:
    model = tiny_model(family, 0, vocab_size=61, max_position_embeddings=256, attn_implementation="eager")
    # As they are made, the weights attend to all positions alike.
    with torch.no_grad():
        for weight in model.parameters():
            if weight.dim() == 2:
                weight.mul_(8.0)
    model.set_attn_implementation(implementation)
    return model


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("width", [16, 80, 208])
def test_models_have_the_loss_and_gradients_of_eager_attention(family: str, width: int) -> None:
    ids = tokens(3, width)
    results = []
    for name in ("eager", NAME):
        model = small(family, name).train()
        loss = model(input_ids=ids, labels=ids).loss
        loss.backward()
        results.append((loss.item(), {key: weight.grad for key, weight in model.named_parameters()}))
    (loss, gradients), (own_loss, own_gradients) = results
    assert own_loss == pytest.approx(loss, rel=1e-6)
    for key, gradient in gradients.items():
        assert gradient is not None
        assert own_gradients[key] is not None
        assert distance(own_gradients[key], gradient) < 1e-4, key


@pytest.mark.parametrize("family", FAMILIES)
def test_padding_on_the_left_and_a_cache_are_attended_as_ever(family: str) -> None:
    ids = tokens(2, 12)
    mask = torch.ones_like(ids)
    mask[0, :5] = 0
    settings: dict[str, Any] = {"attention_mask": mask, "max_new_tokens": 6, "do_sample": False, "pad_token_id": 0}
    written = [small(family, name).eval().generate(ids, **settings) for name in ("eager", NAME)]
    assert torch.equal(*written)
    unlike = small(family, NAME).eval().generate(ids, **{**settings, "attention_mask": torch.ones_like(ids)})
    assert not torch.equal(unlike, written[1])


def test_a_sliding_window_is_kept_though_slower() -> None:
    ids = tokens(2, 40)
    eager, own = (small("gemma3", name).eval()(input_ids=ids).logits for name in ("eager", NAME))
    assert distance(own, eager) < 1e-5


def test_dropout_is_refused_in_training_only() -> None:
    model = small("llama", NAME)
    for layer in model.model.layers:
        layer.self_attn.attention_dropout = 0.1
    model.eval()(input_ids=tokens(1, 8))
    with pytest.raises(ValueError, match=r"attention_dropout: found 0\.1, expected 0"):
        model.train()(input_ids=tokens(1, 8))


@pytest.mark.skipif(torch.cuda.is_available(), reason="a GPU has attention of its own")
def test_what_the_cpu_attends_with_depends_on_the_model() -> None:
    names = {family: implementation(small(family, "eager").config) for family in [*FAMILIES, "gemma3"]}
    assert names == {"llama": NAME, "qwen2": NAME, "qwen3": NAME, "gemma3": "eager"}
    assert implementation(LlamaConfig(attention_dropout=0.1)) == "eager"
    sliding = small("qwen3", "eager").config
    sliding.layer_types = ["full_attention", "sliding_attention"]
    assert implementation(sliding) == "eager"
