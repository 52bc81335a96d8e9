"""A key-value cache that grows in blocks instead of being copied whole at each token."""

import torch
from transformers import DynamicCache, PreTrainedConfig
from transformers.cache_utils import Cache, DynamicLayer

BLOCK = 128
"""Positions by which the buffers grow: large enough that copies are rare, small enough to waste little."""


class BlockLayer(DynamicLayer):  # type: ignore[no-untyped-call]  # Transformers' hook for subclasses
    """Keys and values of one layer, `[batch, kv_heads, positions, head_dim]`, in buffers with room to spare.

    `keys` and `values` are views on the filled part, as the rest of Transformers expects them.
    """

    def lazy_initialization(self, key_states: torch.Tensor, value_states: torch.Tensor) -> None:
        super().lazy_initialization(key_states, value_states)
        self._keys = key_states.new_empty(0)
        self._values = value_states.new_empty(0)
        self._filled = 0

    def update(
        self, key_states: torch.Tensor, value_states: torch.Tensor, *args: object, **kwargs: object
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Append the states of new positions and return those of all positions."""
        if not self.is_initialized:
            self.lazy_initialization(key_states, value_states)
        end = self._filled + key_states.shape[-2]
        if self._filled == 0 or end > self._keys.shape[-2]:
            self._keys = self._grown(self._keys, key_states, end)
            self._values = self._grown(self._values, value_states, end)
        self._keys[..., self._filled : end, :] = key_states
        self._values[..., self._filled : end, :] = value_states
        self._filled = end
        return self._show()

    def _grown(self, old: torch.Tensor, new: torch.Tensor, end: int) -> torch.Tensor:
        room = -(-end // BLOCK) * BLOCK + BLOCK
        buffer = new.new_empty((*new.shape[:-2], room, new.shape[-1]))
        if self._filled:
            buffer[..., : self._filled, :] = old[..., : self._filled, :]
        return buffer

    def _show(self) -> tuple[torch.Tensor, torch.Tensor]:
        keys, values = self._keys[..., : self._filled, :], self._values[..., : self._filled, :]
        self.keys, self.values = keys, values
        return keys, values

    def batch_repeat_interleave(self, repeats: int) -> None:
        """Give each row `repeats` copies, side by side."""
        if self.get_seq_length() > 0:
            self._keys = self._keys.repeat_interleave(repeats, dim=0)
            self._values = self._values.repeat_interleave(repeats, dim=0)
            self._show()

    def batch_select_indices(self, indices: torch.Tensor) -> None:
        """Keep only the rows at `indices`."""
        if self.get_seq_length() > 0:
            self._keys = self._keys[indices]
            self._values = self._values[indices]
            self._show()


def slides(config: PreTrainedConfig) -> bool:
    """Whether any layer attends to less than all that came before."""
    kinds = getattr(config.get_text_config(decoder=True), "layer_types", None) or ["full_attention"]
    return set(kinds) != {"full_attention"}


def new_cache(config: PreTrainedConfig) -> Cache:
    """An empty cache for a decoder of this configuration; one with sliding windows gets Transformers' own."""
    if slides(config):
        return DynamicCache(config=config)
    count = config.get_text_config(decoder=True).num_hidden_layers
    return Cache(layers=[BlockLayer() for _ in range(count)])  # type: ignore[no-untyped-call]
