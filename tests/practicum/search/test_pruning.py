"""When a trial is given up, by the losses that training writes."""

from pathlib import Path

import optuna
import pytest
from optuna.trial import TrialState

from practicum.search.pruning import Look, Looks, looks_of, pruner
from practicum.search.space import Pruning


@pytest.mark.parametrize(("steps", "every", "looks"), [(240, 60, 4), (241, 60, 5), (4, 2, 2), (3, 60, 1)])
def test_looks_count_the_last_step(steps: int, every: int, looks: int) -> None:
    assert looks_of(steps, every) == looks


def test_a_growing_log_is_read_once_and_whole_lines_only(tmp_path: Path) -> None:
    log = tmp_path / "steps.jsonl"
    looks = Looks(log)
    assert looks.new() == []
    log.write_text('{"step": 1}\n{"step": 2, "validation_loss": 0.5}\n{"step": 3, "valid')
    assert looks.new() == [Look(1, 2, 0.5)]
    with log.open("a") as file:
        file.write('ation_loss": 0.25}\n')
    assert looks.new() == [Look(2, 3, 0.25)]
    assert looks.new() == []
    log.write_text('{"step": 1, "validation_loss": 0.75}\n')  # a training that began again
    assert looks.new() == [Look(1, 1, 0.75)]


@pytest.mark.parametrize(("method", "given_up"), [("hyperband", True), ("successive-halving", True), ("none", False)])
def test_a_hopeless_trial_is_given_up_and_the_best_is_not(method: str, given_up: bool) -> None:
    settings = Pruning.model_validate({"method": method})
    study = optuna.create_study(
        study_name="looks", pruner=pruner(settings, 8), sampler=optuna.samplers.RandomSampler(seed=0)
    )
    pruned = {}
    for number in range(24):
        trial = study.ask()
        height = float(number)  # each trial is worse than all before it
        pruned[number] = False
        for look in range(1, 9):
            trial.report(height, look)
            if trial.should_prune():
                pruned[number] = True
                break
        study.tell(trial, None if pruned[number] else height, state=TrialState.PRUNED if pruned[number] else None)
    assert not pruned[0]
    assert any(pruned.values()) is given_up


def test_a_single_look_is_never_pruned() -> None:
    assert isinstance(pruner(Pruning(method="hyperband"), 1), optuna.pruners.NopPruner)
