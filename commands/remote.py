"""The team's store: `python -m commands.remote set URL [--endpoint URL]`, `share`, `sync [--experiments]`, `check`.

`dvc push --run-cache` and `dvc pull` do most of this, with gaps that cost a team trainings (DVC 3.67):

- it pushes the outs of the workspace only, but the records of all runs: a teammate finds the record of an
  experiment without its model, and trains again; outs with `cache: false` are never pushed;
- it pushes records first: after a push that broke off, they name objects that are not there;
- an object that was torn in transfer counts as there, and is never sent again;
- an object whose bytes changed is left out in silence, and the stage that wrote it runs again.

So `share` sends objects before the records that name them, and `sync` checks each object against its hash and says
which file is damaged or missing. Objects, records and folders are DVC's own; plain `dvc pull` reads what `share` wrote.
"""

import argparse
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit, urlunsplit

from dvc.config import Config
from dvc.data_cloud import Remote
from dvc.exceptions import DvcException
from dvc.fs.callbacks import TqdmCallback
from dvc.output import Output
from dvc.repo import Repo, lock_repo
from dvc.utils import dict_sha256
from dvc_data.hashfile.db import HashFileDB
from dvc_data.hashfile.hash_info import HashInfo
from dvc_data.hashfile.tree import Tree
from dvc_objects.errors import ObjectFormatError
from dvc_objects.fs import generic
from dvc_objects.fs.local import localfs
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from stages.layout import ROOT

NAME = "team"
SHA256_DIGITS = 64
# What stands in a URL before the @, as DVC's settings name it.
CREDENTIALS = {"ssh": ("user", "password"), "s3": ("access_key_id", "secret_access_key")}


class RemoteError(Exception):
    """The store can't be used; the text says why and what to do."""


@dataclass(frozen=True)
class Shared:
    """How much `share` sent."""

    objects: int
    runs: int


@dataclass(frozen=True)
class Synced:
    """How much `sync` fetched, and what of teammates' runs could not be used, one line each."""

    objects: int
    runs: int
    unusable: tuple[str, ...]


def configure(url: str, endpoint: str | None = None, root: Path = ROOT) -> None:
    """Write the store into .dvc/config with `verify`; credentials that stand in the URL, into .dvc/config.local.

    Credentials of another URL that stand there are taken out.

    Args:
        url: `s3://BUCKET/PATH`, `ssh://HOST/PATH`, another of DVC's, or a folder that all machines of the team see.
        endpoint: of an S3 service that is not Amazon's.

    Raises:
        RemoteError: the URL has a part that can't be kept apart from its credentials, or the endpoint has no S3 store.
        DvcException: DVC knows no such store.
    """
    parts = urlsplit(url)
    if endpoint is not None:
        if parts.scheme != "s3":
            raise RemoteError(
                f"found an endpoint beside a store in {parts.scheme or 'a folder'}, expected s3://BUCKET/PATH"
            )
        if "@" in urlsplit(endpoint).netloc:
            raise RemoteError(
                "found credentials in the endpoint, expected them in .dvc/config.local or the environment"
            )
    if parts.query:
        raise RemoteError("found a query in the URL, which may hold a token; expected one without, see docs/remote.md")
    login, _, host = parts.netloc.rpartition("@")
    secrets: dict[str, str] = {}
    if login:
        if parts.scheme not in CREDENTIALS:
            raise RemoteError(
                f"found credentials in a {parts.scheme} URL, expected one without; "
                f"`dvc remote modify --local {NAME} ...` takes them"
            )
        values = [unquote(value) for value in login.split(":", 1)]
        secrets = dict(zip(CREDENTIALS[parts.scheme], values, strict=False))
        parts = parts._replace(netloc=host)
    section = {"url": urlunsplit(parts) if parts.scheme else url, "verify": "true"}
    if endpoint is not None:
        section["endpointurl"] = endpoint
    Config.validate({"remote": {NAME: section | secrets}})
    folder = root / ".dvc"
    config = Config(str(folder))
    known = config.load_one("repo")["remote"].get(NAME, {}).get("url") == section["url"]
    local = folder / "config.local"
    if secrets or local.exists():
        local.touch(mode=0o600)
        local.chmod(0o600)
        # Validated above: with the store that was there before, it would not hold together.
        with config.edit("local", validate=False) as settings:
            before = settings["remote"].pop(NAME, {})
            if kept := (before if known else {}) | secrets:
                settings["remote"][NAME] = kept
    with config.edit("repo") as settings:
        settings["remote"][NAME] = section
        settings["core"]["remote"] = NAME


def opened(repo: Repo) -> Remote:
    """The store that the settings name.

    Raises:
        RemoteError: there is none, it doesn't verify, or it is of a kind that holds no records of runs.
    """
    name = repo.config["core"].get("remote")
    if name is None:
        raise RemoteError("found no remote in .dvc/config, expected the team's; run `make remote URL=...`")
    if repo.config["remote"].get(name, {}).get("verify") is not True:
        raise RemoteError(
            f"found the remote {name!r} without `verify = true`, with which DVC would hand out damaged objects; "
            f"run `dvc remote modify {name} verify true`"
        )
    remote = repo.cloud.get_remote(name)
    try:
        remote.fs.exists(remote.path)
    except Exception as error:  # what each kind of store raises when it can't be reached is its own
        raise RemoteError(
            f"found the remote {name!r} out of reach ({error}), expected one that answers; docs/remote.md says where "
            "credentials go"
        ) from error
    if remote.worktree or remote.fs.version_aware or remote.fs.protocol in ("http", "https"):
        raise RemoteError(
            f"found the remote {name!r} of a kind without a run cache, expected S3, SSH or a shared folder"
        )
    return remote


def record(path: Path) -> dict[str, Any] | None:
    """A record of the run cache; None where its content is not what its name says, such as one torn in transfer."""
    try:
        content = YAML(typ="safe", pure=True).load(path)
    except (YAMLError, UnicodeDecodeError):
        return None
    if not isinstance(content, dict) or dict_sha256(content, exclude=["size", "nfiles"]) != path.name:
        return None
    return content


def outs_of(content: Mapping[str, Any]) -> dict[str, HashInfo]:
    """The objects of a record, by the path of the out."""
    return {out["path"]: HashInfo("md5", out["md5"]) for out in content["outs"] if "md5" in out}


def named(out: Output) -> str | None:
    """The object of an out that the team's store should have, by its hash; None for one that is kept elsewhere."""
    if out.use_cache and out.can_push and out.hash_info and out.hash_info.name == "md5" and not out.remote:
        return str(out.hash_info.value)
    return None


def outs_of_workspace(repo: Repo) -> dict[str, HashInfo]:
    """The objects of the pipeline's outs and of files that DVC tracks, as they are committed, by their path."""
    outs = [out for out in repo.index.outs if named(out) is not None]
    return {localfs.relpath(out.fs_path, repo.root_dir): out.hash_info for out in outs}


def files_of(outs: Mapping[str, HashInfo], cache: HashFileDB) -> dict[str, str]:
    """Every object behind outs, by its hash: where it stands. Those of a folder come before the list of its files.

    A folder whose list is not in the cache counts as one object.
    """
    found: dict[str, str] = {}
    for path, out in outs.items():
        assert out.value is not None
        if out.isdir and cache.exists(out.value):
            for key, _, file in Tree.load(cache, out):
                found.setdefault(file.value, "/".join((path, *key)))
        found.setdefault(out.value, path)
    return found


def send(cache: HashFileDB, remote: Remote, oids: Iterable[str]) -> int:
    """Copy objects that the store lacks, or has in another size, as after a transfer that broke off.

    Returns:
        How many were sent.

    Raises:
        RemoteError: at least one could not be sent.
    """
    ordered = list(oids)
    store = remote.odb
    paths = [store.oid_to_path(oid) for oid in ordered]
    there = remote.fs.info(paths, return_exceptions=True) if paths else []
    wanted, torn = [], []
    for oid, path, info in zip(ordered, paths, there, strict=True):
        if isinstance(info, FileNotFoundError):
            wanted.append(oid)
        elif isinstance(info, BaseException):
            raise info
        elif info["size"] != cache.fs.size(cache.oid_to_path(oid)):
            torn.append(path)
            wanted.append(oid)
    if torn:
        remote.fs.remove(torn)
    failed = _copied(cache, store, wanted, "Sharing", verify=False) if wanted else {}
    if failed:
        oid, error = next(iter(failed.items()))
        raise RemoteError(f"{len(failed)} of {len(wanted)} objects could not be sent, such as {oid}: {error}")
    return len(wanted)


def _copied(source: HashFileDB, target: HashFileDB, wanted: list[str], what: str, *, verify: bool) -> dict[str, Any]:
    """Copy objects from one store into another; the error of each that failed, by its hash."""
    failed: dict[str, Any] = {}
    with TqdmCallback(desc=what, unit="file") as progress:
        target.add(
            [source.oid_to_path(oid) for oid in wanted],
            source.fs,
            wanted,
            check_exists=False,
            verify=verify,
            callback=progress,
            on_error=failed.__setitem__,
        )
    return failed


def share(root: Path = ROOT) -> Shared:
    """Send the outs of the workspace, and of every run that this clone holds in full, then the records of those runs.

    Raises:
        RemoteError: there is no usable store, an out of the workspace is not in the cache, or a transfer failed.
    """
    with Repo(str(root)) as repo, lock_repo(repo):
        remote = opened(repo)
        cache = repo.cache.local
        held = files_of(outs_of_workspace(repo), cache)
        absent = [oid for oid in held if not cache.exists(oid)]
        # A teammate may have shared what was never fetched here.
        there = remote.fs.exists([remote.odb.oid_to_path(oid) for oid in absent]) if absent else []
        lost = sorted(held[oid] for oid, found in zip(absent, there, strict=True) if not found)
        if lost:
            raise RemoteError(
                f"found {len(lost)} outs of dvc.lock neither in the cache nor at the remote, such as {lost[0]}; "
                "run `dvc repro` first"
            )
        held = {oid: path for oid, path in held.items() if oid not in absent}
        runs = []
        for path in sorted(Path(repo.stage_cache.cache_dir).glob("*/*/*")):
            if (content := record(path)) is None:
                continue
            of_run = files_of(outs_of(content), cache)
            if all(map(cache.exists, of_run)):
                held = of_run | held
                runs.append(path)
        # A folder's list goes after its files: where the list stands, DVC takes the files for granted.
        lists = [oid for oid in held if oid.endswith(".dir")]
        sent = send(cache, remote, [oid for oid in held if not oid.endswith(".dir")])
        sent += send(cache, remote, lists)
        return Shared(sent, send_records(repo, remote, runs))


def send_records(repo: Repo, remote: Remote, records: Iterable[Path]) -> int:
    """Copy records of runs that the store lacks; returns how many."""
    here = Path(repo.stage_cache.cache_dir)
    there = {remote.fs.name(path) for path in records_at(remote)}
    lacking = [path for path in records if path.name not in there]
    for path in lacking:
        target = remote.fs.join(remote.path, "runs", *path.relative_to(here).parts)
        remote.fs.makedirs(remote.fs.parent(target))
        generic.copy(localfs, str(path), remote.fs, target)
    return len(lacking)


def records_at(remote: Remote) -> list[str]:
    """Paths of the records at the store. One that is still being written has another kind of name."""
    folder = remote.fs.join(remote.path, "runs")
    if not remote.fs.exists(folder):
        return []
    return [path for path in remote.fs.find(folder) if len(remote.fs.name(path)) == SHA256_DIGITS]


def fetch_records(repo: Repo, remote: Remote) -> tuple[int, list[str]]:
    """Copy records of runs that this clone lacks; returns how many, and the damaged ones."""
    fetched, damaged = 0, []
    for path in records_at(remote):
        run, name = remote.fs.parts(path)[-2:]
        target = Path(repo.stage_cache.cache_dir) / run[:2] / run / name
        if target.exists():
            continue
        generic.copy(remote.fs, path, localfs, str(target))
        if record(target) is None:
            target.unlink()
            damaged.append(f"the record of a run: {remote.fs.unstrip_protocol(path)} is damaged")
        else:
            fetched += 1
    return fetched, damaged


def fetch(cache: HashFileDB, remote: Remote, objects: Mapping[str, str]) -> tuple[int, list[str]]:
    """Copy objects into the cache, each checked against its hash.

    Args:
        objects: where each stands, by its hash.

    Returns:
        How many were fetched; of each that could not be, one line with the file and the reason.
    """
    wanted = [oid for oid in objects if not cache.exists(oid)]
    if not wanted:
        return 0, []
    failed = _copied(remote.odb, cache, wanted, "Fetching", verify=True)
    faults = []
    for oid in wanted:
        if cache.exists(oid):
            continue
        url = remote.fs.unstrip_protocol(remote.odb.oid_to_path(oid))
        error = failed.get(oid)
        if error is None:
            reason = (
                "is damaged: its bytes don't have that hash; delete it there, then whoever made it runs `make share`"
            )
        elif isinstance(error, FileNotFoundError):
            reason = "is not there; whoever made it runs `make share`"
        else:
            reason = f"could not be read: {error}"
        faults.append(f"{objects[oid]}: {url} {reason}")
    return len(wanted) - len(faults), faults


def fetch_outs(cache: HashFileDB, remote: Remote, outs: Mapping[str, HashInfo]) -> tuple[int, list[str]]:
    """As `fetch`, of outs: the lists of folders first, then the files that they name."""
    lists = {out.value: path for path, out in outs.items() if out.isdir and out.value}
    listed, unlisted = fetch(cache, remote, lists)
    readable = {path: out for path, out in outs.items() if not (out.isdir and out.value) or cache.exists(out.value)}
    files, faults = fetch(cache, remote, files_of(readable, cache))
    return listed + files, unlisted + faults


def sync(experiments: bool = False, root: Path = ROOT) -> Synced:
    """Fetch and check out the outs that dvc.lock names, and fetch the records of the team's runs.

    Args:
        experiments: also the outs of all these runs, so that `dvc exp run` needs no `--pull` to find them.

    Raises:
        RemoteError: there is no usable store, or an out of the workspace is damaged or missing there.
        DvcException: a file of the workspace would be overwritten that is saved nowhere.
    """
    with Repo(str(root)) as repo, lock_repo(repo):
        remote = opened(repo)
        cache = repo.cache.local
        runs, unusable = fetch_records(repo, remote)
        fetched, faults = fetch_outs(cache, remote, outs_of_workspace(repo))
        if faults:
            raise RemoteError("\n".join(faults))
        if experiments:
            for path in sorted(Path(repo.stage_cache.cache_dir).glob("*/*/*")):
                if (content := record(path)) is not None:
                    more, lacking = fetch_outs(cache, remote, outs_of(content))
                    fetched += more
                    unusable += lacking
        repo.checkout()
        return Synced(fetched, runs, tuple(unusable))


def check(root: Path = ROOT) -> tuple[int, list[str]]:
    """Whether the store has what dvc.lock names; needs neither outs nor a cache, and fetches only lists of folders.

    Returns:
        How many objects are there; of each that is not there in full, one line with the file and the reason.

    Raises:
        RemoteError: there is no usable store.
    """
    with Repo(str(root)) as repo, lock_repo(repo):
        remote = opened(repo)
        store = remote.odb
        # Where each object stands, and its size where dvc.lock or a list tells it.
        wanted: dict[str, tuple[str, int | None]] = {}
        faults = []
        for out in repo.index.outs:
            oid = named(out)
            if oid is None:
                continue
            path = localfs.relpath(out.fs_path, repo.root_dir)
            if not out.hash_info.isdir:
                wanted.setdefault(oid, (path, out.meta.size))
                continue
            try:
                files = list(Tree.load(store, out.hash_info))
            except FileNotFoundError:
                faults.append(f"{path}: the list of its files is not there")
                continue
            except ObjectFormatError:
                faults.append(f"{path}: the list of its files is damaged")
                continue
            wanted.setdefault(oid, (path, None))
            for key, meta, file in files:
                wanted.setdefault(file.value, ("/".join((path, *key)), meta.size if meta else None))
        places = [store.oid_to_path(oid) for oid in wanted]
        there = 0
        for (path, size), info in zip(
            wanted.values(), remote.fs.info(places, return_exceptions=True) if places else [], strict=True
        ):
            if isinstance(info, FileNotFoundError):
                faults.append(f"{path}: is not there")
            elif isinstance(info, BaseException):
                raise info
            elif size is not None and info["size"] != size:
                faults.append(f"{path}: has {info['size']} of {size} bytes there")
            else:
                there += 1
        return there, sorted(faults)


def parser() -> argparse.ArgumentParser:
    commands = argparse.ArgumentParser(prog="remote", description="The team's store of models and runs.")
    actions = commands.add_subparsers(dest="action", required=True)
    setting = actions.add_parser("set", help="write the store into .dvc/config")
    setting.add_argument("url", help="s3://BUCKET/PATH, ssh://HOST/PATH, or a folder that all machines see")
    setting.add_argument("--endpoint", help="of an S3 service that is not Amazon's")
    actions.add_parser("share", help="send outs and runs")
    syncing = actions.add_parser("sync", help="fetch outs and the records of runs")
    syncing.add_argument("--experiments", action="store_true", help="also the outs of all runs")
    actions.add_parser("check", help="whether the store has the outs of this commit; needs no data")
    return commands


def main(arguments: list[str]) -> None:
    chosen = parser().parse_args(arguments)
    if chosen.action == "set":
        configure(chosen.url, chosen.endpoint)
        print("remote: written; commit .dvc/config, and let a first `make share` show that it can be reached")
    elif chosen.action == "share":
        shared = share()
        print(f"remote: sent {shared.objects} objects and the records of {shared.runs} stage runs")
    elif chosen.action == "check":
        there, faults = check()
        if faults:
            raise RemoteError("\n".join([*faults, "whoever made them runs `make share`"]))
        print(f"remote: all {there} objects of this commit are there")
    else:
        synced = sync(chosen.experiments)
        for line in synced.unusable:
            print(f"remote: warning: {line}", file=sys.stderr)
        print(f"remote: fetched {synced.objects} objects and the records of {synced.runs} stage runs")


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except (RemoteError, DvcException) as error:
        sys.exit("\n".join(f"remote: {line}" for line in str(error).splitlines()))
