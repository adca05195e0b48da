"""What a picture's file says about who made it, in XMP."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from xml.sax.saxutils import quoteattr

_SOURCES = "http://cv.iptc.org/newscodes/digitalsourcetype/"


@dataclass(frozen=True)
class Label:
    """That a machine made a picture: how, with which tool and, where it is known, by which model (an endpoint)."""

    source: Literal["trainedAlgorithmicMedia", "algorithmicMedia"]
    tool: str
    model: str = ""

    def xmp(self) -> bytes:
        """Return the label as one XMP packet."""
        model = f" Iptc4xmpExt:AISystemUsed={quoteattr(self.model)}" if self.model else ""
        return (
            '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
            '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
            '<rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/" '
            'xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" '
            f'Iptc4xmpExt:DigitalSourceType="{_SOURCES}{self.source}" xmp:CreatorTool={quoteattr(self.tool)}{model}/>'
            '</rdf:RDF></x:xmpmeta><?xpacket end="r"?>'
        ).encode()
