"""Agreeing a cycle's demand plan: an act with a name, in a record of its own; the release is never touched.

`agree` takes the plan of the cycle's newest release from unconstrained_draft to unconstrained_agreed: the record holds the
plan's content hash, whatever the order of its rows, and the hash of the release's manifest. From then on the cycle is
locked: computing or publishing it again is refused until somebody reopens it, again with a name and with a reason.

Acts of a cycle are numbered files in `registry/approvals`, written at once and never again; each carries its own hash and
that of the act before it, so that a change, a gap or a forged act is found (`find_problems`, which `sop verify` asks).
Add here: an act on a plan, what must hold for it. Keep out: the shape of a plan's rows (marts), who may agree (roles).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from itertools import groupby
from pathlib import Path

import pyarrow as pa

from sop_pipeline.release import effects
from sop_pipeline.release.agreed_plan import DEMAND_PLAN, PlanFacts, describe_plan, find_plan_problems
from sop_pipeline.release.hashing import readable_json, sha256_of_json
from sop_pipeline.release.integrity import find_file_change
from sop_pipeline.release.layout import CYCLE_PATTERN, approval_file, approvals_folder, release_folder
from sop_pipeline.release.lock import refresh_lock
from sop_pipeline.release.manifest import Manifest, UnreadableManifest, read_manifest
from sop_pipeline.release.problems import AgreementRefused, CycleIsAgreed, DamagedReleases
from sop_pipeline.release.registry import read_registry
from sop_pipeline.release.table_files import read_table

AGREED, DRAFT = "unconstrained_agreed", "unconstrained_draft"


@dataclass(frozen=True)
class Approval:
    """One act on a cycle's demand plan."""

    cycle_id: str
    number: int  # of the cycle's acts, 1 first
    act: str  # agreed or reopened
    forecast_state: str  # of the plan from this act on
    release_id: str
    manifest_sha256: str  # of this release
    plan: PlanFacts  # what was agreed; of a reopening, what had been
    decided_by: str
    reason: str  # why it was reopened; a note of an agreement, or empty
    decided_at: str  # ISO 8601 with time zone
    previous_sha256: str | None  # the cycle's act before this one
    record_sha256: str = ""  # over everything else

    def sealed(self) -> Approval:
        """The same with its own hash."""
        facts = asdict(replace(self, record_sha256=""))
        return replace(self, record_sha256=sha256_of_json(facts))


def agree(home: Path, cycle_id: str, decided_by: str, decided_at: datetime, note: str = "") -> Approval:
    """Freeze the demand plan of the cycle's newest release under a name.

    Raises HomeIsBusy while the home is refreshed, AgreementRefused with everything that speaks against it: no release, a
    stale one, one that is agreed already, nobody's name, items with less than 12 months of plan; DamagedReleases.
    """
    with refresh_lock(home, purpose=f"agreement on {cycle_id}", started_at=decided_at):
        manifest = _newest_release(home, cycle_id)
        acts = [act for act in list_approvals(home) if act.cycle_id == cycle_id]
        rows = _plan_rows(home, manifest)
        problems = [*_find_name_problems(decided_by), *find_plan_problems(rows, cycle_id)]
        if acts and acts[-1].act == "agreed":
            problems.insert(
                0, f"it is agreed already, by {acts[-1].decided_by} on {acts[-1].decided_at[:10]}"
            )
        if problems:
            raise AgreementRefused(
                f"The demand plan of {cycle_id} ({manifest.release_id}) is not agreed: {len(problems)} problem(s).",
                problems,
                "Nothing was changed. Put right what is named above, refresh the cycle, and agree again.",
            )
        return _write(
            home,
            Approval(
                cycle_id=cycle_id,
                number=len(acts) + 1,
                act="agreed",
                forecast_state=AGREED,
                release_id=manifest.release_id,
                manifest_sha256=manifest.manifest_sha256,
                plan=describe_plan(rows),
                decided_by=decided_by.strip(),
                reason=note.strip(),
                decided_at=decided_at.isoformat(timespec="seconds"),
                previous_sha256=acts[-1].record_sha256 if acts else None,
            ),
        )


def reopen(home: Path, cycle_id: str, decided_by: str, reason: str, decided_at: datetime) -> Approval:
    """Take an agreement back, so that the cycle may be computed again; the release that was agreed stays.

    Raises HomeIsBusy, AgreementRefused where the cycle is not agreed or name or reason are missing.
    """
    with refresh_lock(home, purpose=f"reopening of {cycle_id}", started_at=decided_at):
        last = agreement_of(home, cycle_id)
        problems = _find_name_problems(decided_by)
        if not reason.strip():
            problems.append("no reason is given: whoever relied on the plan will ask")
        if last is None:
            problems.append("it is not agreed")
        if problems or last is None:
            raise AgreementRefused(
                f"The demand plan of {cycle_id} is not reopened: {len(problems)} problem(s).",
                problems,
                "Nothing was changed. `sop status` shows what is agreed.",
            )
        return _write(
            home,
            replace(
                last,
                number=last.number + 1,
                act="reopened",
                forecast_state=DRAFT,
                decided_by=decided_by.strip(),
                reason=reason.strip(),
                decided_at=decided_at.isoformat(timespec="seconds"),
                previous_sha256=last.record_sha256,
            ),
        )


def agreement_of(home: Path, cycle_id: str) -> Approval | None:
    """The act by which the cycle's demand plan is agreed, or None while it is a draft."""
    acts = [act for act in list_approvals(home) if act.cycle_id == cycle_id]
    return acts[-1] if acts and acts[-1].act == "agreed" else None


def refuse_agreed(home: Path, cycle_ids: Sequence[str]) -> None:
    """Raise CycleIsAgreed where one of the cycles is agreed: it may not be computed again."""
    agreed = [act for cycle_id in cycle_ids if (act := agreement_of(home, cycle_id))]
    if agreed:
        raise CycleIsAgreed(
            f"{len(agreed)} cycle(s) cannot be run again: the demand plan is agreed.",
            [
                f"{act.cycle_id} as {act.release_id}, by {act.decided_by} on {act.decided_at[:10]}"
                for act in agreed
            ],
            f'Nothing was changed. To compute it again: sop reopen {agreed[0].cycle_id} --by NAME --reason "..."',
        )


def list_approvals(home: Path) -> list[Approval]:
    """Every act, by cycle and number. Raises DamagedReleases where a record cannot be believed."""
    acts, problems = _read_records(home)
    problems += _find_chain_problems(acts)
    if problems:
        raise DamagedReleases(
            f"{approvals_folder(home)}: {len(problems)} problem(s) with what was agreed.",
            problems,
            "Restore the files that are named from a backup: an agreement is never edited, only reopened.",
        )
    return acts


def find_problems(home: Path) -> list[str]:
    """What does not hold of the agreements: records, and whether each release still has the plan that was agreed."""
    acts, problems = _read_records(home)
    problems += _find_chain_problems(acts)
    for _, of_cycle in groupby(acts, key=lambda act: act.cycle_id):
        last = list(of_cycle)[-1]
        if last.act == "agreed":
            problems += _find_release_problems(home, last)
    return problems


def _find_release_problems(home: Path, act: Approval) -> Iterator[str]:
    folder = release_folder(home, act.release_id)
    said = f"{act.cycle_id} was agreed by {act.decided_by} as {act.release_id}"
    if not folder.is_dir():
        yield f"{said}: that release is gone"
        return
    try:
        manifest = read_manifest(folder)
        plan = describe_plan(read_table(folder / DEMAND_PLAN.file_of(act.cycle_id)))
    except (UnreadableManifest, OSError, pa.ArrowException, KeyError) as error:
        yield f"{said}: its plan cannot be read: {error}"
        return
    if manifest.manifest_sha256 != act.manifest_sha256:
        yield f"{said}: its manifest is not the one that was agreed"
    if plan != act.plan:
        yield (
            f"{said}: its demand plan is not the one that was agreed ({plan.rows} rows, {plan.units} units,"
            f" content {plan.content_sha256[:12]} instead of {act.plan.rows}, {act.plan.units},"
            f" {act.plan.content_sha256[:12]})"
        )
    try:
        records = read_registry(home).cycles
    except DamagedReleases:  # `sop verify` names the damage itself
        return
    newest = [record.release_id for record in records if record.cycle_id == act.cycle_id]
    if newest != [act.release_id]:
        yield f"{said}, but the cycle's newest release is {newest[0] if newest else 'none'}"


def _read_records(home: Path) -> tuple[list[Approval], list[str]]:
    acts, problems = [], []
    folder = approvals_folder(home)
    for path in sorted(folder.glob("*.json")) if folder.is_dir() else []:
        try:
            facts = json.loads(path.read_bytes())
            act = Approval(**{**facts, "plan": PlanFacts(**facts["plan"])})
        except (OSError, ValueError, TypeError, KeyError) as error:
            problems.append(f"{path.name} is not a record of an act: {error}")
            continue
        if act.sealed() != act or path != approval_file(home, act.cycle_id, act.number):
            problems.append(f"{path.name} was changed: it is not what its own hash and name say")
        acts.append(act)
    return acts, problems


def _find_chain_problems(acts: Sequence[Approval]) -> list[str]:
    problems = []
    for cycle_id, of_cycle in groupby(acts, key=lambda act: act.cycle_id):
        previous: str | None = None
        for number, act in enumerate(of_cycle, start=1):
            if act.number != number or act.previous_sha256 != previous:
                problems.append(
                    f"act {act.number} on {cycle_id} does not follow act {number - 1} of that cycle"
                )
                break
            previous = act.record_sha256
    return problems


def _find_name_problems(decided_by: str) -> list[str]:
    return [] if decided_by.strip() else ["nobody is named: an agreement is an act of somebody"]


def _newest_release(home: Path, cycle_id: str) -> Manifest:
    if not CYCLE_PATTERN.fullmatch(cycle_id):
        raise AgreementRefused(f"'{cycle_id}' does not name a cycle.", [], "Name it by its month, YYYY-MM.")
    registry = read_registry(home)
    manifest = registry.newest_of(cycle_id)
    if manifest is None:
        published = [record.cycle_id for record in registry.cycles]
        raise AgreementRefused(
            f"Cycle {cycle_id} has no release: there is no plan to agree.",
            [f"published: {', '.join(published) or 'nothing yet'}"],
            f"Run it first: sop refresh --cycle {cycle_id}",
        )
    if any(record.is_stale for record in registry.cycles if record.cycle_id == cycle_id):
        raise AgreementRefused(
            f"Cycle {cycle_id} is stale: an earlier cycle has changed since it was computed.",
            [f"its release {manifest.release_id} shows earlier figures than stand now"],
            f"Run it again first: sop refresh --cycle {cycle_id}",
        )
    return manifest


def _plan_rows(home: Path, manifest: Manifest) -> pa.Table:
    """The rows of the demand plan, exactly as released."""
    file = DEMAND_PLAN.file_of(manifest.cycle_id)
    folder = release_folder(home, manifest.release_id)
    if file not in manifest.files:
        raise AgreementRefused(
            f"{manifest.release_id} has no {DEMAND_PLAN}.", [], "Refresh the cycle, then agree."
        )
    changes = (
        find_file_change(folder / file, manifest.files[file], file)
        if (folder / file).is_file()
        else [f"{file} is missing"]
    )
    if changes:
        raise DamagedReleases(
            f"{manifest.release_id} is not what was published: its plan cannot be agreed.",
            changes,
            "Restore the release from a backup. `sop verify` checks all of it.",
        )
    return read_table(folder / file)


def _write(home: Path, act: Approval) -> Approval:
    sealed = act.sealed()
    path = approval_file(home, sealed.cycle_id, sealed.number)
    effects.replace_file(path, readable_json(asdict(sealed)))
    effects.make_read_only(path)
    return sealed
