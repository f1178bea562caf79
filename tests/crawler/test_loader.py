"""The spider loader, as `scrapy list` uses it."""

import pytest
from scrapy.settings import Settings
from scrapy.spiderloader import get_spider_loader
from scrapy.utils.misc import load_object

from crawler.families import families
from crawler.loader import SiteLoader, spider_class
from crawler.site_files import load_sites
from crawler.spiders.site import SiteSpider


def test_a_broken_file_never_stops_the_list(tmp_path):
    (tmp_path / "broken.toml").write_text("title = 1\n")
    settings = Settings(
        {"SPIDER_LOADER_CLASS": "crawler.loader.SiteLoader", "SITES_DIRS": [str(tmp_path)]}
    )
    with pytest.warns(UserWarning, match=r"broken\.toml: "):
        loader = get_spider_loader(settings)
    assert loader.list() == [site.name for site in load_sites().sites]


def test_every_site_has_a_spider_of_its_family():
    loader = SiteLoader([])
    for site in load_sites().sites:
        spider = loader.load(site.name)
        assert (spider.name, spider.site.name) == (site.name, site.name)
    with pytest.raises(KeyError, match="Spider not found: nowhere"):
        loader.load("nowhere")


def test_every_family_has_a_class():
    assert all(issubclass(load_object(family.spider), SiteSpider) for family in families().values())


def test_the_class_says_which_site_it_is():
    site = load_sites().sites[0]
    assert spider_class(site).__name__.endswith(site.name)
