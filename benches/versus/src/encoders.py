"""An encoder of archives of known size, over files or over their bytes in memory: prints the
seconds it took, without those of starting Python and of reading into memory."""

import os
import sys
import time
from datetime import datetime, timezone
from pathlib import Path

encoder, source, path = sys.argv[1:]
root = Path(path)
paths = sorted(file for file in root.rglob("*") if file.is_file()) if root.is_dir() else [root]
PIECE = 1_000_000


def contents():
    """Names, and pieces of 1 MB of what is in the files."""
    for file in paths:
        with file.open("rb") as opened:
            for number, piece in enumerate(iter(lambda: opened.read(PIECE), b"")):
                yield f"{file.name}-{number}", piece


held = list(contents()) if source == "memory" else []
out = os.open(os.devnull, os.O_WRONLY)
begun = time.perf_counter()

if encoder == "zipstream-ng":
    from zipstream import ZipStream

    stream = ZipStream(sized=True)
    for name, piece in held:
        stream.add(piece, name)
    for file in paths if not held else []:
        stream.add_path(file, str(file.relative_to(root.parent)))
    promised, chunks = len(stream), stream
else:
    from livezip import BytesStream, DeflateStore, FileStream, Store, ZipEncoder, ZipFile

    wrap = Store if encoder == "livezip-store" else DeflateStore
    now = datetime.now(timezone.utc)
    files = [ZipFile(name, wrap(BytesStream(piece), len(piece)), now, is_binary=True) for name, piece in held]
    for file in paths if not held else []:
        data = wrap(FileStream(file), file.stat().st_size)
        files.append(ZipFile(str(file.relative_to(root.parent)), data, now, is_binary=True))
    stream = ZipEncoder(files)
    stream.prepare()
    promised, chunks = stream.file_size, stream.get_data()

written = 0
if source == "memory":
    for chunk in chunks:
        written += len(chunk)
else:
    for chunk in chunks:
        written += os.write(out, chunk)
seconds = time.perf_counter() - begun
assert written == promised, (written, promised)
print(seconds)
