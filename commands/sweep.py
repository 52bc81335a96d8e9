"""Search over a domain's settings: `python -m commands.sweep DOMAIN --trials N [--space FILE]`.

Each trial is an experiment of DVC at the commit at hand. It runs in a clone under .cache/sweep/ with DVC's cache in
common, so that the workspace is free to work in; what it made is there for `dvc exp show` and `dvc exp apply`. A sweep
goes on where it was stopped, by whatever: its trials stand in a journal, domains/DOMAIN/build/sweep/journal.log.
"""

import argparse
import fcntl
import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import optuna
import psutil
from dvc.repo import Repo
from dvc.repo.experiments.refs import ExpRefInfo
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend
from optuna.trial import FrozenTrial, TrialState
from rich.console import Console
from rich.table import Table

from practicum.config import ROOT_PARAMS, ConfigError, checked
from practicum.data.example import canonical_json
from practicum.search.page import Trial, lowest, page
from practicum.search.pareto import Candidate, candidates
from practicum.search.pruning import Looks, looks_of, pruner
from practicum.search.space import Sweep, Value, draw, nested, overrides, same, sampler, trial_name
from stages.layout import CACHE, ROOT, Layout, write_text
from stages.resolve import read_settings, settings

SPACE = "configs/sweep.yaml"
POLL_SECONDS = 0.5
PATIENCE_SECONDS = 30.0
"""How long a trial that is stopped may take to leave in order."""
MOST_FAILURES = 3
"""Failed trials in a row after which the fault is not in their settings."""
STATES = {
    TrialState.COMPLETE: "finished",
    TrialState.PRUNED: "pruned",
    TrialState.FAIL: "failed",
    TrialState.RUNNING: "interrupted",
    TrialState.WAITING: "waiting",
}


class SweepError(Exception):
    """A sweep can't go on; the text says why and what to do."""


def git(root: Path, *arguments: str) -> str:
    """Output of git.

    Raises:
        SweepError: it failed.
    """
    done = subprocess.run(["git", *arguments], cwd=root, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SweepError(f"`git {' '.join(arguments)}` in {root} ended with exit code {done.returncode}: {done.stderr}")
    return done.stdout.strip()


def read_space(root: Path, file: str, name: str) -> Sweep:
    """The space, each of its values tried against the domain's settings.

    Raises:
        ConfigError: in one line, what can't be searched.
    """
    sweep = checked(Sweep, read_settings(root / file, file), file)
    for key, parameter in sweep.space.items():
        for value in parameter.probes():
            try:
                settings(name, root, nested({key: value}))
            except ConfigError as error:
                raise ConfigError(f"{file}: space.{key}: {canonical_json(value)} can't be set: {error}") from None
    return sweep


@dataclass
class Bench:
    """A clone of the repository at a commit, in which trials run one after another."""

    root: Path
    domain: str
    commit: str
    cache: Path

    @property
    def folder(self) -> Path:
        return self.cache / "sweep" / self.domain

    @property
    def clone(self) -> Path:
        return self.folder / "clone"

    @property
    def layout(self) -> Layout:
        return Layout(self.domain, self.clone)

    @property
    def checkpoints(self) -> Path:
        return self.clone / ".checkpoints"

    def set_up(self, *, anew: bool) -> None:
        """A clone with nothing of another trial in git's sight; `anew` where a trial was killed in it.

        The checkpoints of a trial that was killed stay: tried again, it goes on from them.
        """
        if not anew and self.clone.is_dir() and git(self.clone, "rev-parse", "sweep") == self.commit:
            git(self.clone, "checkout", "--quiet", "--force", "sweep")
            git(self.clone, "reset", "--quiet", "--hard", self.commit)
            return
        kept = self.folder / "checkpoints"
        if self.checkpoints.is_dir() and not kept.exists():
            self.checkpoints.rename(kept)
        shutil.rmtree(self.clone, ignore_errors=True)
        self.folder.mkdir(parents=True, exist_ok=True)
        git(self.root, "clone", "--quiet", "--no-checkout", str(self.root), str(self.clone))
        git(self.clone, "checkout", "--quiet", "-B", "sweep", self.commit)
        for key in ("user.name", "user.email"):  # DVC commits each experiment
            if value := subprocess.run(
                ["git", "config", key], cwd=self.root, capture_output=True, text=True, check=False
            ).stdout.strip():
                git(self.clone, "config", key, value)
        if kept.is_dir():
            kept.rename(self.checkpoints)
        self._share_caches()

    def _share_caches(self) -> None:
        local = self.root / ".dvc" / "config.local"
        if local.is_file():
            shutil.copy(local, self.clone / ".dvc" / "config.local")
        with Repo(str(self.root)) as repo:
            cache = repo.cache.local_cache_dir
        self.dvc("cache", "dir", "--local", str(cache))
        (self.clone / ".cache").mkdir(exist_ok=True)
        for entry in self.cache.iterdir():  # converted weights; not this folder, which would hold itself
            if entry.name != "sweep":
                (self.clone / ".cache" / entry.name).symlink_to(entry)

    def environment(self) -> dict[str, str]:
        """DVC starts the stages as `python -m ...`: this Python must be the first on the path."""
        return os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}

    def dvc(self, *arguments: str) -> None:
        subprocess.run(
            [sys.executable, "-m", "dvc", *arguments],
            cwd=self.clone,
            env=self.environment(),
            check=True,
            stdout=subprocess.DEVNULL,
        )

    def start(self, name: str, changed: Mapping[str, Value], log: Path) -> subprocess.Popen[bytes]:
        """Begin an experiment, in a group of processes of its own, so that it can be stopped as a whole."""
        params = str(self.layout.params.relative_to(self.clone))
        command = ["exp", "run", "--name", name, *overrides(changed, params), f"report@{self.domain}"]
        log.parent.mkdir(parents=True, exist_ok=True)
        # In the background of a shell (`make sweep &`) interrupts are ignored, and a trial would inherit that.
        if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
            signal.signal(signal.SIGINT, signal.default_int_handler)
        with log.open("wb") as out:
            return subprocess.Popen(
                [sys.executable, "-m", "dvc", *command],
                cwd=self.clone,
                env=self.environment(),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def publish(self, name: str) -> None:
        """Hand an experiment over to the repository."""
        reference = str(ExpRefInfo(self.commit, name))
        git(self.root, "fetch", "--quiet", "--no-tags", str(self.clone), f"+{reference}:{reference}")

    def forget_checkpoints(self) -> None:
        shutil.rmtree(self.checkpoints, ignore_errors=True)


def strays(clone: Path) -> set[int]:
    """Process groups of trials that outlived their sweep: what runs a module from within the clone."""
    groups = set()
    for process in psutil.process_iter():
        try:
            if "-m" in process.cmdline() and Path(process.cwd()) == clone:
                groups.add(os.getpgid(process.pid))
        except (psutil.Error, OSError):  # gone meanwhile, or somebody else's
            continue
    return groups


def stop(group: int) -> None:
    """End a trial: by an interrupt, so that training and DVC put their things in order, or else by force."""
    members = [process for process in psutil.process_iter() if _in_group(process, group)]
    _signal(group, signal.SIGINT)
    _, left = psutil.wait_procs(members, timeout=PATIENCE_SECONDS)
    if left:
        _signal(group, signal.SIGKILL)
        psutil.wait_procs(left, timeout=PATIENCE_SECONDS)


def _in_group(process: psutil.Process, group: int) -> bool:
    try:
        return os.getpgid(process.pid) == group
    except ProcessLookupError:
        return False


def _signal(group: int, number: int) -> None:
    try:
        os.killpg(group, number)
    except ProcessLookupError:
        return


def fault_in(log: Path) -> str:
    """The line of a failed run that says what happened: a stage's own, or else DVC's."""
    lines = [line for line in log.read_text(encoding="utf-8", errors="replace").splitlines() if line.strip()]
    own = [line for line in lines if re.match(r"[a-z]+: \S", line)]
    return (own or lines or ["nothing was printed"])[-1]


def opened(journal: Path) -> JournalStorage:
    """The journal, without a line that a kill left half-written: Optuna could neither read nor append to it."""
    journal.parent.mkdir(parents=True, exist_ok=True)
    if journal.is_file() and not (text := journal.read_bytes()).endswith(b"\n"):
        with journal.open("r+b") as file:
            file.truncate(text.rfind(b"\n") + 1)
    Path(f"{journal}.lock").unlink(missing_ok=True)  # nobody else can hold it: see `alone`
    return JournalStorage(JournalFileBackend(str(journal)))


@contextmanager
def alone(folder: Path, name: str) -> Iterator[None]:
    """Keep a second sweep of the domain out; the lock goes with the process, however it ends.

    Raises:
        SweepError: one is running.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SweepError(f"a sweep of {name} is running here already; wait for it, or end it") from None
        yield


class Search:
    """A study of Optuna whose trials are experiments of DVC."""

    def __init__(self, sweep: Sweep, looks: int, bench: Bench, results: Path, console: Console) -> None:
        self.sweep, self.bench, self.results, self.console = sweep, bench, results, console
        space = hashlib.sha256(canonical_json(sweep.model_dump(mode="json")).encode()).hexdigest()[:6]
        self.prefix = f"sweep-{bench.domain}-{space}"
        self.study = optuna.create_study(
            storage=opened(results / "journal.log"),
            study_name=f"{bench.domain}-{bench.commit}-{space}",
            direction="minimize",
            load_if_exists=True,
            pruner=pruner(sweep.pruning, looks),
        )
        self.study.sampler = sampler(sweep.sampling, len(self.study.get_trials(deepcopy=False)))

    def recover(self) -> bool:
        """Put trials that were interrupted back into the queue, and end what still runs of them; whether any were."""
        for group in strays(self.bench.clone):
            stop(group)
        left = self.study.get_trials(deepcopy=False, states=(TrialState.RUNNING,))
        for trial in left:
            self.study.tell(trial.number, state=TrialState.FAIL)
            self.study.enqueue_trial(trial.params)
            self.console.print(f"trial {trial.number} was interrupted and is tried again")
        return bool(left)

    def counted(self) -> list[FrozenTrial]:
        """Trials that ended by themselves, in whatever state."""
        return [
            trial
            for trial in self.study.get_trials(deepcopy=False)
            if trial.state in (TrialState.COMPLETE, TrialState.PRUNED) or "fault" in trial.user_attrs
        ]

    def run(self, trials: int) -> None:
        """Run until so many trials have ended.

        Raises:
            SweepError: trials fail whatever their settings.
        """
        anew = self.recover()
        while len(self.counted()) < trials:
            last = self.counted()[-MOST_FAILURES:]
            if len(last) == MOST_FAILURES and all(trial.state == TrialState.FAIL for trial in last):
                raise SweepError(
                    f"the last {MOST_FAILURES} trials failed: {last[-1].user_attrs['fault']}; see "
                    f"{self.results / 'logs' / last[-1].user_attrs['name']}.log"
                )
            trial = self.study.ask()
            chosen = draw(trial, self.sweep)
            name = trial_name(self.prefix, trial.number, chosen)
            trial.set_user_attr("settings", chosen)
            trial.set_user_attr("name", name)
            self.console.print(f"trial {trial.number}: {name}")
            if not self._repeats(trial, chosen):
                self.bench.set_up(anew=anew)
                anew = False
                self._try(trial, name, chosen)

    def _repeats(self, trial: optuna.Trial, chosen: Mapping[str, Value]) -> bool:
        """End a trial whose settings have been tried with what came out then; whether that was so."""
        tried = [one for one in self.counted() if one.state != TrialState.FAIL]
        place = same(chosen, [one.user_attrs["settings"] for one in tried])
        if place is None:
            return False
        earlier = tried[place]
        for key, value in earlier.user_attrs.items():
            trial.set_user_attr(key, value)
        trial.set_user_attr("repeats", earlier.number)
        for look, loss in earlier.intermediate_values.items():
            trial.report(loss, look)
        self.console.print(f"trial {trial.number}: has the settings of trial {earlier.number}, not run again")
        self.study.tell(trial, earlier.value if earlier.state == TrialState.COMPLETE else None, state=earlier.state)
        return True

    def _try(self, trial: optuna.Trial, name: str, chosen: Mapping[str, Value]) -> None:
        log = self.results / "logs" / f"{name}.log"
        process = self.bench.start(name, chosen, log)
        try:
            pruned = self._watch(trial, process, log)
        except BaseException:
            if process.poll() is None:
                stop(process.pid)
            raise
        if pruned:
            stop(process.pid)
        code = process.wait()
        if not pruned and code:
            trial.set_user_attr("fault", fault_in(log))
            self.study.tell(trial, state=TrialState.FAIL)
            self.console.print(f"trial {trial.number}: failed: {trial.user_attrs['fault']}", markup=False)
        elif pruned:
            self.study.tell(trial, state=TrialState.PRUNED)
        else:
            self._finish(trial, name)
        self.bench.forget_checkpoints()

    def _watch(self, trial: optuna.Trial, process: subprocess.Popen[bytes], log: Path) -> bool:
        """Follow a trial to its end, or until it is not worth going on; whether that was so."""
        build = self.bench.layout.build
        looks = Looks(build / "training" / "steps.jsonl")
        begins = f"Running stage 'train@{self.bench.domain}'".encode()
        training = False
        while process.poll() is None:
            time.sleep(POLL_SECONDS)
            # Until then, the log of the commit's own training lies there.
            training = training or begins in log.read_bytes()
            for look in looks.new() if training else ():
                trial.report(look.loss, look.place)
                trial.set_user_attr("steps", look.step)
                self.console.print(f"trial {trial.number}: step {look.step}, validation {look.loss:.4f}")
                if trial.should_prune():
                    self.console.print(f"trial {trial.number}: given up after step {look.step}")
                    return process.poll() is None
        return False

    def _finish(self, trial: optuna.Trial, name: str) -> None:
        layout = self.bench.layout
        summary = _json(layout.build / "training" / "summary.json")
        quantization = layout.build / "quantization"
        found = candidates(
            trial.number,
            _json(layout.metrics),
            _json(quantization / "metrics.json"),
            _json(quantization / "speed.json"),
        )
        self.bench.publish(name)
        trial.set_user_attr("steps", summary["steps"])
        trial.set_user_attr("found", [asdict(one) for one in found])
        self.study.tell(trial, summary["best_validation_loss"])
        self.console.print(
            f"trial {trial.number}: validation {summary['best_validation_loss']:.4f}, EM {found[0].em:.3f}"
        )

    def trials(self) -> list[Trial]:
        """What became of each trial, without those that were interrupted and tried again."""
        result = []
        for trial in self.study.get_trials(deepcopy=False):
            attributes = trial.user_attrs
            if "settings" not in attributes or (trial.state == TrialState.FAIL and "fault" not in attributes):
                continue
            repeats = attributes.get("repeats")
            losses = [*trial.intermediate_values.values(), *(trial.values or ())]
            result.append(
                Trial(
                    number=trial.number,
                    name=attributes["name"],
                    state=STATES[trial.state],
                    settings=attributes["settings"],
                    loss=min(losses, default=None),
                    steps=attributes.get("steps"),
                    found=() if repeats is not None else tuple(Candidate(**one) for one in attributes.get("found", ())),
                    note=attributes.get("fault", "" if repeats is None else f"as trial {repeats}"),
                )
            )
        return result


def _json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def table(trials: Sequence[Trial]) -> Table:
    """Trials as a terminal shows them, the lowest validation loss first."""
    result = Table(box=None, padding=(0, 2, 0, 0))
    keys = list(trials[0].settings) if trials else []
    for title in ("trial", "state", *(key.rpartition(".")[2] for key in keys), "steps", "loss", "EM", "RT s", "MB"):
        result.add_column(title)
    for trial in sorted(trials, key=lambda one: (one.state != "finished", one.loss is None, one.loss)):
        model = trial.float_model
        figures = (
            ("", "", "") if model is None else (f"{model.em:.3f}", f"{model.seconds:.2f}", f"{model.megabytes:.0f}")
        )
        result.add_row(
            str(trial.number),
            trial.state,
            *(value if isinstance(value := trial.settings[key], str) else canonical_json(value) for key in keys),
            "" if trial.steps is None else str(trial.steps),
            "" if trial.loss is None else f"{trial.loss:.4f}",
            *figures,
        )
    return result


def show(search: Search, console: Console) -> None:
    """Print the trials, write the page, and say how to have the best."""
    trials = search.trials()
    path = search.results / "sweep.html"
    write_text(path, page(search.bench.domain, search.bench.commit, trials))
    console.print(table(trials))
    console.print(f"EM against response time and size: {path}")
    if (first := lowest(trials)) is not None:
        console.print(f"Lowest validation loss: trial {first.number}. To have it: dvc exp apply {first.name}")


def sweep_domain(name: str, trials: int, file: str, root: Path, cache: Path, console: Console) -> None:
    """Search, and show what was found.

    Raises:
        ConfigError: the space, or the domain's settings, can't be used.
        SweepError: the repository is not at a commit, another sweep runs, or trials fail whatever their settings.
    """
    layout = Layout(name, root)
    space = read_space(root, file, name)
    config, _ = settings(name, root)
    if changed := git(root, "status", "--porcelain", "--untracked-files=no"):
        raise SweepError(
            f"found files that are not committed, expected none: all trials stand on one commit\n{changed}"
        )
    bench = Bench(root, name, git(root, "rev-parse", "HEAD"), cache)
    looks = looks_of(config.steps, config.early_stopping.every)
    with alone(bench.folder, name):
        search = Search(space, looks, bench, layout.build / "sweep", console)
        try:
            search.run(trials)
        finally:
            show(search, console)


def arguments(given: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m commands.sweep", description="Search over a domain's settings.")
    parser.add_argument("domain", help="a name that params.yaml lists under domains")
    parser.add_argument("--trials", type=int, default=20, help="trials in all, those of earlier calls counted (20)")
    parser.add_argument("--space", default=SPACE, help=f"what to search ({SPACE})")
    return parser.parse_args(given)


def main(given: Sequence[str], root: Path = ROOT, cache: Path = CACHE) -> None:
    options = arguments(given)
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    known = read_settings(root / ROOT_PARAMS, ROOT_PARAMS).get("domains", [])
    if options.domain not in known:
        raise SweepError(f"domain: found {options.domain!r}, expected one of {', '.join(known)}")
    if options.trials < 1:
        raise SweepError(f"--trials: found {options.trials}, expected 1 or more")
    console = Console(soft_wrap=True, highlight=False)
    sweep_domain(options.domain, options.trials, options.space, root, cache, console)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        main(sys.argv[1:])
    except (ConfigError, SweepError) as error:
        sys.exit(f"sweep: {error}")
    except KeyboardInterrupt:
        sys.exit("sweep: stopped; the same command goes on")
