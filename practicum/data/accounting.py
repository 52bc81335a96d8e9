"""Nothing is lost silently: every row that came in is kept, rejected with a reason, or a copy of a kept one."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Accounting:
    """What became of the rows of one domain.

    Raises:
        ValueError: the counts don't add up; a row was lost or counted twice.
    """

    domain: str
    rows_in: int
    splits: Mapping[str, int]
    """Rows kept, per split."""
    rejected_by_rule: Mapping[str, int]
    duplicates: Mapping[str, int]
    """Copies dropped, `exact` and `near`."""
    tasks: Mapping[str, Mapping[str, int]]
    """Rows kept per task and split."""
    labels_before: Mapping[str, Mapping[str, int]]
    """Training rows per task and label before labels were balanced."""
    labels_after: Mapping[str, Mapping[str, int]]
    groups: Mapping[str, int]
    """Distinct groups per split."""
    typo_score: Mapping[str, float]
    """Mean and 95th percentile over the rows kept, 0 to 1."""

    def __post_init__(self) -> None:
        kept, turned_away, copies = self.kept, self.rejected, sum(self.duplicates.values())
        if self.rows_in != kept + turned_away + copies:
            raise ValueError(
                f"{self.domain}: found {self.rows_in} rows in but {kept} kept + {turned_away} rejected + {copies} "
                f"duplicates = {kept + turned_away + copies}; expected the two to be equal: a step lost or "
                "counted a row twice"
            )
        by_task = sum(sum(counts.values()) for counts in self.tasks.values())
        if by_task != kept:
            raise ValueError(f"{self.domain}: found {by_task} rows over all tasks, expected {kept}, the rows kept")
        balanced = sum(sum(counts.values()) for counts in self.labels_after.values())
        if balanced != self.splits["train"]:
            raise ValueError(
                f"{self.domain}: found {balanced} training rows over all labels, expected {self.splits['train']}"
            )

    @property
    def kept(self) -> int:
        return sum(self.splits.values())

    @property
    def rejected(self) -> int:
        return sum(self.rejected_by_rule.values())

    def as_json(self) -> dict[str, Any]:
        """The content of stats.json."""
        values = asdict(self)
        rows = {
            "in": values.pop("rows_in"),
            "kept": self.kept,
            "rejected": self.rejected,
            "duplicates": sum(self.duplicates.values()),
        }
        return {"domain": values.pop("domain"), "rows": rows, **values}
