"""A frontier and leases of another kind, as `FRONTIER` and `LEASES` of the settings name them."""

from crawler.frontier import SqliteFrontier
from crawler.leases import HostLeases


class OtherFrontier(SqliteFrontier):
    """Says in each row that it was here."""

    def ack(self, leased, outcome, now, capture_id=None):
        super().ack(leased, f"other {outcome}", now, capture_id)


class OtherLeases(HostLeases):
    """Has a token that tells whose it is."""

    def __init__(self, archive, site):
        super().__init__(archive, site)
        self.token = f"other-{site}"

    def release(self):
        """Keep the rows, so that they can be looked at."""
