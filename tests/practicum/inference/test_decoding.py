"""Decoding on real, tiny models of the true architectures, against Transformers' own greedy search."""

import copy

import pytest
import torch
from transformers import GenerationConfig, PreTrainedModel

from practicum.inference.decoding import common_prefix, decode, plan_batches, plan_beginnings
from practicum.inference.kv_cache import BLOCK
from practicum.inference.packed import PackedModel, pack
from practicum.inference.timing import time_requests
from practicum.quantization import dynamic_int8
from tests.practicum.tiny_models import ARCHITECTURES, tiny_model

# Gemma 3 has sliding layers: it takes Transformers' own cache.
STOP, PAD = 2, 0


def model_of(family: str) -> PreTrainedModel:
    model = tiny_model(family, seed=11, vocab_size=97, max_position_embeddings=512).eval()
    # Random weights repeat one token; larger ones make the answers depend on the prompt.
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.dim() == 2:
                parameter.mul_(6)
    return model


def prompts_of(count: int, shared: int, seed: int = 0) -> list[list[int]]:
    generator = torch.Generator().manual_seed(seed)
    head = torch.randint(5, 97, (shared,), generator=generator).tolist()
    return [head + torch.randint(5, 97, (3 + 5 * i % 17,), generator=generator).tolist() for i in range(count)]


def reference(model: PreTrainedModel, prompt: list[int], limit: int) -> tuple[tuple[int, ...], bool]:
    config = GenerationConfig(max_new_tokens=limit, do_sample=False, eos_token_id=STOP, pad_token_id=PAD)
    out = model.generate(torch.tensor([prompt]), generation_config=config)[0, len(prompt) :].tolist()
    return (tuple(out[: out.index(STOP)]), True) if STOP in out else (tuple(out), False)


PACKED = ("llama", "qwen2", "qwen3")


@pytest.mark.parametrize("family", PACKED)
@pytest.mark.parametrize("shared", [0, 30])
@pytest.mark.parametrize("batch_size", [1, 5, 23])
def test_a_packed_model_writes_what_transformers_writes(family: str, shared: int, batch_size: int) -> None:
    model = model_of(family)
    packed = pack(model)
    assert isinstance(packed, PackedModel)
    prompts = prompts_of(23, shared)
    done = decode(packed, prompts, stop_ids={STOP}, pad_id=PAD, max_new_tokens=20, batch_size=batch_size)
    assert [(one.ids, one.finished) for one in done] == [reference(model, prompt, 20) for prompt in prompts]
    assert all(len(one.times) == len(one.ids) and list(one.times) == sorted(one.times) for one in done)


@pytest.mark.parametrize("family", PACKED)
def test_in_bf16_only_ties_tell_batches_apart(family: str) -> None:
    """Where two batch sizes write different tokens, the float32 model finds both about as probable."""
    exact = model_of(family)
    packed = pack(copy.deepcopy(exact).to(torch.bfloat16))
    prompts = prompts_of(40, 30)
    written = [
        decode(packed, prompts, stop_ids=set(), pad_id=PAD, max_new_tokens=12, batch_size=size) for size in (1, 40)
    ]
    same = 0
    for prompt, one, other in zip(prompts, *written, strict=True):
        at = next((i for i, (a, b) in enumerate(zip(one.ids, other.ids, strict=True)) if a != b), None)
        if at is None:
            same += 1
            continue
        with torch.inference_mode():
            logits = exact(torch.tensor([[*prompt, *one.ids[:at]]])).logits[0, -1]
        gap = (logits[one.ids[at]] - logits[other.ids[at]]).abs() / logits.std()
        assert gap < 0.05, f"{one.ids[at]} and {other.ids[at]} are {gap:.3f} standard deviations apart"
    assert same >= 30


def test_dynamic_int8_is_packed_without_a_change_of_answers() -> None:
    model = model_of("llama")
    dynamic_int8.quantize(model)
    prompts = prompts_of(23, 30)
    limits = {"stop_ids": {STOP}, "pad_id": PAD, "max_new_tokens": 20, "batch_size": 8}
    assert decode(pack(model), prompts, **limits) == decode(model, prompts, **limits)


def test_models_that_can_not_be_packed_stay_as_they_are() -> None:
    sliding = model_of("gemma3")
    assert pack(sliding) is sliding
    odd = model_of("llama")
    odd.model.layers[1].mlp.up_proj = torch.nn.Sequential(odd.model.layers[1].mlp.up_proj)
    assert pack(odd) is odd


def test_a_beginning_is_shared_as_far_as_that_saves_tokens() -> None:
    first, second = prompts_of(9, 80, seed=1), prompts_of(9, 80, seed=2)
    alone = [[1, 2, 3]]
    prompts = [prompt for pair in zip(first, second, strict=True) for prompt in pair] + alone
    groups = plan_beginnings(prompts)
    assert sorted(index for _, members in groups for index in members) == list(range(19))
    assert sorted((shared, len(members)) for shared, members in groups) == [(0, 1), (80, 9), (80, 9)]
    for shared, members in groups:
        assert len({tuple(prompts[index][:shared]) for index in members}) == 1


def test_equal_prompts_share_all_but_a_token() -> None:
    assert plan_beginnings([[7] * 40] * 3) == [(39, [0, 1, 2])]


@pytest.mark.parametrize("family", sorted(ARCHITECTURES))
@pytest.mark.parametrize("shared", [0, 30])
def test_batches_give_what_each_prompt_gives_alone(family: str, shared: int) -> None:
    model = model_of(family)
    prompts = prompts_of(13, shared)
    done = decode(model, prompts, stop_ids={STOP}, pad_id=PAD, max_new_tokens=12, batch_size=5)
    expected = [reference(model, prompt, 12) for prompt in prompts]
    assert [(one.ids, one.finished) for one in done] == expected
    assert len({one.ids for one in done}) > 3, "the answers must depend on the prompts, or this test shows little"


def test_rows_stop_on_their_own() -> None:
    model = model_of("llama")
    prompts = prompts_of(24, 0)
    free = decode(model, prompts, stop_ids=set(), pad_id=PAD, max_new_tokens=20, batch_size=24)
    # Take a token that some rows write and others don't: it ends the former early and leaves the latter alone.
    stop = next(t for t in range(97) if 3 <= sum(t in one.ids for one in free) <= 20)
    done = decode(model, prompts, stop_ids={stop}, pad_id=PAD, max_new_tokens=20, batch_size=24)
    for before, after in zip(free, done, strict=True):
        if stop in before.ids:
            assert after.finished
            assert after.ids == before.ids[: before.ids.index(stop)]
        else:
            assert not after.finished
            assert after.ids == before.ids


def test_cache_grows_past_its_blocks() -> None:
    model = model_of("qwen3")
    prompts = prompts_of(3, 0)
    limit = 2 * BLOCK + 10
    done = decode(model, prompts, stop_ids={STOP}, pad_id=PAD, max_new_tokens=limit, batch_size=3)
    assert [(one.ids, one.finished) for one in done] == [reference(model, prompt, limit) for prompt in prompts]


def test_prompts_with_the_same_beginning_are_batched_together() -> None:
    first, second = prompts_of(9, 80, seed=1), prompts_of(9, 80, seed=2)
    mixed = [prompt for pair in zip(first, second, strict=True) for prompt in pair]
    batches = plan_batches(mixed, 16)
    assert sorted(index for batch in batches for index in batch) == list(range(18))
    assert all(common_prefix([mixed[i] for i in batch]) >= 80 for batch in batches)


def test_common_prefix_leaves_every_row_a_token() -> None:
    assert common_prefix([[1, 2, 3], [1, 2, 3]]) == 2
    assert common_prefix([[1, 2, 3], [1, 2]]) == 1
    assert common_prefix([[1, 2], [3, 2]]) == 0


def test_progress_counts_up_to_all_prompts() -> None:
    seen: list[int] = []
    decode(
        model_of("llama"),
        prompts_of(7, 0),
        stop_ids={STOP},
        pad_id=PAD,
        max_new_tokens=2,
        batch_size=3,
        on_progress=seen.append,
    )
    assert seen == [3, 6, 7]


def test_prompts_that_can_not_be_answered_are_refused() -> None:
    model = model_of("llama")
    with pytest.raises(ValueError, match="prompt 1 is empty"):
        decode(model, [[5], []], stop_ids={STOP}, pad_id=PAD, max_new_tokens=2, batch_size=2)
    with pytest.raises(ValueError, match=r"prompt 0 has 500 tokens and may grow by 20; the model has 512 positions"):
        decode(model, [[5] * 500], stop_ids={STOP}, pad_id=PAD, max_new_tokens=20, batch_size=2)


def test_timed_requests_write_what_batches_write() -> None:
    model = model_of("llama")
    prompts = prompts_of(4, 0)
    times = time_requests(model, prompts, stop_ids={STOP}, pad_id=PAD, max_new_tokens=6)
    done = decode(model, prompts, stop_ids={STOP}, pad_id=PAD, max_new_tokens=6, batch_size=4)
    assert [one.new_tokens for one in times] == [len(one.ids) for one in done]
    assert all(0 < one.first_token_s <= one.seconds for one in times)
    assert all(one.per_token_s is None or 0 < one.per_token_s < one.seconds for one in times)
