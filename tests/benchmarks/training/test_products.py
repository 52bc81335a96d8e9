import pytest
import torch
from peft import LoraConfig, get_peft_model
from torch.utils.flop_counter import FlopCounterMode
from transformers import LlamaConfig, LlamaForCausalLM

from benchmarks.training.products import useful
from practicum.chat import Rendered

RANK = 4


@pytest.mark.parametrize(("heads", "key_heads"), [(4, 4), (6, 2)])
def test_useful_products_are_those_of_a_step_without_padding_on_one_row(heads: int, key_heads: int) -> None:
    config = LlamaConfig(
        hidden_size=48,
        intermediate_size=96,
        num_hidden_layers=3,
        num_attention_heads=heads,
        num_key_value_heads=key_heads,
        vocab_size=64,
        tie_word_embeddings=True,
    )
    config._attn_implementation = "eager"
    base = LlamaForCausalLM(config)
    get_peft_model(base, LoraConfig(r=RANK, target_modules="all-linear", task_type="CAUSAL_LM"))
    length, supervised = 20, 6
    row = Rendered(list(range(length)), [False] * (length - supervised) + [True] * supervised)

    with FlopCounterMode(display=False) as counter:
        hidden = base.model(torch.tensor([row.ids]), use_cache=False).last_hidden_state[0, -supervised:]
        base.lm_head(hidden).logsumexp(dim=1).sum().backward()

    products = useful(config, RANK, [row])
    # Plain attention multiplies all pairs, and the counter sees it; those after a token's own are not useful.
    pairs, useful_pairs = length**2, length * (length + 1) / 2
    expected = products.total + products.attention * (pairs / useful_pairs - 1)
    assert counter.get_total_flops() == pytest.approx(expected, rel=1e-12)
