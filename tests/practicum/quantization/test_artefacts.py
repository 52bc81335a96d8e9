"""Each format, made from real small models, saved, loaded again and compared with the float model."""

import hashlib
import json
from pathlib import Path
from typing import get_args

import gguf
import pytest
import torch
from peft import LoraConfig, get_peft_model
from safetensors.torch import load_file, save_file

from practicum.config import QuantFormat
from practicum.inference.decoding import decode
from practicum.models import WeightsError
from practicum.quantization.agreement import QuantizationError, agreement, answer_logits, check
from practicum.quantization.artefacts import folder_bytes, fp32_bytes, load, make, runs_here, save_float
from practicum.training.adapters import merged
from tests.fixtures.templates.small_tokenizers import small_tokenizer
from tests.practicum.quantization.small_models import ARCHITECTURES, Architecture, float_folder, rows, small_model

FORMATS: tuple[QuantFormat, ...] = get_args(QuantFormat)
# What rounding alone costs on random weights, which lie closer together than trained ones.
WORST: dict[QuantFormat, float] = {
    "int8": 0.06,
    "nf4": 0.45,
    "dynamic-int8": 0.05,
    "gguf-q8-0": 0.05,
    "gguf-q4-0": 0.45,
}
LEAST: dict[QuantFormat, float] = {
    "int8": 0.9,
    "nf4": 0.4,
    "dynamic-int8": 0.9,
    "gguf-q8-0": 0.9,
    "gguf-q4-0": 0.4,
}
WEIGHTS = ("*.safetensors", "*.gguf")


def weights_file(folder: Path) -> Path:
    [file] = [path for pattern in WEIGHTS for path in folder.glob(pattern)]
    return file


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("tied", [True, False])
def test_a_reloaded_artefact_has_the_float_models_logits_within_rounding(
    form: QuantFormat, architecture: Architecture, tied: bool, tmp_path: Path
) -> None:
    source = float_folder(tmp_path / "float", architecture, tied=tied)
    make(form, source, tmp_path / form)
    found = agreement(answer_logits(load("float", source), rows()), answer_logits(load(form, tmp_path / form), rows()))
    assert found.positions == 6 * 20
    assert 0 < found.error < WORST[form]
    assert found.top1 > LEAST[form]


@pytest.mark.parametrize("form", FORMATS)
def test_an_artefact_is_smaller_and_complete(form: QuantFormat, tmp_path: Path) -> None:
    source = float_folder(tmp_path / "float", "llama")
    make(form, source, tmp_path / form)
    weights = weights_file(tmp_path / form).stat().st_size
    assert weights < 0.65 * (source / "model.safetensors").stat().st_size
    tokenizer = set() if form.startswith("gguf") else {"tokenizer.json", "tokenizer_config.json"}
    assert {"config.json"} | tokenizer <= {p.name for p in (tmp_path / form).iterdir()}
    assert not [p for p in (tmp_path / form).iterdir() if p.suffix in (".pkl", ".pt", ".bin", ".pth")]
    assert folder_bytes(tmp_path / form) == sum(p.stat().st_size for p in (tmp_path / form).iterdir())


@pytest.mark.parametrize("form", FORMATS)
def test_an_artefact_has_the_same_bytes_each_time(form: QuantFormat, tmp_path: Path) -> None:
    source = float_folder(tmp_path / "float", "qwen2")

    def digests(name: str) -> dict[str, str]:
        make(form, source, tmp_path / name)
        return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in (tmp_path / name).iterdir()}

    assert digests("one") == digests("two")


@pytest.mark.parametrize("form", FORMATS)
def test_a_loaded_artefact_decodes_and_its_answers_do_not_depend_on_running_it_before(
    form: QuantFormat, tmp_path: Path
) -> None:
    source = float_folder(tmp_path / "float", "llama")
    make(form, source, tmp_path / form)
    prompts = [row.ids[:length] for row, length in zip(rows(), (9, 14, 20, 14, 30, 5), strict=True)]

    def decoded() -> list[tuple[int, ...]]:
        model = load(form, tmp_path / form)
        answer_logits(model, rows())
        done = decode(model, prompts, stop_ids={2}, pad_id=0, max_new_tokens=6, batch_size=6)
        return [one.ids for one in done]

    first = decoded()
    assert first == decoded()
    assert all(first)


def test_the_merged_adapter_is_what_gets_quantised(tmp_path: Path) -> None:
    adapted = get_peft_model(small_model("llama"), LoraConfig(r=4, target_modules="all-linear", task_type="CAUSAL_LM"))
    torch.manual_seed(3)
    for name, parameter in adapted.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(parameter, std=0.3)
    adapted.save_pretrained(tmp_path / "adapter")
    tuned = merged(small_model("llama"), tmp_path / "adapter")
    save_float(tuned, small_tokenizer("smollm2"), torch.float32, tmp_path / "float")
    make("dynamic-int8", tmp_path / "float", tmp_path / "quantised")
    logits = answer_logits(load("dynamic-int8", tmp_path / "quantised"), rows())
    with_adapter = answer_logits(adapted.eval(), rows())  # type: ignore[arg-type]
    assert agreement(with_adapter, logits).error < WORST["dynamic-int8"]
    assert agreement(answer_logits(small_model("llama"), rows()), logits).error > 0.3


@pytest.mark.parametrize("form", FORMATS)
def test_a_cut_file_is_refused(form: QuantFormat, tmp_path: Path) -> None:
    make(form, float_folder(tmp_path / "float", "llama"), tmp_path / form)
    weights = weights_file(tmp_path / form)
    weights.write_bytes(weights.read_bytes()[:-64])
    with pytest.raises(WeightsError, match=str(tmp_path / form)):
        load(form, tmp_path / form)


@pytest.mark.parametrize("form", FORMATS)
def test_corrupt_weights_fail_the_check_before_use(form: QuantFormat, tmp_path: Path) -> None:
    source = float_folder(tmp_path / "float", "llama")
    make(form, source, tmp_path / form)
    reference = answer_logits(load("float", source), rows())
    sound = agreement(reference, answer_logits(load(form, tmp_path / form), rows()))
    file = weights_file(tmp_path / form)
    if form.startswith("gguf"):
        content = bytearray(file.read_bytes())
        for tensor in gguf.GGUFReader(file).tensors:
            if "ffn_down" in tensor.name:
                start, end = tensor.data_offset, tensor.data_offset + tensor.n_bytes
                cut = start + 37 * gguf.GGML_QUANT_SIZES[tensor.tensor_type][1]
                content[start:end] = content[cut:end] + content[start:cut]
        file.write_bytes(content)
    else:
        shuffle_safetensors(file)
    corrupt = agreement(reference, answer_logits(load(form, tmp_path / form), rows()))
    check(sound, form, LEAST[form])
    with pytest.raises(QuantizationError, match=rf"{form}.*expected at least {LEAST[form]:.1%}.*quantization\.formats"):
        check(corrupt, form, LEAST[form])


def shuffle_safetensors(file: Path) -> None:
    tensors = load_file(file)
    for name, tensor in tensors.items():
        if "down_proj" in name and tensor.dtype in (torch.int8, torch.uint8) and tensor.numel() > 1000:
            tensors[name] = tensor.roll(1, dims=0).roll(37)
    save_file(tensors, file, metadata={"format": "pt"})


def test_a_dynamic_int8_folder_is_not_taken_for_a_float_model(tmp_path: Path) -> None:
    make("dynamic-int8", float_folder(tmp_path / "float", "llama"), tmp_path / "q")
    with pytest.raises(WeightsError, match=r"no model\.safetensors"):
        load("float", tmp_path / "q")


def test_a_missing_tensor_of_a_dynamic_int8_model_is_named(tmp_path: Path) -> None:
    make("dynamic-int8", float_folder(tmp_path / "float", "llama"), tmp_path / "q")
    file = tmp_path / "q" / "dynamic_int8.safetensors"
    tensors = load_file(file)
    del tensors["model.layers.1.mlp.up_proj.scale"]
    save_file(tensors, file)
    with pytest.raises(WeightsError, match=r"up_proj\.scale"):
        load("dynamic-int8", tmp_path / "q")


def test_the_tied_table_is_stored_once(tmp_path: Path) -> None:
    for tied in (True, False):
        make("dynamic-int8", float_folder(tmp_path / f"float{tied}", "llama", tied=tied), tmp_path / str(tied))
    stored = {tied: load_file(tmp_path / str(tied) / "dynamic_int8.safetensors") for tied in (True, False)}
    assert "lm_head.weight" not in stored[True]
    assert stored[False]["lm_head.weight"].dtype == torch.int8
    manifest = json.loads((tmp_path / "True" / "dynamic_int8.json").read_text(encoding="utf-8"))
    assert manifest["head_shares_embedding"] == "lm_head"
    model = load("dynamic-int8", tmp_path / "True")
    assert model.get_submodule("lm_head").weight.data_ptr() == model.get_input_embeddings().weight.data_ptr()


def test_the_size_in_fp32_is_that_of_the_model_written_in_fp32(tmp_path: Path) -> None:
    for dtype in (torch.float32, torch.bfloat16):
        model = small_model("llama")
        save_float(model, small_tokenizer("smollm2"), dtype, tmp_path / str(dtype))
        # Headers name the types, so they differ by some bytes.
        assert fp32_bytes(model, tmp_path / str(dtype)) == pytest.approx(
            folder_bytes(tmp_path / "torch.float32"), abs=64
        )


def test_only_a_gguf_runs_elsewhere() -> None:
    assert [form for form in FORMATS if not runs_here(form)] == ["gguf-q8-0", "gguf-q4-0"]
