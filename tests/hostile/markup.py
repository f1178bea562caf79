"""Words that a browser would run, an archive that is full of them, and a browser that looks.

Each payload calls `pwned()`. Whether a page lets one in is asked of the page itself: was it called,
and is there a tag, an attribute or an address of a payload among what the page is made of?
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote

from browse.made_up import answer, derivation, group

from archive.model import Capture
from archive.store import Archive

PLAIN = (
    "<script>pwned()</script>",
    "<ScRiPt>pwned()</sCrIpT>",
    "<script\n>pwned()</script\n>",
    "<script/x>pwned()</script>",
    "<<script>pwned()//<</script>",
    "<script src=//evil.example/x></script>",
    "<script src=data:,pwned()></script>",
    "<script type=module>pwned()</script>",
    "<img src=x onerror=pwned()>",
    "<img src=x onerror='pwned()'>",
    '<img src=x onerror="pwned()">',
    "<img/src='x'/onerror=pwned()>",
    "<img src=x onerror\n=pwned()>",
    "<image src=x onerror=pwned()>",
    "<img srcset=x onerror=pwned()>",
    "<svg onload=pwned()>",
    "<svg/onload=pwned()>",
    "<svg><script>pwned()</script></svg>",
    "<svg><animate onbegin=pwned() attributeName=x></svg>",
    "<svg><a xlink:href=javascript:pwned()><text y=9>x</text></a></svg>",
    "<svg><set attributeName=href to=javascript:pwned()></svg>",
    "<svg><use href=data:image/svg+xml,pwned#x></svg>",
    "<svg><foreignObject><img src=x onerror=pwned()>",
    "<math><mtext><table><mglyph><style><img src=x onerror=pwned()>",
    "<math href=javascript:pwned()>x</math>",
    "<body onload=pwned()>",
    "<body onpageshow=pwned()>",
    "<html onmouseover=pwned()>",
    "<iframe src=javascript:pwned()></iframe>",
    "<iframe srcdoc='<script>parent.pwned()</script>'></iframe>",
    "<iframe onload=pwned()></iframe>",
    "<object data=javascript:pwned()></object>",
    "<embed src=javascript:pwned()>",
    "<video><source onerror=pwned()></video>",
    "<video src=x onerror=pwned()></video>",
    "<audio src=x onerror=pwned()></audio>",
    "<input autofocus onfocus=pwned()>",
    "<select autofocus onfocus=pwned()>",
    "<textarea autofocus onfocus=pwned()>",
    "<button autofocus onfocus=pwned()>x</button>",
    "<details open ontoggle=pwned()>x</details>",
    "<marquee onstart=pwned()>x</marquee>",
    "<a href=javascript:pwned()>x</a>",
    "<a href='java\tscript:pwned()'>x</a>",
    "<a href=&#106;avascript:pwned()>x</a>",
    "<a href='\x01javascript:pwned()'>x</a>",
    "<form action=javascript:pwned()><input type=submit></form>",
    "<button formaction=javascript:pwned()>x</button>",
    "<base href=javascript:pwned()//>",
    "<link rel=stylesheet href=//evil.example/pwned.css>",
    "<link rel=prefetch href=//evil.example/pwned>",
    "<meta http-equiv=refresh content='0;url=javascript:pwned()'>",
    "<meta http-equiv=refresh content='0;url=//evil.example/pwned'>",
    "<style>*{background:url(//evil.example/pwned)}</style>",
    "<style>@import '//evil.example/pwned'</style>",
    "<div style=background:url(//evil.example/pwned)>x</div>",
    "<template><img src=x onerror=pwned()></template>",
    "<noscript><p title='</noscript><img src=x onerror=pwned()>'>",
    "<isindex onfocus=pwned() autofocus>",
    "<x onclick=pwned() id=x tabindex=1 onfocus=pwned()>#x",
    "<dialog open onclose=pwned()>x</dialog>",
)
"""Markup of its own."""

OUT = (
    '"><script>pwned()</script>',
    "'><script>pwned()</script>",
    "</title><script>pwned()</script>",
    "</textarea><script>pwned()</script>",
    "</script><script>pwned()</script>",
    "</style><script>pwned()</script>",
    "--><script>pwned()</script>",
    "]]><script>pwned()</script>",
    "</a><img src=x onerror=pwned()>",
    "</pre><img src=x onerror=pwned()>",
    "</mark></td></table><img src=x onerror=pwned()>",
    '" onmouseover="pwned()" x="',
    "' onmouseover='pwned()' x='",
    '" autofocus onfocus=pwned() x="',
    "x onmouseover=pwned() y",
    '"-pwned()-"',
    "'-pwned()-'",
    '\\"-pwned()//',
    "`-pwned()-`",
    "${pwned()}",
    "';pwned();//",
    '";pwned();//',
    "\u2028pwned()\u2029",
    "{{constructor.constructor('pwned()')()}}",
    "{% raw %}<script>pwned()</script>{% endraw %}",
    "{{ 7*7 }}<script>pwned()</script>",
)
"""Markup that first leaves where it stands."""

ADDRESSES = (
    "javascript:pwned()",
    "JaVaScRiPt:pwned()",
    " javascript:pwned()",
    "java\nscript:pwned()",
    "javascript://x/%0apwned()",
    "data:text/html,<script>pwned()</script>",
    "data:text/html;base64,PHNjcmlwdD5wd25lZCgpPC9zY3JpcHQ+",
    "vbscript:pwned()",
    "//evil.example/pwned",
    "http://evil.example/\"onmouseover='pwned()'x=\"",
    "feed:javascript:pwned()",
    "view-source:javascript:pwned()",
    "blob:pwned",
    "\\\\evil.example\\pwned",
)
"""Words that are harmful where an address is wanted."""

ENCODED = (
    "&lt;script&gt;pwned()&lt;/script&gt;",
    "&amp;lt;script&amp;gt;pwned()",
    "%3Cscript%3Epwned()%3C/script%3E",
    "\\u003cscript\\u003epwned()\\u003c/script\\u003e",
    "＜script＞pwned()＜/script＞",
    "+ADw-script+AD4-pwned()+ADw-/script+AD4-",
    "[x](javascript:pwned())",
    '![x](x"onerror="pwned())',
)
"""Markup for whoever decodes once too often."""

PAYLOADS = (*PLAIN, *OUT, *ADDRESSES, *ENCODED)

FIELDS: dict[str, tuple[str, ...]] = {
    "pages": ("url", "surt", "host"),
    "site_facts": ("title", "containers_json"),
    "runs": ("arguments_json", "software_json"),
    "run_ends": ("error", "counts_json"),
    "captures": (
        "error",
        "method",
        "ip",
        "certificate_sha256",
        "content_type",
        "etag",
        "last_modified",
        "content_encoding",
        "url_as_given",
        "filename",
        "member",
        "claims_json",
        "request_headers_json",
        "response_headers_json",
    ),
    "rules": ("kind", "family", "why", "example"),
    "rulesets": ("libraries_json",),
    "texts": ("encoding", "encoding_how", "encoding_header", "encoding_meta"),
    "partitions": ("kinds_json",),
    "identities": ("value_json", "raw", "candidates_json"),
    "flags": ("words", "evidence", "proposals_json"),
    "works": ("place", "title", "session", "speaker", "office", "delivered_on"),
    "witnesses": ("host", "family", "missing_json"),
    "search_documents": ("passages_json",),
    "decisions": ("who", "subject", "field", "value_json", "why"),
    "withdrawals": ("reason",),
    "brands": ("words",),
    "fixity_findings": ("subject", "detail"),
    "alerts": ("name", "detail"),
    "alert_messages": ("rule", "error"),
}
"""Columns in which words of others are kept; `…_json` ones keep their form."""

LOOK = """() => {
    const inside = (node) => [...node.querySelectorAll('*')];
    const found = window.__pwned ? ['called'] : [];
    const address = ['href', 'src', 'action', 'formaction', 'data', 'xlink:href', 'to', 'content',
                     'srcset'];
    for (const element of inside(document)) {
        for (const {name, value} of element.attributes) {
            const clean = value.replace(/[\\x00-\\x20]/g, '').toLowerCase();
            if (name.startsWith('on') && value.includes('pwned')) found.push(`${name}=${value}`);
            if (name === 'srcdoc' && value.includes('pwned')) found.push(`${name}=${value}`);
            if (name === 'style' && value.includes('evil.example')) found.push(`${name}=${value}`);
            if (address.includes(name) && clean.includes('pwned') &&
                /^(javascript|data|vbscript|blob|feed|view-source):|^[/\\\\]{2}/.test(clean) &&
                !clean.startsWith('data:application/json'))
                found.push(`${element.tagName} ${name}=${value}`);
        }
        const tag = element.tagName.toLowerCase();
        const kind = element.getAttribute('type') || '';
        if (tag === 'script' && !kind.includes('json') &&
            /^[^"'`]*pwned\\(/.test(element.textContent))
            found.push('script: ' + element.textContent.slice(0, 80));
        const led = ['link', 'script'].includes(tag) &&
            (element.getAttribute('src') || element.getAttribute('href') || '');
        if (led && led.startsWith('//evil.example')) found.push(`${tag}: ${led}`);
        if (tag === 'style' && element.textContent.includes('evil.example')) found.push('style');
        if (tag === 'meta' && element.httpEquiv === 'refresh')
            found.push('meta: ' + element.content);
        if (['template', 'noscript'].includes(tag) && element.innerHTML.includes('<img'))
            found.push('tag: ' + tag);
        const ours = element.name === 'captured' && element.getAttribute('sandbox') === '';
        if (['math', 'marquee', 'isindex', 'embed', 'object', 'iframe', 'base', 'x'].includes(tag)
            && !ours)
            found.push('tag: ' + tag);
    }
    return found;
}"""
"""What is asked of a page: what of a payload is more than words in it."""


def make(path: Path, payloads: Sequence[str] = PAYLOADS) -> Path:
    """An archive of a text for each payload, which stands in every field that can hold it."""
    with Archive.open(path, create=True) as archive, archive.run("crawl") as run:
        for number, payload in enumerate(payloads, 1):
            words = " ".join(payload.split())
            lines = [
                ("2024年演示市政府工作报告", "front"),
                ("【打印】", "widget-print"),
                (f"增长{words}", "body"),
                (words, "body"),
                (words, "nav-crumbs"),
                (f"全部{words}开工", "body"),
            ]
            capture = answer(f"http://www.demo.test/{number}.html", lines)
            made = derivation(
                capture, lines, year=2000 + number, flagged="全部", proposals=(payload, "全面")
            )
            run.text(run.capture(capture), made)
            run.capture(Capture(f"http://x.test/{number}", outcome="dns", error=payload))
        group(archive, {f"990100-{2000 + n}": (n,) for n in range(1, len(payloads) + 1)})
    plant(path, payloads)
    return path


def plant(path: Path, payloads: Sequence[str]) -> None:
    """Put payloads into `FIELDS`, another one in each row, whatever stood there before."""
    with closing(sqlite3.connect(path)) as rows, rows:
        triggers = rows.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for (name,) in triggers:
            rows.execute(f'DROP TRIGGER "{name}"')
        rows.execute("PRAGMA ignore_check_constraints = on")
        _some_more(rows)
        for table, columns in FIELDS.items():
            keys = _keys(rows, table)
            for column in columns:
                values = rows.execute(f"SELECT {column}, {', '.join(keys)} FROM {table}").fetchall()
                same = " AND ".join(f"{key} = ?" for key in keys)
                for number, (value, *place) in enumerate(values):
                    new = _in_place_of(value, column, number, payloads[number % len(payloads)])
                    rows.execute(
                        f"UPDATE OR IGNORE {table} SET {column} = ? WHERE {same}", (new, *place)
                    )


def _keys(rows: sqlite3.Connection, table: str) -> list[str]:
    """The columns that tell the rows of a table apart."""
    found = rows.execute(f"SELECT name FROM pragma_table_info('{table}') WHERE pk > 0").fetchall()
    return [name for (name,) in found] or ["rowid"]


def _in_place_of(value: str | None, column: str, number: int, payload: str) -> str:
    if column == "kinds_json":  # the basis of a span: where the words that replace others are from
        return json.dumps([[*kind[:4], payload] for kind in json.loads(value or "[]")])
    if column == "passages_json":
        return json.dumps([payload])
    if column.endswith("_json"):
        return _planted(value, payload)
    if column in {"subject", "surt"} or (column == "url" and number % 2 == 0):
        return f"{value}?{payload}"
    return payload


def _some_more(rows: sqlite3.Connection) -> None:
    """Rows of tables that nothing has filled."""
    rows.execute(
        "INSERT OR IGNORE INTO withdrawals (payload_sha256, withdrawn_at, reason)"
        " SELECT payload_sha256, '2026-01-02T03:04:05.678Z', 'x' FROM texts ORDER BY id LIMIT 1"
    )


def _planted(value: str | None, payload: str) -> str:
    """JSON of the same form whose every word is the payload."""

    def put(thing: Any) -> Any:
        if isinstance(thing, dict):
            return {name: put(each) for name, each in thing.items()}
        if isinstance(thing, list):
            return [put(each) for each in thing]
        return payload if isinstance(thing, str) else thing

    try:
        return json.dumps(put(json.loads(value or "null")), ensure_ascii=False)
    except ValueError:
        return json.dumps(payload)


def places(database: str, count: int, payloads: Sequence[str] = PAYLOADS) -> Iterator[str]:
    """Addresses of every kind of page; with payloads in the address, too."""
    words = quote("增长")
    yield from (
        "/",
        "/?lang=en",
        f"/find?q={words}",
        f"/find?q={words}&scope=all",
        "/ledger",
        "/run/1",
        f"/find?q={words}&scope=removed",
        f"/trend?q={words}",
        "/feed.atom",
        "/api",
        "/site/demo-gov",
        "/rule/nav-crumbs",
        "/rule/text",
        f"/{database}",
        f"/{database}/find?words={words}",
        f"/{database}/removed?_size=max",
        f"/{database}/trace?text_id=1",
        f"/{database}/failures",
        f"/{database}/unfinished_runs",
        f"/{database}/broken_partition",
    )
    yield from (f"/{database}/{table}?_size=max" for table in FIELDS)
    for number in range(1, count + 1):
        year = 2000 + number
        yield from (
            f"/text/{number}?removed=1",
            f"/capture/{2 * number - 1}",
            f"/capture/{2 * number}",
            f"/trace/{number}/1",
            f"/evidence/{number}",
            f"/r/990100/{year}?removed=1",
        )
        if number % 10 == 1:
            yield from (
                f"/page/{number}",
                f"/variants/990100/{year}",
                f"/compare?a={number}&b=2",
                f"/cite/990100/{year}",
                f"/gap/990100/{1900 + number}",
                f"/{database}/texts/{number}",
                f"/{database}/captures/{number}",
                f"/{database}/works/{number}",
            )
    for number, payload in enumerate(payloads):
        inside = quote(payload, safe="")
        reflected = (
            f"/find?q={inside}",
            f"/trend?q={inside}",
            f"/rule/{inside}",
            f"/site/{inside}",
            f"/find?q={words}&place={inside}",
            f"/{database}/works?_search={inside}",
            f"/?lang={inside}",
            f"/{database}/works?name__contains={inside}",
            f"/{database}/find?words={inside}",
            f"/{database}/{inside}",
            f"/{inside}",
            f"/compare?a={inside}&b=1",
        )
        yield reflected[number % len(reflected)]
        yield reflected[(number + 5) % len(reflected)]


def let_in(page: Any, address: str, path: str) -> list[str]:
    """What of a payload a page of the browser lets in; a page of Playwright is handed over.

    What is asked of other hosts or said in a dialog is for the page's listeners (`watched`).
    """
    answer_ = page.goto(f"{address}{path}", wait_until="load")
    found = list(page.evaluate(LOOK))
    if answer_ is not None and answer_.status >= 500:
        found.append(f"status {answer_.status}")
    return found


def watched(page: Any, home: str) -> list[str]:
    """Make a page of the browser note what it does that it must not; the list that it grows."""
    told: list[str] = []
    page.add_init_script("window.pwned = () => { window.__pwned = true }")

    def said(dialog: Any) -> None:
        told.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def asked(request: Any) -> None:
        if not request.url.startswith((home, "data:", "file:", "about:")):
            told.append(f"asks for {request.url}")

    page.on("dialog", said)
    page.on("request", asked)
    return told
