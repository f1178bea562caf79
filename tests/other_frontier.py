"""A frontier and leases of another kind, as `FRONTIER` and `LEASES` of the settings name them."""

from crawler.frontier import SqliteFrontier
from crawler.leases import HostLeases


class OtherFrontier(SqliteFrontier):
    """Says in each row that it was here."""

    def ack(self, leased, outcome, now, capture_id=None):
        super().ack(leased, f"other {outcome}", now, capture_id)


class LosingLeases(HostLeases):
    """Loses its host before every third request, without anybody having taken it."""

    def __init__(self, archive, site):
        super().__init__(archive, site)
        self.asked = 0

    def take(self, host):
        if host not in self.held:
            self.give_back(host)
        return super().take(host)

    def may_send(self, host):
        self.asked += 1
        if self.asked % 3:
            return True
        self.held.discard(host)
        return False


class OtherLeases(HostLeases):
    """Has a token that tells whose it is."""

    def __init__(self, archive, site):
        super().__init__(archive, site)
        self.token = f"other-{site}"

    def release(self):
        """Keep the rows, so that they can be looked at."""
