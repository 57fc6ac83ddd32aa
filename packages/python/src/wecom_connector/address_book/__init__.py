"""The address book, kept in step with a source: read, compared, and changed where it differs.

async with AsyncWeComConnector() as wecom:
    with AddressBook(wecom, journal="address-book.journal") as book:
        plan = await book.compare(read_rows("departments.csv"), read_rows("members.csv"))
        for step in plan.steps():
            print(step)
        report = await book.apply(plan)
"""

from ._applying import Report
from ._book import AddressBook, Plan
from ._errors import (
    AddressBookError,
    Failure,
    JournalError,
    SourceError,
    SourceFault,
    TooManyDeletions,
    TooManyFailures,
)
from ._source import Row, Rows, read_rows
from ._steps import Step

__all__ = [
    "AddressBook",
    "AddressBookError",
    "Failure",
    "JournalError",
    "Plan",
    "Report",
    "Row",
    "Rows",
    "SourceError",
    "SourceFault",
    "Step",
    "TooManyDeletions",
    "TooManyFailures",
    "read_rows",
]
