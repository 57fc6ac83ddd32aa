import asyncio
import sqlite3

from wecom_connector import AsyncWeComConnector
from wecom_connector.address_book import AddressBook


async def main() -> None:
    hr = sqlite3.connect("hr.db")
    hr.row_factory = sqlite3.Row
    # Any rows will do. Their fields are the parameters of create-department and create-member.
    departments = map(dict, hr.execute("SELECT id, parent_id, name FROM department"))
    members = (
        {"user_id": row["login"], "name": row["name"], "department": [row["department"]], "mobile": row["mobile"]}
        for row in hr.execute("SELECT login, name, department, mobile FROM person WHERE left_on IS NULL")
    )
    async with AsyncWeComConnector() as wecom:
        with AddressBook(wecom, journal="address-book.journal") as book:
            plan = await book.compare(departments, members, delete_at_most=20, keep_members=["admin"])
            for step in plan.steps():
                print(step)
            report = await book.apply(plan)  # without it, this was a dry run
            for failure in report.failures:
                print("refused:", failure)


asyncio.run(main())
