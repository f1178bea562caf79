"""The findings as one self-contained HTML page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from html import escape
from typing import Final

from archive.audit.findings import Audited, TextFinding

_PAGE: Final = """<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Audit of {texts} texts</title>
<style>
body {{ font: 16px/1.6 "Noto Sans CJK SC", "Source Han Sans SC", "PingFang SC",
  "Microsoft YaHei", sans-serif; margin: 2rem auto; max-width: 70rem; padding: 0 1rem;
  color: #222; background: #fdfcf9; }}
h1 {{ font-size: 1.5rem; }}
table {{ border-collapse: collapse; width: 100%; }}
th, td {{ text-align: left; vertical-align: top; padding: .35rem .6rem;
  border-bottom: 1px solid #ddd8cc; }}
td.number {{ text-align: right; font-variant-numeric: tabular-nums; }}
.kind {{ display: inline-block; padding: 0 .4rem; border-radius: .25rem; background: #eee7d8; }}
.hijack {{ background: #f6d5cf; }}
.none {{ color: #3a6b35; }}
small {{ color: #5c574c; }}
li {{ margin: .15rem 0; }} ul {{ margin: 0; padding-left: 1.1rem; }}
@media (prefers-color-scheme: dark) {{
  body {{ color: #e8e4da; background: #1c1b19; }}
  th, td {{ border-color: #3b3833; }} .kind {{ background: #3b3528; }}
  .hijack {{ background: #5c2a22; }} .none {{ color: #9ccb94; }} small {{ color: #b3ac9d; }}
}}
</style></head><body><main>
<h1>Audit of {texts} texts</h1>
<p>{counts}</p>
<table><thead><tr><th>File<th>Report<th>Characters<th>Findings</tr></thead><tbody>
{rows}
</tbody></table></main></body></html>
"""


def page(audited: Sequence[Audited]) -> str:
    """Return the page; all content from texts is escaped."""
    kinds = Counter(finding.kind for each in audited for finding in each.findings)
    counts = ", ".join(f"{kind}: {count}" for kind, count in kinds.most_common())
    return _PAGE.format(
        texts=len(audited),
        counts=escape(counts or "nothing was found wrong"),
        rows="\n".join(_row(each) for each in audited),
    )


def _row(each: Audited) -> str:
    found = each.as_json()
    report = f"{found['place'] or '–'} {found['report_year'] or ''}"
    items = "".join(f"<li>{_finding(finding)}</li>" for finding in each.findings)
    findings = f"<ul>{items}</ul>" if items else '<span class="none">nothing</span>'
    return (
        f"<tr><td>{escape(each.name)}<td>{escape(report)}"
        f'<td class="number">{found["characters"]}<td>{findings}</tr>'
    )


def _finding(finding: TextFinding) -> str:
    style = "kind hijack" if finding.kind == "hijack" else "kind"
    return (
        f'<span class="{style}">{escape(finding.kind)}</span> {escape(finding.words)}'
        f" <small>{escape(finding.why)}</small>"
    )
