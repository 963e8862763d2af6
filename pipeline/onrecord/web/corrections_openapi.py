"""The OpenAPI description of corrections by programs."""

from collections.abc import Callable
from typing import Any

from onrecord.web.corrections_api import (
    CORRECTION_PATH,
    UNDO_PATH,
    JudgementMade,
    NothingElse,
    QuoteCorrection,
)
from onrecord.web.described import answer_of, sent_body

CORRECTION_KINDS = (QuoteCorrection, JudgementMade, NothingElse)

_ID = {
    "name": "id",
    "in": "path",
    "required": True,
    "schema": {"type": "string", "minLength": 1},
}


def correction_paths(problems: Callable[..., dict[str, Any]]) -> dict[str, Any]:
    """The paths; `problems` gives the error responses, with those of more statuses."""
    answers = problems("403", "404", "409", "413", "415")
    answers |= {"200": answer_of("The judgement.", JudgementMade)}
    return {
        CORRECTION_PATH: {
            "put": {
                "operationId": "correct_quote",
                "summary": "Say that a quote is none, or that its speaker is another.",
                "parameters": [_ID | {"description": "The quote's id."}],
                **sent_body(QuoteCorrection, required=True),
                "responses": answers,
            }
        },
        UNDO_PATH: {
            "post": {
                "operationId": "undo_judgement",
                "summary": "Take a judgement back.",
                "parameters": [_ID | {"description": "The judgement's id."}],
                **sent_body(NothingElse, required=False),
                "responses": answers,
            }
        },
    }
