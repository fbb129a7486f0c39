"""The print journal: every step of a print job is durable before the next one starts."""

from typing import Any
from uuid import UUID

from yici.contract.printing import MAY_BECOME, JournalEntry, PrintState
from yici.offline_cache.store import Store

_COLUMNS = "job_id, subject_id, kind, state, copy_number"


class UnknownPrintJob(LookupError):
    """`mark` before `begin`."""


class SqlitePrintJournal:
    """Keeps JournalEntry rows. All methods raise StoreError when the storage fails."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def begin(self, job_id: UUID, subject_id: UUID, kind: str) -> JournalEntry:
        """The intent, durable on return; a known job id returns its entry as it stands."""
        with self._store.writing() as connection:
            row = connection.execute(
                f"SELECT {_COLUMNS} FROM print_job WHERE job_id = ?",  # noqa: S608 - constants only
                (str(job_id),),
            ).fetchone()
            if row is not None:
                return _entry(row)
            (copies,) = connection.execute(
                "SELECT count(*) FROM print_job WHERE subject_id = ? AND kind = ?",
                (str(subject_id), kind),
            ).fetchone()
            connection.execute(
                "INSERT INTO print_job SELECT ?, ?, ?, ?, ?, coalesce(max(begun_order), 0) + 1"
                " FROM print_job",
                (str(job_id), str(subject_id), kind, copies + 1, PrintState.INTENT.value),
            )
        return JournalEntry(job_id, subject_id, kind, PrintState.INTENT, copies + 1)

    def mark(self, job_id: UUID, state: PrintState) -> bool:
        """The job's new state, durable on return.

        False, and nothing is changed, when MAY_BECOME does not lead there from where the job is
        now: another process was quicker. Raises UnknownPrintJob.
        """
        with self._store.writing() as connection:
            row = connection.execute(
                "SELECT state FROM print_job WHERE job_id = ?", (str(job_id),)
            ).fetchone()
            if row is None:
                raise UnknownPrintJob(f"print job {job_id} was never begun")
            allowed = state in MAY_BECOME[PrintState(row[0])]
            if allowed:
                connection.execute(
                    "UPDATE print_job SET state = ? WHERE job_id = ?", (state.value, str(job_id))
                )
        return allowed

    def find(self, job_id: UUID) -> JournalEntry | None:
        """One job."""
        return self._find("job_id = ?", job_id)

    def latest_for(self, subject_id: UUID, kind: str) -> JournalEntry | None:
        """The job begun last for this kind of paper about this subject."""
        where = "subject_id = ? AND kind = ? ORDER BY begun_order DESC LIMIT 1"
        return self._find(where, subject_id, kind)

    def _find(self, where: str, *values: UUID | str) -> JournalEntry | None:
        with self._store.reading() as connection:
            row = connection.execute(
                f"SELECT {_COLUMNS} FROM print_job WHERE {where}",  # noqa: S608 - constants only
                tuple(map(str, values)),
            ).fetchone()
        return _entry(row) if row else None


def _entry(row: tuple[Any, ...]) -> JournalEntry:
    job_id, subject_id, kind, state, copy_number = row
    return JournalEntry(UUID(job_id), UUID(subject_id), kind, PrintState(state), copy_number)
