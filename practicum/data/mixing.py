"""Rows of other domains in a domain's training, against forgetting and for diversity."""

import random
from collections.abc import Mapping, Sequence


def chosen(own: int, offered: Mapping[str, Sequence[bytes]], shares: Mapping[str, float], seed: int) -> list[bytes]:
    """A sample of other domains' training rows, in their order, domain after domain.

    Args:
        own: training rows of the domain itself.
        offered: lines of each other domain's prepared train.jsonl, by its name.
        shares: rows wanted of each, as a share of `own`.
        seed: of the sampling; each domain is sampled independently of the others.

    Raises:
        ValueError: a domain has fewer rows than its share wants.
    """
    rows: list[bytes] = []
    for name, share in sorted(shares.items()):
        wanted = round(share * own)
        if wanted > len(offered[name]):
            raise ValueError(
                f"mix.{name}: found {len(offered[name])} rows, expected at least {wanted} ({share:g} of {own}); "
                f"set it to {len(offered[name]) / own:.3f} or less"
            )
        picked = sorted(random.Random(f"{seed} {name}").sample(range(len(offered[name])), wanted))
        rows.extend(offered[name][index] for index in picked)
    return rows
