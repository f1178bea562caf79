"""Sites that have no end: each is a function of a path that gives an answer."""

from __future__ import annotations

from datetime import date, timedelta
from hashlib import sha256


def _page(*links: str, words: str = "") -> tuple[int, dict[str, str], bytes]:
    body = "".join(f'<a href="{link}">{link}</a> ' for link in links)
    return 200, {"Content-Type": "text/html"}, f"<html><body>{words}{body}</body></html>".encode()


def _number(words: str) -> int:
    digits = "".join(character for character in words if character.isdigit())
    return int(digits or 0)


def calendar(path: str) -> tuple[int, dict[str, str], bytes]:
    """Each day leads to a month of others, before and after."""
    day = date.fromisoformat(path.partition("day=")[2] or "2024-01-15")
    near = [day + timedelta(days=n) for n in (-31, -30, -7, -1, 1, 7, 30, 31)]
    return _page(*[f"/l/cal?day={other}" for other in near], words=str(day))


def counter(path: str) -> tuple[int, dict[str, str], bytes]:
    """A list goes on and on, and shows the same article each time."""
    number = _number(path)
    return _page(f"/l/{number + 1}.html", f"/l/{2 * number + 7}.html", "/r/1.html", words=path)


def sessions(path: str) -> tuple[int, dict[str, str], bytes]:
    """Every link has another session id; behind each is the same list."""
    token = sha256(path.encode()).hexdigest()[:24]
    return _page(f"/l/{token}/list.html", f"/l/{token[::-1]}/list.html")


def session_articles(path: str) -> tuple[int, dict[str, str], bytes]:
    """The same article under another session id in every list."""
    if path.startswith("/r/"):
        return 200, {}, b"<p>" + b"the same report " * 50
    number = _number(path)
    links = [f"/r/{sha256(f'{number}{n}'.encode()).hexdigest()[:24]}.html" for n in range(20)]
    return _page(*links, f"/l/{number + 1}.html", words=path)


def into_itself(path: str) -> tuple[int, dict[str, str], bytes]:
    """A relative link without a slash: the path grows."""
    return _page("l/news/", "x/l/news/", words=path)


def random_names(path: str) -> tuple[int, dict[str, str], bytes]:
    """Lists of no pattern at all."""
    token = sha256(path.encode()).digest()
    names = ["".join(chr(97 + byte % 26) for byte in token[at : at + 9]) for at in (0, 9, 18)]
    return _page(*[f"/l/{name}/" for name in names], words=path)


def parameters(path: str) -> tuple[int, dict[str, str], bytes]:
    """One more value with each link."""
    return _page(f"{path}{'&' if '?' in path else '?'}p{path.count('=')}={len(path)}", words=path)


def many_links(path: str, count: int = 100_000) -> tuple[int, dict[str, str], bytes]:
    """One list of far too many articles."""
    if path.startswith("/r/"):
        return 200, {}, f"<p>{path}</p>".encode()
    return _page(*[f"/r/{number}.html" for number in range(count)])


def some_links(path: str) -> tuple[int, dict[str, str], bytes]:
    """The same, for those who have no time."""
    return many_links(path, 2_000)


def fertile(path: str) -> tuple[int, dict[str, str], bytes]:
    """Every list shows new articles, without end; each says something else."""
    if path.startswith("/r/"):
        return 200, {}, f"<p>{path}</p>".encode()
    number = _number(path)
    links = [f"/r/{number * 3 + n}.html" for n in range(3)]
    return _page(*links, f"/l/{number + 1}.html", f"/l/{number * 2 + 1}.html", words=path)


SITES = {
    "calendar": calendar, "counter": counter, "sessions": sessions, "parameters": parameters,
    "session-articles": session_articles, "into-itself": into_itself, "fertile": fertile,
    "random-names": random_names, "many-links": some_links,
}  # fmt: skip
