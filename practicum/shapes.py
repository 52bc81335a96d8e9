"""A model's shape, without loading the model and without a network."""

import json
from pathlib import Path
from typing import Any

from practicum.config import Entry, FolderWeights, HubWeights, PackageWeights, Shape


class ShapeError(ValueError):
    """A shape that can't be told; the message is one line: what was found, what was expected, what to do."""


def shape_of(entry: Entry, cache: Path, root: Path) -> Shape:
    """The shape of a registry's model: as the registry states it, or from the model's own file.

    Args:
        entry: of the registry.
        cache: folder of converted weights, from which a package's file is answered sooner.
        root: what a relative `folder:` is relative to.

    Raises:
        ShapeError: nothing says it.
    """
    if entry.shape is not None:
        return entry.shape
    weights = entry.weights
    if isinstance(weights, HubWeights):
        raise ShapeError(
            f"models.yaml: found no shape of {weights.hub}, expected the values of its config.json; copy them there "
            "as other models have them"
        )
    if isinstance(weights, FolderWeights):
        return from_config(root / weights.folder / "config.json")
    converted = cache / weights.sha256 / "config.json"
    return from_config(converted) if converted.is_file() else from_gguf(weights)


def from_config(path: Path) -> Shape:
    """From a config.json in the Transformers layout.

    Raises:
        ShapeError: the file is missing or lacks a value.
    """
    try:
        values: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        heads = values["num_attention_heads"]
        return Shape(
            model_type=values["model_type"],
            num_hidden_layers=values["num_hidden_layers"],
            hidden_size=values["hidden_size"],
            intermediate_size=values["intermediate_size"],
            num_attention_heads=heads,
            num_key_value_heads=values.get("num_key_value_heads") or heads,
            head_dim=values.get("head_dim") or values["hidden_size"] // heads,
            vocab_size=values["vocab_size"],
            tie_word_embeddings=values.get("tie_word_embeddings", values["model_type"] == "gemma3_text"),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ShapeError(
            f"{path}: found no shape ({' '.join(str(error).split())}), expected a config.json in the Transformers "
            "layout"
        ) from error


def from_gguf(weights: PackageWeights) -> Shape:
    """From the header of a GGUF file inside an installed package.

    Raises:
        ShapeError: the package or file is missing, or its header lacks a value.
    """
    from importlib.util import find_spec

    from gguf import GGUFReader

    spec = find_spec(weights.package)
    folders = [] if spec is None else list(spec.submodule_search_locations or [])
    found = [path for folder in folders if (path := Path(folder) / weights.file).is_file()]
    if not found:
        raise ShapeError(
            f"{weights.package}: found no installed package with a file {weights.file}, expected one; install "
            "requirements-model.lock"
        )
    try:
        reader = GGUFReader(found[0])
    except (ValueError, IndexError, KeyError) as error:
        raise ShapeError(
            f"{weights.file}: found no GGUF file ({error}), expected one; reinstall the package"
        ) from error

    def value(key: str) -> Any:
        field = reader.get_field(key)
        if field is None:
            raise ShapeError(f"{weights.file}: found no {key} in its header, expected a GGUF file of a language model")
        return field.contents()

    kind = value("general.architecture")
    heads, hidden = value(f"{kind}.attention.head_count"), value(f"{kind}.embedding_length")
    names = {tensor.name: tensor.shape for tensor in reader.tensors}
    width = reader.get_field(f"{kind}.attention.key_length")
    return Shape(
        model_type={"gemma3": "gemma3_text"}.get(kind, kind),
        num_hidden_layers=int(value(f"{kind}.block_count")),
        hidden_size=int(hidden),
        intermediate_size=int(value(f"{kind}.feed_forward_length")),
        num_attention_heads=int(heads),
        num_key_value_heads=int(value(f"{kind}.attention.head_count_kv")),
        head_dim=int(hidden // heads if width is None else width.contents()),
        vocab_size=int(names["token_embd.weight"][-1]),
        tie_word_embeddings="output.weight" not in names,
    )
