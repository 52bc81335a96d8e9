"""The GGUF files in llama.cpp itself, in an environment of its own (`make llama`)."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
import torch

from practicum.config import FamilyName
from practicum.inference.decoding import decode
from practicum.quantization.agreement import agreement
from practicum.quantization.artefacts import save_float
from practicum.quantization.gguf_file import MODEL_FILE, GgufFormat, load, quantize
from tests.fixtures.templates.small_tokenizers import small_tokenizer
from tests.practicum.quantization.small_models import (
    ARCHITECTURES,
    LLAMA3_ROPE,
    VOCABULARY,
    Architecture,
    float_folder,
    rows,
    small_model,
)

ROOT = Path(__file__).resolve().parents[3]
PYTHON = ROOT / ".cache" / "llama" / "bin" / "python"
pytestmark = pytest.mark.skipif(not PYTHON.is_file(), reason="llama.cpp is not installed here; run `make llama`")

TEXT = "user\nThe rule says: pay within 30 days.\n\n\nWhat  is due?<|im_end|>\n</think>ünïcode {12345}"
CHAT = [{"role": "user", "content": "What is due?"}]


def ask(file: Path, *requests: tuple[str, dict[str, Any]]) -> list[Any]:
    """llama.cpp's replies, each request to a path of its server."""
    done = subprocess.run(
        [PYTHON, Path(__file__).with_name("ask_llama_cpp.py"), file],
        input=json.dumps(requests),
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    replies: list[Any] = json.loads(done.stdout)
    return replies


def next_token_logits(file: Path, prompts: list[list[int]]) -> torch.Tensor:
    """llama.cpp's log-probabilities `[prompts, vocabulary]`."""
    found = torch.full((len(prompts), VOCABULARY), float("nan"))
    # Nothing is told of a token that ends the answer or is part of a character: a bias draws a letter. The
    # probabilities are those before it.
    drawn = [[small_tokenizer("smollm2").convert_tokens_to_ids("a"), 100]]
    common = {"n_predict": 1, "n_probs": VOCABULARY, "logit_bias": drawn, "temperature": 0, "cache_prompt": False}
    replies = ask(file, *(("/completion", {"prompt": prompt} | common) for prompt in prompts))
    for place, reply in enumerate(replies):
        for token in reply["completion_probabilities"][0]["top_logprobs"]:
            found[place, token["id"]] = token["logprob"]
    return found


def own_logits(folder: Path, prompts: list[list[int]]) -> torch.Tensor:
    model = load(folder, torch.float32)
    with torch.inference_mode():
        return torch.stack([model(torch.tensor([prompt])).logits[0, -1].log_softmax(dim=-1) for prompt in prompts])


PROMPTS = [row.ids[:length] for row, length in zip(rows(), (1, 9, 14, 20, 30, 40), strict=True)]


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize("form", ["gguf-q8-0", "gguf-q4-0"])
@pytest.mark.parametrize("tied", [True, False])
def test_llama_cpp_computes_the_logits_of_the_dequantised_file(
    architecture: Architecture, form: GgufFormat, tied: bool, tmp_path: Path
) -> None:
    quantize(float_folder(tmp_path / "float", architecture, tied=tied), form, tmp_path)
    ours, theirs = own_logits(tmp_path, PROMPTS), next_token_logits(tmp_path / MODEL_FILE, PROMPTS)
    # llama.cpp rounds activations to 8 bits before each product.
    assert agreement(ours, theirs).error < 0.05
    # Random weights leave near ties, which that turns round: what it ranks first is first here, or as good as that.
    lost = ours.amax(dim=-1) - ours.gather(1, theirs.argmax(dim=-1)[:, None])[:, 0]
    assert (lost <= 0.1 * ours.std(dim=-1)).all(), (lost / ours.std(dim=-1)).tolist()


def test_llama_cpp_slows_llama_3s_rotations(tmp_path: Path) -> None:
    save_float(
        small_model("llama", rope_parameters=LLAMA3_ROPE), small_tokenizer("smollm2"), torch.float32, tmp_path / "float"
    )
    quantize(tmp_path / "float", "gguf-q8-0", tmp_path)
    theirs = next_token_logits(tmp_path / MODEL_FILE, PROMPTS)
    assert agreement(own_logits(tmp_path, PROMPTS), theirs).error < 0.05
    quantize(float_folder(tmp_path / "float", "llama"), "gguf-q8-0", tmp_path)
    assert agreement(own_logits(tmp_path, PROMPTS), theirs).error > 0.1


@pytest.mark.parametrize("family", ["smollm2", "qwen3", "deepseek-r1"])
def test_llama_cpp_cuts_text_and_renders_chats_as_the_tokenizer_does(family: FamilyName, tmp_path: Path) -> None:
    tokenizer = small_tokenizer(family)
    quantize(float_folder(tmp_path / "float", "qwen2", family=family), "gguf-q8-0", tmp_path)
    rendered = tokenizer.apply_chat_template(CHAT, tokenize=False, add_generation_prompt=True)
    [text, chat] = ask(
        tmp_path / MODEL_FILE,
        ("/tokenize", {"content": TEXT, "parse_special": True, "add_special": True}),
        ("/apply-template", {"messages": CHAT}),
    )
    assert text["tokens"] == tokenizer.encode(TEXT)
    assert chat["prompt"] == rendered


def test_the_embedded_model_answers_in_llama_cpp_as_here(tmp_path: Path) -> None:
    converted = [folder for folder in (ROOT / ".cache").glob("[0-9a-f]*") if (folder / "tokenizer.json").is_file()]
    if not converted:
        pytest.skip("the embedded model has not been converted here; run `make repro`")
    [source] = converted
    quantize(source, "gguf-q8-0", tmp_path)
    prompt = "<|im_start|>user\nWhat is the capital of France?<|im_end|>\n<|im_start|>assistant\n"
    [tokens, reply] = ask(
        tmp_path / MODEL_FILE,
        ("/tokenize", {"content": prompt, "parse_special": True}),
        ("/completion", {"prompt": prompt, "n_predict": 24, "temperature": 0, "return_tokens": True}),
    )
    [own] = decode(
        load(tmp_path, torch.float32),
        [tokens["tokens"]],
        stop_ids={2},
        pad_id=2,
        max_new_tokens=24,
        batch_size=1,
    )
    assert "Paris" in reply["content"]
    assert [token for token in reply["tokens"] if token != 2] == list(own.ids)
