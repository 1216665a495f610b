"""What a copy says about itself: its prompt, seed, model and record. Pure.

PNG has texts of its own; JPEG and WebP carry XMP (ISO 16684-1), which PNG carries as well.
"""

from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from PIL.PngImagePlugin import PngInfo

from bot.domain.record import Record
from bot.domain.sizes import Encoding

_XMP = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about=""
 xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:xmp="http://ns.adobe.com/xap/1.0/"
 xmlns:ideogram="https://ideogram.ai/ns/record/1.0/"
 xmp:CreatorTool="ideogram-bot"
 ideogram:seed={seed} ideogram:model={model} ideogram:record={record}>
<dc:description><rdf:Alt><rdf:li xml:lang="x-default">{prompt}</rdf:li></rdf:Alt></dc:description>
</rdf:Description>
</rdf:RDF>
</x:xmpmeta>
<?xpacket end="w"?>"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """Where a copy is from."""

    prompt: str
    seed: int
    model: str
    record_id: str


def provenance_of(record: Record) -> Provenance:
    """Give what a copy of the record's picture says."""
    return Provenance(
        prompt=record.final_prompt,
        seed=record.seed,
        model=record.model,
        record_id=record.id,
    )


def embedded(source: Provenance, encoding: Encoding) -> dict[str, Any]:
    """Give what Pillow's `save` takes to write *source* into the file."""
    xmp = _XMP.format(
        seed=quoteattr(str(source.seed)),
        model=quoteattr(source.model),
        record=quoteattr(source.record_id),
        prompt=escape(_printable(source.prompt)),
    )
    if encoding is not Encoding.PNG:
        return {"xmp": xmp.encode()}
    texts = PngInfo()
    texts.add_itxt("Description", source.prompt)
    texts.add_itxt("Software", "ideogram-bot")
    texts.add_itxt("Seed", str(source.seed))
    texts.add_itxt("Model", source.model)
    texts.add_itxt("Record", source.record_id)
    texts.add_itxt("XML:com.adobe.xmp", xmp)
    return {"pnginfo": texts}


def _printable(text: str) -> str:
    """Leave out what XML 1.0 cannot carry."""
    return "".join(char for char in text if char >= " " or char in "\t\n")
