"""An update of the program finds the journal of the version before, and must lose nothing of it.

The bytes are literal: this program cannot write them any more.
"""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import pytest

from requestlog.exchange import BodiesState, Outcome
from requestlog.journal import JournalDamaged, Record, RecordKind, read_records
from tests.requestlog.exchanges import open_journal, serve
from tests.requestlog.installation import Installation

_BEGINNING = (
    b'{"id":"019a0000-0000-7000-8000-000000000001","received_at":1763800000.5,"upstream_answered_at":null,'
    b'"first_token_at":null,"finished_at":%s,"client_address":"","client_key":"","user_agent":"","session_id":"",'
    b'"agent_id":"","parent_agent_id":"","method":"POST","path":"/v1/messages","requested_model":"claude-sonnet-5",'
    b'"routed_model":"","provider":"","wire_format":"","streamed":false,"message_count":null,"tools_offered":null,'
    b'"decision_reason":"","config_revision":null,"status":%s,"outcome":"%s","stop_reason":"","error_type":"",'
    b'"error_message":"","attempts":[],"upstream_request_id":"","overhead_ms":null,"request_bytes":0,'
    b'"response_bytes":0,"request_headers":[],"sent_headers":[],"response_headers":[]}'
)
ACCEPTED_1 = (
    bytes.fromhex("63636731 01 01 0000 d6c37ba9 ca020000 1b00000000000000 0000000000000000 0000000000000000 35ac15d4")
    + _BEGINNING % (b"null", b"null", b"in_flight")
    + b'{"model":"claude-sonnet-5"}'
)
FINISHED_1 = (
    bytes.fromhex("63636731 02 01 0000 c6f14e07 d1020000 0000000000000000 0400000000000000 0800000000000000 8725fbe7")
    + _BEGINNING % (b"1763800001.5", b"200", b"completed")
    + b"sentresponse"
)
ID = UUID("019a0000-0000-7000-8000-000000000001")


def read(segment: Path, content: bytes) -> list[Record]:
    segment.write_bytes(content)
    return [record for record, _ in read_records(segment)]


def test_records_of_the_first_version_are_read(tmp_path: Path) -> None:
    accepted, ended = read(tmp_path / "w-0.journal", ACCEPTED_1 + FINISHED_1)
    assert (accepted.kind, accepted.exchange.id) == (RecordKind.ACCEPTED, ID)
    assert (accepted.bodies, accepted.request) == (BodiesState.KEPT, b'{"model":"claude-sonnet-5"}')
    assert (ended.sent, ended.response, ended.received) == (b"sent", b"response", b"")
    assert (ended.exchange.outcome, ended.exchange.conversion_notes) == (Outcome.COMPLETED, [])
    assert ended.exchange.usage_is_estimate is False


def test_versions_may_follow_each_other_in_one_segment(tmp_path: Path) -> None:
    second = b"".join(Record(RecordKind.ACCEPTED, read(tmp_path / "old", ACCEPTED_1)[0].exchange).buffers())
    versions = read(tmp_path / "w-0.journal", ACCEPTED_1 + second + FINISHED_1)
    assert [record.kind for record in versions] == [RecordKind.ACCEPTED, RecordKind.ACCEPTED, RecordKind.FINISHED]


@pytest.mark.parametrize("length", [1, 3, 4, 43, 44, 500, len(FINISHED_1) - 1])
def test_a_torn_record_of_the_first_version_is_not_read(tmp_path: Path, length: int) -> None:
    assert len(read(tmp_path / "w-0.journal", ACCEPTED_1 + FINISHED_1[:length])) == 1


def test_a_later_version_is_not_taken_for_one_that_is_known(tmp_path: Path) -> None:
    with pytest.raises(JournalDamaged, match="known version"):
        read(tmp_path / "w-0.journal", b"ccg3" + ACCEPTED_1[4:])


def test_the_journal_that_an_update_finds_on_disk_comes_into_the_log(installation: Installation) -> None:
    installation.environment |= {"LOG_ENTRIES_DAYS": "0", "LOG_BODIES_DAYS": "0"}  # nothing is too old to be kept
    installation.journal.mkdir()
    (installation.journal / f"{'0' * 31}1-00000000.journal").write_bytes(ACCEPTED_1 + FINISHED_1)
    journal = open_journal(installation.journal)
    served = serve(journal).id
    journal.close()
    installation.record_everything()
    old, new = sorted(installation.entries(), key=lambda row: row["id"] != ID)
    assert (old["id"], new["id"]) == (ID, served)
    assert (old["outcome"], old["requested_model"]) == ("completed", "claude-sonnet-5")
    assert installation.log.body(old, "request") == b'{"model":"claude-sonnet-5"}'
    assert installation.log.body(old, "response") == b"response"
