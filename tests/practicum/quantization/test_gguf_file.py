"""What stands in a GGUF file, and what is read back from it. Whether llama.cpp agrees: test_llama_cpp.py."""

import json
from pathlib import Path
from typing import Any

import gguf
import pytest
import torch
from tokenizers import Regex, pre_tokenizers
from transformers import AutoModelForCausalLM, LlamaConfig, LlamaForCausalLM, PreTrainedModel
from transformers.modeling_rope_utils import ROPE_INIT_FUNCTIONS

from practicum.models import WeightsError
from practicum.quantization.agreement import answer_logits
from practicum.quantization.artefacts import save_float
from practicum.quantization.gguf_file import MODEL_FILE, GgufFormat, load, quantize
from tests.fixtures.templates.small_tokenizers import QWEN_SPLIT, small_tokenizer
from tests.practicum.quantization.small_models import LLAMA3_ROPE, Architecture, float_folder, rows, small_model
from tests.practicum.tiny_models import tiny_model


def fields(folder: Path) -> dict[str, Any]:
    return {name: field.contents() for name, field in gguf.GGUFReader(folder / MODEL_FILE).fields.items()}


def types(folder: Path) -> dict[str, str]:
    return {tensor.name: tensor.tensor_type.name for tensor in gguf.GGUFReader(folder / MODEL_FILE).tensors}


def change_tokenizer(folder: Path, **parts: Any) -> None:
    path = folder / "tokenizer.json"
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | parts), encoding="utf-8")


@pytest.mark.parametrize("architecture", ["llama", "qwen2"])
@pytest.mark.parametrize("form", ["gguf-q8-0", "gguf-q4-0"])
def test_transformers_reads_the_same_model_from_the_file_alone(
    architecture: Architecture, form: GgufFormat, tmp_path: Path
) -> None:
    quantize(float_folder(tmp_path / "float", architecture), form, tmp_path)
    (tmp_path / "alone").mkdir()
    (tmp_path / "alone" / MODEL_FILE).hardlink_to(tmp_path / MODEL_FILE)
    alone: PreTrainedModel = AutoModelForCausalLM.from_pretrained(
        tmp_path / "alone", gguf_file=MODEL_FILE, dtype=torch.float32
    ).eval()
    torch.testing.assert_close(answer_logits(load(tmp_path, torch.float32), rows()), answer_logits(alone, rows()))


def test_the_4_bit_file_keeps_embedding_head_and_vectors_finer(tmp_path: Path) -> None:
    quantize(float_folder(tmp_path / "float", "qwen2", tied=False), "gguf-q4-0", tmp_path)
    found = types(tmp_path)
    assert found["token_embd.weight"] == found["output.weight"] == "Q8_0"
    assert found["blk.1.ffn_down.weight"] == found["blk.0.attn_q.weight"] == "Q4_0"
    assert found["blk.0.attn_q.bias"] == found["output_norm.weight"] == "F32"


def test_a_tied_table_is_stored_once(tmp_path: Path) -> None:
    quantize(float_folder(tmp_path / "float", "qwen3"), "gguf-q8-0", tmp_path)
    assert "output.weight" not in types(tmp_path)
    model = load(tmp_path, torch.float32)
    assert model.get_output_embeddings().weight is model.get_input_embeddings().weight


def test_rows_that_no_block_fits_stay_in_16_bits(tmp_path: Path) -> None:
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=420, hidden_size=48, intermediate_size=64, num_hidden_layers=1, num_attention_heads=2
    )
    model = LlamaForCausalLM(config).eval()
    logits = answer_logits(model, rows())
    save_float(model, small_tokenizer("smollm2"), torch.float32, tmp_path / "float")
    quantize(tmp_path / "float", "gguf-q4-0", tmp_path)
    found = types(tmp_path)
    assert found["blk.0.attn_q.weight"] == "F16"
    assert found["blk.0.ffn_down.weight"] == "Q4_0"
    torch.testing.assert_close(answer_logits(load(tmp_path, torch.float32), rows()), logits, atol=0.05, rtol=0)


def test_tokens_kinds_special_ids_and_template_are_the_tokenizers(tmp_path: Path) -> None:
    source = float_folder(tmp_path / "float", "qwen3", family="qwen3")
    quantize(source, "gguf-q8-0", tmp_path)
    tokenizer = small_tokenizer("qwen3")
    found = fields(tmp_path)
    tokens, kinds = found["tokenizer.ggml.tokens"], found["tokenizer.ggml.token_type"]
    assert len(tokens) == len(kinds) == found["qwen3.vocab_size"] == small_model("qwen3").config.vocab_size
    for token, place in tokenizer.get_vocab().items():
        assert tokens[place] == token
    kind = dict(zip(tokens, kinds, strict=True))
    assert kind["<|im_end|>"] == gguf.TokenType.CONTROL
    assert kind["</think>"] == gguf.TokenType.USER_DEFINED
    assert kind["a"] == gguf.TokenType.NORMAL
    assert kind[f"[PAD{len(tokens) - 1}]"] == gguf.TokenType.UNUSED
    assert found["tokenizer.ggml.eos_token_id"] == tokenizer.eos_token_id
    assert found["tokenizer.ggml.padding_token_id"] == tokenizer.pad_token_id
    assert found["tokenizer.chat_template"] == tokenizer.chat_template
    assert found["tokenizer.ggml.pre"] == "qwen2"


def test_each_way_of_cutting_text_has_llama_cpps_name(tmp_path: Path) -> None:
    source = float_folder(tmp_path / "float", "llama")

    def name(*steps: pre_tokenizers.PreTokenizer) -> str:
        described = json.loads(pre_tokenizers.Sequence(list(steps)).__getstate__())
        change_tokenizer(source, pre_tokenizer=described)
        quantize(source, "gguf-q8-0", tmp_path)
        return str(fields(tmp_path)["tokenizer.ggml.pre"])

    plain = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    words = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
    llama3 = QWEN_SPLIT.replace(r"\p{N}| ?", r"\p{N}{1,3}| ?")
    assert name(words) == "gpt-2"
    assert name(pre_tokenizers.Digits(individual_digits=True), words) == "smollm"
    assert name(pre_tokenizers.Split(Regex(QWEN_SPLIT), "isolated"), plain) == "qwen2"
    assert name(pre_tokenizers.Split(Regex(llama3), "isolated"), plain) == "llama-bpe"
    with pytest.raises(WeightsError, match=r"Whitespace then ByteLevel, expected .*gpt-2, smollm, qwen2, llama-bpe"):
        name(pre_tokenizers.Whitespace(), plain)


def test_llama_3s_rotations_are_slowed_as_transformers_slows_them(tmp_path: Path) -> None:
    model = small_model("llama", rope_parameters=LLAMA3_ROPE)
    save_float(model, small_tokenizer("smollm2"), torch.float32, tmp_path / "float")
    quantize(tmp_path / "float", "gguf-q8-0", tmp_path)
    [factors] = [t.data for t in gguf.GGUFReader(tmp_path / MODEL_FILE).tensors if t.name == "rope_freqs.weight"]
    slowed, _ = ROPE_INIT_FUNCTIONS["llama3"](model.config, torch.device("cpu"))
    usual = LLAMA3_ROPE["rope_theta"] ** -(torch.arange(0, 32, 2) / 32)
    torch.testing.assert_close(torch.tensor(factors), usual / slowed)
    assert factors[0] == 1
    assert factors[-1] == 8
    # The rounded model is slowed as well.
    assert load(tmp_path, torch.float32).config.rope_parameters == LLAMA3_ROPE


def test_other_architectures_are_named_beside_those_that_work(tmp_path: Path) -> None:
    model = tiny_model("gemma3", 0, vocab_size=420)
    save_float(model, small_tokenizer("gemma3"), torch.float32, tmp_path / "float")
    with pytest.raises(WeightsError, match=r"gguf-q8-0: .* gemma3_text, expected one of llama, qwen2, qwen3; take"):
        quantize(tmp_path / "float", "gguf-q8-0", tmp_path)


def test_what_llama_cpp_would_compute_otherwise_is_refused(tmp_path: Path) -> None:
    yarn = {"rope_type": "yarn", "rope_theta": 10_000.0, "factor": 4.0, "original_max_position_embeddings": 64}
    changes = [
        ({"rope_parameters": yarn}, "yarn, expected default or llama3"),
        ({"hidden_act": "gelu"}, "gelu, expected silu"),
        ({"layer_types": ["full_attention", "sliding_attention"]}, "sliding_attention, expected full_attention"),
    ]
    source = float_folder(tmp_path / "float", "qwen2")
    described = json.loads((source / "config.json").read_text(encoding="utf-8"))
    for change, message in changes:
        (source / "config.json").write_text(json.dumps(described | change), encoding="utf-8")
        with pytest.raises(WeightsError, match=message):
            quantize(source, "gguf-q4-0", tmp_path / "out")


def test_a_tokenizer_over_characters_is_refused(tmp_path: Path) -> None:
    source = float_folder(tmp_path / "float", "llama", family="gemma3")
    with pytest.raises(WeightsError, match="expected byte-level BPE"):
        quantize(source, "gguf-q8-0", tmp_path)
