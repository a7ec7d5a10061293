from __future__ import annotations

from pathlib import Path

import pytest

from requestlog.status import FILE_NAME, RecorderStatus, StatusFile, read_status

STATUS = RecorderStatus(pid=1, heartbeat_at=2.5, backlog_bytes=3, error="gone", error_since=4.0, damaged_segments=["x"])


def test_a_status_is_read_as_it_was_written(tmp_path: Path) -> None:
    StatusFile(tmp_path).write(STATUS)
    assert read_status(tmp_path) == STATUS


def test_without_a_recorder_there_is_no_status(tmp_path: Path) -> None:
    assert read_status(tmp_path / "nowhere") is None
    (tmp_path / FILE_NAME).write_text("{")
    assert read_status(tmp_path) is None


def test_a_status_is_due_at_the_start_and_not_right_after_it_was_written(tmp_path: Path) -> None:
    file = StatusFile(tmp_path)
    assert file.is_due()
    file.write(STATUS)
    assert not file.is_due()


def test_only_the_whole_file_is_ever_seen(tmp_path: Path) -> None:
    StatusFile(tmp_path).write(STATUS)
    assert [path.name for path in tmp_path.iterdir()] == [FILE_NAME]


def test_a_status_that_cannot_be_written_is_said_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    file = StatusFile(tmp_path / "nowhere")
    file.write(STATUS)
    file.write(STATUS)
    assert [record.getMessage().partition(":")[0] for record in caplog.records] == [
        "cannot write the recorder's status"
    ]


def test_the_age_of_the_heartbeat_is_in_seconds() -> None:
    assert RecorderStatus(pid=1, heartbeat_at=0.0).heartbeat_age() > 1_000_000
