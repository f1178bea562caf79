"""Keywords, cut only for who asks."""

import subprocess
import sys

from archive.identify.keywords import genre_terms, keywords
from archive.known import shipped

TEXT = (
    "各位代表，我们坚持高质量发展，优化营商环境，新质生产力加快形成，污染防治深入推进。"
    "营商环境持续改善，民生实事全面完成，紫砂产业增加值提高，紫砂文化走向世界。"
)


def test_terms_of_the_genre_stay_whole():
    found = {each.word: each.count for each in keywords(TEXT, shipped()).words}
    assert found["营商环境"] == 2
    assert {"高质量发展", "新质生产力", "污染防治", "民生实事"} <= found.keys()
    assert not {"各位", "代表", "我们", "坚持"} & found.keys()


def test_engine_and_dictionary_are_named():
    first, second = keywords(TEXT, shipped()), keywords(TEXT, shipped(), most=3)
    assert first.engine == second.engine
    assert len(first.engine) == 64
    assert first.words[:3] == second.words


def test_terms_have_no_doubles_and_are_words():
    terms = genre_terms(shipped())
    assert len(terms) > 80
    assert all(term == term.strip() and len(term) > 1 for term in terms)


def test_identification_does_not_load_jieba():
    code = (
        "import sys; from archive import Capture, derive;"
        "derive(Capture.from_bytes('宜兴市政府工作报告\\n各位代表：\\n我代表市政府报告工作。'.encode()));"
        "sys.exit('jieba' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0
