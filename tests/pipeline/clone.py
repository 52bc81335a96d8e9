"""A repository in a temporary folder, with DVC at hand."""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from ruamel.yaml import YAML


@dataclass(frozen=True)
class Clone:
    """A repository in a temporary folder, and what DVC says in it."""

    root: Path

    def environment(self) -> dict[str, str]:
        """Variables of a command in the clone: nothing of this machine's own settings counts."""
        return os.environ | {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "DVC_NO_ANALYTICS": "1",
            "DVC_SITE_CACHE_DIR": str(self.root.parent / f"{self.root.name}-site"),
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
        }

    def run(self, *command: str, expect: int = 0) -> str:
        """Output and errors of a command in the clone; its exit code must be as expected."""
        done = subprocess.run(
            command,
            cwd=self.root,
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert done.returncode == expect, f"{' '.join(command)}: exit code {done.returncode}\n{done.stdout}"
        return done.stdout

    def init(self) -> None:
        """Make the folder a repository of git, whose author is a tester."""
        self.run("git", "init", "--quiet", "--initial-branch=main")
        self.run("git", "config", "user.name", "Tester")
        self.run("git", "config", "user.email", "tester@example.com")

    def copy(self, folder: Path) -> "Clone":
        """The repository with its cache and outs, as a folder of its own under `folder`."""
        shutil.copytree(self.root, folder / "clone", symlinks=True)
        return Clone(folder / "clone")

    def dvc(self, *arguments: str, expect: int = 0) -> str:
        return self.run(sys.executable, "-m", "dvc", *arguments, expect=expect)

    def ran(self, *arguments: str) -> list[str]:
        """The stages that a DVC command runs (or, with --dry, would run), in order."""
        return self.stages_in(self.dvc(*arguments))

    @staticmethod
    def stages_in(output: str) -> list[str]:
        """The stages that an output of DVC says it runs, in order."""
        return re.findall(r"Running stage '([^']+)'", output)

    def commit(self, message: str) -> None:
        self.run("git", "add", "--all")
        self.run("git", "commit", "--quiet", "--message", message)

    def changed(self) -> set[str]:
        """Files that differ from the last commit, untracked ones too."""
        status = self.run("git", "status", "--porcelain", "--untracked-files=all")
        return {line[3:] for line in status.splitlines()}

    def set(self, file: str, **values: object) -> None:
        """Change settings of a YAML file; a mapping changes only its own keys."""
        path = self.root / file
        yaml = YAML()
        settings = yaml.load(path) or {}
        for key, value in values.items():
            if isinstance(value, dict) and isinstance(settings.get(key), dict):
                settings[key].update(value)
            else:
                settings[key] = value
        with path.open("w", encoding="utf-8") as stream:
            yaml.dump(settings, stream)

    def add_domain(self, name: str, fixture: Path) -> None:
        """A folder under domains/ and a word in params.yaml."""
        ignored = shutil.ignore_patterns("__pycache__", "build", "config.json", "metrics.json")
        shutil.copytree(fixture, self.root / "domains" / name, ignore=ignored)
        domains = YAML(typ="safe", pure=True).load(self.root / "params.yaml")["domains"]
        self.set("params.yaml", domains=[*domains, name])
