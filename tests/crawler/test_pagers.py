"""How lists go on."""

import pytest

from crawler.pagers import MOST_LISTS, further_lists
from crawler.spiders.site import Link

BASE = "http://www.x.test"


def paths(url, text="", **links):
    shown = [Link(f"{BASE}{path}", words) for words, path in links.items()]
    found = further_lists(f"{BASE}{url}", text, shown)
    return list(dict.fromkeys(one.removeprefix(BASE) for one in found))


@pytest.mark.parametrize(
    ("last", "second"),
    [
        ("/zw/index_4.html", "/zw/index_2.html"),
        ("/zw/index_4.shtml", "/zw/index_2.shtml"),
        ("/zw/index4.html", "/zw/index2.html"),
        ("/zw/column-index-4.shtml", "/zw/column-index-2.shtml"),
        ("/list.asp?c=3&page=4", "/list.asp?c=3&page=2"),
        ("/list?PageIndex=4", "/list?PageIndex=2"),
        ("/list?pageNo=4&x=1", "/list?pageNo=2&x=1"),
        ("/list?currPage=4", "/list?currPage=2"),
        ("/list?pn=4", "/list?pn=2"),
        ("/zw/bg/4.html", "/zw/bg/2.html"),
    ],
)
def test_the_last_page_tells_of_all(last, second):
    found = paths("/zw/index.html", 尾页=last)
    assert len(found) == 4
    assert {second, last} <= set(found)


def test_next_and_numbers_are_followed_and_other_words_are_not():
    found = paths(
        "/l/", **{"下一页": "/l/2.html", "3": "/l/3.html", "更多": "/m/9.html", "7": "/x"}
    )
    assert found == ["/l/2.html", "/l/3.html"]


def test_a_pager_never_leaves_its_host():
    links = [Link("http://elsewhere.test/l/2.html", "下一页")]
    assert list(further_lists(f"{BASE}/l/", "", links)) == []


@pytest.mark.parametrize("own", ["/l/", "/l/index.html"])
def test_a_script_call_that_counts_from_zero_tells_of_the_others(own):
    call = 'createPageHTML(3, 0, "index", "html")'
    assert paths(own, call) == ["/l/index_1.html", "/l/index_2.html"]


def test_a_first_page_that_calls_itself_one_may_number_the_others_in_two_ways():
    found = paths("/l/index.html", "createPageHTML('3', '1', 'index', 'html')")
    assert found == ["/l/index_1.html", "/l/index_2.html", "/l/index_3.html"]


def test_a_later_page_tells_of_the_first_one():
    assert paths("/l/index_2.html", 'createPageHTML(9, 2, "index", "html")') == ["/l/index.html"]
    assert paths("/l/list_1.shtml", 'createPageHTML(9,1,"list","shtml")') == ["/l/list.shtml"]


@pytest.mark.parametrize(
    ("own", "found"),
    [
        ("/l/", ["/l/index_1.html", "/l/index_2.html"]),
        ("/l/index.shtml", ["/l/index_1.shtml", "/l/index_2.shtml"]),
        ("/l/1234.html", [f"/l/{number}.html" for number in (1, 2, 3)]),
        ("/l/about.html", []),
    ],
)
def test_older_templates_count_from_zero_in_variables(own, found):
    assert paths(own, "var currentPage = 0;//所在页从0开始\nvar countPage = 3//共多少页") == found


def test_a_variable_counts_where_the_address_has_a_number():
    assert len(paths("/l/?page=1", "var totalPage = 6;")) == 6
    assert paths("/l/index.html", "var totalPage = 6;") == []


def test_absurd_numbers_are_not_believed():
    assert len(paths("/l/", 尾页="/l/index_9999.html")) == MOST_LISTS
    assert len(paths("/l/?page=1", "pageCount=99999")) == MOST_LISTS
    assert paths("/l/", 尾页="/l/last.html") == ["/l/last.html"]
