"""The least confidence of quotes that are listed for people."""

from onrecord.archive.query.nodes import And, MinConfidence, Named, NameField, Node, Not, Or


def above(query: Node, *, quoted: float, indirect: float) -> Node:
    """What a query finds at or above a confidence: of quoted words, and of indirect ones."""
    if not quoted and not indirect:
        return query
    is_indirect = Named(NameField.TYPE, "indirect", ("indirect",))
    floor: Node = Or((Not(is_indirect), MinConfidence(indirect)))
    operands = (floor, MinConfidence(quoted)) if quoted else (floor,)
    return And((*(query.operands if isinstance(query, And) else (query,)), *operands))
