"""The renderer: the one way from an example to token ids, for training, evaluation, quantisation and serving.

A row is a sequence of parts. A part is either a control token, put in by its id, or text, which can never
become a control token whatever it holds. Ids and mask grow together, part by part, so they can't drift apart.

What each family sees, with R the reasoning and A the answer; what is trained on stands after the bar:

| family      | think: reasoning                                                                     |
|-------------|--------------------------------------------------------------------------------------|
| smollm2     | <|im_start|>user⏎U<|im_end|>⏎<|im_start|>assistant⏎ │ <think>⏎R⏎</think>⏎⏎A<|im_end|> |
| qwen3       | the same; <think> and </think> are tokens of their own                               |
| gemma3      | <bos><start_of_turn>user⏎U<end_of_turn>⏎<start_of_turn>model⏎ │ <think>⏎R ... A<end_of_turn> |
| deepseek-r1 | <｜begin▁of▁sentence｜><｜User｜>U<｜Assistant｜><think>⏎ │ R⏎</think>⏎⏎A<｜end▁of▁sentence｜> |

`think: empty` closes the prompt with an empty think block, as Qwen3's `enable_thinking=False` does; the block
is seen and never trained on (smollm2 and gemma3 write the empty line after it themselves: at the end of a text
their tokenizers would spell it unlike before an answer). `think: none` has no block anywhere.

No system prompt is put in. SmolLM2's own template adds one of 24 tokens to every row that has none; it says
nothing that these tasks need, and on a CPU every token of a prompt costs. DeepSeek advises against one.

Worked examples (shots) are earlier turns. Where the think block is plain text to the model (smollm2, gemma3) it
stays in them, since it shows the base the whole form of an answer. Qwen3's and DeepSeek's templates drop the
thinking of earlier turns, and the models were trained that way, so these two see the answers only.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from practicum.config import FamilyName, Think
from practicum.data.example import Example

if TYPE_CHECKING:  # importing it takes a second
    from transformers import PreTrainedTokenizerBase


class RenderError(ValueError):
    """A row or a tokenizer that can't be rendered faithfully."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """A training row: token ids, and for each whether the loss is taken on it."""

    ids: list[int]
    mask: list[bool]


@dataclass(frozen=True, slots=True)
class Token:
    """A control token, by its name in the vocabulary."""

    name: str


Part = Token | str


@dataclass(frozen=True, slots=True)
class Style:
    """How the models of a family are prompted.

    Opening and closing parts follow each model's published chat template; tests compare them with it.
    """

    start: tuple[Part, ...]
    """Before the first turn."""
    user: tuple[tuple[Part, ...], tuple[Part, ...]]
    """Before and after a user's text."""
    assistant: tuple[Part, ...]
    """Before the assistant's text."""
    end: Token
    """Ends the assistant's text; the model must produce it."""
    between: tuple[Part, ...]
    """After `end`, when another turn follows."""
    plain_think: bool = False
    """The think tags are plain text to these models, not tokens of the vocabulary."""
    prefill: bool = False
    """The prompt itself opens the think block."""
    drops_thinking: bool = False
    """Earlier turns of the assistant stand without their thinking."""
    also_stops: tuple[str, ...] = ()
    """Further tokens at which decoding ends, where the vocabulary has them."""


_CHATML: Final = Style(
    start=(),
    user=((Token("<|im_start|>"), "user\n"), (Token("<|im_end|>"), "\n")),
    assistant=(Token("<|im_start|>"), "assistant\n"),
    end=Token("<|im_end|>"),
    between=("\n",),
    also_stops=("<|endoftext|>",),
)

STYLES: Final[Mapping[FamilyName, Style]] = {
    "smollm2": replace(_CHATML, plain_think=True),
    "qwen3": replace(_CHATML, drops_thinking=True),
    "deepseek-r1": Style(
        start=(Token("<｜begin▁of▁sentence｜>"),),
        user=((Token("<｜User｜>"),), ()),
        assistant=(Token("<｜Assistant｜>"),),
        end=Token("<｜end▁of▁sentence｜>"),
        between=(),
        prefill=True,
        drops_thinking=True,
    ),
    "gemma3": Style(
        start=(Token("<bos>"),),
        user=((Token("<start_of_turn>"), "user\n"), (Token("<end_of_turn>"), "\n")),
        assistant=(Token("<start_of_turn>"), "model\n"),
        end=Token("<end_of_turn>"),
        between=("\n",),
        plain_think=True,
        also_stops=("<eos>",),
    ),
}

_OPEN: Final = "<think>"
_CLOSE: Final = "</think>"

_CONTROL: Final = re.compile(r"<[|｜].+[|｜]>|</?(think|tool_call|tool_response)>")
"""Added tokens that steer a model though its tokenizer doesn't flag them as special (`<｜User｜>`, Qwen3's
`<think>`). Other unflagged ones, such as Gemma's runs of spaces, are ordinary text."""


def user_text(example: Example) -> str:
    """The user's turn: the context, if any, an empty line, and the question."""
    return "\n\n".join(text for text in (example.context.strip(), example.question.strip()) if text)


class Renderer:
    """Turns examples into token ids for one tokenizer, family and way of thinking."""

    def __init__(self, tokenizer: "PreTrainedTokenizerBase", family: FamilyName, think: Think) -> None:
        """
        Raises:
            RenderError: the tokenizer lacks a control token of the family.
        """
        self.tokenizer = tokenizer
        self.family: FamilyName = family
        self.think: Think = think
        self.style = STYLES[family]
        controls: dict[str, int] = {
            token.content: index for index, token in tokenizer.added_tokens_decoder.items() if token.special
        } | {name: index for name, index in tokenizer.get_added_vocab().items() if _CONTROL.fullmatch(name)}
        self._controls = controls
        self._control_ids = frozenset(controls.values())
        # A control token can start inside another one's text, hence the lookahead: it finds overlaps too.
        names = sorted(controls, key=len, reverse=True)
        self._control_text = re.compile("(?=" + "|".join(map(re.escape, names)) + ")") if names else None
        for part in (
            *self.style.start,
            *self.style.user[0],
            *self.style.user[1],
            *self.style.assistant,
            self.style.end,
        ):
            if isinstance(part, Token) and part.name not in controls:
                raise RenderError(
                    f"tokenizer: found no control token {part.name!r}, expected those of family {family!r}; "
                    "give the model its true family in models.yaml"
                )

    @property
    def end_id(self) -> int:
        """Id of the token that ends an answer."""
        return self._controls[self.style.end.name]

    @property
    def stop_ids(self) -> frozenset[int]:
        """Ids at which decoding ends."""
        also = (self._controls[name] for name in self.style.also_stops if name in self._controls)
        return frozenset({self.end_id, *also})

    @property
    def pad_id(self) -> int:
        """An id to fill batches with; always hidden by the attention mask."""
        pad: int | None = self.tokenizer.pad_token_id
        return self.end_id if pad is None else pad

    def closing_ids(self) -> list[int]:
        """Ids that close a think block and begin the answer, as targets have them."""
        return self._ids(["\n", self._tag(_CLOSE), "\n\n"])

    def prompt_ids(self, example: Example, shots: Sequence[Example] = ()) -> list[int]:
        """Ids up to and including what the model is given of its own turn.

        Args:
            example: whose question is asked; its reasoning and answer are not read.
            shots: worked examples, shown first as earlier turns.
        """
        return self._ids(self._prompt(example, shots))

    def training_row(self, example: Example) -> Rendered:
        """Prompt and target in one row; the loss is on the target's ids, its end token included.

        Raises:
            RenderError: the reasoning is empty where it is to be trained on, reasoning or answer hold a think tag,
                or the prompt's ids are not a prefix of the ids of the whole text, so that the model would be
                trained on a spelling of the row that the tokenizer never gives.
        """
        prompt = self._prompt(example)
        target = [*self._target(example), self.style.end]
        ids: list[int] = []
        mask: list[bool] = []
        for parts, supervised in ((prompt, False), (target, True)):
            new = self._ids(parts)
            ids += new
            mask += [supervised] * len(new)
        whole = self._ids([*prompt, *target])
        if whole != ids:
            at = next(
                (i for i, (a, b) in enumerate(zip(whole, ids, strict=False)) if a != b), min(len(whole), len(ids))
            )
            raise RenderError(
                f"example {example.id} ({example.source}): the prompt's {mask.count(False)} ids are not a prefix of "
                f"the row's {len(whole)}: they part at position {at}, where the row reads "
                f"{self.tokenizer.decode(whole[at : at + 8])!r}; remove white space at the start of reasoning "
                "and answer"
            )
        return Rendered(ids, mask)

    def target_text(self, example: Example) -> str:
        """What the model is to write, as a decoded completion reads: without the prompt's part of the think block
        and without the end token."""
        return "".join(part if isinstance(part, str) else part.name for part in self._target(example))

    def _tag(self, tag: str) -> Part:
        """A think tag: a token where the vocabulary has it as one, else plain text."""
        return Token(tag) if tag in self._controls else tag

    def _think_in_prompt(self) -> list[Part]:
        """What of the think block stands in the prompt."""
        if self.think == "empty":
            return [self._tag(_OPEN), "\n\n", self._tag(_CLOSE), *([] if self.style.plain_think else ["\n\n"])]
        return [self._tag(_OPEN), "\n"] if self.think == "reasoning" and self.style.prefill else []

    def _target(self, example: Example) -> list[Part]:
        for name, text in (("reasoning", example.reasoning), ("answer", example.answer)):
            if _OPEN in text or _CLOSE in text:
                raise RenderError(
                    f"example {example.id} ({example.source}): the {name} holds {_OPEN} or {_CLOSE}, by which the "
                    "answer is told from the thinking; reject or clean the row"
                )
        if self.think == "none":
            return [example.answer]
        if self.think == "empty":
            # Byte-level tokenizers spell the empty line differently at the end of a text and before a letter,
            # so it belongs to the answer where no token of its own precedes it.
            return ["\n\n" + example.answer] if self.style.plain_think else [example.answer]
        if not example.reasoning.strip():
            raise RenderError(
                f"example {example.id} ({example.source}): found no reasoning, expected some to train on; "
                "set think to empty or none, or reject the row"
            )
        opening: list[Part] = [] if self.style.prefill else [self._tag(_OPEN), "\n"]
        return [*opening, example.reasoning + "\n", self._tag(_CLOSE), "\n\n" + example.answer]

    def _prompt(self, example: Example, shots: Sequence[Example] = ()) -> list[Part]:
        before, after = self.style.user
        parts: list[Part] = [*self.style.start]
        for shot in shots:
            parts += [*before, user_text(shot), *after, *self.style.assistant]
            parts += [shot.answer] if self.style.drops_thinking else [*self._think_in_prompt(), *self._target(shot)]
            parts += [self.style.end, *self.style.between]
        return [*parts, *before, user_text(example), *after, *self.style.assistant, *self._think_in_prompt()]

    def _ids(self, parts: Iterable[Part]) -> list[int]:
        """Text between two control tokens is encoded in one go, as the tokenizer would in the whole string."""
        ids: list[int] = []
        text = ""
        for part in parts:
            if isinstance(part, str):
                text += part
            else:
                ids += self._text_ids(text)
                ids.append(self._controls[part.name])
                text = ""
        return ids + self._text_ids(text)

    def _text_ids(self, text: str) -> list[int]:
        """Ids of plain text. A control token's name in it is cut after its first character and encoded in two
        pieces, so no text of a user or a document can end a turn or open a think block."""
        if not text:
            return []
        cuts = [m.start() + 1 for m in self._control_text.finditer(text)] if self._control_text else []
        ids: list[int] = []
        for start, stop in zip([0, *cuts], [*cuts, len(text)], strict=True):
            ids += self.tokenizer.encode(text[start:stop], add_special_tokens=False)
        if not self._control_ids.isdisjoint(ids):
            found = self.tokenizer.convert_ids_to_tokens(sorted(self._control_ids.intersection(ids)))
            raise RenderError(f"text became control tokens {found}: {text[:80]!r}; report this tokenizer")
        return ids
