"""Pages damaged at random give a text, soon, and always the same one; the bench tries 5,000."""

from hostile import pages


def test_every_damaged_page_gives_a_text_soon():
    seen = pages.derive_all(60, seed=3)
    assert (seen.pages, seen.wrong) == (60, [])
    assert 0 < seen.slowest_s < pages.SLOWEST_S


def test_a_damaged_page_gives_the_same_text_in_every_process():
    assert pages.digest_with("1", 8) == pages.digest_with("4242", 8) == pages.digest(8)
