"""What a team gets from its store: real DVC in clones of one repository, a shared folder and a real S3 API."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import boto3
import pytest
from dvc.config import Config
from moto.server import ThreadedMotoServer
from ruamel.yaml import YAML

from tests.pipeline.clone import Clone

pytestmark = pytest.mark.pipeline

AFTER_LR = {f"{stage}@tiny" for stage in ("train", "evaluate", "quantize")}
ADAPTER = "domains/tiny/build/model/adapter_model.safetensors"


@dataclass(frozen=True)
class Folder:
    """A store in a folder that all clones see."""

    path: Path

    def arguments(self, name: str) -> list[str]:
        return [f"URL={self.path / name}"]

    def keys(self, name: str) -> set[str]:
        # What is still being written ends in .tmp.
        files = (path for path in (self.path / name).rglob("*") if path.suffix != ".tmp" and path.is_file())
        return {str(path.relative_to(self.path / name)) for path in files}

    def read(self, name: str, key: str) -> bytes:
        return (self.path / name / key).read_bytes()

    def write(self, name: str, key: str, content: bytes) -> None:
        (self.path / name / key).write_bytes(content)

    def delete(self, name: str, key: str) -> None:
        (self.path / name / key).unlink()


@dataclass(frozen=True)
class Bucket:
    """A store in S3."""

    endpoint: str

    @property
    def client(self) -> "boto3.client":
        return boto3.client("s3", endpoint_url=self.endpoint)

    def arguments(self, name: str) -> list[str]:
        return [f"URL=s3://team/{name}", f"ENDPOINT={self.endpoint}"]

    def keys(self, name: str) -> set[str]:
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket="team", Prefix=f"{name}/")
        return {item["Key"].removeprefix(f"{name}/") for page in pages for item in page.get("Contents", [])}

    def read(self, name: str, key: str) -> bytes:
        return self.client.get_object(Bucket="team", Key=f"{name}/{key}")["Body"].read()

    def write(self, name: str, key: str, content: bytes) -> None:
        self.client.put_object(Bucket="team", Key=f"{name}/{key}", Body=content)

    def delete(self, name: str, key: str) -> None:
        self.client.delete_object(Bucket="team", Key=f"{name}/{key}")


Store = Folder | Bucket


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    return Folder(tmp_path_factory.mktemp("store"))


@pytest.fixture(scope="module")
def bucket() -> Iterator[Bucket]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("AWS_ACCESS_KEY_ID", "teammate")
        environment.setenv("AWS_SECRET_ACCESS_KEY", "of the environment")
        environment.setenv("AWS_DEFAULT_REGION", "us-east-1")
        environment.setenv("AWS_EC2_METADATA_DISABLED", "true")
        bucket = Bucket(f"http://{host}:{port}")
        bucket.client.create_bucket(Bucket="team")
        yield bucket
    server.stop()


def make(clone: Clone, *arguments: str, expect: int = 0) -> str:
    """A target of the Makefile, in the environment that runs the tests."""
    return clone.run("make", "--old-file=setup", f"BIN={Path(sys.executable).parent}", *arguments, expect=expect)


def git_clone(origin: Clone, folder: Path) -> Clone:
    origin.run("git", "clone", "--quiet", str(origin.root), str(folder))
    return Clone(folder)


def at_the_start_of_a_team(origin: Clone, folder: Path, store: Store, name: str) -> Clone:
    clone = origin.copy(folder)
    make(clone, "remote", *store.arguments(name))
    clone.commit("Name the team's store")
    return clone


@pytest.fixture(scope="module")
def experimenter(first_run: Clone, tmp_path_factory: pytest.TempPathFactory) -> tuple[Clone, dict[str, bytes]]:
    """A clone that trained, tried another lr and went back to what is committed.

    Returns:
        The clone; dvc.lock and the metrics as the experiment left them.
    """
    clone = first_run.copy(tmp_path_factory.mktemp("experimenter"))
    assert set(clone.ran("exp", "run", "--set-param", "lr=3e-5")) > AFTER_LR
    left = {name: (clone.root / name).read_bytes() for name in ("dvc.lock", "domains/tiny/metrics.json")}
    clone.run("git", "reset", "--quiet", "--hard")
    clone.dvc("checkout")
    return clone, left


@pytest.fixture(scope="module", params=["folder", "bucket"])
def team(
    request: pytest.FixtureRequest,
    experimenter: tuple[Clone, dict[str, bytes]],
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[Clone, Store]:
    """The clone of the experimenter, who has shared everything; the store."""
    store: Store = request.getfixturevalue(request.param)
    alice = at_the_start_of_a_team(experimenter[0], tmp_path_factory.mktemp(request.param), store, "all")
    assert "remote: sent" in make(alice, "share")
    return alice, store


def test_a_teammate_trains_nothing_that_the_team_has_trained(
    team: tuple[Clone, Store], experimenter: tuple[Clone, dict[str, bytes]], tmp_path: Path
) -> None:
    alice, _ = team
    bob = git_clone(alice, tmp_path / "bob")
    assert bob.ran("repro", "--pull", "--allow-missing") == []
    make(bob, "sync")
    assert (bob.root / ADAPTER).read_bytes() == (alice.root / ADAPTER).read_bytes()
    assert bob.ran("repro") == []
    assert bob.changed() == set()

    # resolve is never taken from the cache of runs, for its out persists; nor is the report: items.jsonl is in git.
    assert bob.ran("exp", "run", "--pull", "--set-param", "lr=3e-5") == ["resolve@tiny", "report@tiny"]
    assert {name: (bob.root / name).read_bytes() for name in experimenter[1]} == experimenter[1]


@pytest.mark.parametrize("team", ["folder"], indirect=True)
def test_a_teammate_with_all_experiments_finds_them_without_the_store(
    team: tuple[Clone, Store], experimenter: tuple[Clone, dict[str, bytes]], tmp_path: Path
) -> None:
    bob = git_clone(team[0], tmp_path / "bob")
    make(bob, "sync", "EXPERIMENTS=1")
    assert bob.ran("exp", "run", "--set-param", "lr=3e-5") == ["resolve@tiny", "report@tiny"]
    assert {name: (bob.root / name).read_bytes() for name in experimenter[1]} == experimenter[1]


def test_what_is_shared_twice_is_sent_once(team: tuple[Clone, Store]) -> None:
    alice, store = team
    before = store.keys("all")
    assert "sent 0 objects and the records of 0 stage runs" in make(alice, "share")
    assert store.keys("all") == before


def objects(clone: Clone, out: str) -> dict[str, str]:
    """The objects of a folder out in the cache of a clone: their keys at a store, by the name of the file."""
    lock = YAML(typ="safe", pure=True).load(clone.root / "dvc.lock")["stages"]
    oid = next(entry["md5"] for stage in lock.values() for entry in stage["outs"] if entry["path"] == out)
    listed = json.loads((clone.root / ".dvc/cache/files/md5" / oid[:2] / oid[2:]).read_text())
    return {file["relpath"]: f"files/md5/{file['md5'][:2]}/{file['md5'][2:]}" for file in listed}


def test_a_flipped_byte_is_caught_named_and_mended(team: tuple[Clone, Store], tmp_path: Path) -> None:
    alice, store = team
    key = objects(alice, "domains/tiny/build/model")["adapter_model.safetensors"]
    content = store.read("all", key)
    store.write("all", key, bytes([content[0], content[1] ^ 1]) + content[2:])
    bob = git_clone(alice, tmp_path / "bob")
    said = make(bob, "sync", expect=2)
    assert f"remote: {ADAPTER}: " in said
    assert f"{key} is damaged: its bytes don't have that hash" in said
    assert not (bob.root / ADAPTER).exists()
    assert not (bob.root / ".dvc/cache" / key).exists()
    # DVC's own pull takes it no more than `sync`, and names the out.
    assert "domains/tiny/build/model" in bob.dvc("pull", "train@tiny", expect=1)

    if key in store.keys("all"):
        store.delete("all", key)
    assert "sent 1 objects" in make(alice, "share")
    make(bob, "sync")
    assert (bob.root / ADAPTER).read_bytes() == content


def test_a_damaged_record_of_a_run_is_named_and_left_out(team: tuple[Clone, Store], tmp_path: Path) -> None:
    alice, store = team
    key = min(key for key in store.keys("all") if key.startswith("runs/"))
    content = store.read("all", key)
    store.write("all", key, content.replace(b"md5: ", b"md5: 0", 1))
    bob = git_clone(alice, tmp_path / "bob")
    said = make(bob, "sync")
    assert "warning: the record of a run: " in said
    assert f"{key} is damaged" in said
    assert not (bob.root / ".dvc/cache" / key).exists()
    store.write("all", key, content)


def add_bulk(clone: Clone, owner: str, files: int) -> None:
    """A stage whose out is a folder of many files, some of which everybody's has."""
    code = (
        "import pathlib; p = pathlib.Path('bulk'); p.mkdir(); "
        f"[(p / str(i)).write_text((('{owner}' if i % 4 else '') + str(i)) * 1000) for i in range({files})]"
    )
    folder = clone.root / owner
    folder.mkdir()
    stage = {"cmd": f'{Path(sys.executable).name} -c "{code}"', "deps": ["../params.yaml"], "outs": ["bulk"]}
    with (folder / "dvc.yaml").open("w") as file:
        YAML().dump({"stages": {"bulk": stage}}, file)
    clone.dvc("repro", f"{owner}/dvc.yaml")
    clone.commit(f"Files of {owner}")


def sharing(clone: Clone) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "commands.remote", "share"],
        cwd=clone.root,
        env=clone.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def test_a_killed_share_leaves_a_store_to_use_and_to_go_on_from(
    first_run: Clone, folder: Folder, tmp_path: Path, bucket: Bucket
) -> None:
    # More files than are sent between two looks at the store.
    for store, files in ((folder, 800), (bucket, 150)):
        here = tmp_path / type(store).__name__
        alice = at_the_start_of_a_team(first_run, here, store, "killed")
        make(alice, "share")
        before = store.keys("killed")
        add_bulk(alice, "alice", files)
        run = sharing(alice)
        while len(store.keys("killed")) < len(before) + 5:
            assert run.poll() is None, run.communicate()[0]
            time.sleep(0.01)
        os.killpg(run.pid, signal.SIGKILL)
        run.wait()
        sent = store.keys("killed") - before
        assert 5 <= len(sent) < files
        # Neither the folder's list nor the record of the run is there before what they name.
        assert not [key for key in sent if key.endswith(".dir") or key.startswith("runs/")]

        earlier = git_clone(alice, here / "earlier")
        earlier.run("git", "checkout", "--quiet", "HEAD~1")
        make(earlier, "sync")
        assert earlier.ran("repro") == []
        incomplete = git_clone(alice, here / "incomplete")
        assert "alice/bulk: " in make(incomplete, "sync", expect=2)

        make(alice, "share")
        make(incomplete, "sync")
        assert incomplete.ran("repro", "alice/dvc.yaml") == []
        assert len(list((incomplete.root / "alice/bulk").iterdir())) == files


def test_a_torn_object_is_sent_again(first_run: Clone, folder: Folder, tmp_path: Path) -> None:
    """As SFTP leaves one, which writes under the final name."""
    alice = at_the_start_of_a_team(first_run, tmp_path, folder, "torn")
    make(alice, "share")
    key = objects(alice, "domains/tiny/build/model")["adapter_model.safetensors"]
    content = folder.read("torn", key)
    folder.write("torn", key, content[: len(content) // 2])
    assert "sent 1 objects" in make(alice, "share")
    assert folder.read("torn", key) == content


def test_two_clones_that_share_at_once_lose_nothing(
    first_run: Clone, folder: Folder, bucket: Bucket, tmp_path: Path
) -> None:
    for store in (folder, bucket):
        here = tmp_path / type(store).__name__
        alice = at_the_start_of_a_team(first_run, here, store, "both")
        bob = alice.copy(here / "bob")
        for clone, owner in ((alice, "alice"), (bob, "bob")):
            add_bulk(clone, owner, 60)
        runs = [sharing(clone) for clone in (alice, bob)]
        for run in runs:
            said = run.communicate()[0]
            assert run.returncode == 0, said
        teammate = git_clone(alice, here / "teammate")
        make(teammate, "sync", "EXPERIMENTS=1")
        for clone in (alice, bob):
            # Outs and records of runs of both, as this clone has them.
            for path in (clone.root / ".dvc/cache").rglob("*"):
                kept = teammate.root / path.relative_to(clone.root)
                assert not path.is_file() or kept.read_bytes() == path.read_bytes()
        assert (teammate.root / "alice/bulk/7").read_text() == "alice7" * 1000


def test_credentials_never_stand_in_a_committed_file(first_run: Clone, tmp_path: Path) -> None:
    clone = first_run.copy(tmp_path)
    for url, written, kept in (
        (
            "s3://AKIAKEY:s%2Fcret@bucket/path",
            "s3://bucket/path",
            {"access_key_id": "AKIAKEY", "secret_access_key": "s/cret"},
        ),
        ("ssh://ann:pass@host:2222/store", "ssh://host:2222/store", {"user": "ann", "password": "pass"}),
    ):
        make(clone, "remote", f"URL={url}")
        config = Config(str(clone.root / ".dvc"))
        assert config.load_one("repo")["remote"] == {"team": {"url": written, "verify": "true"}}
        assert config.load_one("local")["remote"]["team"].items() >= kept.items()
    assert clone.changed() == {".dvc/config"}
    assert (clone.root / ".dvc/config.local").stat().st_mode & 0o077 == 0
    committed = (clone.root / ".dvc/config").read_text()
    assert not [secret for secret in ("AKIA", "cret", "ann", "pass") if secret in committed]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["URL=https://ann:pass@host/path"], "found credentials in a https URL"),
        (["URL=azure://container/path?sig=token"], "found a query in the URL, which may hold a token"),
        (["URL=s3://bucket/path", "ENDPOINT=https://key:secret@host"], "found credentials in the endpoint"),
        (["URL=/mnt/team", "ENDPOINT=https://host"], "found an endpoint beside a store in a folder"),
        ([], "found no URL"),
    ],
)
def test_a_store_that_would_show_a_secret_is_refused(first_run: Clone, arguments: list[str], said: str) -> None:
    before = (first_run.root / ".dvc/config").read_bytes()
    output = make(first_run, "remote", *arguments, expect=2)
    assert said in output
    assert (first_run.root / ".dvc/config").read_bytes() == before


def test_a_store_that_does_not_verify_or_answer_or_is_not_there_is_refused(clone: Clone) -> None:
    for target in ("share", "sync"):
        assert "found no remote in .dvc/config" in make(clone, target, expect=2)
    clone.dvc("remote", "add", "--default", "team", "../store")
    assert "without `verify = true`" in make(clone, "share", expect=2)
    make(clone, "remote", "URL=s3://team/x", "ENDPOINT=http://127.0.0.1:9")
    assert "found the remote 'team' out of reach" in make(clone, "sync", expect=2)


def test_the_committed_settings_hold_no_secret_and_no_telemetry(root: Path) -> None:
    config = Config(str(root / ".dvc")).load_one("repo")
    assert config["core"]["analytics"] == "false"
    assert all(remote["verify"] == "true" for remote in config["remote"].values())
    assert set().union(*config["remote"].values()) <= {"url", "verify", "endpointurl"}
    assert "/config.local" in (root / ".dvc/.gitignore").read_text().splitlines()


def test_a_fresh_clone_says_what_it_lacks(team: tuple[Clone, Store], fresh: Callable[[Clone], Clone]) -> None:
    """Without `sync` nothing is fetched, and nothing is trained."""
    bob = fresh(team[0])
    assert bob.ran("repro", "--pull", "--allow-missing") == []
    assert not (bob.root / "domains/tiny/build/model").exists()
