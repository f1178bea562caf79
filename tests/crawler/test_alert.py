"""Alerts by mail and webhook, to servers on this machine: each event once, also after a kill."""

from __future__ import annotations

import json
import os
import signal
import socketserver
import sqlite3
import threading
from email import message_from_bytes
from email.header import decode_header, make_header

import pytest

from archive import Archive, Capture, SiteFacts, clock, derive
from archive.configuration import load
from archive.errors import DataFileError
from archive.store import schema

REPORT = (
    "{year}年海宁县政府工作报告\n各位代表：\n" + "过去一年，我们修了三座桥，铺了{n}公里路。\n" * 9
)
INJECTED = "在必赢体育的坚强领导下，必赢体育坚持修桥。\n"


class Smtp(socketserver.StreamRequestHandler):
    """Takes mail; `server.before_data` may do something before the words of one are taken."""

    def handle(self):
        self.wfile.write(b"220 here\r\n")
        while line := self.rfile.readline():
            word = line[:4].upper()
            if word == b"DATA":
                self.server.before_data(self)
                self.wfile.write(b"354 go on\r\n")
                words = b""
                while (line := self.rfile.readline()) not in (b".\r\n", b""):
                    words += line
                if line:
                    self.server.mails.append(message_from_bytes(words))
            self.wfile.write(b"221 bye\r\n" if word == b"QUIT" else b"250 yes\r\n")
            if word == b"QUIT":
                return


@pytest.fixture
def smtp():
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Smtp) as server:
        server.daemon_threads, server.mails = True, []
        server.before_data = lambda _: None
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def hook(serve):
    """A webhook: what was posted, as (headers, JSON)."""
    posted = []

    def answer(handler):
        body = handler.rfile.read(int(handler.headers["Content-Length"]))
        posted.append((dict(handler.headers.items()), json.loads(body)))
        return answer.now(handler)

    answer.now = lambda _: (204, {}, b"")
    server = serve({("127.0.0.1", "/hook"): answer})
    server.posted, server.answer = posted, answer
    return server


@pytest.fixture
def rules(tmp_path, smtp, hook):
    """Write baogao.toml with a mail server and the rules given."""

    def written(*more):
        port = smtp.server_address[1]
        words = (
            f'[mail]\nserver = "127.0.0.1"\nport = {port}\nsecurity = "none"\n'
            'sender = "archive@example.org"\n'
            '[serve]\nbase_url = "https://reports.example.org/"\n'
        )
        words += "".join(f"[[alerts]]\n{each}\n" for each in more)
        words = words.replace("HOOK", f"http://127.0.0.1:{hook.port}/hook")
        (tmp_path / "baogao.toml").write_text(words, encoding="utf-8")

    return written


HOOK = 'name = "programs"\nwebhook = "HOOK"\n'
MAIL = 'name = "team"\nmail = ["a@example.org", "b@example.org"]\n'


@pytest.fixture
def add(tmp_path):
    """Store a report, as a crawl of its page would."""

    def added(year, words="", url="http://www.haining.invalid/{year}.html"):
        text = REPORT.format(year=year, n=year) + words
        capture = Capture(
            url=url.format(year=year), payload=text.encode(), status=200, captured_at=clock.now(),
            response_headers=(("Content-Type", "text/plain; charset=utf-8"),),
            site=SiteFacts("haining", "海宁", "official"),
        )  # fmt: skip
        db = tmp_path / "x.db"
        with Archive.open(db, create=True) as archive, archive.run("crawl") as run:
            run.text(run.capture(capture), derive(capture))
            archive.collate(run.id)

    return added


def sent(hook):
    return [event["key"] for _, told in hook.posted for event in told["events"]]


def test_new_reports_are_sent_once_and_earlier_ones_never(baogao, rules, hook, smtp, add):
    add(2021)
    rules(HOOK, MAIL)
    first = baogao("alert", "x.db")
    assert first.returncode == 0, first.stderr.decode()
    assert "not sent, from before the rules: " in first.stderr.decode()
    assert hook.posted == smtp.mails == []
    add(2023)
    add(2022, INJECTED)
    (dry,) = [line for line in baogao("alert", "x.db", "--dry-run").stdout.decode().splitlines()
              if '"programs"' in line and "2023" in line]  # fmt: skip
    assert json.loads(dry)["kind"] == "new-report"
    for _ in range(2):
        assert baogao("alert", "x.db").returncode == 0
    ((headers, told),) = hook.posted
    assert headers["Idempotency-Key"] == told["id"]
    assert (told["rule"], told["archive"]) == ("programs", "x.db")
    kinds = sorted(event["kind"] for event in told["events"])
    assert kinds == ["hijacked-copy", "new-report", "new-report"]
    report = next(each for each in told["events"] if "2023" in each["title"])
    assert report["link"] == f"https://reports.example.org/{report['page']}"
    (mail,) = smtp.mails
    assert mail["To"] == "a@example.org, b@example.org"
    subject = str(make_header(decode_header(mail["Subject"])))
    assert subject == "[baogao] new report ×2, hijacked copy ×1 in x.db"
    assert "海宁县政府工作报告" in mail.get_payload(decode=True).decode()


def test_what_no_server_took_is_sent_the_next_time(baogao, rules, hook, add):
    rules(HOOK)
    add(2021)
    baogao("alert", "x.db")
    add(2023)
    hook.answer.now = lambda _: (302, {"Location": f"http://127.0.0.1:{hook.port}/x"}, b"")
    shown = baogao("alert", "x.db")
    assert shown.returncode == 3
    assert "is sent the next time" in shown.stderr.decode()
    assert "Traceback" not in shown.stderr.decode()
    hook.answer.now = lambda _: (200, {}, b"")
    assert baogao("alert", "x.db").returncode == 0
    (_, failed), (_, again) = hook.posted
    assert failed == again
    assert hook.paths == ["/hook"] * 2


def kill_a_reader(db):
    """Kill the process that holds an unsent message."""
    with sqlite3.connect(db) as connection:
        (holder,) = connection.execute(
            "SELECT holder FROM alert_messages WHERE holder IS NOT NULL"
        ).fetchone()
    os.kill(int(holder.partition("@")[0]), signal.SIGKILL)


def test_a_kill_before_the_words_were_taken_sends_them_once(baogao, rules, smtp, add, tmp_path):
    rules(MAIL)
    add(2021)
    baogao("alert", "x.db")
    add(2023)

    def kill(_):
        smtp.before_data = lambda _: None
        kill_a_reader(tmp_path / "x.db")

    smtp.before_data = kill
    assert baogao("alert", "x.db").returncode != 0
    assert smtp.mails == []
    for _ in range(2):
        assert baogao("alert", "x.db").returncode == 0
    assert len(smtp.mails) == 1


def test_a_kill_before_the_answer_came_repeats_the_number(baogao, rules, hook, add, tmp_path):
    """The one moment in which nobody can know; the receiver sees by the number that it is one."""
    rules(HOOK)
    add(2021)
    baogao("alert", "x.db")
    add(2022)
    add(2023)

    def kill(_):
        hook.answer.now = lambda _: (200, {}, b"")
        kill_a_reader(tmp_path / "x.db")

    hook.answer.now = kill
    assert baogao("alert", "x.db").returncode != 0
    for _ in range(2):
        assert baogao("alert", "x.db").returncode == 0
    assert len(hook.posted) == 2
    by_number = {headers["Idempotency-Key"]: told for headers, told in hook.posted}
    (told,) = by_number.values()
    assert len(told["events"]) == 2


def test_rules_choose_by_site_and_by_words(baogao, rules, hook, add):
    search = f'{HOOK}events = ["new-report"]\nsearch = "铺了2023公里"\n'
    site = f'{HOOK}sites = ["anhui"]\n'.replace("programs", "one site")
    rules(search, site)
    add(2021)
    baogao("alert", "x.db")
    add(2022)
    add(2023)
    baogao("alert", "x.db")
    assert [key.startswith("new-report:") for key in sent(hook)] == [True]
    assert {told["rule"] for _, told in hook.posted} == {"programs"}
    assert "2023" in sent(hook)[0]


def test_verify_sends_what_failed_also_when_the_rule_begins_with_it(
    baogao, rules, hook, add, tmp_path
):
    rules(HOOK)
    add(2021)
    with Archive.open(tmp_path / "x.db") as archive, archive.transaction():
        zeros = "UPDATE payloads SET stored = zeroblob(length(stored))"
        schema.drop_guards(archive.connection)
        archive.connection.execute(zeros)
        schema.furnish(archive.connection)
    for times in (1, 2):
        assert baogao("verify", "x.db", "--alert").returncode == 1
        found = [event for _, told in hook.posted for event in told["events"]]
        assert [event["kind"] for event in found] == ["verify-failed"] * times
        assert "findings" in found[-1]["title"]


def test_verify_finds_the_archive_as_it_is_and_tells_what_cannot_be_recorded(
    baogao, rules, hook, add, tmp_path
):
    rules(HOOK)
    add(2021)
    with sqlite3.connect(tmp_path / "x.db") as connection:
        connection.execute("DROP TRIGGER payloads_no_update")
    shown = baogao("verify", "x.db", "--alert")
    assert shown.returncode == 1
    assert "payloads_no_update" in shown.stdout.decode()
    (event,) = [event for _, told in hook.posted for event in told["events"]]
    assert event["title"].startswith(
        "x.db: exit code 1; x.db: trigger payloads_no_update is missing"
    )


def test_a_command_that_cannot_run_sends_and_makes_nothing(baogao, rules, hook, tmp_path):
    rules(HOOK)
    assert baogao("verify", "none.db", "--alert").returncode == 2
    assert baogao("crawl", "none.db", "anhiu", "--alert").returncode == 2
    assert hook.posted == []
    assert not (tmp_path / "none.db").exists()


def test_failed_and_killed_runs_are_events_and_a_running_one_is_not(
    baogao, rules, hook, add, tmp_path
):
    rules(HOOK)
    add(2021)
    baogao("alert", "x.db")
    with Archive.open(tmp_path / "x.db") as archive:
        with pytest.raises(ValueError, match="broken"), archive.run("crawl"):
            raise ValueError("broken")
        archive.start_run("crawl")
        archive.start_run("rederive")  # the run that this process has registered last
        baogao("alert", "x.db")
    titles = [event["title"] for _, told in hook.posted for event in told["events"]]
    assert titles == ["crawl run 2: failed: ValueError: broken", "crawl run 3: was killed"]


def test_a_site_that_falls_silent_is_an_event_each_time(baogao, rules, hook, add):
    rules(f'{HOOK}events = ["silent-site"]\nsilent_days = 0.0\n')
    add(2021)
    baogao("alert", "x.db")
    for _ in range(2):
        add(2021)
        baogao("alert", "x.db")
        baogao("alert", "x.db")
    assert [key.rpartition(":")[0][:19] for key in sent(hook)] == ["silent-site:haining"] * 2


def test_another_text_of_a_page_is_an_event(baogao, rules, hook, add):
    rules(f'{HOOK}events = ["changed-report"]\n')
    add(2021)
    baogao("alert", "x.db")
    add(2021)
    add(2021, "我们还修了一座桥。\n")
    baogao("alert", "x.db")
    (event,) = [event for _, told in hook.posted for event in told["events"]]
    assert event["title"].endswith("http://www.haining.invalid/2021.html gives another text")
    assert event["sites"] == ["haining"]


def test_words_are_sent_without_an_archive(baogao, rules, hook, smtp):
    rules(HOOK, MAIL + 'events = ["new-report"]\n')
    assert baogao("alert", "--about", "baogao-verify.service failed").returncode == 0
    assert [told["events"][0]["title"] for _, told in hook.posted] == [
        "baogao-verify.service failed"
    ]
    assert smtp.mails == []


WRONG = {
    'name = "a"\n': "mail: name an address, or a webhook",
    'mail = ["a@b.example"]\n': "name: is missing",
    'name = "a"\nmail = ["nobody"]\n': "mail: 'nobody' is not an e-mail address",
    'name = "a"\nwebhook = "file:///etc/passwd"\n': "webhook: must be an http or https URL",
    'name = "a"\nwebhook = "http://["\n': "webhook: must be an http or https URL",
    'name = "a"\nmail = ["a@b.example"]\nevents = ["new-reports"]\n': (
        "events: there is no event 'new-reports' (did you mean \"new-report\"?)"
    ),
    'name = "a"\nmail = ["a@b.example"]\nsite = ["x"]\n': 'unknown key "alerts[1].site"',
}


@pytest.mark.parametrize("words", WRONG)
def test_a_wrong_rule_is_refused(tmp_path, words):
    path = tmp_path / "baogao.toml"
    path.write_text(f"[[alerts]]\n{words}", encoding="utf-8")
    with pytest.raises(DataFileError) as refused:
        load(path, {})
    assert WRONG[words] in str(refused.value)


def test_without_rules_or_server_nothing_is_done(baogao, tmp_path, add):
    add(2021)
    assert "no rule for alerts" in baogao("alert", "x.db").stderr.decode()
    (tmp_path / "baogao.toml").write_text(f"[[alerts]]\n{MAIL}", encoding="utf-8")
    shown = baogao("verify", "x.db", "--alert")
    assert shown.returncode == 2
    assert "set mail.server and mail.sender" in shown.stderr.decode()
