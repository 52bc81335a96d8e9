"""Drawing tokens: the right distribution, and the same draws in whatever batch a row stands."""

from collections import Counter

import pytest
import torch

from practicum.inference.decoding import decode
from practicum.inference.packed import pack
from practicum.inference.sampling import GREEDY, Draws, Sampling, choose
from tests.practicum.tiny_models import tiny_model

LOGITS = torch.tensor([[2.0, 1.0, 0.0, -1.0, -9.0]])


def test_greedy_takes_the_most_probable_token() -> None:
    assert choose(LOGITS, GREEDY, []).tolist() == [0]


@pytest.mark.parametrize("temperature", [0.5, 1.5])
def test_tokens_are_drawn_by_their_share_of_the_top_k(temperature: float) -> None:
    sampling = Sampling(temperature, 3, seed=4)
    draws = [Draws(sampling, 0)]
    n = 4000
    seen = Counter(int(choose(LOGITS, sampling, draws)) for _ in range(n))
    shares = (LOGITS[0, :3] / temperature).softmax(dim=0)
    assert set(seen) <= {0, 1, 2}
    for token, share in enumerate(shares.tolist()):
        assert abs(seen[token] / n - share) < 4 * (share * (1 - share) / n) ** 0.5


def test_rows_draw_for_themselves() -> None:
    one, other = (Draws(Sampling(1.0, 2, seed=1), row) for row in (0, 1))
    assert [one.next() for _ in range(5)] != [other.next() for _ in range(5)]


@pytest.mark.parametrize(("temperature", "top_k"), [(-0.1, 5), (0.5, 0)])
def test_settings_that_mean_nothing_are_refused(temperature: float, top_k: int) -> None:
    with pytest.raises(ValueError, match="expected 0 or more and at least 1"):
        Sampling(temperature, top_k, 0)


def test_samples_do_not_depend_on_the_batch() -> None:
    model = tiny_model("qwen3", seed=3, vocab_size=97, max_position_embeddings=128).eval()
    prompts = [[5, 6, 7]] * 6 + [[8, 9]] * 6
    written = [
        decode(one, prompts, stop_ids={2}, pad_id=0, max_new_tokens=10, batch_size=size, sampling=Sampling(0.7, 20, 1))
        for one, size in ((model, 12), (model, 5), (pack(model), 12), (pack(model), 3))
    ]
    assert all(other == written[0] for other in written)
    assert len({one.ids for one in written[0][:6]}) > 3, "samples of one prompt must differ"
