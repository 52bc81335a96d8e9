"""Loading weights: from a folder, from a package's GGUF file, and every way it can go wrong."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import gguf
import numpy as np
import pytest
import torch
from transformers import LlamaConfig, LlamaForCausalLM

from practicum.config import FolderWeights, HubWeights, PackageWeights
from practicum.models import WeightsError, file_sha256, load_model, load_tokenizer, resolve_weights, resolved_precision
from tests.fixtures.templates.small_tokenizers import small_tokenizer

PACKAGE = "weights_for_tests"


def small_model() -> LlamaForCausalLM:
    torch.manual_seed(0)
    return LlamaForCausalLM(
        LlamaConfig(
            vocab_size=420,
            hidden_size=32,
            intermediate_size=64,
            num_hidden_layers=2,
            num_attention_heads=4,
            num_key_value_heads=2,
            max_position_embeddings=128,
            tie_word_embeddings=True,
        )
    ).eval()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A whole small model in the Transformers layout."""
    target = tmp_path / "model"
    small_model().save_pretrained(target)
    small_tokenizer("smollm2").save_pretrained(target)
    return target


def write_gguf(path: Path) -> None:
    """A small Llama as a GGUF file, with a byte-level tokenizer."""
    model, tokenizer = small_model(), small_tokenizer("smollm2")
    config = model.config
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_block_count(config.num_hidden_layers)
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    writer.add_rope_freq_base(10000.0)
    writer.add_rope_dimension_count(config.hidden_size // config.num_attention_heads)
    writer.add_vocab_size(config.vocab_size)
    vocabulary = sorted(tokenizer.get_vocab().items(), key=lambda item: item[1])
    names = [name for name, _ in vocabulary]
    names += [f"[unused{index}]" for index in range(len(names), config.vocab_size)]
    special = set(tokenizer.all_special_tokens)
    writer.add_tokenizer_model("gpt2")
    writer.add_token_list(names)
    writer.add_token_types([gguf.TokenType.CONTROL if name in special else gguf.TokenType.NORMAL for name in names])
    merges = json.loads(tokenizer.backend_tokenizer.to_str())["model"]["merges"]
    writer.add_token_merges([" ".join(pair) for pair in merges])
    writer.add_bos_token_id(tokenizer.bos_token_id)
    writer.add_eos_token_id(tokenizer.eos_token_id)
    mapping = gguf.get_tensor_name_map(gguf.MODEL_ARCH.LLAMA, config.num_hidden_layers)
    for name, weight in model.state_dict().items():
        tensor = weight
        if name == "lm_head.weight":
            continue  # tied
        if ".q_proj." in name or ".k_proj." in name:
            # GGUF interleaves the two halves of rotary dimensions.
            heads = config.num_attention_heads if ".q_proj." in name else config.num_key_value_heads
            rows = tensor.shape[0] // heads // 2
            tensor = tensor.reshape(heads, 2, rows, -1).swapaxes(1, 2).reshape(tensor.shape)
        new = mapping.get_name(name, try_suffixes=(".weight",))
        assert new is not None, name
        writer.add_tensor(new, tensor.numpy().astype(np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PackageWeights:
    """An installed package that holds a GGUF file and can't be imported."""
    site = tmp_path / "site"
    (site / PACKAGE).mkdir(parents=True)
    (site / PACKAGE / "__init__.py").write_text("import a_module_that_is_not_there\n", encoding="utf-8")
    write_gguf(site / PACKAGE / "small.gguf")
    monkeypatch.syspath_prepend(str(site))
    return PackageWeights(package=PACKAGE, file="small.gguf", sha256=file_sha256(site / PACKAGE / "small.gguf"))


def logits(model: torch.nn.Module) -> torch.Tensor:
    with torch.inference_mode():
        return model(torch.arange(5, 25)[None]).logits  # type: ignore[no-any-return]


def test_a_folder_loads_relative_to_the_root_in_the_dtype_asked_for(folder: Path, tmp_path: Path) -> None:
    weights = FolderWeights(folder="model")
    model = load_model(weights, tmp_path / "cache", tmp_path, dtype=torch.float32)
    assert not model.training
    assert torch.equal(logits(model), logits(small_model()))
    assert load_model(weights, tmp_path / "cache", tmp_path, "bf16").dtype == torch.bfloat16
    assert load_model(weights, tmp_path / "cache", tmp_path, "fp32").dtype == torch.float32
    assert load_tokenizer(weights, tmp_path / "cache", tmp_path).eos_token == "<|im_end|>"


def test_a_packages_file_is_converted_once_to_the_same_numbers(package: PackageWeights, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    model = load_model(package, cache, tmp_path, dtype=torch.float32)
    torch.testing.assert_close(logits(model), logits(small_model()))
    tokenizer = load_tokenizer(package, cache, tmp_path)
    assert tokenizer.encode("The rule says: pay") == small_tokenizer("smollm2").encode("The rule says: pay")
    assert [path.name for path in cache.iterdir()] == [package.sha256]
    before = {path: path.stat().st_mtime_ns for path in (cache / package.sha256).iterdir()}
    assert "model.safetensors" in {path.name for path in before}
    load_model(package, cache, tmp_path)
    assert {path: path.stat().st_mtime_ns for path in (cache / package.sha256).iterdir()} == before


def test_two_processes_may_convert_at_once(package: PackageWeights, tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from practicum.config import PackageWeights;"
        "from practicum.models import load_model;"
        f"sys.path.insert(0, {str(tmp_path / 'site')!r});"
        f"w = PackageWeights(package={PACKAGE!r}, file='small.gguf', sha256={package.sha256!r});"
        f"m = load_model(w, Path({str(tmp_path / 'cache')!r}), Path('.'), 'fp32'); print(m.num_parameters())"
    )
    running = [subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) for _ in range(2)]
    said = [process.communicate(timeout=120)[0] for process in running]
    assert [process.returncode for process in running] == [0, 0]
    assert len(set(said)) == 1
    assert [path.name for path in (tmp_path / "cache").iterdir()] == [package.sha256]


def test_a_missing_package_says_how_to_install_it(tmp_path: Path) -> None:
    weights = PackageWeights(package="no_such_weights", file="a.gguf", sha256="0" * 64)
    with pytest.raises(WeightsError, match=r"no_such_weights: found it not installed.*make setup"):
        load_model(weights, tmp_path, tmp_path)


def test_a_missing_file_names_those_that_are_there(package: PackageWeights, tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match=r"no file other\.gguf.*small\.gguf"):
        load_tokenizer(package.model_copy(update={"file": "other.gguf"}), tmp_path / "cache", tmp_path)


def test_a_wrong_digest_names_both(package: PackageWeights, tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match=rf"found SHA-256 {package.sha256}, expected {'0' * 64}"):
        load_model(package.model_copy(update={"sha256": "0" * 64}), tmp_path / "cache", tmp_path)
    assert not (tmp_path / "cache").exists()


def test_a_file_that_is_no_gguf_leaves_nothing_in_the_cache(package: PackageWeights, tmp_path: Path) -> None:
    file = tmp_path / "site" / PACKAGE / "small.gguf"
    file.write_bytes(file.read_bytes()[:5000])
    changed = package.model_copy(update={"sha256": file_sha256(file)})
    with pytest.raises(WeightsError, match=r"small\.gguf"):
        load_model(changed, tmp_path / "cache", tmp_path)
    assert list((tmp_path / "cache").iterdir()) == []


def test_damaged_safetensors_are_named(folder: Path, tmp_path: Path) -> None:
    file = folder / "model.safetensors"
    file.write_bytes(file.read_bytes()[:-100])
    with pytest.raises(WeightsError, match=r"model\.safetensors is damaged.*delete"):
        load_model(FolderWeights(folder="model"), tmp_path / "cache", tmp_path)


def test_a_damaged_conversion_says_what_to_delete(package: PackageWeights, tmp_path: Path) -> None:
    load_tokenizer(package, tmp_path / "cache", tmp_path)
    file = tmp_path / "cache" / package.sha256 / "model.safetensors"
    file.write_bytes(file.read_bytes()[:1000])
    with pytest.raises(WeightsError, match=rf"damaged.*delete .*{package.sha256}"):
        load_model(package, tmp_path / "cache", tmp_path)
    shutil.rmtree(file.parent)
    assert load_model(package, tmp_path / "cache", tmp_path).num_parameters() > 0


@pytest.mark.parametrize(
    ("missing", "said"), [("config.json", "config.json"), ("model.safetensors", "no model.safetens")]
)
def test_an_incomplete_folder_is_named(folder: Path, tmp_path: Path, missing: str, said: str) -> None:
    (folder / missing).unlink()
    with pytest.raises(WeightsError, match=said):
        load_model(FolderWeights(folder=str(folder)), tmp_path / "cache", tmp_path)


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match=r"found no folder .*nowhere"):
        load_model(FolderWeights(folder="nowhere"), tmp_path / "cache", tmp_path)


def test_a_missing_shard_is_named(tmp_path: Path) -> None:
    small_model().save_pretrained(tmp_path / "model", max_shard_size="30KB")
    shards = sorted((tmp_path / "model").glob("model-*.safetensors"))
    assert len(shards) > 1
    shards[1].unlink()
    with pytest.raises(WeightsError, match=f"found no {shards[1].name}"):
        load_model(FolderWeights(folder="model"), tmp_path / "cache", tmp_path)


def test_code_in_a_folder_is_never_run(folder: Path, tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    (folder / "evil.py").write_text(
        f"open({str(ran)!r}, 'w')\nfrom transformers import LlamaForCausalLM as Evil, LlamaConfig as EvilConfig\n",
        encoding="utf-8",
    )
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    config |= {
        "model_type": "evil",
        "auto_map": {"AutoConfig": "evil.EvilConfig", "AutoModelForCausalLM": "evil.Evil"},
    }
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    with pytest.raises(WeightsError):
        load_model(FolderWeights(folder="model"), tmp_path / "cache", tmp_path)
    assert not ran.exists()


def test_a_hub_id_is_pinned_to_its_revision_and_offline_failure_says_what_to_check(tmp_path: Path) -> None:
    weights = HubWeights(hub="nobody/no-such-model", revision="a" * 40)
    assert resolve_weights(weights, tmp_path, tmp_path) == ("nobody/no-such-model", "a" * 40)
    with pytest.raises(WeightsError, match=r"expected revision aaaa.*HF_HUB_OFFLINE"):
        load_model(weights, tmp_path, tmp_path)
    with pytest.raises(WeightsError, match=r"expected revision aaaa.*HF_HUB_OFFLINE"):
        load_tokenizer(weights, tmp_path, tmp_path)


def test_precision_is_taken_as_said_and_auto_follows_the_processor() -> None:
    assert resolved_precision("bf16") == "bf16"
    assert resolved_precision("fp32") == "fp32"
    if not torch.cuda.is_available() and sys.platform == "linux":
        flags = Path("/proc/cpuinfo").read_text(encoding="utf-8")
        native = "avx512_bf16" in flags or "amx_bf16" in flags
        assert resolved_precision("auto") == ("bf16" if native else "fp32")
