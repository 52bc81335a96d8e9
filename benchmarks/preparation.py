"""Preparing 10^3 to 10^6 rows, and datatrove's cleaning and near-duplicate removal on the same rows.

    pip install --no-deps -r benchmarks/requirements.txt
    python -m benchmarks.preparation --rows 1000 10000 100000 1000000 --peer-up-to 100000

Each side runs in processes of its own, two workers each, one side after the other on the same file; memory is the sum
of the processes' proportional set sizes, looked at four times a second. Rows are made from a seed: notes of 400 to 800
characters, of which some hold mojibake, are copies, near copies, contradictions, or retell a row of another group.
Prints a Markdown table and one JSON line for each run.

datatrove cleans with ftfy, Gopher's repetition and quality rules and C4's rules for lines, then removes near duplicates
by MinHash (signatures, buckets, clusters, filter) with three words to a shingle and 16 bands of 16 hashes, which miss
one in 10,000 pairs of Jaccard similarity 0.95. It does not check the pairs it finds, and it knows no answers:
contradictions, leaks, balance and splits have no counterpart there. It hashes with SHA-1, as the xxhash of the lock is
newer than it takes.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

SEED = 7
WORKERS = 2
SIDES = ("practicum", "datatrove")

SITES = [
    "Ardenne",
    "Birkholm",
    "Calvià",
    "Dürrenbach",
    "Eskelund",
    "Fontenay",
    "Gävle",
    "Hradec",
    "Île-Rousse",
    "Jørpe",
]
THINGS = [
    "pallets of tiles", "crates of valves", "drums of resin", "bundles of cable", "boxes of filters", "sacks of cement",
    "reels of hose", "racks of bottles", "bales of cotton", "cases of lamps", "rolls of felt", "trays of seedlings",
]  # fmt: skip
PEOPLE = [
    "the night shift",
    "a new driver",
    "the depot's foreman",
    "an agency crew",
    "the customs broker",
    "two trainees",
]
CAUSES = [
    "a bridge was closed", "the scales had failed", "the gate stood open", "snow had blocked the yard",
    "the ferry was late", "a seal was broken", "the paperwork named another dock", "the forklift's battery was flat",
]  # fmt: skip
REMARKS = [
    "The carrier’s note says that {people} came at {hour} because {cause}, and that nothing was signed for.",
    "On the way from {site} to {other} the load was checked twice by {people}, since {cause} the week before.",
    "{other} had asked for {things} in March, but the order was put off until {cause} no longer mattered.",
    "Of the {things} that {site} keeps in hall {hall}, none were moved; they wait for {people} until the {day}th.",
    "A claim about {things} from {other} is still open, file {file}, and is none of this delivery’s business.",
    "It rained on the {day}th, so {people} covered the {things} with sheets and left them beside hall {hall}.",
    "According to file {file}, {site} pays {price} EUR for each hour that a lorry waits, unless {cause}.",
    "The inventory of hall {hall} lists {price} EUR of {things}, which {people} counted at {hour} on the {day}th.",
]
"""What surrounds the fact that is asked for; slots are filled anew for each row."""


def original(number: int) -> dict[str, Any]:
    """A note about stocks, a question, the sum that answers it; depends on the number alone."""
    rng = random.Random(f"{SEED}:{number}")

    def remark() -> str:
        return rng.choice(REMARKS).format(
            people=rng.choice(PEOPLE),
            cause=rng.choice(CAUSES),
            site=rng.choice(SITES),
            other=rng.choice(SITES),
            things=rng.choice(THINGS),
            hour=f"{rng.randrange(24):02}:{rng.randrange(60):02}",
            hall=rng.randrange(1, 90),
            day=rng.randrange(4, 21),
            file=f"{rng.choice('ABCDEFGH')}-{rng.randrange(10**5):05}",
            price=f"{rng.randrange(100, 9000)}.{rng.randrange(100):02}",
        )

    site, things, had, came = rng.choice(SITES), rng.choice(THINGS), rng.randrange(10, 900), rng.randrange(10, 900)
    fact = f"{site} had {had} {things} and took in {came} more."
    sentences = [remark() for _ in range(rng.randrange(4, 7))]
    sentences.insert(rng.randrange(len(sentences) + 1), fact)
    return {
        "group": f"delivery {number}",
        "label": "hundreds" if had + came < 1000 else "thousands",
        "context": " ".join(sentences),
        "question": f'How many {things} does {site} have after the delivery? Answer as JSON with "count".',
        "reasoning": f"{had} + {came} = {had + came}",
        "answer": json.dumps({"count": had + came}),
    }


def retold(row: dict[str, Any], words: int, rng: random.Random) -> dict[str, Any]:
    """The row with some of its context's words put otherwise; the fact that is asked for stays."""
    text = row["context"].split(" ")
    had, came = row["reasoning"].split(" = ")[0].split(" + ")
    places = [place for place, word in enumerate(text) if word.isalpha() and word.islower() and len(word) > 3]
    for place in rng.sample(places, min(words, len(places))):
        text[place] = rng.choice(["reportedly", "apparently", "presumably", "supposedly", "allegedly"])
    context = " ".join(text)
    return row | {"context": context} if had in context and came in context else row


def rows(count: int) -> Iterator[dict[str, Any]]:
    """The rows, with what was done to them under `planted`."""
    for number in range(count):
        rng = random.Random(f"{SEED}:planted:{number}")
        fate = rng.random()
        row, planted = original(number), "nothing"
        if fate < 0.02:
            row["context"] = row["context"].encode().decode("cp1252", "replace")
            planted = "mojibake"
        elif fate < 0.03:
            row["answer"], planted = json.dumps({"count": -1}), "wrong answer"
        elif fate < 0.12 and number:
            earlier = original(rng.randrange(number))
            if fate < 0.06:
                row, planted = earlier, "exact copy"
            elif fate < 0.09:
                row, planted = retold(earlier, 1, rng), "near copy"
            elif fate < 0.10:
                other = json.dumps({"count": json.loads(earlier["answer"])["count"] + 1})
                row, planted = earlier | {"answer": other, "reasoning": "As counted."}, "contradiction"
            else:
                row, planted = retold(earlier, 3, rng), "retold"
            row["group"] = f"delivery {number}"
        yield row | {"planted": planted}


def write_rows(path: Path, count: int) -> None:
    """One JSON line a row. datatrove reads `text` and `id`, Practicum the fields that `text` is made of."""
    with path.open("w", encoding="utf-8") as file:
        for number, row in enumerate(rows(count)):
            text = f"{row['context']}\n{row['question']}\n{row['answer']}"
            file.write(json.dumps({"id": str(number), "text": text} | row, ensure_ascii=False) + "\n")


def practicum(source: Path, folder: Path) -> dict[str, Any]:
    """Prepare the rows; seconds by step, and what became of the rows.

    The steps are those of `prepare`, timed from outside; reading, repair, rules, fingerprints and n-grams of a chunk
    are one step, done by the workers together.
    """
    from practicum.config import Data, JsonlSource, Quality
    from practicum.data import preparation
    from practicum.data.sources import mapped, read
    from practicum.data.splitting import SPLITS
    from practicum.data.workers import Workers

    times: dict[str, float] = {}

    def timed(name: str, step: Callable[..., Any]) -> Callable[..., Any]:
        def run(*args: Any, **kwargs: Any) -> Any:
            start = time.perf_counter()
            result = step(*args, **kwargs)
            times[name] = times.get(name, 0.0) + time.perf_counter() - start
            return result

        return run

    for name, function in (
        ("read, clean, fingerprint", "_gathered"),
        ("contradictions", "_drop_contradictions"),
        ("duplicates", "_drop_copies"),
        ("leaks", "_drop_leaks"),
        ("balance", "_drop_surplus"),
    ):
        setattr(preparation, function, timed(name, getattr(preparation, function)))

    columns = {
        "task": "stock", "question": "question", "answer": "answer", "reasoning": "reasoning", "context": "context",
        "label": "label", "group": "group",
    }  # fmt: skip
    described = JsonlSource.model_validate({"reader": "jsonl", "files": source.name, "example": columns})
    assert described.example is not None
    quality = Quality(
        max_repetition=0.5, min_wordlike=0.3, max_symbols=0.2, max_unknown_words=1.0, dictionary=None,
        languages=["en"], reasoning=True,
    )  # fmt: skip
    data = Data(
        test=0.18, validation=0.09, near_duplicate=0.95, leak_overlap=0.7, max_label_ratio=4.0, label_temperature=1.0,
        quality=quality,
    )  # fmt: skip
    schema = {"type": "object", "properties": {"count": {"type": "integer"}}, "required": ["count"]}
    cleaning = preparation.Cleaning(schema, data, frozenset(), 17)
    records = (
        mapped(row, described.example) if hasattr(row, "values") else row for row in read(described, source.parent)
    )
    start = time.perf_counter()
    with Workers({"clean": cleaning}, WORKERS) as workers:
        prepared = preparation.prepare("benchmark", records, ("stock",), cleaning, workers, folder=folder)
        begin = time.perf_counter()
        for split in SPLITS:
            with (folder / f"{split}.jsonl").open("wb") as file:
                file.writelines(line + b"\n" for line in prepared.splits[split].lines())
        times["write"] = time.perf_counter() - begin
    total = time.perf_counter() - start
    account = prepared.accounting
    left_out = dict(account.rejected_by_rule) | {f"{kind} duplicate": n for kind, n in account.duplicates.items()}
    return {"seconds": total, "steps": times, "kept": account.kept, "left_out": left_out}


def datatrove(source: Path, folder: Path) -> dict[str, Any]:
    """The nearest that datatrove has: ftfy and filters, then MinHash; seconds by step."""
    from datatrove.executor import LocalPipelineExecutor
    from datatrove.pipeline.dedup import (
        MinhashDedupBuckets,
        MinhashDedupCluster,
        MinhashDedupFilter,
        MinhashDedupSignature,
    )
    from datatrove.pipeline.dedup.minhash import MinhashConfig
    from datatrove.pipeline.filters import C4QualityFilter, GopherQualityFilter, GopherRepetitionFilter
    from datatrove.pipeline.formatters import FTFYFormatter
    from datatrove.pipeline.readers import JsonlReader
    from datatrove.pipeline.writers import JsonlWriter
    from datatrove.utils.hashing import HashConfig

    # Each task reads a file of its own, so the rows are dealt to as many as there are workers.
    dealt = folder / "dealt"
    dealt.mkdir()
    files = [(dealt / f"{part}.jsonl").open("wb") for part in range(WORKERS)]
    with source.open("rb") as lines:
        for number, line in enumerate(lines):
            files[number % WORKERS].write(line)
    for file in files:
        file.close()

    config = MinhashConfig(n_grams=3, num_buckets=16, hashes_per_bucket=16, hash_config=HashConfig(hash_fc="sha1"))
    clean, signatures, buckets, clusters = (str(folder / name) for name in ("clean", "sigs", "buckets", "clusters"))
    kept = folder / "kept"
    # What suits web pages only is off or as in Practicum's settings: it turned a fifth of these notes away.
    cleaning = [
        JsonlReader(str(dealt)),
        FTFYFormatter(),
        GopherRepetitionFilter(None, None, None, None, top_n_grams=(), dup_n_grams=((5, 0.5),)),
        GopherQualityFilter(min_doc_words=None, min_stop_words=None, max_non_alpha_words_ratio=0.5),
        C4QualityFilter(min_num_sentences=-1, filter_no_terminal_punct=False, filter_curly_bracket=False,
                        min_words_per_line=-1),
        JsonlWriter(clean, compression=None),
    ]  # fmt: skip
    steps: dict[str, tuple[list[Any], int]] = {
        "read, clean": (cleaning, WORKERS),
        "signatures": ([JsonlReader(clean), MinhashDedupSignature(signatures, config)], WORKERS),
        "buckets": ([MinhashDedupBuckets(signatures, buckets, config=config)], config.num_buckets),
        "clusters": ([MinhashDedupCluster(buckets, clusters, config)], 1),
        "filter, write": (
            [JsonlReader(clean), MinhashDedupFilter(clusters), JsonlWriter(str(kept), compression=None)],
            WORKERS,
        ),
    }
    times = {}
    start = time.perf_counter()
    for name, (pipeline, tasks) in steps.items():
        begin = time.perf_counter()
        LocalPipelineExecutor(
            pipeline, tasks=tasks, workers=min(tasks, WORKERS), logging_dir=str(folder / "logs" / name.split(",")[0])
        ).run()
        times[name] = time.perf_counter() - begin
    total = time.perf_counter() - start
    counts = {
        name: sum(line.count(b"\n") for path in Path(part).glob("*.jsonl") for line in [path.read_bytes()])
        for name, part in (("clean", clean), ("kept", kept))
    }
    return {
        "seconds": total,
        "steps": times,
        "kept": counts["kept"],
        "left_out": {"duplicates": counts["clean"] - counts["kept"]},
    }


def proportional_bytes(root: int) -> int:
    """Memory of a process and all below it: the sum of their proportional set sizes."""
    parents: dict[int, list[int]] = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        parents.setdefault(int(fields[1]), []).append(int(status.parent.name))
    total, open_ = 0, [root]
    while open_:
        process = open_.pop()
        open_ += parents.get(process, [])
        try:
            rollup = Path(f"/proc/{process}/smaps_rollup").read_text()
        except OSError:  # it has ended meanwhile
            continue
        total += sum(int(line.split()[1]) * 1024 for line in rollup.splitlines() if line.startswith("Pss:"))
    return total


def measured(side: str, source: Path, count: int) -> dict[str, Any]:
    """One side on the rows in a process of its own, with the peak memory of all of its processes."""
    with tempfile.TemporaryDirectory(dir=source.parent) as folder:
        command = [
            sys.executable,
            "-m",
            "benchmarks.preparation",
            "--side",
            side,
            "--source",
            str(source),
            "--folder",
            folder,
        ]
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, text=True, env=os.environ | {"OMP_NUM_THREADS": "1"}
        )
        peak = 0
        while process.poll() is None:
            peak = max(peak, proportional_bytes(process.pid))
            time.sleep(0.25)
        out = process.communicate()[0]
    if process.returncode:
        raise SystemExit(f"{side} on {count} rows: ended with code {process.returncode}")
    result: dict[str, Any] = json.loads(out.splitlines()[-1])
    return {"benchmark": "preparation", "side": side, "rows": count, "peak_memory_gb": round(peak / 1e9, 2)} | result


def table(results: list[dict[str, Any]]) -> str:
    """Markdown: one line a step; seconds and rows per second by size."""
    sizes = sorted({result["rows"] for result in results})
    by = {(result["side"], result["rows"]): result for result in results}
    lines = [
        "| side | step | " + " | ".join(f"{size:,} rows" for size in sizes) + " |",
        "|---|---" + "|---" * len(sizes) + "|",
    ]
    for side in SIDES:
        first = next((result for result in results if result["side"] == side), None)
        if first is None:
            continue
        for step in (*first["steps"], "all"):
            cells = []
            for size in sizes:
                result = by.get((side, size))
                seconds = None if result is None else result["seconds"] if step == "all" else result["steps"][step]
                cells.append("" if seconds is None else f"{seconds:.1f} s, {size / max(seconds, 1e-9):,.0f}/s")
            lines.append(f"| {side} | {step} | " + " | ".join(cells) + " |")
        for name, key in (("peak memory, GB", "peak_memory_gb"), ("rows kept", "kept")):
            cells = [f"{by[side, size][key]:,}" if (side, size) in by else "" for size in sizes]
            lines.append(f"| {side} | {name} | " + " | ".join(cells) + " |")
    both = [f"{by['datatrove', size]['seconds'] / by['practicum', size]['seconds']:.1f}"
            if all((side, size) in by for side in SIDES) else "" for size in sizes]  # fmt: skip
    if any(both):
        lines.append("| datatrove / practicum | all | " + " | ".join(both) + " |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, nargs="+", default=[1_000, 10_000, 100_000, 1_000_000])
    parser.add_argument("--peer", action=argparse.BooleanOptionalAction, default=True)
    parser.add_argument("--peer-up-to", type=int, default=100_000, help="rows above which the peer is left out")
    parser.add_argument("--side", choices=SIDES, help="run one side here, on --source")
    parser.add_argument("--source", type=Path)
    parser.add_argument("--folder", type=Path, help="an empty folder, with room for the rows three times")
    options = parser.parse_args()
    if options.side:
        run = {"practicum": practicum, "datatrove": datatrove}[options.side]
        print(json.dumps(run(options.source, options.folder)))
        return
    results = []
    for count in options.rows:
        with tempfile.TemporaryDirectory(dir=options.folder) as folder:
            source = Path(folder) / "rows.jsonl"
            write_rows(source, count)
            sides = SIDES if options.peer and count <= options.peer_up_to else SIDES[:1]
            results += [measured(side, source, count) for side in sides]
        print(json.dumps(results[-len(sides) :]), file=sys.stderr, flush=True)
    print(table(results))
    for result in results:
        print(json.dumps(result))


if __name__ == "__main__":
    main()
