"""What can go wrong with the platform's storage; each message tells the operator what to do.

StorageError
├── NewerSchema         the database was written by a newer release
├── StorageUnavailable  it can't be opened or written now
└── AlreadyRunning      another server holds this data directory
"""


class StorageError(Exception):
    """Root of the tree above."""


class NewerSchema(StorageError):
    """This release is older than the database."""


class StorageUnavailable(StorageError):
    """The database can't be reached, opened or written."""


class AlreadyRunning(StorageError):
    """Two servers on one data directory would fence each other's uploads."""
