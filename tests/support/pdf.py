"""PDFs made by hand: the smallest that a reader takes."""

from __future__ import annotations


def pdf_of(*pages: str) -> bytes:
    """One page for each text, which is ASCII without brackets; an empty one gives a page with nothing on it."""
    count = len(pages)
    kids = " ".join(f"{4 + number} 0 R" for number in range(count))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {count} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        *(_page(4 + count + number) for number in range(count)),
        *(_content(text) for text in pages),
    ]
    return _file(objects)


def _page(content: int) -> str:
    return (
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 100] /Resources << /Font << /F 3 0 R >> >> "
        f"/Contents {content} 0 R >>"
    )


def _content(text: str) -> str:
    drawing = f"BT /F 12 Tf 10 50 Td ({text}) Tj ET" if text else ""
    return f"<< /Length {len(drawing)} >>\nstream\n{drawing}\nendstream"


def _file(objects: list[str]) -> bytes:
    body, offsets = "%PDF-1.4\n", []
    for number, text in enumerate(objects, 1):
        offsets.append(len(body))
        body += f"{number} 0 obj\n{text}\nendobj\n"
    table = "".join(f"{offset:010} 00000 n \n" for offset in offsets)
    size = len(objects) + 1
    return (
        f"{body}xref\n0 {size}\n0000000000 65535 f \n{table}"
        f"trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{len(body)}\n%%EOF\n"
    ).encode()
