"""Which lines of a document's pages are taken for running ones."""

from practicum.data.boilerplate import without_boilerplate


def body(page: int) -> str:
    return "\n".join(f"Sentence {word} of part {chr(96 + page)}." for word in ("one", "two", "three", "four", "five"))


def test_headers_footers_and_page_numbers_go_and_are_named() -> None:
    pages = [f"County Hospital\nConfidential\n{body(page)}\nPage {page} of 4" for page in range(1, 5)]
    kept, removed = without_boilerplate(pages)
    assert kept == [body(page) for page in range(1, 5)]
    assert removed[:3] == ["County Hospital", "Confidential", "Page 1 of 4"]
    assert len(removed) == 12


def test_a_title_page_without_the_header_keeps_its_lines() -> None:
    pages = ["Annual report\nof the board", *(f"Annual report 2024\n{body(page)}" for page in range(1, 5))]
    kept, removed = without_boilerplate(pages)
    assert kept[0] == "Annual report\nof the board"
    assert kept[1:] == [body(page) for page in range(1, 5)]
    assert removed == ["Annual report 2024"] * 4


def test_left_and_right_hand_pages_may_have_headers_of_their_own() -> None:
    pages = [f"{('The book', 'The chapter')[page % 2]}\n{body(page)}" for page in range(1, 9)]
    assert without_boilerplate(pages)[0] == [body(page) for page in range(1, 9)]


def test_rows_of_a_table_stay_though_they_differ_in_their_numbers_only() -> None:
    pages = [f"Sodium {120 + page * page}\n{body(page)}\nTotal {page * 37 % 11}" for page in range(1, 6)]
    assert without_boilerplate(pages) == (pages, [])


def test_a_line_that_repeats_below_one_that_does_not_stays() -> None:
    pages = [f"County Hospital\nPatient: {name}\nFINDINGS:\n{body(3)}{name}" for name in ("Ann", "Bo", "Cy")]
    kept, removed = without_boilerplate(pages)
    assert kept == [page.removeprefix("County Hospital\n") for page in pages]
    assert removed == ["County Hospital"] * 3


def test_a_page_that_repeats_as_a_whole_stays() -> None:
    for lines in (2, 6, 30):
        pages = ["\n".join(f"Line {chr(97 + number)} of a form" for number in range(lines))] * 4
        assert without_boilerplate(pages) == (pages, [])


def test_two_pages_are_too_few_to_tell() -> None:
    pages = [f"County Hospital\n{body(page)}" for page in (1, 2)]
    assert without_boilerplate(pages) == (pages, [])
    assert without_boilerplate([]) == ([], [])


def test_blank_lines_of_the_body_stay() -> None:
    pages = [f"\nHeader\n\n{body(page)}\n\nLast words {chr(96 + page)}.\n\n{page}\n" for page in range(1, 4)]
    kept, removed = without_boilerplate(pages)
    assert kept == [f"{body(page)}\n\nLast words {chr(96 + page)}." for page in range(1, 4)]
    assert removed == ["Header", "1", "Header", "2", "Header", "3"]
