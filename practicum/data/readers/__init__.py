"""Raw files read one record after the other, each with where it stands.

A record that can't be read is a value, `Rejected`: one bad line neither stops the pipeline nor vanishes. A file that
can't be read at all is a `SourceError`.
"""


class SourceError(ValueError):
    """A source that can't be read; the message says what was found, what was expected and what to do."""
