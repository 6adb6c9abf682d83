"""The cheat sheet's PDF: one page, with the words of the page."""

from __future__ import annotations

import re

from lessons import reference, sheet
from lessons.reference import plain

TEXT_SHOWN = re.compile(rb"\(((?:\\.|[^\\)])*)\) Tj")


def words_of(pdf: bytes) -> list[str]:
    """What an uncompressed PDF of ours shows, in order."""
    lines = [re.sub(rb"\\(.)", rb"\1", found).decode("cp1252") for found in TEXT_SHOWN.findall(pdf)]
    return re.findall(r"[\w'’-]+", " ".join(lines))


def words_of_sheet() -> list[str]:
    page = reference.cheat_sheet()
    said = [page.title, page.lead]
    for part in page.sections:
        said += [part.title, part.lead, *(text for item in part.items for text in (item.term, item.text))]
    return re.findall(r"[\w'’-]+", " ".join(plain(text) for text in said))


def test_it_is_one_page() -> None:
    assert len(re.findall(rb"/Type /Page\b", sheet.pdf())) == 1
    assert sheet.pdf().startswith(b"%PDF-")


def test_it_has_the_words_of_the_sheet_in_their_order() -> None:
    assert words_of(sheet.draw(reference.cheat_sheet(), compressed=False)) == words_of_sheet()


def test_nothing_runs_over_the_edge_of_the_page() -> None:
    pdf = sheet.draw(reference.cheat_sheet(), compressed=False)
    heights = [float(y) for y in re.findall(rb"BT [\d.]+ ([\d.-]+) Td", pdf)]

    assert len(heights) > 50
    assert min(heights) > sheet.MARGIN / 25.4 * 72


def test_it_is_drawn_once() -> None:
    assert sheet.pdf() is sheet.pdf()
