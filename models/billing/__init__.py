"""What is owed by contract, what own work costs, and why a bill differs. Numbers in, numbers out: no store, no file.

From what came to what is owed: `delivered` (counts and their quantities), `prices` (bands of rates), `accrual` (lines
of a charge), `minimum`, `expected` (lines of a month), `service` (malus and bonus), `exchange`, `invoice` (all of it).
While a month runs: `stake`. After it: `bill`, `bridge` and its steps (`charge_bridge`, `listed`), `earn_back`. Beside
contracts: `in_house` (cost of an own hour) and `resolution` (cost of a solved issue). `months`, `indexation` and
`amounts` serve these.
"""

from models.billing.bill import Bill, BilledLine, Item, Known
from models.billing.bridge import Bridge, bridge
from models.billing.delivered import Delivered, Level
from models.billing.earn_back import EarnBack, Settled, earn_back
from models.billing.exchange import Converted, MissingRateError, at_constant_rate, rate_of, to_own
from models.billing.expected import at_pace, expected, minimum_at_pace
from models.billing.in_house import SiteCost, UnitCost, site_cost, unit_cost
from models.billing.invoice import Invoice, invoice
from models.billing.line import LINE_KINDS, Line
from models.billing.resolution import Handled, Issues, PerResolution, issues_by_owner, per_resolution
from models.billing.service import LevelScore, ServiceEffect, service_effect
from models.billing.stake import Stake, Standing, at_stake
from models.billing.step import REASONS, Step

__all__ = [
    "LINE_KINDS",
    "REASONS",
    "Bill",
    "BilledLine",
    "Bridge",
    "Converted",
    "Delivered",
    "EarnBack",
    "Handled",
    "Invoice",
    "Issues",
    "Item",
    "Known",
    "Level",
    "LevelScore",
    "Line",
    "MissingRateError",
    "PerResolution",
    "ServiceEffect",
    "Settled",
    "SiteCost",
    "Stake",
    "Standing",
    "Step",
    "UnitCost",
    "at_constant_rate",
    "at_pace",
    "at_stake",
    "bridge",
    "earn_back",
    "expected",
    "invoice",
    "issues_by_owner",
    "minimum_at_pace",
    "per_resolution",
    "rate_of",
    "service_effect",
    "site_cost",
    "to_own",
    "unit_cost",
]
