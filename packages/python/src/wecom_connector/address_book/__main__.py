"""`python -m wecom_connector.address_book`: says what would change, and with `--apply` changes it."""

from __future__ import annotations

import argparse
import sys
from collections import Counter

import anyio

from .._connector import AsyncWeComConnector
from .._errors import WeComError
from . import AddressBook, AddressBookError, Plan, read_rows
from ._book import LEAST_CALLS, Bound


def arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m wecom_connector.address_book",
        description="Brings the departments and members of WeCom into step with files. It prints what it would do; "
        "with --apply it does it. The connection is read from the environment: WECOM_CORP_ID, WECOM_APP_SECRET, "
        "WECOM_CONTACTS_SECRET.",
        epilog="Files: .csv, whose first line names the fields, or a JSON object on each line. Their fields are the "
        "parameters of create-department and create-member. Without a file, that kind is left alone. "
        "Exit status: 0 where all is well, 1 where WeCom refused something or more would be deleted than is allowed, "
        "2 where files or arguments are wrong.",
    )
    parser.add_argument("--departments", metavar="FILE", help="what departments there shall be")
    parser.add_argument("--members", metavar="FILE", help="what members there shall be")
    parser.add_argument("--apply", action="store_true", help="do it")
    parser.add_argument(
        "--journal",
        metavar="FILE",
        help="remembers what was set, to know what WeCom does not tell: always the same file",
    )
    parser.add_argument(
        "--delete-at-most",
        type=bound,
        default="0",
        metavar="N",
        help="allow so many deletions, of members and of departments: a number, or a share such as 2%%; default 0",
    )
    parser.add_argument("--keep-member", action="append", default=[], metavar="ID", help="never delete that member")
    parser.add_argument(
        "--keep-department", action="append", default=[], type=int, metavar="ID", help="never delete that department"
    )
    parser.add_argument("--top", type=int, default=1, metavar="ID", help="the department below which it works")
    parser.add_argument("--calls-per-minute", type=pace, metavar="N", help="default: nine tenths of what WeCom allows")
    parser.add_argument("--language", choices=("en", "zh"), default="en", help="of errors")
    return parser


def bound(text: str) -> str:
    try:
        Bound(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    return text


def pace(text: str) -> int:
    if not text.isdecimal() or int(text) < LEAST_CALLS:
        raise argparse.ArgumentTypeError(f"is a whole number from {LEAST_CALLS} up, not {text!r}")
    return int(text)


async def run(given: argparse.Namespace) -> int:
    async with AsyncWeComConnector(language=given.language) as wecom:
        with AddressBook(wecom, journal=given.journal, top=given.top, calls_per_minute=given.calls_per_minute) as book:
            plan = await book.compare(
                read_rows(given.departments) if given.departments else None,
                read_rows(given.members) if given.members else None,
                delete_at_most=given.delete_at_most,
                keep_members=given.keep_member,
                keep_departments=given.keep_department,
            )
            if not given.apply:
                show(plan)
                return 1 if plan.refusal else 0
            report = await book.apply(plan)
            print("done:", counted(report.done))
            for failure in report.failures:
                print(failure, file=sys.stderr)
            return 1 if report.failures else 0


def show(plan: Plan) -> None:
    for step in plan.steps():
        print(step)
    print("to do:", counted(plan.counts))
    if any(plan.stay.values()):
        print("not in the files, and stay:", counted(plan.stay))
    if plan.refusal:
        print(plan.refusal, file=sys.stderr)
    else:
        print("Nothing was changed: --apply does it.")


def counted(counts: Counter[str]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.items() if count) or "nothing"


def main() -> int:
    parser = arguments()
    given = parser.parse_args()
    if not given.departments and not given.members:
        parser.error("--departments or --members is needed")
    try:
        return anyio.run(run, given)
    except (AddressBookError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    except WeComError as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
