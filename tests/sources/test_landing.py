"""What lands stays as it was delivered, and is known by what is in it."""

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from sop_pipeline.sources.landing import accepted_delivery, land
from sop_pipeline.sources.protocol import DeliveryRequest, SourceError


@dataclass
class Extracts:
    """A source that delivers the files it is given."""

    files: dict[str, bytes] = field(
        default_factory=lambda: {"items.csv": b"item_id\n0042\n", "sites.csv": b"site_id\n"}
    )
    name: str = "somebody"
    system: str = "contract"

    def deliver(self, request: DeliveryRequest) -> None:
        for name, content in self.files.items():
            (request.folder / name).write_bytes(content)


def request(folder: Path) -> DeliveryRequest:
    return DeliveryRequest(cycle_id="2026-01", folder=folder)


def test_files_land_byte_for_byte_with_a_manifest_of_their_hashes(tmp_path: Path) -> None:
    landing = land(Extracts(), request(tmp_path), tmp_path)
    assert (landing.folder / "items.csv").read_bytes() == b"item_id\n0042\n"
    assert landing.files.keys() == {"items.csv", "sites.csv"}
    assert accepted_delivery(tmp_path, "somebody", "2026-01") == landing


def test_the_same_files_again_are_the_same_delivery(tmp_path: Path) -> None:
    first, second = (
        land(Extracts(), request(tmp_path), tmp_path),
        land(Extracts(), request(tmp_path), tmp_path),
    )
    assert first == second
    assert len(list((tmp_path / "somebody" / "cycle=2026-01").glob("delivery=*"))) == 1


def test_a_corrected_delivery_stands_beside_the_first_and_is_the_accepted_one(tmp_path: Path) -> None:
    first = land(Extracts(), request(tmp_path), tmp_path)
    corrected = land(Extracts({"items.csv": b"item_id\n0043\n"}), request(tmp_path), tmp_path)
    assert (first.folder / "items.csv").read_bytes() == b"item_id\n0042\n"
    assert accepted_delivery(tmp_path, "somebody", "2026-01").folder == corrected.folder


def test_a_landed_file_that_was_changed_is_refused(tmp_path: Path) -> None:
    landing = land(Extracts(), request(tmp_path), tmp_path)
    (landing.folder / "items.csv").write_bytes(b"item_id\n0099\n")
    with pytest.raises(
        SourceError, match=r"1 landed files .* not what they were when they landed: items\.csv"
    ):
        accepted_delivery(tmp_path, "somebody", "2026-01")


def test_a_source_that_delivers_nothing_is_an_error_and_leaves_no_litter(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="delivered no file for cycle 2026-01"):
        land(Extracts({}), request(tmp_path), tmp_path)
    assert list((tmp_path / "somebody" / "cycle=2026-01").iterdir()) == []


def test_a_cycle_that_nobody_delivered_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="Nothing has landed for cycle 2026-02"):
        accepted_delivery(tmp_path, "somebody", "2026-02")
