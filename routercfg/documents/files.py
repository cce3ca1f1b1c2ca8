"""Reading a text file that a person wrote: the one place where its size and encoding are judged."""

from __future__ import annotations

from pathlib import Path

from routercfg.errors import InputError, Where

#: Ten thousand routers with ten variables each are under 3 MB.
MAX_BYTES = 16 * 1024 * 1024


def read_text(path: Path, error: type[InputError]) -> str:
    """The text of a UTF-8 file. Raises `error` where there is none, or none that a person wrote."""
    where = Where(file=path)
    try:
        if not path.is_file():
            raise error("there is no such file" if not path.exists() else "not a file", where=where)
        if path.stat().st_size > MAX_BYTES:
            raise error(
                f"the file is larger than {MAX_BYTES // 1024 // 1024} MB",
                where=where,
                hint="Is it the right file? Split it over several if it is",
            )
        data = path.read_bytes()
    except OSError as problem:
        raise error(f"cannot be read: {problem.strerror}", where=where) from problem
    if b"\0" in data:
        raise error("this is not text but binary data", where=where)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        line = data.count(b"\n", 0, problem.start) + 1
        raise error(
            "the file is not encoded in UTF-8",
            where=Where(file=path, line=line),
            hint="Save it as UTF-8",
        ) from None
