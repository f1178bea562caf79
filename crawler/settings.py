"""The only wiring of the crawler; every value says why.

What a site file may change: the delay (never below a second for a real site). What the operator
says in `baogao.toml` or `BAOGAO_*` is read here too: `scrapy crawl` obeys it like `baogao crawl`.
"""

import os

from scrapy.settings import default_settings

from crawler import patience
from crawler.said import what_the_operator_said

said = what_the_operator_said()

BOT_NAME = "baogao"

# One spider for each site file; more folders of site files go into SITES_DIRS.
SPIDER_LOADER_CLASS = "crawler.loader.SiteLoader"
SITES_DIRS: list[str] = list(said["sites_dirs"])

# Who crawls: an e-mail or a page. Nothing outside this machine is asked for anything without it.
CONTACT = said["contact"]
# Honest: name, version, contact. `{contact}` is filled in when a crawl starts.
USER_AGENT = said.user_agent()
# robots.txt is read under this name; it must not change with the version.
ROBOTSTXT_USER_AGENT = "baogao"
ROBOTSTXT_OBEY = True

# One request at a time and one a second for each host: these are small public servers.
CONCURRENT_REQUESTS_PER_DOMAIN = 1
DOWNLOAD_DELAY = 1.0
# A steady pace is what an operator of a server can reckon with; jitter only hides a crawler.
DOWNLOAD_DELAY_JITTER = 0
# Many hosts side by side cost nothing but sockets.
CONCURRENT_REQUESTS = 16
# An item is one page; parallel items would only hold more pages in memory.
CONCURRENT_ITEMS = 1
# Bytes of pages that are being read before fetching pauses: one large file must not stall all.
SCRAPER_SLOT_MAX_ACTIVE_SIZE = 96 * 1024 * 1024
# Slows down by itself where a server answers slowly; it never goes below DOWNLOAD_DELAY.
AUTOTHROTTLE_ENABLED = True
AUTOTHROTTLE_START_DELAY = 0
AUTOTHROTTLE_MAX_DELAY = 60

# A stalled answer may hold one host for this long (seconds); Scrapy's 180 s is 9 min with retries.
DOWNLOAD_TIMEOUT = 30
# Bytes on the wire and after decompression. The largest reports are PDF files below 30 MB.
DOWNLOAD_MAXSIZE = 64 * 1024 * 1024
DOWNLOAD_WARNSIZE = 0
# A cut answer is kept and marked `truncated`, instead of being thrown away.
DOWNLOAD_FAIL_ON_DATALOSS = False
# Provincial servers keep broken certificates: their pages are archived, and the capture says what
# is wrong. `TLS_TRUSTED` is a PEM file of authorities to trust besides those of the machine.
DOWNLOAD_HANDLERS = {
    "http": "crawler.handlers.PacedHandler",
    "https": "crawler.tls.TlsHandler",
}
TLS_TRUSTED: str | None = None
# A report moves once or twice; more hops are a loop or a challenge.
REDIRECT_MAX_TIMES = 5
# What asks for more time than this (seconds), by Retry-After, Crawl-delay or anything else, is left
# for the next crawl: this one ends, says when to come again, and holds no host meanwhile.
LONGEST_WAIT_S = patience.LONGEST_WAIT_S
# The durable frontier repeats failed attempts itself, later, and across crawls.
RETRY_ENABLED = False
SCHEDULER = "crawler.scheduler.FrontierScheduler"
# Called with the archive; and with the archive and the name of the site file. Others may be set
# that keep to `crawler.frontier.Frontier` and `crawler.leases.Leases`.
FRONTIER = "crawler.frontier.SqliteFrontier"
LEASES = "crawler.leases.HostLeases"
# Limits of `[limits]` for every site whose file does not set them.
LIMITS: dict[str, int] = said.budgets()
# Deeper than the longest list and the longest article together: what is deeper is a trap.
DEPTH_LIMIT = 600
# Longer addresses are traps of calendars and sessions.
URLLENGTH_LIMIT = 2083
# A proxy from the environment would walk around the address guard. One that is named here is used
# for all but this machine: `crawler.proxy` checks addresses as far as they can be resolved.
HTTPPROXY_ENABLED = False
PROXY: str | None = said["proxy"] or None
# Cookies make a visitor of us, and Scrapy's cookie code asks a host that nobody named for the
# public suffix list. No report needs them.
COOKIES_ENABLED = False
# Says nothing that the request does not: some of these servers log it as an attack.
REFERRER_POLICY = "same-origin"
DEFAULT_REQUEST_HEADERS = {
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Accept-Language": "zh-CN,zh;q=0.9,en;q=0.5",
    # A cache on the way must ask the server: an archive wants to know what is there now.
    "Cache-Control": "max-age=0",
}

# A crawler that runs unattended opens no port of its own: both would execute posted Python.
TELNETCONSOLE_ENABLED = False
REMOTE_CONTROL_ENABLED = False

# Addresses are judged after resolution, where a connection is made; `*.test` is this machine.
TWISTED_DNS_RESOLVER = "crawler.resolver.GuardedResolver"
# The port of the practice web, when it is not the one in its site files.
PRACTICE_PORT: int | None = None

DOWNLOADER_MIDDLEWARES = {
    # Scheme, port and host of every request are checked first, those of robots.txt included.
    "crawler.middlewares.GuardMiddleware": 60,
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
    "crawler.robots.RobotsMiddleware": 100,
    # Capture sits nearest to the network, so that it sees redirects, errors and bytes as sent;
    # it decodes gzip and the like itself, to keep both digests.
    "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware": None,
    "crawler.middlewares.CaptureMiddleware": 870,
    "scrapy.downloadermiddlewares.redirect.MetaRefreshMiddleware": None,
    "crawler.middlewares.RefreshMiddleware": 580,
    # Behind redirects and refreshes: what comes so far is read.
    "crawler.middlewares.ReadingMiddleware": 540,
}
# Nearest to the engine: it sees the links that no other middleware has dropped.
SPIDER_MIDDLEWARES = {"crawler.traps.TrapMiddleware": 10}
# A page that only redirects by <meta> counts as a redirect; what that is, `crawler.blocked` says,
# so that whatever was captured as one is followed.
METAREFRESH_ENABLED = True
METAREFRESH_MAXDELAY = 3600
EXTENSIONS = {"crawler.recorder.RecorderExtension": 0}
# What is switched off above is not loaded either: its libraries would take a third of a second
# whenever a crawl starts. Scrapy loads all that the base settings name, even if it is set to None.
switched_off = {
    "scrapy.downloadermiddlewares.cookies.CookiesMiddleware",
    "scrapy.extensions.remote_control.RemoteControl",
    "scrapy.extensions.telnet.TelnetConsole",
}
DOWNLOADER_MIDDLEWARES_BASE = {
    path: place
    for path, place in default_settings.DOWNLOADER_MIDDLEWARES_BASE.items()
    if path not in switched_off
}
EXTENSIONS_BASE = {
    path: place
    for path, place in default_settings.EXTENSIONS_BASE.items()
    if path not in switched_off
}
# Processes that make texts of pages, at most: half of the machine, so that the crawl itself has
# air. No more of them start than the pace of the sites can keep busy, one for ten polite hosts.
DERIVE_WORKERS = max(1, (os.cpu_count() or 2) // 2)
# Texts are grouped into works when the crawl ends; who crawls in many small steps may leave that
# to the last one.
COLLATE_AFTER_CRAWL = True
ITEM_PIPELINES = {"crawler.pipelines.TextPipeline": 500}

# Feeds, statistics and the like belong to the archive; the log tells what goes wrong.
LOG_LEVEL = "WARNING"
LOG_FORMATTER = "crawler.logs.SentenceFormatter"
STATS_DUMP = False
# Counting requests by method and status would write each of them out once more; captures tell.
DOWNLOADER_STATS = False
# Scrapy parses the source of a callback again for each page, to warn of `return` in a generator;
# mypy sees that before a crawl does.
WARN_ON_GENERATOR_RETURN_VALUE = False
