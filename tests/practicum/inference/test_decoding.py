"""Decoding on real, tiny models of the true architectures, against Transformers' own greedy search."""

import pytest
import torch
from transformers import GenerationConfig, PreTrainedModel

from practicum.inference.decoding import common_prefix, greedy, plan_batches
from practicum.inference.kv_cache import BLOCK
from practicum.inference.timing import time_requests
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


@pytest.mark.parametrize("family", sorted(ARCHITECTURES))
@pytest.mark.parametrize("shared", [0, 30])
def test_batches_give_what_each_prompt_gives_alone(family: str, shared: int) -> None:
    model = model_of(family)
    prompts = prompts_of(13, shared)
    done = greedy(model, prompts, stop_ids={STOP}, pad_id=PAD, max_new_tokens=12, batch_size=5)
    expected = [reference(model, prompt, 12) for prompt in prompts]
    assert [(one.ids, one.finished) for one in done] == expected
    assert len({one.ids for one in done}) > 3, "the answers must depend on the prompts, or this test shows little"


def test_rows_stop_on_their_own() -> None:
    model = model_of("llama")
    prompts = prompts_of(24, 0)
    free = greedy(model, prompts, stop_ids=set(), pad_id=PAD, max_new_tokens=20, batch_size=24)
    # Take a token that some rows write and others don't: it ends the former early and leaves the latter alone.
    stop = next(t for t in range(97) if 3 <= sum(t in one.ids for one in free) <= 20)
    done = greedy(model, prompts, stop_ids={stop}, pad_id=PAD, max_new_tokens=20, batch_size=24)
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
    done = greedy(model, prompts, stop_ids={STOP}, pad_id=PAD, max_new_tokens=limit, batch_size=3)
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
    greedy(
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
        greedy(model, [[5], []], stop_ids={STOP}, pad_id=PAD, max_new_tokens=2, batch_size=2)
    with pytest.raises(ValueError, match=r"prompt 0 has 500 tokens and may grow by 20; the model has 512 positions"):
        greedy(model, [[5] * 500], stop_ids={STOP}, pad_id=PAD, max_new_tokens=20, batch_size=2)


def test_timed_requests_write_what_batches_write() -> None:
    model = model_of("llama")
    prompts = prompts_of(4, 0)
    times = time_requests(model, prompts, stop_ids={STOP}, pad_id=PAD, max_new_tokens=6)
    done = greedy(model, prompts, stop_ids={STOP}, pad_id=PAD, max_new_tokens=6, batch_size=4)
    assert [one.new_tokens for one in times] == [len(one.ids) for one in done]
    assert all(one.seconds > 0 for one in times)
