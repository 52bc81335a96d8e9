"""Raw files are read row by row, each with where it stands; a bad row is a value, a bad file an error."""

from pathlib import Path

import pytest

from practicum.data.readers import ReadError, Row, Text, read_csv, read_jsonl, read_text


def written(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_csv_rows_know_the_line_on_which_they_begin(tmp_path: Path) -> None:
    path = written(tmp_path, "emr.csv", '\ufeffid,note\r\n1,"two\r\nlines"\r\n\r\n2,short\r\n3\r\n4,é\r\n')
    first, second, bad, last = read_csv(path, columns=("id",))
    assert first == Row({"id": "1", "note": "two\nlines"}, "emr.csv:2")
    assert second == Row({"id": "2", "note": "short"}, "emr.csv:5")
    assert isinstance(bad, ReadError)
    assert str(bad) == "emr.csv:6: found 1 cells, expected 2: ['id', 'note']; found ['3']"
    assert last == Row({"id": "4", "note": "é"}, "emr.csv:7")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "emr.csv: the file is empty"),
        ("a,b\n", r"emr.csv:1: the header \['a', 'b'\] lacks \['id'\]"),
        ("id,id\n", r"emr.csv:1: .* names \['id'\] twice"),
        ('id,note\n1,x\n2,"never closed\n3,y\n', "emr.csv:3: not CSV"),
        (b"id,note\n1,caf\xe9\n", "emr.csv:2: found the byte 0xe9, expected UTF-8"),
    ],
)
def test_a_csv_file_that_cannot_be_read_is_an_error_that_names_the_line(
    tmp_path: Path, content: str | bytes, message: str
) -> None:
    with pytest.raises(ReadError, match=message):
        list(read_csv(written(tmp_path, "emr.csv", content), columns=("id",)))


def test_jsonl_tells_objects_from_faulty_lines(tmp_path: Path) -> None:
    path = written(tmp_path, "d.jsonl", '{"a": 1, "t": "x\u2028y"}\n\n{"a": \n[1]\n{"a": 2}')
    first, cut, wrong, last = read_jsonl(path)
    assert first == Row({"a": 1, "t": "x\u2028y"}, "d.jsonl:1")
    assert isinstance(cut, ReadError)
    assert cut.source == "d.jsonl:3"
    assert str(wrong) == "d.jsonl:4: found list, expected a JSON object"
    assert last == Row({"a": 2}, "d.jsonl:5")


def test_text_has_one_kind_of_line_end(tmp_path: Path) -> None:
    assert read_text(written(tmp_path, "g.md", "\ufeffa\r\nb\rc\n")) == Text("a\nb\nc\n", "g.md")
    with pytest.raises(FileNotFoundError):
        read_text(tmp_path / "none.md")
