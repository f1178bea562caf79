"""What can go wrong, as a tree; each message is one sentence that says what to do.

    BaogaoError              exit 3: stopped short, kept what it got
    ├── UsageError           exit 2: the caller asked for something that cannot be
    │   ├── NotOurDatabaseError
    │   │   └── NoArchiveYetError  the file is empty: who made it was stopped at once
    │   ├── NewerDatabaseError
    │   ├── UnreleasedDatabaseError
    │   └── DataFileError    a rule, lexicon, gazetteer or site file is wrong
    ├── StorageError         exit 3: disk full, read-only, vanished, locked
    ├── DamagedFileError     exit 1: a file that was brought in is cut short or altered
    ├── RefusedError         exit 1: a container that cannot be opened, or is larger than is read
    ├── WorkFailedError      exit 1: a worker process hung, died, or could not do what was asked
    └── BrokenLawError       exit 1: an invariant of the archive does not hold

Please document a new exception here when you add one.
"""


class BaogaoError(Exception):
    """Base of all errors that are shown to a person as one sentence."""

    exit_code = 3


class UsageError(BaogaoError):
    """The request is invalid; nothing was changed."""

    exit_code = 2


class NotOurDatabaseError(UsageError):
    """The file is not a database, or was not made by baogao."""


class NoArchiveYetError(NotOurDatabaseError):
    """The file is empty, as left by a command that was killed right after it started."""


class NewerDatabaseError(UsageError):
    """The database was made by a newer version of baogao; upgrade to open it."""


class UnreleasedDatabaseError(UsageError):
    """The database was made by a commit between releases; its captures can be taken over."""


class DataFileError(UsageError):
    """A data file (rule, lexicon, gazetteer, site) is invalid."""


class StorageError(BaogaoError):
    """The machine failed under the archive; what was acknowledged is kept.

    Run again to continue.
    """


class DamagedFileError(BaogaoError):
    """An imported file is cut short or altered; everything before the damage is kept."""

    exit_code = 1


class RefusedError(BaogaoError):
    """A container cannot be read (further); `outcome` is `unreadable` or `too_large`."""

    exit_code = 1

    def __init__(self, outcome: str, words: str) -> None:
        super().__init__(words)
        self.outcome = outcome


class WorkFailedError(BaogaoError):
    """A worker gave no result; `how` is `timeout`, `crash` or `error`."""

    exit_code = 1

    def __init__(self, how: str, words: str) -> None:
        super().__init__(words)
        self.how = how


class BrokenLawError(BaogaoError):
    """An invariant does not hold, such as spans that are not a partition of their text."""

    exit_code = 1
