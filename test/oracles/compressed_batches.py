"""Writes test/fixtures/compression/frames.json: one content, compressed as other clients do it.

    pip install lz4==4.4.5 zstandard==0.25.0 cramjam==2.14.0
    python test/oracles/compressed_batches.py

The content is that of `content()` in test/unit/log/kafka/decompressed.test.ts, byte for byte.
"""

import base64
import json
import pathlib
import struct

import cramjam
import lz4.frame
import zstandard


def content() -> bytes:
    lines = [f'{{"series":"s{i % 7}","time":{i % 168 * 3600000},"value":{i * 31 % 97}}}\n' for i in range(2000)]
    state, noise = 1, bytearray()
    for _ in range(600):
        state = (state * 1103515245 + 12345) % 2**31
        noise.append(state >> 16 & 0xFF)
    return "".join(lines).encode() + bytes(noise) + bytes(100_000)


def xerial(data: bytes) -> bytes:
    """As org.xerial.snappy.SnappyOutputStream: a head, then chunks behind their lengths."""
    head = b"\x82SNAPPY\x00" + struct.pack(">ii", 1, 1)
    chunks = [bytes(cramjam.snappy.compress_raw(data[at : at + 32768])) for at in range(0, len(data), 32768)]
    return head + b"".join(struct.pack(">i", len(one)) + one for one in chunks)


def lz4_of(data: bytes, **options) -> bytes:
    return lz4.frame.compress(data, block_size=lz4.frame.BLOCKSIZE_MAX64KB, **options)


def zstd_stream(data: bytes, level: int = 3, **options) -> bytes:
    """Without a size in its header, as whoever does not know the end yet writes it."""
    stream = zstandard.ZstdCompressor(level=level, **options).compressobj()
    return stream.compress(data) + stream.flush()


DATA = content()
HALF = len(DATA) // 2
SKIPPED = b"\x5a\x2a\x4d\x18\x03\x00\x00\x00abc"
ZSTD = zstandard.ZstdCompressor(level=3).compress

FRAMES = {
    "snappy, one block": (2, bytes(cramjam.snappy.compress_raw(DATA))),
    "snappy, in chunks": (2, xerial(DATA)),
    "snappy, two streams of chunks": (2, xerial(DATA[:HALF]) + xerial(DATA[HALF:])),
    "lz4, blocks for themselves": (3, lz4_of(DATA, block_linked=False, store_size=False)),
    "lz4, linked blocks and their checksums": (3, lz4_of(DATA, block_linked=True, block_checksum=True, store_size=False)),
    "lz4, content size and checksum": (3, lz4_of(DATA, content_checksum=True, store_size=True)),
    "lz4, two frames and one to skip": (3, lz4_of(DATA[:HALF]) + SKIPPED + lz4_of(DATA[HALF:])),
    "zstd, size known": (4, ZSTD(DATA)),
    "zstd, size unknown": (4, zstd_stream(DATA)),
    "zstd, size unknown, a checksum": (4, zstd_stream(DATA, write_checksum=True)),
    "zstd, level 1": (4, zstd_stream(DATA, level=1)),
    "zstd, level 19": (4, zstd_stream(DATA, level=19)),
    "zstd, level 22, its window of 128 MB": (4, zstd_stream(DATA, level=22)),
    "zstd, two frames and one to skip": (4, ZSTD(DATA[:HALF]) + SKIPPED + zstd_stream(DATA[HALF:])),
}

FILE = pathlib.Path(__file__).parents[1] / "fixtures" / "compression" / "frames.json"
FILE.write_text(
    json.dumps(
        [{"name": name, "codec": codec, "bytes": base64.b64encode(data).decode()} for name, (codec, data) in FRAMES.items()],
        indent=2,
    )
    + "\n"
)
print(len(DATA), FILE.stat().st_size)
