"""Items and what two models made of them, for the form and its way back."""

from practicum.data.example import Example, canonical_json
from practicum.evaluation.scoring import Prediction

HOSTILE = (
    '</pre></script></textarea><script>document.title = "taken"; window.taken = true</script>'
    '<img src=x onerror="window.taken = true"><!-- {{ 1 }} & &amp; \' "'
)


def example(number: int) -> Example:
    return Example(
        task=("sum", "product")[number % 2],
        label="l",
        source=f"sums.csv:{number}",
        group=f"sheet {number // 2}",
        language="en",
        context=f"Sheet {number}.",
        question=f"What is {number} and 1?",
        reasoning=f"Hidden working {number}.",
        answer=canonical_json({"value": number + 1}),
    )


def prediction(item: Example, text: str, *, finished: bool = True) -> Prediction:
    return Prediction(
        id=item.id, task=item.task, label=item.label, group=item.group, prompt_tokens=10, new_tokens=5,
        finished=finished, text=text, answer=None, error="no_answer", reference={}, em=0, f1=0.0, scores={},
    )  # fmt: skip


def case(n: int) -> tuple[list[Example], list[Prediction], list[Prediction]]:
    """Test items, and the base's and the tuned model's predictions for them."""
    examples = [example(number) for number in range(n)]
    base = [prediction(item, f"\nOld words on {item.question}", finished=False) for item in examples]
    tuned = [prediction(item, f"New words on {item.question}") for item in examples]
    return examples, base, tuned
