"""What an answer's grammar allows at each of its tokens, for the format loss.

The grammar is compiled from the domain's answer.schema.json by xgrammar. It is the one spelling that is trained on
(`canonical_json`: one line, `, ` and `: ` between the parts, properties in the schema's order), begun by the empty
line that follows `</think>` and ended by the family's end token.

Where a grammar can't say what the schema does it is wider: of `oneOf` it knows that one of the branches must fit, not
that the others must not, and the length of strings is left out, since xgrammar counts characters only where it
forbids escaped ones such as a quotation mark. What a pattern covers, and what may stand around one without anchors, is
matched with no escaped characters in it: an answer that needs some there is refused.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import torch
from torch import Tensor
from transformers import PreTrainedTokenizerBase
from xgrammar import (
    CompiledGrammar,
    Grammar,
    GrammarCompiler,
    GrammarMatcher,
    TokenizerInfo,
    VocabType,
    allocate_token_bitmask,
)

from practicum.chat import Rendered, Renderer, Token
from practicum.training.losses import unpacked

_CLOSE: Final = b"</think>"
_ANYTHING: Final = r'[^"\\]*'
_SHOWN: Final = 4
"""Allowed tokens that an error names."""


@dataclass(frozen=True)
class AnswerGrammar:
    """The grammar of a domain's answers over one tokenizer's tokens."""

    compiled: CompiledGrammar
    texts: tuple[bytes, ...]
    """What each token writes."""

    @classmethod
    def of(cls, renderer: Renderer, schema: Mapping[str, Any], vocab_size: int | None = None) -> "AnswerGrammar":
        """Compile.

        Args:
            renderer: gives the tokenizer, the end token, and how the answer follows the thinking.
            schema: the domain's answer.schema.json, parsed.
            vocab_size: width of the model's head, which may be larger than the tokenizer's vocabulary: the rest is
                never allowed. The tokenizer's own size if None.

        Raises:
            ValueError: the schema has no grammar.
        """
        tokenizer = renderer.tokenizer
        spelled = TokenizerInfo.from_huggingface(tokenizer, vocab_size=vocab_size, stop_token_ids=[renderer.end_id])
        texts = tuple(spelled.decoded_vocab)
        # A control token is no text, though its name could stand in a string: without a text it is never allowed.
        controls = _control_ids(tokenizer, renderer) - {renderer.end_id}
        info = TokenizerInfo(
            [b"" if index in controls else text for index, text in enumerate(texts)],
            VocabType.RAW,
            vocab_size=len(texts),
            stop_token_ids=[renderer.end_id],
            add_prefix_space=spelled.add_prefix_space,
        )
        after_thinking = renderer.think == "reasoning" or (renderer.think == "empty" and renderer.style.plain_think)
        try:
            # Only what the schema itself forbids is forbidden, as the validator of prepared rows has it.
            grammar = Grammar.from_json_schema(
                json.dumps(_loosened(schema)), any_whitespace=False, separators=(", ", ": "), strict_mode=False
            )
            if after_thinking:
                grammar = Grammar.concat(Grammar.from_ebnf(r'root ::= "\n\n"'), grammar)
            compiled = GrammarCompiler(info, max_threads=torch.get_num_threads()).compile_grammar(grammar)
        except RuntimeError as error:
            raise ValueError(f"answer.schema.json: no grammar could be made of it: {error}") from error
        return cls(compiled, texts)

    def masks(self, row: Rendered) -> Tensor:
        """The tokens allowed at each token of the row's answer, given what stands before it.

        Returns:
            `[answer tokens, words]`, int32, packed (see `losses.unpacked`), for the last tokens of the row: those
            after `</think>`, or all supervised ones where that is not among them, to the end token.

        Raises:
            ValueError: the grammar does not accept the answer; names the position in the row.
        """
        start, head = self._answer(row)
        allowed = allocate_token_bitmask(len(row.ids) - start, len(self.texts))
        self._walk(row, start, head, allowed)
        return allowed

    def check(self, rows: Sequence[Rendered]) -> None:
        """Refuse rows whose answers the grammar does not accept, before any is trained on.

        Raises:
            ValueError: names the first such row, the position in it, and how many there are.
        """
        refused = []
        for index, row in enumerate(rows):
            try:
                self._walk(row, *self._answer(row))
            except ValueError as error:
                refused.append(f"row {index}: {error}")
        if refused:
            raise ValueError(f"{refused[0]}; {len(refused)} of {len(rows)} rows are refused")

    def _answer(self, row: Rendered) -> tuple[int, bytes]:
        """Index of the first token that begins behind the think block, or of the first supervised one if there is
        no such block, and what of the answer already stands in the token before it."""
        first = row.mask.index(True) if True in row.mask else 0
        if first == 0 or not all(row.mask[first:]):
            raise ValueError("found no prompt followed by supervised tokens up to the end, expected such a row")
        written = [self.texts[token] for token in row.ids[first:]]
        found = b"".join(written).rfind(_CLOSE)
        if found < 0:
            return first, b""
        closes = found + len(_CLOSE)
        begins = 0
        for index, text in enumerate(written):
            if begins >= closes:
                return first + index, b"".join(written[:index])[closes:]
            begins += len(text)
        raise ValueError(f"found nothing after {_CLOSE.decode()}, expected an answer")

    def _walk(self, row: Rendered, start: int, head: bytes, allowed: Tensor | None = None) -> None:
        """Accept the answer token by token; `allowed`, if given, is filled on the way."""
        matcher = GrammarMatcher(self.compiled)
        if head and not matcher.accept_string(head):
            raise ValueError(f"position {start - 1}: found {_shown(head)} after </think>, expected an empty line")
        for index, token in enumerate(row.ids[start:]):
            ended = matcher.is_terminated()
            if allowed is not None and not ended:
                matcher.fill_next_token_bitmask(allowed, index)
            if ended or not matcher.accept_token(token):
                raise ValueError(self._refusal(row, start, start + index, matcher))
        if not matcher.is_terminated():
            raise ValueError(self._refusal(row, start, len(row.ids), matcher))

    def _refusal(self, row: Rendered, start: int, position: int, matcher: GrammarMatcher) -> str:
        """Where and why an answer is no longer one."""
        before = b"".join(self.texts[token] for token in row.ids[start:position])
        found = _shown(self.texts[row.ids[position]]) if position < len(row.ids) else "the row's end"
        place = f"position {position}: found {found} after {_shown(before)}"
        if matcher.is_terminated():
            return f"{place}, expected nothing after the end token"
        mask = allocate_token_bitmask(1, len(self.texts))
        matcher.fill_next_token_bitmask(mask)
        ids: list[int] = unpacked(mask, len(self.texts))[0].nonzero().flatten().tolist()
        some = ", ".join(_shown(self.texts[index]) for index in ids[:_SHOWN])
        more = f" or one of {len(ids) - _SHOWN} more tokens" if len(ids) > _SHOWN else ""
        return f"{place}, expected by the grammar of answer.schema.json: {some}{more}"


def _loosened(schema: Any) -> Any:
    """The schema without what its grammar leaves out (see above)."""
    if isinstance(schema, list):
        return [_loosened(part) for part in schema]
    if not isinstance(schema, Mapping):
        return schema
    kept: dict[str, Any] = {}
    for key, value in schema.items():
        if key in ("minLength", "maxLength") and isinstance(value, int):
            continue
        if key == "pattern" and isinstance(value, str):
            kept[key] = _anchored(value)
        elif key == "oneOf" and isinstance(value, list) and "anyOf" not in schema:
            kept["anyOf"] = _loosened(value)
        else:
            kept[key] = value if key in ("enum", "const", "default", "examples") else _loosened(value)
    return kept


def _anchored(pattern: str) -> str:
    """A pattern as xgrammar wants it, which matches it with the whole string; the schema means any part of it."""
    before = "" if pattern.startswith("^") else _ANYTHING
    after = "" if pattern.endswith("$") else _ANYTHING
    return f"{before}({pattern.removeprefix('^').removesuffix('$')}){after}" if before or after else pattern


def _control_ids(tokenizer: PreTrainedTokenizerBase, renderer: Renderer) -> set[int]:
    """Tokens that steer the model: those flagged as special, those of the turns, and the think tags."""
    style = renderer.style
    parts = (*style.start, *style.user[0], *style.user[1], *style.assistant, *style.between, style.end)
    names = {part.name for part in parts if isinstance(part, Token)} | {"<think>", "</think>", *style.also_stops}
    return {index for index, token in tokenizer.added_tokens_decoder.items() if token.special or token.content in names}


def _shown(text: bytes) -> str:
    """A token's text in an error; a token may end within a character."""
    return repr(text.decode("utf-8", "replace"))
